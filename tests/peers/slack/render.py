"""The JSON of things as the Web API and the events send them (docs.slack.dev/reference/objects).

Knows shapes; decides nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.peers.slack.kinds import IM, MPIM, PRIVATE, PUBLIC

if TYPE_CHECKING:
    from tests.peers.slack.messages import Message
    from tests.peers.slack.people import Group, User
    from tests.peers.slack.places import Channel
    from tests.peers.slack.workspaces import Workspace

Json = dict[str, Any]


def user(it: User, *, seen_by: Workspace) -> Json:
    """docs.slack.dev/reference/objects/user-object"""
    stranger = it.workspace is not seen_by
    profile = {
        "real_name": it.real_name,
        "real_name_normalized": it.real_name,
        "display_name": it.display_name,
        "display_name_normalized": it.display_name,
        "title": "",
        "team": it.workspace.id,
        **({"bot_id": it.bot_id} if it.bot_id else {}),
    }
    data: Json = {
        "id": it.id,
        "team_id": it.workspace.id,
        "name": it.name,
        "deleted": it.deleted,
        "profile": profile,
        "is_bot": it.is_bot,
        "is_app_user": False,
        "updated": 1_700_000_000,
    }
    if it.deleted:
        return data
    data |= {"real_name": it.real_name, "tz": it.tz, "tz_offset": it.tz_offset}
    data |= {"is_restricted": it.guest is not None, "is_ultra_restricted": it.guest == "single"}
    if stranger:
        return {**data, "is_stranger": True}
    return {**data, "is_admin": it.admin, "is_owner": it.owner, "is_primary_owner": False}


def group(it: Group, *, users: bool) -> Json:
    """docs.slack.dev/reference/objects/usergroup-object"""
    data: Json = {
        "id": it.id,
        "team_id": it.workspace.id,
        "is_usergroup": True,
        "name": it.name,
        "description": "",
        "handle": it.handle,
        "is_external": False,
        "date_create": 1_700_000_000,
        "date_update": 1_700_000_000,
        "date_delete": 1 if it.disabled else 0,
        "user_count": len(it.users),
    }
    if users:
        data["users"] = [one.id for one in it.users]
    return data


def channel(it: Channel, *, seen_by: Workspace, members: bool = False) -> Json:
    """docs.slack.dev/reference/objects/conversation-object"""
    bot = seen_by.bot
    data: Json = {
        "id": it.id,
        "created": it.created,
        "updated": it.created * 1000,
        "context_team_id": seen_by.id,
        "is_archived": it.archived,
        "is_im": it.kind == IM,
        "is_org_shared": False,
    }
    if it.kind == IM:
        other = next((user for user in it.members if user is not bot), bot)
        return {**data, "user": other.id, "is_user_deleted": other.deleted, "priority": 0}
    data |= {
        "name": it.name,
        "name_normalized": it.name,
        "is_channel": it.kind == PUBLIC,
        "is_group": it.kind == PRIVATE,
        "is_mpim": it.kind == MPIM,
        "is_private": it.private,
        "is_general": it.name == "general",
        "is_shared": it.external,
        "is_ext_shared": it.external,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "shared_team_ids": [workspace.id for workspace in it.workspaces],
        "creator": next(iter(it.members)).id if it.members else seen_by.bot.id,
        "is_member": bot in it.members,
        "topic": {"value": it.topic, "creator": "", "last_set": 0},
        "purpose": {"value": it.purpose, "creator": "", "last_set": 0},
        "previous_names": [],
    }
    if it.external:
        data["conversation_host_id"] = it.workspace.id
    if members:
        data["num_members"] = len(it.members)
    return data


def message(it: Message, *, metadata: bool = False, thread: bool = True) -> Json:
    """docs.slack.dev/messaging/retrieving-messages, docs.slack.dev/reference/events/message

    `thread`: with what a parent says of its replies.
    """
    data: Json = {"type": "message", "ts": it.ts, "text": it.text}
    if it.subtype:
        data["subtype"] = it.subtype
    data |= _author(it)
    if it.client_msg_id:
        data["client_msg_id"] = it.client_msg_id
    for name in ("blocks", "attachments", "files"):
        if part := getattr(it, name):
            data[name] = part
    if it.subtype == "tombstone":
        data["hidden"] = True
    if it.files:
        data["upload"] = False
    if it.edited:
        data["edited"] = {"user": it.edited[0], "ts": it.edited[1]}
    if metadata and it.metadata:
        data["metadata"] = it.metadata
    return data | (_threading(it) if thread else {})


def _author(it: Message) -> Json:
    data: Json = {}
    if it.user is not None:
        home = it.user.workspace
        data |= {"user": it.user.id, "team": home.id}
        if it.channel.external:
            data |= {"user_team": home.id, "source_team": home.id}
    if it.bot_id:
        data["bot_id"] = it.bot_id
    if it.username:
        data["username"] = it.username
    if it.posted_by is not None:
        data["app_id"] = it.channel.world.app.id
        data["bot_profile"] = bot(it.posted_by.bot)
    return data


def bot(it: User) -> Json:
    """The `bot_profile` of messages."""
    return {
        "id": it.bot_id,
        "deleted": it.deleted,
        "name": it.name,
        "updated": 1_700_000_000,
        "app_id": it.world.app.id if it.ours else "A0OTHERAPP",
        "team_id": it.workspace.id,
    }


def _threading(it: Message) -> Json:
    if it.is_reply:
        parent = it.channel.log.by_ts.get(it.thread_ts or "")
        data: Json = {"thread_ts": it.thread_ts}
        if parent is not None and parent.user is not None:
            data["parent_user_id"] = parent.user.id
        if it.broadcast and parent is not None:
            data["root"] = message(parent, thread=False) | {"thread_ts": it.thread_ts}
        return data
    replies = it.replies
    if not replies:
        return {}
    authors = list(dict.fromkeys(r.user.id if r.user else str(r.bot_id) for r in replies))
    return {
        "thread_ts": it.ts,
        "reply_count": len(replies),
        "reply_users_count": len(authors),
        "latest_reply": replies[-1].ts,
        "reply_users": authors[:5],
        "is_locked": False,
        "subscribed": False,
    }
