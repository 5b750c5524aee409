"""`/digest list`: the subscriptions that somebody may see, page by page, and what to do with one.

Also opened by the button under a digest, in direct messages too: there its id says of which server.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import discord

from bot.digests.digesting import Listed
from bot.digests.poster import Subscriber
from bot.discord.card_clicks import acknowledged, worded
from bot.discord.card_rendering import fitting
from bot.discord.digest_buttons import ACTIONS, ActButton, ChooseMenu, PageButton
from bot.discord.failures import UNHEARD, tell
from bot.discord.rendering import COLOUR
from bot.discord.replies import NOBODY
from bot.texts import Texts

if TYPE_CHECKING:
    from bot.discord.bot import PrecisBot

logger = logging.getLogger(__name__)

Click = discord.Interaction[Any]
A_PAGE = 5
"""Each names up to 25 channels, and an embed is to hold them."""
MOST_LABEL = 100


class DigestListing:
    """What the list's menus and buttons do: acknowledge, ask the use case, show."""

    def __init__(self, bot: "PrecisBot") -> None:
        self._bot = bot

    async def open(self, click: Click, server: str) -> None:
        """For whoever clicked under a digest, alone."""
        if await acknowledged(click, thinking=True):
            await self.show(click, server)

    async def turn(self, click: Click, server: str, page: int) -> None:
        if await acknowledged(click):
            await self.show(click, server, page=page)

    async def choose(self, click: Click, server: str, page: int, chosen: str) -> None:
        if await acknowledged(click):
            await self.show(click, server, page=page, chosen=chosen)

    async def act(self, click: Click, server: str, action: str, chosen: str) -> None:
        """Do it, show the list as it is then, and say so."""
        if await acknowledged(click):
            said = await self.done(click, server, action, chosen)
            if said is not None:
                await self.show(click, server, chosen=chosen)
                await tell(click, said)

    async def done(self, click: Click, server: str, action: str, chosen: str) -> str | None:
        """What to tell of it; None where a bug was told of already."""
        texts = await self._texts(click, server)
        digests = self._bot.frontend.digests
        acts: dict[str, Callable[[Subscriber, str], Awaitable[str]]] = {
            "pause": digests.pause,
            "resume": digests.resume,
            "without": digests.without,
            "preview": digests.preview,
            "stop": digests.stop,
        }

        async def work() -> str:
            who = await self._subscriber(click, server)
            return texts.digests.none if who is None else await acts[action](who, chosen)

        return await worded(click, work(), texts)

    async def found(self, click: Click, server: str) -> Sequence[Listed] | str | None:
        """What whoever uses it may see and change; or why that isn't known, as `worded` has it."""

        async def work() -> Sequence[Listed]:
            who = await self._subscriber(click, server)
            return () if who is None else await self._bot.frontend.digests.listing(who)

        return await worded(click, work(), await self._texts(click, server))

    async def show(
        self,
        click: Click,
        server: str,
        *,
        page: int = 1,
        chosen: str | None = None,
        above: str | None = None,
    ) -> None:
        """A page of the list in the place of the acknowledged response; `chosen` is on its page."""
        found = await self.found(click, server)
        if found is None:
            return
        texts = await self._texts(click, server)
        with suppress(*UNHEARD):
            if isinstance(found, str):
                await click.edit_original_response(content=found, embed=None, view=None)
                return
            await click.edit_original_response(
                allowed_mentions=NOBODY,
                **_message(found, server, texts, page=page, chosen=chosen, above=above),
            )

    async def _texts(self, click: Click, server: str) -> Texts:
        own = str(click.guild_id) if click.guild_id else server
        return await self._bot.context.texts_soon(own)

    async def _subscriber(self, click: Click, server: str) -> Subscriber | None:
        """Whoever clicked, on a server; None where they aren't there.

        On another server than the one that they are on nobody has a say.
        """
        if click.guild_id is not None:
            return subscriber(click) if str(click.guild_id) == server else None
        platform = self._bot.platform
        guild = await platform.guild(int(server))
        member = await platform.member(guild, click.user.id, again=True) if guild else None
        if member is None:
            return None
        return _subscriber(server, member, manager=member.guild_permissions.manage_guild)


def subscriber(click: Click) -> Subscriber:
    """Whoever uses a command or a button on a server."""
    server = str(click.guild_id)
    return _subscriber(server, click.user, manager=click.permissions.manage_guild)


def _subscriber(server: str, person: discord.User | discord.Member, *, manager: bool) -> Subscriber:
    roles = tuple(str(role.id) for role in getattr(person, "roles", ()))
    return Subscriber(server, str(person.id), manager, roles)


def _message(
    found: Sequence[Listed],
    server: str,
    texts: Texts,
    *,
    page: int,
    chosen: str | None,
    above: str | None,
) -> dict[str, Any]:
    words = texts.digests
    if not found:
        return {"content": words.none, "embed": None, "view": None}
    pages = -(-len(found) // A_PAGE)
    ids = [each.id for each in found]
    page = ids.index(chosen) // A_PAGE + 1 if chosen in ids else min(max(page, 1), pages)
    shown = found[(page - 1) * A_PAGE : page * A_PAGE]
    if len(found) == 1:
        chosen = shown[0].id
    embed = discord.Embed(
        title=words.list_title,
        description="\n".join(fitting([f"• {each.text}" for each in shown])),
        colour=COLOUR,
    )
    view = discord.ui.View(timeout=None)
    if len(found) > 1:
        options = [
            discord.SelectOption(
                label=each.label[:MOST_LABEL], value=each.id, default=each.id == chosen
            )
            for each in shown
        ]
        view.add_item(ChooseMenu(server, page, options, words.choose))
    one = next((each for each in found if each.id == chosen), None)
    for action in ACTIONS if one else ():
        # Five are in a row, and the last is needed for few.
        if one and (action != "without" or one.subscription.can_do_without):
            view.add_item(ActButton(action, server, one.id, getattr(words, action)))
    if page > 1:
        view.add_item(PageButton(server, page - 1, "p", texts.moderation.previous))
    if page < pages:
        view.add_item(PageButton(server, page + 1, "n", texts.moderation.next))
    return {"content": above, "embed": embed, "view": view}
