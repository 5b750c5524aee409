"""Servers on the loopback Discord, whose channels each have a digest, for `bench.digests`.

In each server people also ask for summaries of one other channel, so nothing that is asked for has
been gathered for a digest. What they say is cut from the examples: of words at random the model
writes nothing that may be said, and tries again and again.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import cycle, islice
from pathlib import Path

from bench.discord_load import LOOK, quantile
from precis.conversation import Message
from precis.digest import Subscription, Target
from precis.readers import load_conversation
from precis.schedule import Schedule
from precis.settings import Settings
from precis.store import DigestStore, Store
from precis.store.subscription_rows import NEW
from tests.peers.discord_server import Channel, DiscordServer, Interaction, User
from tests.services import wait_until

EXAMPLES = Path(__file__).parent.parent / "examples"
SAID = ("study-group.json", *(f"study-group-day/{n}.json" for n in ("exam-prep", "project")))
SERVERS = 20
PEOPLE = 20
"""Of a server."""
FEWEST, MOST = 24, 48
"""Messages that a digest has."""
HISTORY = 500
"""Messages of the channel that people ask for."""
LAST = 100
"""Of them are asked for, and a few more each time: nobody asks for the same as somebody else."""
PATIENCE = 120.0


@dataclass
class Town:
    """All servers."""

    server: DiscordServer
    channels: list[Channel] = field(default_factory=list)
    """That have digests."""
    asked: list[Channel] = field(default_factory=list)
    """That summaries are asked of."""
    people: list[list[User]] = field(default_factory=list)
    """By server."""

    def build(self, digests: int) -> None:
        chooser, said = random.Random(0), all_said()
        for number in range(SERVERS):
            people = [self.server.add_user(f"person-{number}-{n}") for n in range(PEOPLE)]
            guild = self.server.add_guild(f"server {number}", owner=people[0], members=people[1:])
            self.people.append(people)
            self.asked.append(guild.add_text_channel("questions"))
            self._fill(self.asked[-1], people, cut(said, chooser, HISTORY))
            for each in range(number, digests, SERVERS):
                channel = guild.add_text_channel(f"study-{each}")
                self._fill(channel, people, cut(said, chooser, chooser.randint(FEWEST, MOST)))
                self.channels.append(channel)

    def _fill(self, channel: Channel, people: list[User], said: Sequence[Message]) -> None:
        speakers = list({message.author_id: None for message in said})
        authors = [people[speakers.index(message.author_id)] for message in said]
        self.server.fill(channel, authors, [message.text for message in said])

    def subscribe(self, settings: Settings, store: Store, at: datetime) -> None:
        """A digest of each channel, in itself, every day at the same minute."""
        digests = DigestStore(store, settings.lease)
        schedule = Schedule(hour=at.hour, minute=at.minute)
        for channel in self.channels:
            wanted = Subscription(
                id=NEW,
                platform="discord",
                server=str(channel.guild.id),
                target=Target(kind="channel", id=str(channel.id)),
                sources=(str(channel.id),),
                schedule=schedule,
                created_by=str(channel.guild.owner.id),
                created_at=at,
            )
            new = partial(_new, wanted)
            digests.change("discord", wanted.server, wanted.target, schedule.every, new)

    def posts(self, channel: Channel) -> int:
        """How often its digest was posted; its parts after the first have no buttons."""
        return sum(bool(m.components) for m in self.server.messages_by_bot(channel))


def all_said() -> list[Message]:
    loaded = (load_conversation(EXAMPLES / name) for name in SAID)
    return [message for each in loaded for message in each.conversation.messages]


def cut(said: Sequence[Message], chooser: random.Random, count: int) -> list[Message]:
    """So many in a row, from somewhere on; after the last comes the first."""
    start = chooser.randrange(len(said))
    return list(islice(cycle(said), start, start + count))


def _new(wanted: Subscription, _there: Subscription | None) -> Subscription:
    return wanted


@dataclass(frozen=True, slots=True)
class Asks:
    """What people saw who asked."""

    acknowledged: Sequence[float]
    answered: Sequence[float]

    def figures(self) -> dict[str, float]:
        return {
            "asked": len(self.acknowledged),
            "acknowledged p50": quantile(self.acknowledged, 0.5),
            "acknowledged p99": quantile(self.acknowledged, 0.99),
            "acknowledged at last": max(self.acknowledged),
            "answered p50": quantile(self.answered, 0.5),
            "answered p99": quantile(self.answered, 0.99),
        }


class Asking:
    """People who ask for summaries, one after another, in all servers by turns."""

    def __init__(self, town: Town, every: float, most: int) -> None:
        """`every` so many seconds one asks, but never while `most` wait."""
        self._town = town
        self._every = every
        self._most = most
        self._count = 0

    def while_(self, goes_on: Callable[[], bool]) -> Asks:
        """Let them ask for as long as something goes on, and wait for their answers."""
        uses: dict[Interaction, float] = {}
        answered: dict[Interaction, float] = {}

        def waiting() -> int:
            now = time.monotonic()
            for use, asked in uses.items():
                if use not in answered and use.original is not None and use.original.embeds:
                    answered[use] = now - asked
            return len(uses) - len(answered)

        due = time.monotonic()
        while goes_on():
            if waiting() < self._most and time.monotonic() >= due:
                due = time.monotonic() + self._every
                uses[self._ask()] = time.monotonic()
            time.sleep(LOOK)
        wait_until(lambda: not waiting(), PATIENCE, "all answers")
        acknowledged = [use.latency or float("inf") for use in uses]
        return Asks(acknowledged, list(answered.values()))

    def _ask(self) -> Interaction:
        turn, place = divmod(self._count, len(self._town.asked))
        people = self._town.people[place]
        self._count += 1
        return self._town.server.slash(
            people[turn % len(people)], self._town.asked[place], "summarize", last=LAST + turn
        )
