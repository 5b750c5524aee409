"""What people may say about their own messages: out, in, delete, and what is stored.

Knows no platform.
"""

from collections.abc import Callable, Collection
from functools import partial

from bot.context import Context
from bot.texts import Texts
from precis.ask import Stored
from precis.store.parts import parts
from precis.store.places import Forgot


class Privacy:
    """The use case; each method raises StoreError."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def stored(self, person: str) -> Stored:
        context = self._context
        return await context.blocking(context.chat.stored_of, context.platform.name, person)

    async def told(self, person: str, texts: Texts) -> str:
        """What is stored of a person, in lines."""
        stored = await self.stored(person)
        return "\n".join(
            [
                texts.privacy_not_read if stored.opted_out else texts.privacy_read,
                texts.privacy_stored.format(
                    messages=stored.messages, asks=stored.asks, feedback=stored.feedback
                ),
                texts.privacy_kept.format(count=self._context.settings.retention_days),
            ]
        )

    async def opt_out(self, person: str, texts: Texts) -> str:
        context = self._context
        gone = await context.blocking(context.chat.opt_out, context.platform.name, person)
        return texts.privacy_opted_out.format(messages=gone)

    async def opt_in(self, person: str, texts: Texts) -> str:
        context = self._context
        await context.blocking(context.chat.opt_in, context.platform.name, person)
        return texts.privacy_opted_in

    async def delete(self, person: str, texts: Texts) -> str:
        context = self._context
        gone = await context.blocking(context.chat.forget_person, context.platform.name, person)
        return texts.privacy_deleted.format(messages=gone)

    def note_deleted(self, ids: Collection[str]) -> None:
        """Messages were deleted on the platform just now: what is being read lacks them too."""
        self._context.deleted.note(ids)

    async def forget_messages(self, ids: Collection[str]) -> None:
        """Messages were deleted on the platform: what is stored of them goes too."""
        context = self._context
        for some in parts(list(ids)):
            await context.blocking(context.chat.forget_messages, context.platform.name, some)

    async def forget_place(self, server: str | None, place: str) -> None:
        """A channel or thread was deleted on the platform, with all that was written there."""
        chat, name = self._context.chat, self._context.platform.name
        await self._forget(partial(chat.forget_some_of_place, name, server, place))

    async def forget_server(self, server: str) -> None:
        """The bot was removed from a server: what is stored of it goes."""
        chat, name = self._context.chat, self._context.platform.name
        await self._forget(partial(chat.forget_some_of_server, name, server))

    async def _forget(self, some: Callable[[str], Forgot]) -> None:
        """A few a call: one for all might take so long that it counts as unanswered."""
        after: str | None = ""
        while after is not None:
            after = (await self._context.blocking(some, after)).after
