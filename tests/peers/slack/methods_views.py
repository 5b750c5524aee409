"""views.open, push, update, publish."""

from __future__ import annotations

from typing import Any

from tests.peers.slack import views
from tests.peers.slack.errors import SlackError, with_messages
from tests.peers.slack.http import Call, method
from tests.peers.slack.uses import Use
from tests.peers.slack.views import View

Answer = dict[str, Any]


@method("views.open", "trigger_id* view*")
def views_open(call: Call) -> Answer:
    """docs.slack.dev/reference/methods/views.open"""
    payload = _view(call, "modal")
    use = _triggered(call)
    use.trigger_used = True
    use.view = View(call.app, use.user, payload)
    return {"view": use.view.json()}


@method("views.push", "trigger_id* view*")
def views_push(call: Call) -> Answer:
    """docs.slack.dev/reference/methods/views.push"""
    payload = _view(call, "modal")
    use = _triggered(call)
    below = use.source_view
    if below is None or below.type != "modal":
        raise SlackError("not_found")
    if below.previous and below.previous.previous:
        raise SlackError("push_limit_reached")
    use.trigger_used = True
    use.view = View(call.app, use.user, payload)
    use.view.previous, use.view.root = below, below.root
    return {"view": use.view.json()}


@method("views.update", "view_id external_id view* hash")
def views_update(call: Call) -> Answer:
    """docs.slack.dev/reference/methods/views.update"""
    view = call.world.views.get(call.text("view_id"))
    if call.has("external_id"):
        named = (v for v in call.world.views.values() if v.payload.get("external_id"))
        wanted = call.text("external_id")
        view = next((v for v in named if v.payload["external_id"] == wanted), None)
    if view is None or view.closed or view.installation is not call.app:
        raise SlackError("not_found")
    payload = _view(call, view.type)
    if call.has("hash") and call.text("hash") != view.hash:
        raise SlackError("hash_conflict")
    view.show(payload)
    return {"view": view.json()}


@method("views.publish", "user_id* view* hash")
def views_publish(call: Call) -> Answer:
    """docs.slack.dev/reference/methods/views.publish"""
    payload = _view(call, "home")
    place = call.workspace
    user = place.users.get(call.text("user_id"))
    if user is None:
        raise call.invalid("invalid `user_id`")
    view = place.homes.get(user.id)
    if view is None or view.installation is not call.app:
        view = place.homes[user.id] = View(call.app, user, payload)
    elif call.has("hash") and call.text("hash") != view.hash:
        raise SlackError("hash_conflict")
    else:
        view.show(payload)
    return {"view": view.json()}


def _view(call: Call, kind: str) -> dict[str, Any]:
    """The view of a call; `invalid_arguments` says what is wrong with it."""
    payload = call.json("view", "invalid_arguments")
    complaints = views.complaints_of(payload, kind)
    if complaints:
        call.violate("invalid blocks", complaints)
        raise with_messages("invalid_arguments", complaints)
    found: dict[str, Any] = payload
    return found


def _triggered(call: Call) -> Use:
    """What a trigger_id is of; it opens one view within 3 seconds
    (docs.slack.dev/interactivity/handling-user-interaction).
    """
    wanted = call.text("trigger_id")
    use = next((use for use in call.world.uses if use.trigger_id == wanted), None)
    if use is None or use.installation is not call.app:
        raise SlackError("invalid_trigger_id")
    if use.trigger_used:
        raise SlackError("exchanged_trigger_id")
    if use.trigger_expired:
        raise SlackError("expired_trigger_id")
    return use
