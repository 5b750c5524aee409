"""conversations.info, members, list, open; users.conversations: where the app may look."""

from __future__ import annotations

from typing import Any

from tests.peers.slack import render
from tests.peers.slack.errors import SlackError
from tests.peers.slack.http import Call, method
from tests.peers.slack.kinds import KINDS, PUBLIC, WORDS
from tests.peers.slack.paging import paged
from tests.peers.slack.people import User
from tests.peers.slack.places import Channel

Answer = dict[str, Any]


def seen(call: Call, action: str, *, name: str = "channel") -> Channel:
    """The conversation of a call, as the app's bot may know of it: `channel_not_found` for a
    private one that it is not in. `action` is "read" or "history", as in the kind's scope.
    """
    channel = call.workspace.channels.get(call.text(name))
    if channel is None or (channel.kind != PUBLIC and call.app.bot not in channel.members):
        raise SlackError("channel_not_found")
    call.need(f"{WORDS[channel.kind]}:{action}")
    return channel


@method("conversations.info", "channel* include_locale include_num_members")
def info(call: Call) -> Answer:
    """docs.slack.dev/reference/methods/conversations.info"""
    channel, members = seen(call, "read"), call.flag("include_num_members")
    return {"channel": render.channel(channel, seen_by=call.workspace, members=members)}


@method("conversations.members", "channel* cursor limit")
def members(call: Call) -> Answer:
    """docs.slack.dev/reference/methods/conversations.members"""
    page, beside = paged(call, list(seen(call, "read").members), default=100, most=1000)
    return {"members": [user.id for user in page], **beside}


@method("conversations.list", "cursor exclude_archived limit types")
def listed(call: Call) -> Answer:
    """docs.slack.dev/reference/methods/conversations.list"""
    found = [channel for channel in _known(call) if channel.kind == PUBLIC or _in(call, channel)]
    page, beside = paged(call, found, default=100, most=1000)
    shown = [render.channel(it, seen_by=call.workspace, members=True) for it in page]
    return {"channels": shown, **beside}


@method("users.conversations", "cursor exclude_archived limit types user")
def of_user(call: Call) -> Answer:
    """docs.slack.dev/reference/methods/users.conversations

    Of somebody else's private conversations the bot is told only those that it is in.
    """
    user = call.workspace.find_user(call.text("user", call.app.bot.id))
    if user is None:
        raise SlackError("user_not_found")
    known = [it for it in _known(call) if it.kind == PUBLIC or _in(call, it)]
    page, beside = paged(call, [it for it in known if user in it.members], default=100, most=999)
    shown = [render.channel(it, seen_by=call.workspace) for it in page]
    for one in shown:
        one.pop("is_member", None)
    return {"channels": shown, **beside}


def _known(call: Call) -> list[Channel]:
    kinds = [kind.strip() for kind in call.text("types", PUBLIC).split(",")]
    if set(kinds) - set(KINDS):
        call.violate("invalid arguments", kinds)
        raise SlackError("invalid_types")
    for kind in kinds:
        call.need(f"{WORDS[kind]}:read")
    found = [it for it in call.workspace.channels.values() if it.kind in kinds]
    return [it for it in found if not (call.flag("exclude_archived") and it.archived)]


def _in(call: Call, channel: Channel) -> bool:
    return call.app.bot in channel.members


@method("conversations.open", "channel users return_im prevent_creation")
def opened(call: Call) -> Answer:
    """docs.slack.dev/reference/methods/conversations.open"""
    if not call.has("users"):
        channel = seen(call, "write")
    else:
        people = [_person(call, word.strip()) for word in call.text("users").split(",")]
        if len(people) > 8:
            raise SlackError("too_many_users")
        alone = len(people) == 1
        call.need("im:write" if alone else "mpim:write")
        place = call.workspace
        channel = place.add_dm(people[0]) if alone else place.add_group_dm(people)
    if call.flag("return_im"):
        return {"channel": render.channel(channel, seen_by=call.workspace)}
    return {"channel": {"id": channel.id}}


def _person(call: Call, user_id: str) -> User:
    user = call.workspace.find_user(user_id)
    if user is None:
        raise SlackError("user_not_found")
    if user.deleted:
        raise SlackError("user_disabled")
    if user.is_bot:
        raise SlackError("cannot_dm_bot")
    return user


def dm_of(call: Call, user_id: str) -> Channel | None:
    """The direct messages that a message to a user's id goes to; None where it is nobody's."""
    user = call.workspace.users.get(user_id)
    if user is None or user.deleted or user.is_bot:
        return None
    return call.workspace.add_dm(user)
