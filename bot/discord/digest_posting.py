"""How digests come into a channel of Discord's, its threads or direct messages, once each.

A message has a nonce, by which Discord knows one that it was sent minutes ago. A bot that died
between posting one and noting so may be back later than that, or another one in its place: so the
latest messages are looked through first. A digest's first message is known by its button, the
others by an address that Discord keeps and doesn't show.
"""

import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import discord

from bot.digests.poster import OnPosted, UnwritableError
from bot.digests.view import DigestView
from bot.discord.digest_buttons import digest_buttons, digest_of
from bot.discord.digest_rendering import below, rows, thread_name, top
from bot.discord.history import Readable
from bot.discord.platform import DiscordPlatform
from bot.discord.replies import MOST_CONTENT, NOBODY
from bot.platform import Refusal
from precis.digest import Target
from precis.normalisation.plain_text import shorten

LOOKED_THROUGH = 100
"""Messages: a page."""
REFUSED = (discord.Forbidden, discord.NotFound)
HAS_THREAD = 160004
"""Discord's code for a message that a thread was made from already."""
_MARK = re.compile(r"https://discord\.com/#precis-(?P<key>.+)-(?P<number>[0-9]+)")

Writable = Readable | discord.DMChannel


class _TakenAwayError(Exception):
    """Somebody deleted a digest's first message, or closed its thread: so nothing follows."""


class DigestPosting:
    """Posts and tells; raises UnwritableError."""

    def __init__(self, bot: discord.Client, platform: DiscordPlatform) -> None:
        self._bot = bot
        self._platform = platform

    async def post(
        self,
        server: str,
        target: Target,
        view: DigestView,
        posted: Sequence[str],
        on_posted: OnPosted,
        *,
        label: str,
    ) -> None:
        """`label` is that of the button below; for all else see `bot.digests.poster.Poster`."""
        place = await self._place(server, target)
        parts = rows(view)
        first = int(posted[0]) if posted else await self._first_found(place, view.key)
        threads = len(parts) > 1 and _takes_threads(place, first)
        if first is None:
            buttons = digest_buttons(server, view.key, label)
            sent = await self._send(place, top(view) if threads else parts[0], view.key, 0, buttons)
            first = sent.id
        if not posted:
            await on_posted(str(first))
        if len(parts) == 1:
            return
        others = below(view) if threads else parts[1:]
        with suppress(_TakenAwayError):
            where = await self._thread(place, first, view) if threads else place
            await self._post_below(where or place, first, view.key, others, posted, on_posted)

    async def tell(self, person: str, text: str, key: str) -> None:
        """A line in direct messages."""
        place = await self._direct(person)
        nonce = f"{hashlib.sha256(key.encode()).hexdigest()[:20]}-t"
        try:
            await place.send(shorten(text, MOST_CONTENT), nonce=nonce, allowed_mentions=NOBODY)
        except REFUSED:
            raise UnwritableError from None

    async def _post_below(
        self,
        place: Writable,
        first: int,
        key: str,
        embeds: Sequence[discord.Embed],
        posted: Sequence[str],
        on_posted: OnPosted,
    ) -> None:
        """The parts after the first; `posted` counts it."""
        there = await self._others_found(place, first, key)
        for number, embed in enumerate(embeds, start=1):
            if number < len(posted):
                continue
            found = there.get(number) or (await self._send(place, embed, key, number)).id
            await on_posted(str(found))

    async def _place(self, server: str, target: Target) -> Writable:
        if target.kind == "person":
            return await self._direct(target.id)
        found = await self._platform.channel(target.id, server)
        if isinstance(found, Refusal):
            raise UnwritableError
        return found

    async def _direct(self, person: str) -> discord.DMChannel:
        try:
            return await self._bot.create_dm(discord.Object(int(person)))
        except REFUSED:
            raise UnwritableError from None

    async def _send(
        self,
        place: Writable,
        embed: discord.Embed,
        key: str,
        number: int,
        view: discord.ui.View | None = None,
    ) -> discord.Message:
        """The parts after the first make no noise."""
        if number:
            embed.url = f"https://discord.com/#precis-{key}-{number}"
        more: dict[str, Any] = {"view": view} if view else {}
        try:
            return await place.send(
                embed=embed,
                nonce=f"{key[:20]}-{number}",
                silent=number > 0,
                allowed_mentions=NOBODY,
                **more,
            )
        except REFUSED:
            in_thread = isinstance(place, discord.Thread)
            raise (_TakenAwayError if in_thread else UnwritableError) from None

    async def _thread(self, place: Writable, first: int, view: DigestView) -> discord.Thread | None:
        """The thread of a digest's first message; None where the bot may make none.

        It has the message's id, so there is only one.
        """
        assert isinstance(place, discord.TextChannel)  # noqa: S101 - for the type checker
        if (known := place.get_thread(first)) is not None:
            return known
        try:
            message = place.get_partial_message(first)
            return await message.create_thread(name=thread_name(view))
        except discord.NotFound:
            raise _TakenAwayError from None
        except discord.Forbidden:
            return None
        except discord.HTTPException as error:
            if error.code != HAS_THREAD:
                raise
        found = await self._bot.fetch_channel(first)
        return found if isinstance(found, discord.Thread) else None

    async def _first_found(self, place: Writable, key: str) -> int | None:
        """A digest's first message that was posted and not noted."""
        try:
            async for message in place.history(limit=LOOKED_THROUGH):
                if self._is_own(message) and digest_of(message) == key:
                    return message.id
        except discord.Forbidden:
            return None
        except discord.NotFound:
            raise UnwritableError from None
        return None

    async def _others_found(self, place: Writable, first: int, key: str) -> dict[int, int]:
        """The parts after the first that are there, by their numbers."""
        found: dict[int, int] = {}
        after = discord.Object(first)
        with suppress(discord.Forbidden, discord.NotFound):
            async for message in place.history(
                limit=LOOKED_THROUGH, after=after, oldest_first=True
            ):
                url = message.embeds[0].url if message.embeds else None
                mark = _MARK.fullmatch(url or "") if self._is_own(message) else None
                if mark and mark["key"] == key:
                    found.setdefault(int(mark["number"]), message.id)
        return found

    def _is_own(self, message: discord.Message) -> bool:
        return self._bot.user is not None and message.author.id == self._bot.user.id


def _takes_threads(place: Writable, first: int | None) -> bool:
    """Whether a digest's sections go into a thread; also where it was begun so."""
    if not isinstance(place, discord.TextChannel):
        return False
    if first is not None and place.get_thread(first) is not None:
        return True
    may = place.permissions_for(place.guild.me)
    return may.create_public_threads and may.send_messages_in_threads
