"""Somebody reports a message or a summary to the moderators. Knows no platform."""

from bot.context import Context
from bot.moderation.desk import Who
from bot.platform import Refusal
from bot.refusals import refused
from bot.submitting import forget_gone
from bot.texts import Texts, told_length
from precis.ask import AskRequest, Place
from precis.conversation import Conversation, Message
from precis.errors import PurgedError
from precis.job import WATCH_QUEUE, JobRequest

LONGEST = 40_000
"""Characters of a summary, as those of a message."""


class Reporting:
    """The use case; returns what to tell who reported. Raises StoreError, PlatformDownError."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def message(self, who: Who, place: Place, message: Message) -> str:
        """Report a message that somebody sees.

        Of who opted out nothing is kept: then the case has a link alone.
        """
        context = self._context
        texts = await context.texts(who.server)
        if message.author_id == who.person:
            return texts.moderation.report_own
        if said := await self._not_taken(who, message.id, texts):
            return said
        if await self._is_forbidden(who, place):
            return texts.never_read.format(place="…")
        silent = await context.opted_out([message.author_id])
        if silent:
            message = message.model_copy(update={"text": "", "author_name": "-"})
        return await self._send(who, place, message, texts)

    async def summary(self, who: Who, ask_id: str) -> str:
        """Report a summary that somebody was shown, and may read."""
        context = self._context
        texts = await context.texts(who.server)
        ask = await context.blocking(context.chat.ask, ask_id)
        mine = (context.platform.name, who.server)
        if ask is None or ask.job_id is None:
            return texts.gone
        if (ask.request.platform, ask.request.server) != mine:
            return texts.gone
        reader = ask.request.model_copy(update={"person": who.person})
        source = await context.platform.source(reader)
        if isinstance(source, Refusal):
            return refused(source, texts, "…")
        if refusal := await context.platform.refusal(reader):
            return refused(refusal, texts, source.shown)
        place = Place(server=who.server, place=ask.request.source, parent=source.parent)
        return await self._summary(who, ask.job_id, place, texts)

    async def _summary(self, who: Who, job_id: str, place: Place, texts: Texts) -> str:
        context, subject = self._context, f"{job_id}:reported"
        try:
            result = await context.blocking(context.jobs.result, job_id)
        except PurgedError:
            return texts.gone
        if result is None or result.summary is None or not result.summary.sentences:
            return texts.gone
        if said := await self._not_taken(who, subject, texts):
            return said
        text = " ".join(sentence.text for sentence in result.summary.sentences)[:LONGEST]
        said_by = Message(id=subject, author_id="-", author_name="-", text=text)
        return await self._send(who, place, said_by, texts, about=job_id)

    async def _send(
        self, who: Who, place: Place, message: Message, texts: Texts, *, about: str | None = None
    ) -> str:
        context, name = self._context, self._context.platform.name
        settings = await context.server_settings(who.server)
        within = [place.place, *([place.parent] if place.parent else ())]
        request = JobRequest(
            task="score",
            queue=WATCH_QUEUE,
            frontend=name,
            thresholds=settings.thresholds_in(within),
            reported_by=who.person,
            about=about,
        )
        conversation = Conversation(source=name, messages=(message,))
        job_id = await context.blocking(
            context.moderation.take, request, conversation, place, context.settings.requeue_after
        )
        if message.text:  # nothing is to be forgotten of who opted out before
            await forget_gone(context, conversation)
        await context.blocking(context.sender.send, job_id, WATCH_QUEUE)
        if settings.moderators_channel is None:
            return texts.moderation.no_moderators
        return texts.moderation.reported

    async def _is_forbidden(self, who: Who, place: Place) -> bool:
        """Whether nothing is read there: then nothing is kept of it either."""
        settings = await self._context.server_settings(who.server)
        if not settings.never_read:
            return False
        asked = AskRequest(
            platform=self._context.platform.name,
            server=who.server,
            source=place.place,
            place=place.place,
            person=who.person,
        )
        source = await self._context.platform.source(asked)
        within = [place.place, *([place.parent] if place.parent else ())]
        return isinstance(source, Refusal) or settings.forbids([*within, *source.within])

    async def _not_taken(self, who: Who, subject: str, texts: Texts) -> str | None:
        """Each counts once, and as questions do, so that nobody floods the moderators."""
        context, name = self._context, self._context.platform.name
        store = context.moderation
        if await context.blocking(store.has_reported, name, subject, who.person):
            return texts.moderation.reported_before
        counted = await context.blocking(
            store.count_report, name, who.server, who.person, context.limits
        )
        if counted is None:
            return None
        text = texts.too_many_person if counted.whose == "person" else texts.too_many_server
        return text.format(wait=told_length(counted.wait, texts))
