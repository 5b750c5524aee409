"""What the app hears of (docs.slack.dev/apis/events-api): who gets an event, and its envelope.

Knows scopes and subscriptions; nothing of how an event travels.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from tests.peers.slack.kinds import WORDS
from tests.peers.slack.messages import ts_of

if TYPE_CHECKING:
    from tests.peers.slack.places import Channel
    from tests.peers.slack.workspaces import Installation, Workspace
    from tests.peers.slack.world import World

Event = dict[str, Any]

# docs.slack.dev/reference/events/<name>: the scopes, one of which an event needs; {} is the word of
# the conversation's kind, as in `channels:history`.
_NEEDS = {
    "app_mention": "app_mentions:read",
    "app_home_opened": None,
    "app_uninstalled": None,
    "tokens_revoked": None,
    "message": "{}:history",
}
_BY_KIND = "{}:read"


def now_ts(world: World) -> str:
    return ts_of(int(world.clock.now() * 1_000_000))


def hearers(channel: Channel, event_type: str, subscription: str) -> list[Installation]:
    """The installation that an event of a conversation goes to, if any.

    One event is sent once, though several workspaces of a shared channel have the app (see
    `authorizations` in docs.slack.dev/apis/events-api).
    """
    needed = _NEEDS.get(event_type, _BY_KIND)
    for workspace in channel.workspaces:
        found = workspace.installation
        if found is None or found.ended or found.bot not in channel.members:
            continue
        if subscription not in channel.world.app.events:
            continue
        if needed is None or needed.format(WORDS[channel.kind]) in found.scopes:
            return [found]
    return []


def tell(channel: Channel, event: Event, subscription: str | None = None) -> None:
    """Send an event of a conversation to the app, if it hears of it."""
    for installation in hearers(channel, event["type"], subscription or event["type"]):
        send(installation, event, external=channel.external)


def send(installation: Installation, event: Event, *, external: bool = False) -> Any:
    """Send an event to the app, whatever its subscriptions."""
    world = installation.workspace.world
    body = envelope(world, installation.workspace, event, external=external)
    body["authorizations"] = [
        {
            "enterprise_id": None,
            "team_id": installation.workspace.id,
            "user_id": installation.bot.id,
            "is_bot": True,
            "is_enterprise_install": False,
        }
    ]
    return world.emit(body)


def envelope(
    world: World, workspace: Workspace, event: Event, *, external: bool = False
) -> dict[str, Any]:
    """docs.slack.dev/apis/events-api: the outer payload of an event."""
    return {
        "token": world.app.verification_token,
        "team_id": workspace.id,
        "context_team_id": workspace.id,
        "context_enterprise_id": None,
        "api_app_id": world.app.id,
        "event": {"event_ts": now_ts(world), **event},
        "type": "event_callback",
        "event_id": f"Ev{secrets.token_hex(5).upper()}",
        "event_time": int(world.clock.now()),
        "is_ext_shared_channel": external,
        "event_context": f"4-{secrets.token_hex(12)}",
    }


def gone(workspace: Workspace, error: str, *names: str) -> None:
    """End a workspace's token, and tell the app by these events
    (docs.slack.dev/reference/events/tokens_revoked, app_uninstalled).
    """
    world, installation = workspace.world, workspace.installed
    installation.ended = error
    for name in names:
        if name not in world.app.events:
            continue
        event: Event = {"type": name}
        if name == "tokens_revoked":
            event["tokens"] = {"oauth": [], "bot": [installation.bot.id]}
        world.emit(envelope(world, workspace, event))
