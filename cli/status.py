"""`precis status`: how the installation is doing, from what the store knows."""

import json
import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from precis import __version__
from precis.job import CONTRACT_VERSION
from precis.settings import load_settings
from precis.store import Store
from precis.store.migrating import known_revisions
from precis.store.recent_work import RecentWork, Spread
from precis.store.workload import Counts, Workload

MINUTE, HOUR, DAY = 60, 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Status:
    """All that is printed."""

    versions: dict[str, str]
    store: str
    now: datetime
    hours: float
    workload: Workload
    recent: RecentWork


def status(
    hours: Annotated[
        float, typer.Option(help="How far to look back, in hours.", min=0.01, max=24 * 31)
    ] = 1.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Print what waits, what was done in the last hour and how fast, and what is late.

    It leaves the store as it is: an older version's is not upgraded.

    \b
    precis status
    precis status --hours 24 --json
    """
    settings = load_settings()
    # Old processes may still run beside a new version's command: it migrates nothing.
    store = Store.open_as_is(settings.store_url)
    try:
        found = Status(
            versions={
                "precis": __version__,
                "contract": str(CONTRACT_VERSION),
                "schema": known_revisions()[-1],
                "python": platform.python_version(),
            },
            store=store.ping(),
            now=store.now(),
            hours=hours,
            workload=store.workload(),
            recent=store.recent_work(timedelta(hours=hours)),
        )
    finally:
        store.close()
    if as_json:
        typer.echo(json.dumps(as_object(found), indent=2))
        return
    console = Console(highlight=False, soft_wrap=True)
    for name, lines in sections(found):
        for first, line in zip((name, *[""] * (len(lines) - 1)), lines, strict=True):
            console.print(Text.assemble((f"{first:<18}", "bold"), line))


def as_object(found: Status) -> dict[str, Any]:
    """For programs: numbers, and times in seconds."""
    work, recent = found.workload, found.recent
    return {
        "versions": found.versions,
        "store": found.store,
        "hours": found.hours,
        "now": {
            "jobs": _nested(work.jobs),
            "oldest_job_seconds": dict(work.oldest_job),
            "leases_expired": work.expired,
            "requests": _nested(work.requests),
            "oldest_request_seconds": dict(work.oldest_request),
            "deliveries_pending": dict(work.undelivered),
            "cases_open": _nested(work.cases),
            "oldest_case_seconds": dict(work.oldest_case),
            "subscriptions": _nested(work.subscriptions),
            "digests_due": dict(work.digests_due),
            "digests_late": dict(work.digests_late),
        },
        "recent": {
            "requests": _nested(recent.requests),
            "answer_seconds": _spreads(recent.answer),
            "jobs": _nested(recent.jobs),
            "job_wait_seconds": _spreads(recent.waits),
            "job_retries": recent.retries,
            "stage_seconds": _spreads(recent.stages),
            "gate": _nested(recent.gate),
            "digests": _nested(recent.digests),
            "workers": {
                name: round((found.now - begun).total_seconds(), 1)
                for name, begun in recent.workers.items()
            },
        },
    }


def sections(found: Status) -> Iterator[tuple[str, list[str]]]:
    """For people: what each part is called, and its lines."""
    work, recent, span = found.workload, found.recent, _length(found.hours * HOUR)
    yield "version", [", ".join(f"{name} {each}" for name, each in found.versions.items())]
    yield "store", [found.store]
    seen = sorted(recent.workers.items(), key=lambda item: item[1], reverse=True)
    yield (
        "workers",
        [f"{name}: last took a job {_length(_age(found, begun))} ago" for name, begun in seen]
        or [f"none took a job in the last {span}"],
    )
    yield "queues", _by_first(work.jobs, work.oldest_job) or ["nothing waits or runs"]
    if work.expired:
        yield "lost", [f"{work.expired} running jobs whose worker gives no sign of life"]
    yield "open requests", _by_first(work.requests, work.oldest_request) or ["none"]
    pending = {name: count for name, count in work.undelivered.items() if name != "cli"}
    if pending:
        yield "undelivered", [_listed((f"{n} {name}") for name, n in pending.items())]
    yield "open cases", _by_first(work.cases, work.oldest_case) or ["none"]
    yield "subscriptions", _by_first(work.subscriptions, {}) or ["none"]
    due, late = sum(work.digests_due.values()), sum(work.digests_late.values())
    yield "digests", [f"{due} due, {late} of them late"]
    yield f"last {span}", _done(recent)


def _done(recent: RecentWork) -> list[str]:
    lines = [f"requests: {line}" for line in _by_first(recent.requests, {})]
    lines += [f"request to answer: {line}" for line in _timed(recent.answer)]
    lines += [f"jobs: {line}" for line in _by_first(recent.jobs, {})]
    lines += [f"wait in the queue: {line}" for line in _timed(recent.waits)]
    if recent.retries:
        lines.append(f"tries that failed: {recent.retries}")
    lines += [f"stage: {line}" for line in _timed(recent.stages)]
    lines += [f"gate: {line}" for line in _by_first(recent.gate, {})]
    lines += [f"digests: {line}" for line in _by_first(recent.digests, {})]
    return lines or ["nothing ended"]


def _by_first(counts: Counts, oldest: Mapping[str, float]) -> list[str]:
    """A line for each first word: its counts, and the age of its oldest."""
    lines = []
    for first, some in _nested(counts).items():
        age = f", oldest {_length(oldest[first])}" if oldest.get(first) else ""
        lines.append(f"{first}: {_listed(f'{n} {word}' for word, n in some.items())}{age}")
    return lines


def _timed(spreads: Mapping[str, Spread]) -> list[str]:
    return [
        f"{word}: half within {_length(each.p50)}, 95% within {_length(each.p95)}"
        for word, each in sorted(spreads.items())
    ]


def _nested(counts: Counts) -> dict[str, dict[str, int]]:
    made: dict[str, dict[str, int]] = {}
    for (first, second), count in sorted(counts.items()):
        made.setdefault(first, {})[second] = count
    return made


def _spreads(spreads: Mapping[str, Spread]) -> dict[str, dict[str, float]]:
    return {word: {"p50": each.p50, "p95": each.p95} for word, each in sorted(spreads.items())}


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


def _age(found: Status, moment: datetime) -> float:
    return max(0.0, (found.now - moment).total_seconds())


def _length(seconds: float) -> str:
    """Such as `4.2 s`, `12 min`, `3 h`, `2 days`."""
    if seconds < MINUTE:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    for unit, name, most in ((MINUTE, "min", HOUR), (HOUR, "h", 2 * DAY), (DAY, "days", None)):
        if most is None or seconds < most:
            return f"{seconds / unit:.3g} {name}"
    raise AssertionError  # the last unit has no end
