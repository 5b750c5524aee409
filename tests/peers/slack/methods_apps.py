"""auth.*, apps.*, oauth.*, team.info, bots.info: who the app is, and where."""

from __future__ import annotations

import secrets
from typing import Any

from tests.peers.slack import events, render
from tests.peers.slack.errors import SlackError
from tests.peers.slack.http import Call, method
from tests.peers.slack.workspaces import Workspace

Answer = dict[str, Any]


@method("auth.test")
def auth_test(call: Call) -> Answer:
    """docs.slack.dev/reference/methods/auth.test"""
    place, bot = call.workspace, call.app.bot
    return {
        "url": place.url,
        "team": place.name,
        "user": bot.name,
        "team_id": place.id,
        "user_id": bot.id,
        "bot_id": bot.bot_id,
        "is_enterprise_install": False,
    }


@method("auth.revoke", "test")
def auth_revoke(call: Call) -> Answer:
    """docs.slack.dev/reference/methods/auth.revoke"""
    if call.flag("test"):
        return {"revoked": False}
    events.gone(call.workspace, "token_revoked", "tokens_revoked")
    return {"revoked": True}


@method("apps.connections.open", token="app")
def connections_open(call: Call) -> Answer:
    """docs.slack.dev/reference/methods/apps.connections.open"""
    if not call.world.app.socket_mode:
        raise SlackError("forbidden_team")
    return {"url": call.world.new_socket_url()}


@method(
    "oauth.v2.access",
    "client_id client_secret code redirect_uri grant_type refresh_token",
    token=None,
)
def oauth_access(call: Call) -> Answer:
    """docs.slack.dev/reference/methods/oauth.v2.access"""
    app = call.world.app
    sent = call.basic or (call.text("client_id"), call.text("client_secret"))
    if sent[0] != app.client_id:
        raise SlackError("invalid_client_id")
    if not secrets.compare_digest(sent[1], app.client_secret):
        raise SlackError("bad_client_secret")
    if call.text("grant_type") == "refresh_token":
        return _refreshed(call)
    given = call.world.codes.get(call.text("code"))
    if given is None:
        raise SlackError("invalid_code")
    if given.get("used"):
        raise SlackError("code_already_used")
    if given.get("redirect_uri") and given["redirect_uri"] != call.text("redirect_uri"):
        raise SlackError("bad_redirect_uri")
    given["used"] = True
    workspace, user = given["workspace"], given["user"]
    token = workspace.install(given["scopes"], user)
    return {
        "access_token": token,
        "token_type": "bot",
        "scope": ",".join(given["scopes"]),
        "bot_user_id": workspace.bot.id,
        "app_id": app.id,
        "team": {"id": workspace.id, "name": workspace.name},
        "enterprise": None,
        "is_enterprise_install": False,
        "authed_user": {"id": user.id},
        **_expiry(call, workspace),
    }


def _refreshed(call: Call) -> Answer:
    """docs.slack.dev/authentication/using-token-rotation: another token, and another refresh token;
    each of those works once.
    """
    workspace = call.world.refresh_tokens.pop(call.text("refresh_token"), None)
    if workspace is None or workspace.installed.ended is not None:
        raise SlackError("invalid_refresh_token")
    token = f"xoxe.xoxb-1-{secrets.token_hex(60)}"
    workspace.installed.token = token
    call.world.tokens[token] = workspace.installed
    return {
        "access_token": token,
        "token_type": "bot",
        "scope": ",".join(workspace.installed.scopes),
        "bot_user_id": workspace.bot.id,
        "app_id": call.world.app.id,
        "team": {"id": workspace.id, "name": workspace.name},
        "enterprise": None,
        "is_enterprise_install": False,
        **_expiry(call, workspace),
    }


def _expiry(call: Call, workspace: Workspace) -> Answer:
    if call.world.app.token_seconds is None:
        return {}
    token = f"xoxe-1-{secrets.token_hex(60)}"
    call.world.refresh_tokens[token] = workspace
    return {"refresh_token": token, "expires_in": call.world.app.token_seconds}


@method("team.info", "team domain", scope="team:read")
def team_info(call: Call) -> Answer:
    """docs.slack.dev/reference/methods/team.info"""
    place = call.workspace
    if call.has("team") and call.text("team") != place.id:
        raise SlackError("team_not_found")
    icon = {"image_default": True}
    return {
        "team": {
            "id": place.id,
            "name": place.name,
            "url": place.url,
            "domain": place.domain,
            "email_domain": "",
            "icon": icon,
        }
    }


@method("bots.info", "bot", scope="users:read")
def bots_info(call: Call) -> Answer:
    """docs.slack.dev/reference/methods/bots.info"""
    wanted = call.text("bot", call.app.bot_id)
    for user in call.workspace.users.values():
        if user.bot_id == wanted:
            return {"bot": {**render.bot(user), "user_id": user.id, "icons": {}}}
    raise SlackError("bot_not_found")
