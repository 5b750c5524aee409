"""Somebody subscribes to a digest, or changes one: may they, and of what. Knows no platform."""

from dataclasses import dataclass

from bot.context import Context
from bot.digests.describing import Describing, next_day
from bot.digests.poster import Poster, Subscriber
from bot.platform import Refusal
from bot.refusals import refused
from bot.texts import Texts
from bot.texts.digest_words import DigestWords
from precis.ask import AskRequest, ServerSettings
from precis.digest import MOST_SOURCES, Subscription, Target
from precis.errors import InputError, UnclearScheduleError
from precis.job import Style
from precis.schedule import Every, Schedule, known_zone, parse_clock, parse_days
from precis.store.subscription_rows import NEW


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for; None: as it is, or as new ones are. Texts are as they typed them."""

    target: Target
    source: str
    """The channel that it is of; never a thread."""
    channels: tuple[str, ...] = ()
    """More channels that it is of."""
    without: tuple[str, ...] = ()
    """Channels that it is of no more; they may be gone."""
    days: str | None = None
    time: str | None = None
    zone: str | None = None
    least: int | None = None
    style: Style | None = None
    weekly: bool | None = None


class Subscribing:
    """The use case; see `Digests.subscribe`."""

    def __init__(self, context: Context, poster: Poster, describing: Describing) -> None:
        self._context = context
        self._poster = poster
        self._describing = describing

    async def subscribe(self, who: Subscriber, wanted: Wanted, texts: Texts) -> str:
        """The line to show; InputError says what can't be used as it is."""
        settings = await self._context.server_settings(who.server)
        target = wanted.target
        if target.kind == "person":  # whatever was given: for nobody else
            target = Target(kind="person", id=who.person)
        named = dict.fromkeys((wanted.source, *wanted.channels))
        if wanted.without and not wanted.channels:
            named = {}  # only to take some out; where that is typed doesn't matter
        sources = tuple(each for each in named if each not in wanted.without)
        if refusal := await self._refusal(who, target, sources, settings, texts):
            return refusal
        every = await self._every(who, target, wanted)
        store, name = self._context.digests, self._context.platform.name
        zone = self._context.settings.timezone
        before: list[Subscription] = []

        def change(now: Subscription | None) -> Subscription:
            before[:] = [now] if now else []
            return _changed(
                who,
                wanted,
                now,
                texts,
                platform=name,
                target=target,
                sources=sources,
                every=every,
                zone=zone,
            )

        kept = await self._context.blocking(store.change, name, who.server, target, every, change)
        words = texts.digests.words
        form = words.subscribed
        if before:
            more = set(kept.sources) - set(before[0].sources)
            form = words.added if more else words.changed
        what = await self._describing.line(kept, texts, whole=False)
        return form.format(what=what, day=next_day(kept, words))

    async def _refusal(
        self,
        who: Subscriber,
        target: Target,
        sources: tuple[str, ...],
        settings: ServerSettings,
        texts: Texts,
    ) -> str | None:
        words, poster = texts.digests.words, self._poster
        if barred := _barred(who, target, settings, texts):
            return barred
        if target.kind == "channel":  # an id may be of a channel that who asks can't see
            refusal = await poster.reader_refusal(who.server, target.id, who.person)
            if refusal is not None:
                return refused(refusal, texts, await poster.place(who.server, target.id))
        for source in sources:
            if (refusal := await self._unreadable(who, source, settings)) is not None:
                return refused(refusal, texts, await poster.place(who.server, source))
            if target.kind == "channel" and not await poster.all_may_read(
                who.server, source, target.id
            ):
                return words.not_all_may_read.format(
                    target=await poster.place(who.server, target.id),
                    source=await poster.place(who.server, source),
                )
        if not await poster.may_write(who.server, target):
            return words.bot_cannot_write.format(place=await poster.place(who.server, target.id))
        return None

    async def _unreadable(
        self, who: Subscriber, source: str, settings: ServerSettings
    ) -> Refusal | None:
        request = AskRequest(
            platform=self._context.platform.name,
            server=who.server,
            source=source,
            place=source,
            person=who.person,
        )
        found = await self._context.platform.source(request)
        if isinstance(found, Refusal):
            return found
        if settings.forbids(found.within):
            return Refusal.NEVER_READ
        return await self._poster.reader_refusal(who.server, source, who.person)

    async def _every(self, who: Subscriber, target: Target, wanted: Wanted) -> Every:
        """As asked for; else as the one that is there, where there is one alone; else daily."""
        if wanted.weekly is not None:
            return Every.WEEK if wanted.weekly else Every.DAY
        name = self._context.platform.name
        there = await self._context.blocking(self._context.digests.subscriptions, name, who.server)
        found = {each.schedule.every for each in there if each.target == target}
        return found.pop() if len(found) == 1 else Every.DAY


def _barred(who: Subscriber, target: Target, settings: ServerSettings, texts: Texts) -> str | None:
    """Why somebody may subscribe to nothing for this target."""
    if who.manager:
        return None
    if target.kind == "channel":
        return texts.digests.words.managers_only
    if settings.roles and set(who.roles).isdisjoint(settings.roles):
        return texts.wrong_roles
    return None


def _changed(  # noqa: PLR0913 - it is all that goes into one
    who: Subscriber,
    wanted: Wanted,
    now: Subscription | None,
    texts: Texts,
    *,
    platform: str,
    target: Target,
    sources: tuple[str, ...],
    every: Every,
    zone: str,
) -> Subscription:
    words = texts.digests.words
    schedule = _schedule(wanted, every, now.schedule if now else None, zone, words)
    merged = tuple(dict.fromkeys((*(now.sources if now else ()), *sources)))
    merged = tuple(each for each in merged if each not in wanted.without)
    if not merged:
        raise InputError(words.none_left if now else words.not_there)
    if len(merged) > MOST_SOURCES:
        raise InputError(words.too_many.format(count=MOST_SOURCES))
    given = {"sources": merged, "schedule": schedule, "paused": None, "paused_for": None}
    given |= {"least": wanted.least} if wanted.least is not None else {}
    given |= {"style": wanted.style} if wanted.style is not None else {}
    if now is not None:
        return Subscription.model_validate(now.model_dump() | given)
    return Subscription.model_validate(
        {
            "id": NEW,
            "platform": platform,
            "server": who.server,
            "target": target,
            "created_by": who.person,
            "created_at": "1970-01-01T00:00:00Z",  # the store says when
        }
        | given
    )


def _schedule(
    wanted: Wanted, every: Every, now: Schedule | None, zone: str, words: DigestWords
) -> Schedule:
    try:
        days = parse_days(wanted.days) if wanted.days is not None else now.days if now else None
        hour, minute = (now.hour, now.minute) if now else (18, 0)
        if wanted.time is not None:
            hour, minute = parse_clock(wanted.time)
        clock = now.zone if now else zone
        if wanted.zone is not None:
            clock = known_zone(wanted.zone)
    except UnclearScheduleError as error:
        raise InputError(_unclear(error, words)) from None
    if days is None:
        days = (0,) if every is Every.WEEK else tuple(range(7))
    if every is Every.WEEK and len(days) != 1:
        raise InputError(words.one_day)
    return Schedule(every=every, days=days, hour=hour, minute=minute, zone=clock)


def _unclear(error: UnclearScheduleError, words: DigestWords) -> str:
    forms = {
        "days": words.unclear_days,
        "day": words.unclear_day,
        "time": words.unclear_time,
        "zone": words.unclear_zone,
    }
    return forms[error.field].format(typed=error.typed)
