"""`precis digest preview`: the digest of a day, of files, as bots post it."""

import json as json_library
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from cli.asking import app_to_ask, waiting
from cli.digest_sources import Source, last_day, load, source_of
from cli.progress import Progress, progress
from precis.errors import InputError
from precis.job import DIGEST_QUEUE, Job, JobRequest, JobState, Result, Style
from precis.monitoring.logs import configure_logging
from precis.schedule import known_zone
from precis.settings import Settings, load_settings
from precis.store import Store

if TYPE_CHECKING:
    from bot.digests.composing import Channel, Told

PathsArgument = Annotated[
    list[Path],
    typer.Argument(
        help="Files of a channel or thread each, folders of such, Slack exports.",
        metavar="PATH...",
        show_default=False,
    ),
]


@dataclass(frozen=True)
class Made:
    """What a worker made of a source."""

    source: Source
    job: Job
    result: Result | None


def preview(
    paths: PathsArgument,
    zone: Annotated[
        str | None, typer.Option(help="Time zone of the day (PRECIS_TIMEZONE).", metavar="NAME")
    ] = None,
    style: Annotated[Style, typer.Option(help="How it is laid out.")] = Style.BRIEF,
    day: Annotated[
        str | None, typer.Option(help="The day, as 2026-05-12; default: the last there is.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Print the digest of a day of some channels, each from a file.

    \b
    precis digest preview examples/study-group-day
    precis digest preview exam-prep.json project.json --style bullets --zone Europe/Berlin
    precis digest preview slack-export.zip --day 2026-05-12 --json
    """
    settings = load_settings()
    configure_logging(settings, times=False)
    clock = ZoneInfo(known_zone(zone)) if zone else settings.zone
    wanted = _day(day)
    with progress(quiet=json) as steps:
        steps.say("Reading")
        loaded = dict(load(paths, settings, clock))
        told = wanted or last_day(loaded.values(), clock)
        sources = [source_of(name, each, told, clock) for name, each in loaded.items()]
        lively = [source for source in sources if source.new.messages]
        if not lively:
            raise InputError(f"nothing was said on {told}; choose another day with --day")
        made = _ask(settings, style, lively, steps)
    if json:
        typer.echo(_as_json(made, told, clock))
    else:
        _print(sources, made, told, clock, style)


def _day(written: str | None) -> date | None:
    if written is None:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise InputError("--day: no date; write one such as 2026-05-12") from None


def _ask(
    settings: Settings, style: Style, sources: Sequence[Source], steps: Progress
) -> list[Made]:
    """Submit a job for each source, and wait until all have ended."""
    from worker.asking import JobQueue  # noqa: PLC0415 - Celery takes seconds to import

    request = JobRequest(task="digest", queue=DIGEST_QUEUE, style=style)
    limit = settings.job_time_limit * settings.job_tries * len(sources) + timedelta(minutes=1)
    steps.say("Opening the store")
    store = Store.open(settings.store_url)
    try:
        with app_to_ask(settings, store, steps) as app:
            queue = JobQueue(settings, store, app)
            ids = [queue.submit(request, source.new) for source in sources]
            try:
                jobs = [
                    queue.wait(job_id, limit, lambda job: steps.say(waiting(job) or "Digesting"))
                    for job_id in ids
                ]
            except KeyboardInterrupt:
                for job_id in ids:
                    queue.cancel(job_id)
                raise
        for job in jobs:
            store.mark_delivered(job.id)
        return [
            Made(source, job, None if job.state is JobState.FAILED else store.result(job.id))
            for source, job in zip(sources, jobs, strict=True)
        ]
    finally:
        store.close()


def _print(
    sources: Sequence[Source], made: Sequence[Made], day: date, clock: ZoneInfo, style: Style
) -> None:
    from bot.digests.composing import Frame, compose  # noqa: PLC0415 - only for this
    from bot.texts import ENGLISH  # noqa: PLC0415
    from cli.digest_view import print_digest  # noqa: PLC0415

    frame = Frame(key="preview", day=day, zone=clock, style=style)
    view = compose(_channels(sources, made), frame, ENGLISH)
    print_digest(view, day, clock, Console(soft_wrap=True, highlight=False))


def _channels(sources: Sequence[Source], made: Sequence[Made]) -> "Iterator[Channel]":
    """Channels with their threads; a thread whose channel isn't there is one of its own."""
    from bot.digests.composing import Channel  # noqa: PLC0415

    channels = {source.place: source for source in sources if not source.parent}
    for source in sources:
        if source.parent not in channels:
            channels[source.place] = source
    for channel in channels.values():
        of_it = [each for each in made if channel.place in (each.source.place, each.source.parent)]
        yield Channel(channel.place, channel.name, tuple(_told(each) for each in of_it))


def _told(made: Made) -> "Told":
    from bot.digests.composing import Told  # noqa: PLC0415

    source, summary = made.source, made.result.summary if made.result else None
    return Told(
        place=source.place,
        name=source.name,
        new=source.new,
        state=made.job.state,
        sentences=summary.sentences if summary else (),
        partial=source.partial,
    )


def _as_json(made: Sequence[Made], day: date, clock: ZoneInfo) -> str:
    places = [
        {
            "channel": each.source.name,
            "thread_of": each.source.parent or None,
            "messages": len(each.source.new.messages),
            "participants": [person.name for person in each.source.new.participants],
            "job_id": each.job.id,
            "state": each.job.state.value,
            **(
                each.result.model_dump(mode="json", include={"summary", "flags"})
                if each.result
                else {"summary": None, "flags": []}
            ),
        }
        for each in made
    ]
    shown = {"day": day.isoformat(), "zone": clock.key, "places": places}
    return json_library.dumps(shown, ensure_ascii=False, indent=2)
