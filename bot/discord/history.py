"""Discord's messages as a conversation's: what is there now, as plain text.

Knows nothing of windows beyond where paging may end.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import discord

from bot.platform import Heard
from precis.ask import AskRequest
from precis.conversation import Message, Reaction
from precis.normalisation import (
    attachment,
    clean_name,
    clean_text,
    discord_text,
    is_command,
    with_marks,
)

Readable = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread
Listed = Readable | discord.ForumChannel
"""Also what has no messages of its own, only threads."""

PAGE = 100
"""Messages that Discord gives at a time."""
READER = ThreadPoolExecutor(1, "reader")
"""One thread for all: several would take turns with the event loop, which then comes last."""
BREATH = 10
"""Messages that the library makes of a page before others have their turn."""
SPOKEN = (discord.MessageType.default, discord.MessageType.reply)
"""Types of messages that people wrote; the others are joins, pins, commands and the like."""


async def history(channel: Readable, request: AskRequest) -> AsyncIterator[Heard]:
    """Messages, latest first, by pages of 100; ends where nothing before can be asked for.

    The library waits out rate limits between the pages.
    """
    wanted = request.wanted
    oldest = _oldest(wanted.window.since, wanted.after)
    until = wanted.window.until
    before = discord.Object(discord.utils.time_snowflake(until, high=True) + 1) if until else None
    page: list[discord.Message] = []
    # `after` would not end the paging: the library asks for older pages all the same.
    async for message in channel.history(limit=None, before=before, oldest_first=False):
        if message.id < oldest:
            break
        page.append(message)
        if len(page) % BREATH == 0:
            await asyncio.sleep(0)
        if len(page) == PAGE:
            for each in await _all_heard(page):
                yield each
            page = []
    for each in await _all_heard(page):
        yield each


async def _all_heard(messages: Sequence[discord.Message]) -> list[Heard]:
    """Away from the event loop: a page takes as long to read as many clicks."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(READER, lambda: [heard(each) for each in messages])


def heard(message: discord.Message) -> Heard:
    """A message as it stands; a thread's first line is the message it began from."""
    origin = message
    if message.type is discord.MessageType.thread_starter_message and message.reference:
        resolved = message.reference.resolved
        origin = resolved if isinstance(resolved, discord.Message) else message
    return Heard(
        id=str(origin.id),
        author_id=str(origin.author.id) if origin.type in SPOKEN else None,
        time=origin.created_at,
        message=_plain(origin),
    )


def _oldest(since: datetime | None, after: str | None) -> int:
    bounds = [int(after)] if after and after.isdecimal() else []
    bounds += [discord.utils.time_snowflake(since)] if since else []
    return max(bounds, default=0)


def _plain(message: discord.Message) -> Message | None:
    if message.type not in SPOKEN or message.author.bot or message.webhook_id is not None:
        return None
    content = discord_text(
        message.content or _forwarded(message),
        people={str(user.id): user.display_name for user in message.mentions},
        roles={str(role.id): role.name for role in message.role_mentions},
        channels={str(each.id): getattr(each, "name", "") for each in message.channel_mentions},
    )
    if is_command(content):
        return None
    attached = tuple(attachment(f.filename, f.content_type or "") for f in message.attachments)
    text = with_marks(content, attached, [sticker.name for sticker in message.stickers])
    if message.poll:
        text = f"{text} [poll: {clean_text(message.poll.question, 300)}]".strip()
    if not text:
        return None
    thread = message.channel.id if isinstance(message.channel, discord.Thread) else None
    return Message(
        id=str(message.id),
        author_id=str(message.author.id),
        author_name=clean_name(message.author.display_name),
        text=text,
        time=message.created_at,
        reply_to=_reply_to(message),
        thread=str(thread) if thread else None,
        permalink=message.jump_url,
        edited=message.edited_at is not None,
        attachments=attached,
        reactions=tuple(
            Reaction(emoji=str(each.emoji)[:100], count=each.count)
            for each in message.reactions
            if each.count > 0
        ),
    )


def _forwarded(message: discord.Message) -> str:
    """What a forwarded message says, which its own content doesn't."""
    return "\n".join(snapshot.content for snapshot in message.message_snapshots)


def _reply_to(message: discord.Message) -> str | None:
    reference = message.reference
    if message.type is not discord.MessageType.reply or reference is None:
        return None
    return str(reference.message_id) if reference.message_id else None
