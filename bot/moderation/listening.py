"""Hears what is written in watched channels, and has it scored, a place's messages together.

What was written while no bot listened is read from the history, from where the place had come to.
Nobody who opted out is heard, nor what is written where nothing may be read. Knows no platform.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.context import Context
from bot.platform import PlatformDownError, Refusal
from bot.submitting import forget_gone
from precis.ask import AskRequest, Place, ServerSettings, Wanted
from precis.conversation import Conversation, Message
from precis.errors import PrecisError, StoreError
from precis.job import WATCH_QUEUE, JobRequest
from precis.places import where
from precis.window import Window

logger = logging.getLogger(__name__)

AT_ONCE = 100
"""Messages a batch."""
MOST_WAITING = 20_000
"""Messages in memory while the store is down; what comes then is read from the history later."""
AGAIN_AFTER = 5.0  # seconds
LOOK = 0.5  # seconds
FRESH = 10.0
"""Seconds for which a server's settings count as current."""
LONGEST_GAP = timedelta(hours=24)
OVERLAP = timedelta(minutes=2)
"""Read once more before what was heard last: a bot that died may have had messages in hand."""
NOBODY = "nobody"
"""Who asks for a history that nobody asks for."""
MOST_CAUGHT_UP = 1_000
"""Messages of a place, the latest."""


@dataclass
class _Heard:
    """What waits of a place."""

    place: Place
    messages: dict[str, Message] = field(default_factory=dict)
    """By id: of one that is edited at once, the last text alone."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A server's settings, and when they were read."""

    settings: ServerSettings
    read_at: datetime
    as_of: float
    """The same, by a clock that nobody sets."""

    @property
    def fresh_for(self) -> float:
        """Seconds for which they still count as current."""
        return self.as_of + FRESH - time.monotonic()


@dataclass(frozen=True, slots=True)
class _Skipped:
    """A place with messages that weren't heard, because settings read then didn't watch it."""

    place: Place
    within: tuple[str, ...]
    since: datetime


class Listening:
    """Told of messages, it has those of watched channels scored."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._waiting: dict[tuple[str, str], _Heard] = {}
        self._settings: dict[str, _Known] = {}
        self._changes: Counter[str] = Counter()
        """How often each server's settings changed: what was read before that is no answer."""
        self._skipped: dict[str, dict[str, _Skipped]] = {}
        """By server and place, what is looked at again once the settings are."""
        self._missed: dict[str, dict[str, Place]] = {}
        self._until: dict[str, dict[str, tuple[datetime, str | None]]] = {}
        """By server, how far its places had come when this connection began."""
        self._some = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._catching_up: set[asyncio.Task[None]] = set()
        self._fresh: set[str] = set()
        """Ids of what was heard while something was caught up: a history may be older."""
        self._closed = False

    def begin(self) -> None:
        """Have it scored from now on, until `close`. Again, it does nothing."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Store what waits, once; what can't be is read by the next bot."""
        self._closed = True
        for task in (*self._catching_up, *([self._task] if self._task else ())):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await self._take_all()

    def hear(self, place: Place, message: Message, *, within: Sequence[str] = ()) -> None:
        """Somebody wrote or edited a message. Returns at once.

        `within`: ids of the place and of what it is in, as `SourceInfo.within` has them.
        """
        if self._catching_up:
            self._fresh.add(message.id)
        self._hear(place, message, within)

    def _hear(self, place: Place, message: Message, within: Sequence[str] = ()) -> None:
        if place.server is None:
            return
        known = self._settings.get(place.server)
        if known and known.fresh_for > 0 and not _watched(known.settings, place, within):
            self._skip(known, place, within)
            return
        if self._backlog >= MOST_WAITING:
            self._give_up()
        waits = self._waiting.setdefault((place.server, place.place), _Heard(place))
        waits.messages[message.id] = message
        self._some.set()

    async def watches(self, place: Place, within: Sequence[str] = ()) -> bool:
        """Whether what is written there is scored, by settings of some seconds ago at most.

        Where it isn't, and another bot has changed the settings in these seconds, what was written
        meanwhile is read from the history. Raises StoreError.
        """
        settings = await self._settings_of(str(place.server)) if place.server else None
        if settings is None:
            return False
        known = self._settings.get(str(place.server))
        watched = _watched(settings, place, within)
        if known and not watched:
            self._skip(known, place, within)
        return watched

    def settings_changed(self, server: str) -> None:
        """Read them again; a read that is on its way may have seen what was before."""
        self._changes[server] += 1
        self._settings.pop(server, None)
        self._skipped.pop(server, None)  # that was written before the change

    def connection_lost(self) -> None:
        """What is written from now on isn't heard, until there is a new connection."""
        self._until.clear()

    def catch_up(self, server: str, places: Sequence[Place]) -> None:
        """Read what was written in these since they were last heard. Returns at once.

        Also in threads that were heard before and aren't among them.
        """
        self._begin_to_catch_up(server, places)

    def _begin_to_catch_up(
        self, server: str, places: Sequence[Place], *, others: bool = True
    ) -> None:
        """`others`: also in places that were heard before and aren't among these."""
        if self._closed:
            return
        task = asyncio.create_task(self._catch_up(server, places, others=others))
        self._catching_up.add(task)
        task.add_done_callback(self._caught_up)

    def _caught_up(self, task: asyncio.Task[None]) -> None:
        self._catching_up.discard(task)
        if not self._catching_up:
            self._fresh.clear()

    async def _run(self) -> None:
        while True:
            await self._some.wait()
            await asyncio.sleep(self._context.delays.watched_messages)
            self._some.clear()
            if not await self._take_all():
                await asyncio.sleep(AGAIN_AFTER)
                self._some.set()

    async def _take_all(self) -> bool:
        """Whether nothing waits any more."""
        try:
            while self._waiting:
                key = next(iter(self._waiting))
                waits = self._waiting[key]
                some = list(waits.messages.values())[:AT_ONCE]
                try:
                    await self._take(waits.place, some)
                except PlatformDownError as error:  # others are not to wait behind it
                    logger.warning("a place is heard later: %s", where(error))
                    self._give_up(key)
                    continue
                for message in some:
                    if waits.messages.get(message.id) is message:
                        del waits.messages[message.id]
                if not waits.messages and self._waiting.get(key) is waits:
                    del self._waiting[key]
            for server in list(self._skipped):
                await self._settings_of(server)
            while self._missed and not self._closed:
                server = next(iter(self._missed))
                self.catch_up(server, list(self._missed.pop(server).values()))
        except StoreError as error:
            logger.warning("%d messages wait to be scored: %s", self._backlog, error)
            return False
        except Exception as error:  # noqa: BLE001 - a bug here must not end all listening
            logger.error("listening: %s", where(error))  # noqa: TRY400 - a trace may quote
            self._give_up()
            return False
        return True

    async def _take(self, place: Place, messages: Sequence[Message]) -> None:
        """Store a batch of a place, and send it to be scored. Raises StoreError."""
        context, name = self._context, self._context.platform.name
        server = str(place.server)
        settings = await self._settings_of(server)
        within = await self._within(place, settings)
        if settings is None or within is None:
            return
        await self._until_of(server)  # before this moves it
        authors = list({message.author_id for message in messages})
        silent = await context.opted_out(authors)
        gone = context.deleted.among([message.id for message in messages])
        kept = [m for m in messages if m.author_id not in silent and m.id not in gone]
        if not kept:
            return
        kept.sort(key=lambda each: each.time or datetime.min.replace(tzinfo=UTC))
        conversation = Conversation(source=name, messages=tuple(kept))
        request = JobRequest(
            task="score",
            queue=WATCH_QUEUE,
            frontend=name,
            thresholds=settings.thresholds_in(within),
        )
        job_id = await context.blocking(
            context.moderation.take, request, conversation, place, context.settings.requeue_after
        )
        await forget_gone(context, conversation)
        await context.blocking(context.sender.send, job_id, WATCH_QUEUE)

    async def _settings_of(self, server: str) -> ServerSettings | None:
        """None where they are damaged: then nothing may be read."""
        known = self._settings.get(server)
        if known and known.fresh_for > 0:
            return known.settings
        while True:
            changes = self._changes[server]
            read_at, as_of = datetime.now(UTC), time.monotonic()
            try:
                settings = await self._context.server_settings(server)
            except StoreError:
                raise
            except PrecisError:
                return None
            until = await self._until_of(server) if self._skipped.get(server) else {}
            if self._changes[server] == changes:
                break
        self._settings[server] = _Known(settings, read_at, as_of)
        self._look_again(server, settings, until)
        return settings

    def _skip(self, known: _Known, place: Place, within: Sequence[str]) -> None:
        """Look again at a place that isn't watched by settings that may be out of date."""
        skipped = self._skipped.setdefault(str(place.server), {})
        if not skipped:
            asyncio.get_running_loop().call_later(max(0.0, known.fresh_for), self._some.set)
        skipped.setdefault(place.place, _Skipped(place, tuple(within), known.read_at))

    def _look_again(
        self, server: str, settings: ServerSettings, until: dict[str, tuple[datetime, str | None]]
    ) -> None:
        """Catch up on places that another bot began to watch while messages there were skipped.

        From when the settings were read by which they were: it began after that.
        """
        skipped = self._skipped.pop(server, {}).values()
        begun = [each for each in skipped if _watched(settings, each.place, each.within)]
        until.update({each.place.place: (each.since, each.place.parent) for each in begun})
        if begun:
            self._begin_to_catch_up(server, [each.place for each in begun], others=False)

    async def _within(self, place: Place, settings: ServerSettings | None) -> list[str] | None:
        """Ids of the place and of what it is in, if it is watched.

        Categories are the platform's to tell, and only where one forbids reading do they matter.
        """
        if settings is None:
            return None
        within = [place.place, *([place.parent] if place.parent else ())]
        if not settings.watches(within):
            return None
        if settings.never_read:
            source = await self._context.platform.source(_request(self._context, place))
            if isinstance(source, Refusal) or settings.forbids(source.within):
                return None
        return within

    async def _catch_up(self, server: str, places: Sequence[Place], *, others: bool) -> None:
        try:
            await self._read(server, places, others=others)
        except (PrecisError, PlatformDownError) as error:
            logger.warning("what was missed waits to be read: %s", str(error) or where(error))
            self._miss(server, places)
            asyncio.get_running_loop().call_later(AGAIN_AFTER, self._some.set)
        except Exception as error:  # noqa: BLE001 - one channel must not end all listening
            logger.error("catching up: %s", where(error))  # noqa: TRY400 - a trace may quote

    async def _read(self, server: str, places: Sequence[Place], *, others: bool) -> None:
        """Raises StoreError, PlatformDownError."""
        context, name = self._context, self._context.platform.name
        settings = await self._settings_of(server)
        if settings is None or not settings.watched:
            return
        until = await self._until_of(server)
        all_places = {place.place: place for place in places}
        for known, (_, parent) in until.items() if others else ():
            all_places.setdefault(known, Place(server=server, place=known, parent=parent))
        for place in all_places.values():
            since = until.get(place.place) or until.get(place.parent or "")
            try:
                if await self._within(place, settings) is None:
                    continue
                if since is not None:  # a thread that began meanwhile has its channel's
                    await self._read_place(place, since[0])
                    continue
            except (PlatformDownError, PrecisError):
                raise
            except Exception as error:  # noqa: BLE001 - other channels are not to suffer
                logger.error("catching up: %s", where(error))  # noqa: TRY400 - may quote
                continue
            await context.blocking(
                context.moderation.start_watching, name, server, place.place, place.parent
            )

    async def _until_of(self, server: str) -> dict[str, tuple[datetime, str | None]]:
        """How far a server's places had come before anything was heard by this connection."""
        if server not in self._until:
            context, name = self._context, self._context.platform.name
            found = await context.blocking(context.moderation.watched_until, name, server)
            self._until.setdefault(server, found)
        return self._until[server]

    async def _read_place(self, place: Place, since: datetime) -> None:
        """Hear what was written since, the latest at most."""
        since = max(since - OVERLAP, datetime.now(UTC) - LONGEST_GAP)
        request = _request(self._context, place, since)
        found: list[tuple[Place, Message]] = []
        count = 0
        async for each in self._context.platform.history(request):
            if each.time < since or count >= MOST_CAUGHT_UP:
                break
            count += 1
            if each.message is not None:
                thread = each.thread if each.thread != place.place else None
                spot = (
                    Place(server=place.server, place=thread, parent=place.place)
                    if thread
                    else place
                )
                found.append((spot, each.message))
        while self._backlog >= MOST_WAITING // 2:  # noqa: ASYNC110 - a store that is down, rarely
            await asyncio.sleep(LOOK)
        # In order: the place's watermark moves on with each batch.
        for spot, message in reversed(found):
            if message.id not in self._fresh:
                self._hear(spot, message)

    @property
    def _backlog(self) -> int:
        """How many messages wait."""
        return sum(len(each.messages) for each in self._waiting.values())

    def _give_up(self, *keys: tuple[str, str]) -> None:
        """What waits, of all places or of these, is read from the history once that can be done."""
        for key in keys or list(self._waiting):
            waits = self._waiting.pop(key)
            times = [each.time for each in waits.messages.values() if each.time is not None]
            if times and key[0] in self._until:  # a place that wasn't watched yet by then
                known = self._until[key[0]]
                known.setdefault(waits.place.place, (min(times), waits.place.parent))
            self._miss(key[0], [waits.place])

    def _miss(self, server: str, places: Sequence[Place]) -> None:
        self._missed.setdefault(server, {}).update({place.place: place for place in places})


def _watched(settings: ServerSettings, place: Place, within: Sequence[str]) -> bool:
    ids = [place.place, *([place.parent] if place.parent else ()), *within]
    return settings.watches(ids)


def _request(context: Context, place: Place, since: datetime | None = None) -> AskRequest:
    """As the platform takes it; nobody asks."""
    return AskRequest(
        platform=context.platform.name,
        server=place.server,
        source=place.place,
        place=place.place,
        person=NOBODY,
        wanted=Wanted(window=Window(since=since)),
    )
