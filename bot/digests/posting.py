"""Shows a digest whose jobs have ended: permissions once more, then one post. Knows no platform."""

from collections.abc import Sequence
from datetime import date, timedelta

from bot.context import Context
from bot.digests.composing import Channel, Frame, Told, compose
from bot.digests.describing import about
from bot.digests.permitting import Permitted, Permitting, target_of
from bot.digests.poster import OnPosted, Poster
from bot.digests.view import DigestView
from bot.holding import LostError
from bot.platform import Refusal
from precis.ask import ServerSettings
from precis.conversation import Conversation
from precis.digest import Part
from precis.errors import PurgedError
from precis.job import JobState, SummarySentence
from precis.schedule import Every
from precis.store import HeldDigest

ON_TIME = timedelta(minutes=15)
"""After which a digest says that it is late."""


class UnmadeError(Exception):
    """Nothing of it could be summarised."""


class DigestPosting:
    def __init__(self, context: Context, poster: Poster, permitting: Permitting) -> None:
        self._context = context
        self._poster = poster
        self._permitting = permitting

    async def post(self, held: HeldDigest, settings: ServerSettings) -> bool:
        """Show it; False where nothing of it may be shown, or nothing is left.

        Raises PausedError, UnmadeError, LostError, UnwritableError, PlatformDownError, StoreError.
        """
        sources = await self._permitting.permitted(held, settings)
        channels = [await self._channel(held, each, settings) for each in sources]
        told = [each for channel in channels for each in channel.told]
        if told and all(each.state is JobState.FAILED for each in told):
            raise UnmadeError
        if not any(_says(each) for each in told):
            return False
        view = self._view(held, channels, settings)
        server = held.subscription.server
        target, posted = target_of(held), list(held.digest.posted)
        await self._poster.post(server, target, view, tuple(posted), self._noting(held, posted))
        return True

    def _noting(self, held: HeldDigest, posted: list[str]) -> OnPosted:
        """Notes each message, so that it isn't shown again."""

        async def note(message: str) -> None:
            posted.append(message)
            if not await self._context.blocking(self._context.digests.note_posted, held, posted):
                raise LostError

        return note

    def _view(
        self, held: HeldDigest, channels: Sequence[Channel], settings: ServerSettings
    ) -> DigestView:
        subscription, digest = held.subscription, held.digest
        schedule = subscription.schedule
        preview = digest.preview_for is not None
        late = not preview and self._context.jobs.now() - digest.due_at > ON_TIME
        day = digest.due_at.astimezone(schedule.clock).date()
        frame = Frame(
            key=digest.id,
            day=day if preview else date.fromisoformat(digest.day),
            zone=schedule.clock,
            style=subscription.style or settings.style,
            weekly=schedule.every is Every.WEEK,
            preview=preview,
            late_since=digest.due_at if late else None,
        )
        return compose(channels, frame, self._context.texts_of(settings.language))

    async def _channel(
        self, held: HeldDigest, permitted: Permitted, settings: ServerSettings
    ) -> Channel:
        parts = [part for part in held.digest.parts if part.source == permitted.source]
        told = [await self._told(held, permitted, part, settings) for part in parts]
        return Channel(
            permitted.source, permitted.info.name, tuple(each for each in told if each is not None)
        )

    async def _told(
        self, held: HeldDigest, permitted: Permitted, part: Part, settings: ServerSettings
    ) -> Told | None:
        """None of a thread that may not be told of any more."""
        context, name = self._context, permitted.info.name
        if part.place != permitted.source:
            info = await context.platform.source(about(held.subscription, part.place))
            if isinstance(info, Refusal) or settings.forbids(info.within):
                return None
            name = info.name
        assert part.job_id is not None, "a part has a job"  # noqa: S101 - for the type checker
        job = await context.blocking(context.jobs.job, part.job_id)
        conversation = await context.blocking(context.jobs.conversation, part.job_id)
        carried = set(job.request.carried)
        new = tuple(each for each in conversation.messages if each.id not in carried)
        return Told(
            place=part.place,
            name=name,
            new=Conversation(source=conversation.source, messages=new),
            state=job.state,
            sentences=await self._sentences(part.job_id, job.state),
            partial=part.partial,
        )

    async def _sentences(self, job_id: str, state: JobState) -> tuple[SummarySentence, ...]:
        if state is JobState.FAILED:
            return ()
        try:
            result = await self._context.blocking(self._context.jobs.result, job_id)
        except PurgedError:
            return ()
        return result.summary.sentences if result and result.summary else ()


def _says(told: Told) -> bool:
    """Whether anything is left to be said: what it was of may have been deleted."""
    return bool(told.sentences or told.new.messages) or told.state is JobState.WITHHELD
