"""The bodies of commands and interactions (docs.slack.dev/interactivity/
implementing-slash-commands; docs.slack.dev/reference/interaction-payloads).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.peers.slack import events, render
from tests.peers.slack.kinds import IM, PRIVATE

if TYPE_CHECKING:
    from tests.peers.slack.messages import Message
    from tests.peers.slack.people import User
    from tests.peers.slack.places import Channel
    from tests.peers.slack.uses import Use
    from tests.peers.slack.views import View

Payload = dict[str, Any]


def command(use: Use, name: str, text: str) -> Payload:
    """docs.slack.dev/interactivity/implementing-slash-commands, «Understanding the payload»"""
    place, channel = use.installation.workspace, use.channel
    assert channel is not None
    return {
        "token": use.world.app.verification_token,
        "team_id": place.id,
        "team_domain": place.domain,
        "channel_id": channel.id,
        "channel_name": name_of(channel),
        "user_id": use.user.id,
        "user_name": use.user.name,
        "command": name,
        "text": text,
        "api_app_id": use.world.app.id,
        "is_enterprise_install": "false",
        "response_url": use.open_response_url("commands"),
        "trigger_id": use.trigger_id,
    }


def shortcut(use: Use, callback_id: str) -> Payload:
    """docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload: a message's
    shortcut, or a global one.
    """
    body = {
        **_common(use),
        "action_ts": events.now_ts(use.world),
        "callback_id": callback_id,
    }
    if use.source is None or use.channel is None:
        return {**body, "type": "shortcut"}
    return {
        **body,
        "type": "message_action",
        "channel": channel_of(use.channel),
        "message_ts": use.source.ts,
        "message": render.message(use.source),
        "response_url": use.open_response_url("app"),
    }


def pressed(use: Use, action: Payload) -> Payload:
    """docs.slack.dev/reference/interaction-payloads/block_actions-payload

    Of an ephemeral message the payload has no `message`.
    """
    body = {
        **_common(use),
        "type": "block_actions",
        "api_app_id": use.world.app.id,
        "actions": [{**action, "action_ts": events.now_ts(use.world)}],
    }
    if use.source_view is not None:
        view = use.source_view
        shown = {"view": view.json(), "container": {"type": "view", "view_id": view.id}}
        return {**body, **shown}
    message = use.source
    assert message is not None
    body["container"] = container(message)
    body["channel"] = channel_of(message.channel)
    body["state"] = {"values": {}}
    body["response_url"] = use.open_response_url("actions")
    if not message.ephemeral:
        body["message"] = render.message(message)
    return body


def container(message: Message) -> Payload:
    data: Payload = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel.id,
        "is_ephemeral": message.ephemeral,
    }
    if message.is_reply:
        data["thread_ts"] = message.thread_ts
    return data


def submitted(use: Use, view: View) -> Payload:
    """docs.slack.dev/reference/interaction-payloads/view-interactions-payload"""
    return {
        **_common(use),
        "type": "view_submission",
        "api_app_id": use.world.app.id,
        "view": view.json(),
        "response_urls": [],
    }


def closed(use: Use, view: View) -> Payload:
    """docs.slack.dev/reference/interaction-payloads/view-interactions-payload, `view_closed`"""
    body = submitted(use, view) | {"type": "view_closed", "is_cleared": False}
    body.pop("trigger_id")
    body.pop("response_urls")
    return body


def _common(use: Use) -> Payload:
    place = use.installation.workspace
    return {
        "token": use.world.app.verification_token,
        "team": {"id": place.id, "domain": place.domain},
        "enterprise": None,
        "is_enterprise_install": False,
        "user": _user(use.user),
        "trigger_id": use.trigger_id,
    }


def _user(user: User) -> Payload:
    return {
        "id": user.id,
        "username": user.name,
        "name": user.name,
        "team_id": user.workspace.id,
    }


def channel_of(channel: Channel) -> Payload:
    return {"id": channel.id, "name": name_of(channel)}


def name_of(channel: Channel) -> str:
    """Payloads don't tell the names of private conversations."""
    return {IM: "directmessage", PRIVATE: "privategroup"}.get(channel.kind, channel.name)
