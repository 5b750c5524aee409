"""Writing, editing and deleting messages, with the gateway events that follow. Used by tests'
people and by the API.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.peers.discord import render
from tests.peers.discord.messages import (
    DEFAULT,
    REPLY,
    THREAD_STARTER_MESSAGE,
    Message,
    mentions_in,
)
from tests.peers.discord.state import World

if TYPE_CHECKING:
    from tests.peers.discord.places import Place, Thread
    from tests.peers.discord.state import User


def announce(message: Message, event: str = "MESSAGE_CREATE") -> None:
    """Tell the bot, if it can see the place. Ephemeral messages are nobody's news."""
    place = message.place
    if message.only_for is None and place.visible_to(place.world.bot):
        place.world.emit(
            event,
            lambda session: render.message_event(message, session),
            guild=place.guild,
            intent=place.message_intent,
        )


def put(message: Message) -> None:
    """Keep a message in its place's history."""
    place = message.place
    place.log.add(message)
    place.last_message_id = max(place.last_message_id or 0, message.id)


def say(
    place: Place,
    author: User,
    text: str,
    *,
    at: datetime | None = None,
    reply_to: Message | None = None,
    attachments: Iterable[dict[str, Any]] = (),
    embeds: Iterable[dict[str, Any]] = (),
    kind: int | None = None,
    message_id: int | None = None,
) -> Message:
    """A person writes: all mentions work, and an archived thread comes back."""
    world = place.world
    mentions = mentions_in(place, text, place.permissions_for(author), allowed=None)
    message = Message(
        message_id or world.snowflake(at),
        place,
        author,
        text,
        at or world.clock.moment(),
        type=(REPLY if reply_to else DEFAULT) if kind is None else kind,
        reply_to=reply_to,
        attachments=list(attachments),
        embeds=list(embeds),
        mentions=mentions,
        pings=mentions,
    )
    put(message)
    revive(place)
    announce(message)
    return message


def start_thread(thread: Thread, message: Message) -> None:
    """Topics > Threads > New Message Types: a thread's first message only points to its origin.

    The origin is told to have a thread (Message > Message Flags > HAS_THREAD).
    """
    world = thread.world
    starter = Message(
        world.snowflake(thread.created_at),
        thread,
        thread.owner,
        "",
        thread.created_at,
        type=THREAD_STARTER_MESSAGE,
        reply_to=message,
    )
    put(starter)
    message.thread = thread
    announce(message, "MESSAGE_UPDATE")
    announce(starter)


def revive(place: Place) -> None:
    """Topics > Threads > Active & Archived Threads: a message unarchives a thread."""
    thread: Any = place
    if place.is_thread and thread.archived and not thread.locked:
        thread.unarchive()


def fill(
    place: Place,
    authors: list[User],
    texts: Iterable[str],
    *,
    start: datetime,
    step: timedelta,
) -> list[Message]:
    """Write a history at once, authors in turn, without gateway events."""
    world, at, written = place.world, start, []
    for number, text in enumerate(texts):
        author = authors[number % len(authors)]
        message = Message(world.snowflake(at), place, author, text, at)
        put(message)
        written.append(message)
        at += step
    return written


def edit(message: Message, **changes: Any) -> None:
    """Change fields of a message; mentions are found anew and ping nobody (Message > Edit
    Message).
    """
    message.edited_at = message.place.world.clock.moment()
    for name, value in changes.items():
        setattr(message, name, value)
    if "content" in changes and "mentions" not in changes:
        permissions = message.place.permissions_for(message.author)
        message.mentions = mentions_in(message.place, message.content, permissions, allowed=None)
    announce(message, "MESSAGE_UPDATE")


def delete(message: Message) -> None:
    """Gateway Events > Message Delete."""
    place = message.place
    message.deleted = True
    if place.log.remove(message.id) is None or not place.visible_to(place.world.bot):
        return
    data = {"id": str(message.id), "channel_id": str(place.id), **_guild(place)}
    place.world.emit("MESSAGE_DELETE", data, guild=place.guild, intent=place.message_intent)


def bulk_delete(place: Place, messages: Iterable[Message]) -> None:
    """Gateway Events > Message Delete Bulk: one event for all."""
    gone = [message for message in messages if place.log.remove(message.id)]
    for message in gone:
        message.deleted = True
    data = {"ids": [str(m.id) for m in gone], "channel_id": str(place.id), **_guild(place)}
    if place.visible_to(place.world.bot):
        intent = place.message_intent
        place.world.emit("MESSAGE_DELETE_BULK", data, guild=place.guild, intent=intent)


def _guild(place: Place) -> dict[str, str]:
    return {"guild_id": str(place.guild.id)} if place.guild else {}


def attachment(world: World, file: str | dict[str, Any]) -> dict[str, Any]:
    """An attachment object (Message > Attachment Object) for a file name, or for what a dict adds
    to one.
    """
    given = {"filename": file} if isinstance(file, str) else file
    file_id = world.snowflake()
    url = f"https://cdn.invalid/attachments/{file_id}/{given['filename']}"
    return {"id": str(file_id), "size": 1000, "url": url, "proxy_url": url, **given}
