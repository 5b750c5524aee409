"""How moderators' cards come into a channel of Discord's, once each.

A message has a nonce, by which Discord knows one that it was sent minutes ago. A bot that died
between posting a card and noting so may be back later than that: so the latest messages of a
channel are looked through before the first card is posted there, and after each fault.
"""

import re
from typing import Any

import discord

from bot.discord.card_rendering import card_components, card_embed, card_of
from bot.discord.history import Readable
from bot.discord.platform import DiscordPlatform
from bot.discord.replies import NOBODY
from bot.moderation.desk import CardView, NoDeskError
from bot.platform import Refusal

LOOKED_THROUGH = 100
"""Messages: a page."""
MOST_REMEMBERED = 1_000
"""Channels."""
MOST_NONCE = 25
LONGEST_LINE = 2_000
_SPACE = re.compile(r"\s+")

REFUSED = (discord.Forbidden, discord.NotFound)


class CardPosting:
    """Posts, changes and deletes; raises NoDeskError."""

    def __init__(self, bot: discord.Client, platform: DiscordPlatform) -> None:
        self._bot = bot
        self._platform = platform
        self._there: dict[int, dict[str, int]] = {}
        """By channel, the messages that show cards already, by card, as they were found."""

    async def post(self, channel: str, card: CardView, server: str) -> str:
        place = await self._channel(channel, server)
        found = (await self._found(place)).pop(card.card_id, None)
        if found is not None and await self.update(channel, str(found), card, server):
            return str(found)
        embed = card_embed(card)
        try:
            sent = await place.send(
                embed=embed,
                view=card_components(card),
                nonce=f"{card.card_id[:16]}-{channel[-8:]}",
                allowed_mentions=NOBODY,
            )
        except REFUSED:
            raise NoDeskError from None
        except BaseException:  # it may be there all the same
            self._there.pop(place.id, None)
            raise
        if not _shows(sent, embed):  # Discord knew the nonce, and gave what it had been sent then
            await self.update(channel, str(sent.id), card, server)
        return str(sent.id)

    async def update(self, channel: str, message: str, card: CardView, server: str) -> bool:
        place = await self._channel(channel, server)
        try:
            await place.get_partial_message(int(message)).edit(
                embed=card_embed(card), view=card_components(card), allowed_mentions=NOBODY
            )
        except discord.NotFound:
            return False
        except discord.Forbidden:
            raise NoDeskError from None
        return True

    async def take_away(self, channel: str, message: str, server: str) -> None:
        place = await self._platform.channel(channel, server)
        if isinstance(place, Refusal):
            return
        try:
            await place.get_partial_message(int(message)).delete()
        except REFUSED:
            return

    async def tell(self, channel: str, text: str, server: str, nonce: str) -> None:
        place = await self._channel(channel, server)
        try:
            await place.send(text[:LONGEST_LINE], nonce=nonce[:MOST_NONCE], allowed_mentions=NOBODY)
        except REFUSED:
            raise NoDeskError from None

    async def _channel(self, channel: str, server: str) -> Readable:
        found = await self._platform.channel(channel, server)
        if isinstance(found, Refusal):
            raise NoDeskError
        return found

    async def _found(self, place: Readable) -> dict[str, int]:
        """The cards that the channel's latest messages show; none where they can't be read."""
        if place.id in self._there:
            return self._there[place.id]
        found: dict[str, int] = {}
        try:
            async for message in place.history(limit=LOOKED_THROUGH):
                card_id = card_of(message) if self._is_own(message) else None
                if card_id is not None:
                    found.setdefault(card_id, message.id)
        except discord.Forbidden:
            found = {}
        except discord.NotFound:
            raise NoDeskError from None
        if len(self._there) >= MOST_REMEMBERED:
            self._there.clear()
        return self._there.setdefault(place.id, found)

    def _is_own(self, message: discord.Message) -> bool:
        return self._bot.user is not None and message.author.id == self._bot.user.id


def _shows(message: discord.Message, embed: discord.Embed) -> bool:
    """Whether a message says what it was to say, but for white space."""
    there: Any = message.embeds[0] if message.embeds else None
    return there is not None and _words(there) == _words(embed)


def _words(embed: discord.Embed) -> str:
    return _SPACE.sub(" ", f"{embed.title} {embed.description}").strip()
