"""The minute in which 1,000 digests are due: `python -m bench.digests`, also by `make bench`.

1,000 channels of 20 servers have a digest each, all due in the same minute, and people ask for
summaries of other channels all the while: first with nothing else to do, then while digests are
gathered, worked on and posted. Once with a worker whose generator takes no time, until all digests
are posted; once with the models that ship and two people always waiting, for a fixed time. The bot
is a process of its own, the worker another; Redis and PostgreSQL are real, Discord is the loopback
server with Discord's limits. Exits with 1 where an interaction was acknowledged after more than 3
seconds, people waited more than three times as long as alone, or a digest didn't come just once.
"""

import argparse
import json
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.digest_figures import Became, next_minute
from bench.digest_figures import Store as Figures
from bench.digest_town import Asking, Asks, Town
from bench.discord_load import MOST_UNTIL_ACKNOWLEDGED, process, stood_still
from precis.settings import load_settings
from precis.store import Store
from tests.peers.discord_server import DiscordServer, discord_server
from tests.services import postgresql_server, redis_server, wait_until

DIGESTS = 1_000
ALONE = 60.0  # seconds of asking with nothing else to do
SUBSCRIBING = 20.0  # takes less
PATIENCE = 900.0  # for the last digest, where all are waited for
SECONDS = 150.0  # beside digests, where not all are

MOST_TIMES = 3.0
"""As long people may wait for an answer beside digests, of two one."""
SHARES = (0.5, 1.0)
A_SECOND = 1.0
TOO_MANY = 429
TIMES = "times as long:"
WAITED = ("acknowledged p50", "acknowledged p99", "answered p50", "answered p99")


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the two runs."""

    worker: tuple[str, ...]
    every: float
    """Seconds between two who ask."""
    most: int
    """How many wait at a time."""
    all_posted: bool
    """Until then; else for a fixed time."""


KINDS = {
    "stub": Kind(("-m", "bench.stub_worker"), 0.5, 100, all_posted=True),
    "embedded": Kind(("-m", "cli", "worker"), 3.0, 2, all_posted=False),
}


def run(folder: Path, kind: Kind, digests: int, seconds: float) -> dict[str, float]:
    """Both parts of a run; seconds of each measure."""
    stalls = folder / "stalls.json"
    with ExitStack() as stack:
        broker = stack.enter_context(redis_server(folder))
        url = stack.enter_context(postgresql_server())
        server = stack.enter_context(discord_server())
        limit(server)
        town = Town(server)
        town.build(digests)
        settings = load_settings(store=url, broker=broker)
        store = Store.open(url)
        stack.callback(store.close)
        figures = stack.enter_context(closing(Figures(url)))
        variables = {"PRECIS_BROKER": broker, "PRECIS_STORE": url}
        worker = stack.enter_context(process(kind.worker, variables))
        stack.callback(worker.kill)  # told to stop, it would finish what it has in hand
        variables |= {"PRECIS_DISCORD_API": server.api, "PRECIS_DISCORD_TOKEN": server.token}
        bot = stack.enter_context(process(["-m", "bench.discord_bot", str(stalls)], variables))
        wait_until(lambda: server.connected, 60, "the bot's connection")
        asking = Asking(town, kind.every, kind.most)
        asking.while_(once())  # until the worker has loaded its models
        alone = asking.while_(during(ALONE))
        due = next_minute(datetime.now(UTC) + timedelta(seconds=SUBSCRIBING))
        town.subscribe(settings, store, due)
        assert datetime.now(UTC) < due, "nothing is due before all is"
        wait_until(lambda: datetime.now(UTC) >= due, 2 * 60, "the minute")
        before = len(server.requests)
        until = until_posted(figures, digests) if kind.all_posted else during(seconds)
        beside = asking.while_(until)
        took = (datetime.now(UTC) - due).total_seconds()
        made = requests_made(server, before, took)
        became = figures.became()
        if not kind.all_posted:
            time.sleep(ALONE)
            more = figures.posted() - len(became.posted)
            made["posted a minute, none asking"] = round(more / ALONE * 60)
        bot.terminate()
        bot.wait(60)
        worker.kill()
        times = [town.posts(channel) for channel in town.channels]
        assert sum(each > 0 for each in times) >= len(became.posted), "what is posted is there"
        return {
            **progress(became, took, digests),
            "posted twice": sum(each > 1 for each in times),
            "skipped or failed": became.others,
            **made,
            **people(alone, beside),
            **stood_still(json.loads(stalls.read_text())),
        }


def limit(server: DiscordServer) -> None:
    """Discord's limits: 50 requests a second in all, of a channel five in five seconds."""
    server.set_global_limit()
    server.set_limit("GET /channels/{}/messages", 5, 5.0)
    server.set_limit("POST /channels/{}/messages", 5, 5.0)


def once() -> Callable[[], bool]:
    turns = iter((True,))
    return lambda: next(turns, False)


def during(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() < end


def until_posted(figures: Figures, digests: int) -> Callable[[], bool]:
    within, again = during(PATIENCE), 0.0

    def goes_on() -> bool:
        nonlocal again
        assert within(), "all digests are posted in time"
        if time.monotonic() < again:
            return True
        again = time.monotonic() + A_SECOND
        return figures.posted() < digests

    return goes_on


def progress(became: Became, took: float, digests: int) -> dict[str, float]:
    """How far the digests came; seconds are counted from when they were due."""
    measured: dict[str, float] = {
        "digests": became.made,
        "made after": became.made_by,
        "different jobs": became.jobs,
        "a job takes the worker": statistics.mean(became.work or [math.nan]),
    }
    for name, moments in (
        ("gathered", became.gathered),
        ("worked on", became.worked),
        ("posted", became.posted),
    ):
        measured[name] = len(moments)
        measured |= {
            f"{name}: {share:.0%} after": moments[round(share * digests) - 1]
            for share in SHARES
            if round(share * digests) <= len(moments)
        }
    a_minute = len(became.posted) / took * 60
    measured["posted a minute"] = round(a_minute)
    if rest := digests - len(became.posted):
        measured["the rest would take"] = rest / a_minute * 60 if a_minute else math.inf
    return measured


def requests_made(server: DiscordServer, before: int, took: float) -> dict[str, float]:
    """What the bot asked of Discord meanwhile, and how often it was told to slow down."""
    made = server.requests[before:]
    return {
        "requests a second": round(len(made) / took),
        "… refused: too many": sum(request.status == TOO_MANY for request in made),
    }


def people(alone: Asks, beside: Asks) -> dict[str, float]:
    """What people saw, and how many times longer they waited beside digests."""
    without, with_them = alone.figures(), beside.figures()
    return {
        **{f"alone: {name}": value for name, value in without.items()},
        **{f"beside: {name}": value for name, value in with_them.items()},
        **{f"{TIMES} {name}": with_them[name] / without[name] for name in WAITED},
    }


def missed(measured: dict[str, float]) -> list[str]:
    """The bounds that were not kept."""
    said = []
    if measured["beside: acknowledged at last"] > MOST_UNTIL_ACKNOWLEDGED:
        said.append(f"acknowledged after more than {MOST_UNTIL_ACKNOWLEDGED:g} s")
    if measured[f"{TIMES} answered p50"] > MOST_TIMES:
        said.append(f"people waited more than {MOST_TIMES:g} times as long")
    if measured["posted twice"] or measured["skipped or failed"]:
        said.append("a digest didn't come once")
    return said


def shown(name: str, value: float) -> str:
    if name.startswith(TIMES):
        return f"{value:10.2f}"
    if isinstance(value, int):
        return f"{value:10,}"
    return f"{value:10.1f} s" if value >= A_SECOND else f"{value * 1000:10.1f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--worker", choices=KINDS, help="one of them; default: each in turn")
    parser.add_argument("--digests", type=int, default=DIGESTS, help="default: %(default)s")
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, help="with the embedded model; %(default)s"
    )
    given = parser.parse_args()
    complaints = []
    for name in [given.worker] if given.worker else KINDS:
        print(f"\n{name}: {given.digests:,} digests due in one minute", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            measured = run(Path(folder), KINDS[name], given.digests, given.seconds)
        for what, value in measured.items():
            print(f"{what:<30}{shown(what, value)}", flush=True)
        complaints += [f"{name}: {each}" for each in missed(measured)]
    if complaints:
        sys.exit("; ".join(complaints))


if __name__ == "__main__":
    main()
