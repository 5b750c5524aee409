"""What clicks under an answer do.

The id that a click brings may be forged: what it may do is decided anew, for whoever clicked.
Knows no platform; how a summary is posted, and removed, the platform hands in.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from bot.context import Context
from bot.delivering import Delivering, answer_of
from bot.platform import Answer, Refusal
from bot.refusals import refused
from bot.texts import Texts
from precis.ask import Ask, AskRequest
from precis.errors import PurgedError, StoreError

logger = logging.getLogger(__name__)

AGAIN_AFTER = (0.0, 0.5, 2.0)
"""Seconds before each try to note what was posted."""

Post = Callable[[Answer, Texts], Awaitable[list[str]]]
"""Shows a whole answer as messages of its own; returns their ids. What it raises, it raises after
it has removed the part that it had posted."""
TakeBack = Callable[[Sequence[str]], Awaitable[None]]
"""Removes messages that `Post` made."""


class Clicking:
    """The use case behind each button. `server` is where it was clicked: for the language.

    Each method raises StoreError, PrecisError and PlatformDownError; see `bot.refusals.told`.
    """

    def __init__(self, context: Context, delivering: Delivering) -> None:
        self._context = context
        self._delivering = delivering

    async def judge(
        self, ask_id: str, person: str, *, good: bool, server: str | None = None
    ) -> str:
        """Keep what somebody who may read the summary's source thinks of it; what to say."""
        context = self._context
        ask, texts = await self._found(ask_id, server)
        if ask is None or ask.job_id is None:
            return texts.gone
        reader = ask.request.model_copy(update={"person": person})
        place = await context.platform.source(reader)
        if isinstance(place, Refusal):
            return refused(place, texts, "…")
        if refusal := await context.platform.refusal(reader):
            return refused(refusal, texts, place.shown)
        await context.blocking(
            context.chat.judge, ask.job_id, context.platform.name, person, good=good
        )
        return texts.thanks

    async def may_delete(
        self,
        ask_id: str,
        message_id: str,
        person: str,
        *,
        moderator: bool,
        asked: bool = False,
    ) -> Sequence[str] | None:
        """Ids of the messages to delete, for an answer of several goes whole; None: not allowed.

        `moderator`: whether they may delete others' messages there. `asked`: whether the platform
        itself knows that the message came of what they asked; the store forgets that with them.
        """
        ask = await self._ask(ask_id)
        posted = ask.posted if ask and message_id in ask.posted else ()
        theirs = bool(posted) and ask is not None and ask.request.person == person
        if not (theirs or asked or moderator):
            return None
        return posted or (message_id,)

    async def share(
        self,
        ask_id: str,
        person: str,
        place: str,
        post: Post,
        *,
        take_back: TakeBack | None = None,
        server: str | None = None,
    ) -> str | None:
        """Post a private answer, once, for all who read `place`; a line to tell, or None.

        `take_back` is for a post that can't be noted: none is to stay that nobody could delete.
        """
        context = self._context
        ask, texts = await self._found(ask_id, server)
        if ask is None or ask.job_id is None:
            return texts.gone
        if ask.request.person != person or not ask.request.private:
            return texts.not_yours
        public = ask.request.model_copy(update={"place": place, "private": False})
        answer = await self._answer(ask, ask.job_id, public, texts)
        if isinstance(answer, str):
            return answer
        if not await context.blocking(context.chat.share, ask.id):
            return texts.shared_before
        posted: list[str] = []
        try:
            posted = await post(answer, texts)
            await self._note(ask.id, posted)
        except StoreError:
            if take_back:
                await take_back(posted)
                posted = []
            raise
        finally:
            if not posted:  # whatever was in the way, it may be shared yet
                await context.blocking(context.chat.unshare, ask.id)
        return None

    async def show(
        self, ask_id: str, person: str, post: Post, *, server: str | None = None
    ) -> str | None:
        """Show an answer that couldn't be sent to who asked, to them alone; a line, or None."""
        ask, texts = await self._found(ask_id, server)
        if ask is None or ask.job_id is None:
            return texts.gone
        if ask.request.person != person:
            return texts.not_yours
        answer = await self._answer(ask, ask.job_id, ask.request, texts)
        if isinstance(answer, str):
            return answer
        await post(answer, texts)
        return None

    async def _note(self, ask_id: str, posted: Sequence[str]) -> None:
        """Keep which messages hold the answer too. Raises StoreError after several tries."""
        context = self._context
        for number, pause in enumerate(AGAIN_AFTER, start=1):
            await asyncio.sleep(pause)
            try:
                await context.blocking(context.chat.add_posted, ask_id, posted)
            except StoreError as error:
                logger.warning("ask %s, what is shared waits: %s", ask_id, error)
                if number == len(AGAIN_AFTER):
                    raise
            else:
                return

    async def _found(self, ask_id: str, server: str | None) -> tuple[Ask | None, Texts]:
        """The ask, and the language to speak of it in: of the server that it was asked on."""
        ask = await self._ask(ask_id)
        return ask, await self._context.texts(ask.request.server if ask else server)

    async def _ask(self, ask_id: str) -> Ask | None:
        """An ask of this platform, whose ids mean something here."""
        context = self._context
        ask = await context.blocking(context.chat.ask, ask_id)
        return ask if ask and ask.request.platform == context.platform.name else None

    async def _answer(self, ask: Ask, job_id: str, shown: AskRequest, texts: Texts) -> Answer | str:
        """The summary, or why it may not be shown as `shown` says."""
        if refusal := await self._delivering.refusal(shown, texts):
            return refusal
        try:
            asked = ask.model_copy(update={"request": shown})
            return await answer_of(self._context, asked, job_id, texts)
        except PurgedError:
            return texts.gone
