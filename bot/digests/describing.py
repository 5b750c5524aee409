"""Subscriptions in words, for who made them. Knows no platform."""

from collections.abc import Sequence
from datetime import date

from bot.context import Context
from bot.digests.composing import written_date
from bot.digests.poster import Poster
from bot.platform import SourceInfo
from bot.texts import Texts
from bot.texts.digest_words import DigestWords
from precis.ask import AskRequest
from precis.digest import PauseReason, Subscription
from precis.schedule import Every, Schedule

WORKING_DAYS = (0, 1, 2, 3, 4)
MOST_NAMED = 10
"""Sources that are named, of one subscription."""
MOST_LABEL = 100


class Describing:
    """Says what a subscription is of, when it comes, and whether it is paused."""

    def __init__(self, context: Context, poster: Poster) -> None:
        self._context = context
        self._poster = poster

    async def line(self, subscription: Subscription, texts: Texts, *, whole: bool = True) -> str:
        """As the platform shows it; `whole`: with its state and the least messages."""
        words = texts.digests.words
        server, schedule = subscription.server, subscription.schedule
        sources = await self.sources(subscription)
        form = words.listed
        target = words.to_you
        if subscription.target.kind == "channel":
            target = await self._poster.place(server, subscription.target.id)
        if subscription.sources != (subscription.target.id,):
            form = words.listed_to
        said = form.format(
            target=target,
            sources=sources,
            when=when(schedule, words),
            time=schedule.time,
            zone=schedule.zone,
        )
        if not whole:
            return said
        rest = [words.least.format(count=subscription.least)]
        rest.append(await self._state(subscription, words))
        return words.between.join([said, *rest])

    async def label(self, subscription: Subscription, texts: Texts) -> str:
        """Plain, for menus; may hold a channel's name, which is anybody's."""
        words = texts.digests.words
        target = words.to_you
        if subscription.target.kind == "channel":
            target = f"#{await self.name(subscription, subscription.target.id)}"
        elif len(subscription.sources) <= MOST_NAMED:
            names = [f"#{await self.name(subscription, each)}" for each in subscription.sources]
            target = f"{target} ({', '.join(names)})"
        schedule = subscription.schedule
        said = words.label.format(target="{}", when=when(schedule, words), time=schedule.time)
        room = MOST_LABEL - len(said) + 2
        return said.format(target if len(target) <= room else f"{target[: room - 1]}…")

    async def sources(self, subscription: Subscription) -> str:
        """The channels that it is of."""
        shown = [
            await self._poster.place(subscription.server, each)
            for each in subscription.sources[:MOST_NAMED]
        ]
        return ", ".join(shown) + ("…" if len(subscription.sources) > MOST_NAMED else "")

    async def name(self, subscription: Subscription, place: str) -> str:
        """What a channel or thread is called; untrusted."""
        found = await self._context.platform.source(about(subscription, place))
        return found.name if isinstance(found, SourceInfo) else "…"

    async def _state(self, subscription: Subscription, words: DigestWords) -> str:
        reason = subscription.paused
        if reason is None:
            return words.next_at.format(day=next_day(subscription, words))
        source = await self._poster.place(
            subscription.server, subscription.paused_for or subscription.sources[0]
        )
        forms = {
            PauseReason.ASKED: words.paused,
            PauseReason.UNREADABLE: words.paused_unreadable,
            PauseReason.AUDIENCE: words.paused_audience,
            PauseReason.UNWRITABLE: words.paused_unwritable,
        }
        return forms[reason].format(source=source)


def about(subscription: Subscription, place: str, person: str | None = None) -> AskRequest:
    """What platforms are asked of a place for a subscription."""
    return AskRequest(
        platform=subscription.platform,
        server=subscription.server,
        source=place,
        place=place,
        person=person or subscription.created_by or subscription.target.id,
    )


def when(schedule: Schedule, words: DigestWords) -> str:
    """On which days."""
    days: Sequence[int] = schedule.days
    if schedule.every is Every.WEEK:
        return words.weekly.format(day=words.weekdays[days[0]])
    if len(days) == len(words.weekdays):
        return words.daily
    if tuple(days) == WORKING_DAYS:
        return words.weekdays_only
    return words.on_days.format(days=", ".join(words.short_weekdays[day] for day in days))


def next_day(subscription: Subscription, words: DigestWords) -> str:
    day: date | None = subscription.next_day
    return words.nothing if day is None else written_date(day, words)
