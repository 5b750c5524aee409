"""`precis summarize`: a file in, through the store, the queue and a worker, a summary out."""

import time
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, cast

import typer

from cli.asking import app_to_ask, waiting
from cli.progress import Progress, progress
from cli.rendering import render_json, render_text
from precis.errors import PrecisError
from precis.job import Job, JobRequest, JobState, Result, Style
from precis.monitoring.logs import configure_logging
from precis.readers import FORMATS, LoadedConversation, load_conversation
from precis.settings import Settings, load_settings
from precis.store import Store
from precis.window import parse_window

PathArgument = Annotated[
    Path,
    typer.Argument(
        help="A file or an export's folder; see --format.", metavar="PATH", show_default=False
    ),
]


@dataclass(frozen=True)
class Answer:
    """Everything there is to print of an ended job."""

    loaded: LoadedConversation
    job: Job
    result: Result
    timings: dict[str, float]
    """Seconds: of the command, of waiting, and of the worker's stages."""


class Shots(StrEnum):
    zero = "0"
    one = "1"
    three = "3"


def summarize(
    path: PathArgument,
    since: Annotated[
        str | None, typer.Option(help="From: 2h, 3d, yesterday, 14:00, 2026-01-31.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="To, written as for --since.")] = None,
    last: Annotated[int | None, typer.Option(help="The latest N messages only.")] = None,
    thread: Annotated[
        str | None, typer.Option(help="One thread, by its id or its first message's.")
    ] = None,
    channel: Annotated[
        str | None, typer.Option(help="The channel, where the file holds several.")
    ] = None,
    format: Annotated[  # noqa: A002 - the option's name
        str | None,
        typer.Option(help=f"Don't guess the format: {', '.join(FORMATS)}.", metavar="NAME"),
    ] = None,
    style: Annotated[Style, typer.Option(help="How the summary is laid out.")] = Style.BRIEF,
    shots: Annotated[
        Shots, typer.Option(help="Worked examples in the prompt; models only.")
    ] = Shots.zero,
    profile: Annotated[
        str | None, typer.Option(help="Model profile: embedded, flan-t5-base.", metavar="NAME")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Summarise a conversation from a file.

    \b
    precis summarize export.json --last 200
    precis summarize slack-export.zip --channel general --since yesterday
    precis summarize channel.log --style bullets --json
    """
    start = time.perf_counter()
    settings = load_settings(**({"profile": profile} if profile else {}))
    configure_logging(settings, times=False)
    window = parse_window(since=since, until=until, last=last, thread=thread, zone=settings.zone)
    request = JobRequest(
        style=style, shots=cast("Literal[0, 1, 3]", int(shots.value)), profile=settings.profile
    )
    with progress(quiet=json) as steps:
        steps.say(f"Reading {path.name}")
        loaded = load_conversation(
            path,
            window,
            format=format,
            channel=channel,
            timezone=settings.zone,
            max_messages=settings.max_messages,
        )
        read = time.perf_counter() - start
        if not loaded.conversation.messages:
            typer.echo(
                render_json(loaded, None)
                if json
                else f"Nothing to summarise: {loaded.why_empty()}."
            )
            return
        job, result = _ask(settings, request, loaded, steps)
    answer = Answer(loaded, job, result, _timings(job, result, read, start))
    typer.echo(render_json(loaded, answer)) if json else render_text(answer)


def _ask(
    settings: Settings, request: JobRequest, loaded: LoadedConversation, steps: Progress
) -> tuple[Job, Result]:
    """Submit the conversation and wait for its end. Raises PrecisError if the job failed."""
    # torch and Celery take seconds to import; `--help` and a typo's error line shouldn't.
    from worker.asking import JobQueue  # noqa: PLC0415

    steps.say("Opening the store")
    store = Store.open(settings.store_url)
    try:
        with app_to_ask(settings, store, steps) as app:
            queue = JobQueue(settings, store, app)
            job_id = queue.submit(request, loaded.conversation)
            limit = settings.job_time_limit * settings.job_tries + timedelta(minutes=1)
            count = len(loaded.conversation.messages)
            try:
                job = queue.wait(job_id, limit, lambda seen: steps.say(_state(seen, count)))
            except KeyboardInterrupt:
                queue.cancel(job_id)
                raise
        if job.state is JobState.FAILED:
            store.mark_delivered(job_id)
            raise PrecisError(job.reason or "the job failed")
        result = store.result(job_id)
        store.mark_delivered(job_id)
    finally:
        store.close()
    if result is None:
        raise PrecisError(f"job {job_id} ended without a result; ask again")
    return job, result


def _state(job: Job, messages: int) -> str:
    return waiting(job) or f"Summarising {messages:,} messages"


def _timings(job: Job, result: Result, read: float, start: float) -> dict[str, float]:
    waited = (job.started_at - job.created_at).total_seconds() if job.started_at else 0.0
    stages = {k: v for k, v in result.timings.items() if k != "total"}
    return {
        "read": round(read, 3),
        "queue": round(waited, 3),
        **stages,
        "total": round(time.perf_counter() - start, 3),
    }
