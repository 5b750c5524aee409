"""users.info, users.getPresence, users.list, usergroups.list."""

from __future__ import annotations

from typing import Any

from tests.peers.slack import render
from tests.peers.slack.errors import SlackError
from tests.peers.slack.http import Call, method
from tests.peers.slack.paging import paged

Answer = dict[str, Any]


@method("users.info", "user* include_locale", scope="users:read")
def users_info(call: Call) -> Answer:
    """docs.slack.dev/reference/methods/users.info"""
    user = call.workspace.find_user(call.text("user"))
    if user is None:
        raise SlackError("user_not_found")
    return {"user": render.user(user, seen_by=call.workspace)}


@method("users.getPresence", "user", scope="users:read")
def presence(call: Call) -> Answer:
    """docs.slack.dev/reference/methods/users.getPresence"""
    user = call.workspace.find_user(call.text("user"))
    if user is None:
        raise SlackError("user_not_found")
    return {"presence": "away" if user.away or user.deleted else "active"}


@method("users.list", "cursor limit include_locale", scope="users:read")
def users_list(call: Call) -> Answer:
    """docs.slack.dev/reference/methods/users.list"""
    place = call.workspace
    page, beside = paged(call, list(place.users.values()), default=200, most=1000)
    members = [render.user(user, seen_by=place) for user in page]
    return {"members": members, "cache_ts": 1_700_000_000, **beside}


@method("usergroups.list", "include_count include_disabled include_users", scope="usergroups:read")
def usergroups_list(call: Call) -> Answer:
    """docs.slack.dev/reference/methods/usergroups.list"""
    every = call.workspace.groups.values()
    shown = [group for group in every if call.flag("include_disabled") or not group.disabled]
    users = call.flag("include_users")
    return {"usergroups": [render.group(group, users=users) for group in shown]}
