"""The Discord bot under load: `python -m bench.discord_load`, also by `make bench`.

200 people of 10 servers ask in 10 seconds, while a channel of 10,000 messages is read. The bot is a
process of its own, the worker another, with a generator that takes no time; Redis and PostgreSQL
are real, Discord is the loopback server with Discord's global limit of 50 requests a second. Exits
with 1 where an interaction was acknowledged after more than 3 seconds, an answer never came, or the
bot's event loop stood still for more than 100 ms.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.__main__ import FILLER, TOPICS
from tests.peers.discord_server import DiscordServer, discord_server
from tests.services import postgresql_server, redis_server, wait_until

SERVERS = 10
PEOPLE = 20  # a server
SECONDS = 10.0
HISTORY = 500  # messages of an ordinary channel; each command reads 200
LONG_HISTORY = 10_000
PATIENCE = 300.0  # seconds for the last answer

MOST_UNTIL_ACKNOWLEDGED = 3.0  # seconds, as Discord has it
MOST_STALL = 0.1  # seconds
LOOK = 0.02


def texts(count: int, seed: int) -> list[str]:
    """Chat of about the usual length."""
    chooser = random.Random(seed)
    words = [*" ".join(TOPICS.values()).split(), *FILLER.split()]
    return [" ".join(chooser.choices(words, k=chooser.randint(3, 25))) for _ in range(count)]


def run(folder: Path) -> dict[str, float]:
    """One run; seconds of each measure."""
    with ExitStack() as stack:
        redis_url = stack.enter_context(redis_server(folder))
        variables = {
            "PRECIS_BROKER": redis_url,
            "PRECIS_STORE": stack.enter_context(postgresql_server()),
        }
        server = stack.enter_context(discord_server())
        server.set_global_limit()
        pointed = {"PRECIS_DISCORD_API": server.api, "PRECIS_DISCORD_TOKEN": server.token}
        places = [place(server, number) for number in range(SERVERS)]
        long = places[0][0].guild.add_text_channel("long")
        server.fill(long, places[0][1], texts(LONG_HISTORY, seed=99), step=timedelta(seconds=9))
        stack.enter_context(process(["-m", "bench.stub_worker"], variables))
        stalls = folder / "stalls.json"
        bot = stack.enter_context(
            process(["-m", "bench.discord_bot", str(stalls)], {**variables, **pointed})
        )
        wait_until(lambda: server.connected, 60, "the bot's connection")
        measured = load(server, places, long)
        bot.terminate()
        bot.wait(30)
        return {**measured, **stood_still(json.loads(stalls.read_text()))}


def place(server: DiscordServer, number: int) -> tuple[Any, list[Any]]:
    """A server with its people and a channel."""
    people = [server.add_user(f"person-{number}-{each}") for each in range(PEOPLE)]
    guild = server.add_guild(f"server {number}", owner=people[0], members=people[1:])
    channel = guild.add_text_channel("study")
    server.fill(channel, people, texts(HISTORY, seed=number))
    return channel, people


def load(server: DiscordServer, places: Sequence[Any], long: Any) -> dict[str, float]:
    """Let everybody ask, and look until everybody is answered."""
    began = time.monotonic()
    asker = server.add_user("reader")
    long.guild.add_member(asker)
    reading = server.slash(asker, long, "summarize", last=LONG_HISTORY)
    asks = [(channel, person) for channel, people in places for person in people]
    random.Random(0).shuffle(asks)
    uses: dict[Any, float] = {}
    answered: dict[Any, float] = {}

    def look() -> bool:
        now = time.monotonic()
        for use, asked in uses.items():
            if use not in answered and use.original is not None and use.original.embeds:
                answered[use] = now - asked
        return len(answered) == len(asks) + 1

    uses[reading] = began
    for number, (channel, person) in enumerate(asks):
        due = began + number * SECONDS / len(asks)
        wait_until(lambda due=due: look() or time.monotonic() >= due, what="the next to ask")
        uses[server.slash(person, channel, "summarize")] = time.monotonic()
    wait_until(look, PATIENCE, "all answers")
    took = answered.pop(reading)
    acknowledged = [use.latency or float("inf") for use in uses]
    return {
        "asks": len(asks),
        "acknowledged p50": quantile(acknowledged, 0.5),
        "acknowledged p99": quantile(acknowledged, 0.99),
        "acknowledged at last": max(acknowledged),
        "answered p50": quantile(list(answered.values()), 0.5),
        "answered p99": quantile(list(answered.values()), 0.99),
        f"{LONG_HISTORY:,} messages": took,
    }


def stood_still(stalls: Sequence[tuple[float, float, float]]) -> dict[str, float]:
    """Of the longest, what the bot's loop and all of its process computed in that time.

    Where both are much less, the machine was busy with other things.
    """
    longest, loop, process = max(stalls, default=(0.0, 0.0, 0.0))
    return {
        "longest stall": longest,
        "… computed by the loop": loop,
        "… and by the process": process,
        "stalls over 20 ms": len(stalls),
        "stalls over 100 ms": sum(stall > MOST_STALL for stall, _, _ in stalls),
    }


def quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


@contextmanager
def process(arguments: Sequence[str], variables: dict[str, str]) -> Iterator[subprocess.Popen[Any]]:
    """A process of ours; what it complains of is shown if the measurement fails."""
    with tempfile.TemporaryFile("w+") as log:
        command = [sys.executable, *arguments]
        running = subprocess.Popen(command, env={"PATH": "", **variables}, stderr=log, stdout=log)
        try:
            yield running
        except BaseException:
            log.seek(0)
            print(log.read()[-4_000:], file=sys.stderr)
            raise
        finally:
            running.terminate()
            running.wait(30)


def missed(measured: dict[str, float]) -> list[str]:
    """The bounds that were not kept."""
    said = []
    if measured["acknowledged at last"] > MOST_UNTIL_ACKNOWLEDGED:
        said.append(f"acknowledged after more than {MOST_UNTIL_ACKNOWLEDGED:g} s")
    if measured["longest stall"] > MOST_STALL:
        said.append(f"the event loop stood still for more than {MOST_STALL * 1000:g} ms")
    return said


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        measured = run(Path(folder))
    for name, value in measured.items():
        shown = f"{value:10.0f}" if isinstance(value, int) else f"{value * 1000:10.1f} ms"
        print(f"{name:<24}{shown}", flush=True)
    if complaints := missed(measured):
        sys.exit("; ".join(complaints))


if __name__ == "__main__":
    main()
