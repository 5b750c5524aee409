"""A stand-in for the use cases of digests: keeps what it is asked, says what it is told to."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from precis.errors import InputError


@dataclass
class Listing:
    """As the use case lists a subscription."""

    id: str
    label: str
    text: str
    subscription: SimpleNamespace


@dataclass
class Recording:
    """Every person sees the same subscriptions."""

    there: list[Listing] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)
    fails: Exception | None = None

    def has(self, count, *, can_do_without=False):
        state = SimpleNamespace(can_do_without=can_do_without)
        self.there = [
            Listing(f"{n:032x}", f"Digest {n}", f"<#{n}>: daily at 18:00", state)
            for n in range(count)
        ]

    async def subscribe(self, who, wanted):
        self.asked.append((who, wanted))
        if self.fails:
            raise self.fails
        return f"Subscribed <@{who.person}> @everyone."

    async def listing(self, who):
        self.asked.append(("listing", who))
        if self.fails:
            raise self.fails
        return self.there

    async def pause(self, who, chosen):
        return self._done("paused", who, chosen)

    async def resume(self, who, chosen):
        return self._done("resumed", who, chosen)

    async def without(self, who, chosen):
        return self._done("went on without", who, chosen)

    async def preview(self, who, chosen):
        return self._done("previewed", who, chosen)

    async def stop(self, who, chosen):
        said = self._done("stopped", who, chosen)
        self.there = [each for each in self.there if each.id != chosen]
        return said

    def _done(self, what, who, chosen):
        if chosen not in {each.id for each in self.there}:
            raise InputError("there is no such digest")
        self.asked.append((what, who, chosen))
        return f"{what} {chosen}"
