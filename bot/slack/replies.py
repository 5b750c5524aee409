"""Shows lines and answers where they are to be seen: by one person, or by all who read a place.

What can't be shown to all is shown to who asked. Knows nothing of what an answer looks like.
"""

from collections.abc import Sequence

from bot.platform import OnPosted
from bot.slack.ids import split_place
from bot.slack.patience import Patience
from bot.slack.posting import Content
from bot.slack.private import Privately
from bot.slack.public import BarredError, Publicly
from bot.slack.workspaces import Workspaces
from precis.ask import Ask, AskRequest

MOST_TEXT = 3_000
"""Characters of a line of the bot's own."""


class Replies:
    """Raises as Slack's client does, and UnreachableError."""

    def __init__(self, workspaces: Workspaces, patience: Patience) -> None:
        self.public = Publicly(workspaces, patience)
        self._private = Privately(workspaces)

    async def say(self, request: AskRequest, text: str, *, final: bool = False) -> None:
        """See `ChatPlatform.say`."""
        text = text[:MOST_TEXT]
        if not request.private:
            try:
                await self.public.line(request, text)
            except BarredError:
                pass
            else:
                return
        if final:
            await self._private.show(request, Content(text))
        else:
            await self._private.line(request, text)

    async def answer(self, ask: Ask, parts: Sequence[Content], posted: OnPosted) -> None:
        """See `ChatPlatform.answer`."""
        shown = len(ask.posted)

        async def note(message: str) -> None:
            nonlocal shown
            await posted(message)
            shown += 1

        if not ask.request.private and _is_public(ask):
            try:
                await self.public.show(ask, parts, note)
            except BarredError:
                pass
            else:
                return
        while shown < len(parts):
            await note(await self._private.show(ask.request, parts[shown]))

    async def show(self, request: AskRequest, parts: Sequence[Content]) -> list[str]:
        """Show an answer to one person, where they are; ids of the messages."""
        return [await self._private.show(request, part) for part in parts]

    async def privately(self, request: AskRequest, content: Content) -> None:
        """Show something to one person, where they are."""
        await self._private.show(request, content)

    async def replace(self, response_url: str, content: Content) -> bool:
        """Show something in the place of what somebody clicked on; whether it is shown."""
        return await self._private.replace(response_url, content)

    async def withdraw(self, request: AskRequest, text: str) -> None:
        """See `ChatPlatform.withdraw`."""
        if not request.private:
            await self.public.take_away(request)
        await self._private.show(request, Content(text[:MOST_TEXT]))


def _is_public(ask: Ask) -> bool:
    """Whether all that is shown of the answer so far is where everybody sees it."""
    place = f"{ask.request.server}/{split_place(ask.request.place)[0]}/"
    return all(message.startswith(place) for message in ask.posted)
