"""What people do with an app: use its commands and shortcuts, press its buttons, submit its modals.

Refuses (`UnavailableError`) what Slack's client would not let a person do: a command where they
cannot write, a button that they cannot see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.peers.slack import events, inputs, payloads
from tests.peers.slack.delivery import COMMANDS, INTERACTIVE, Delivery
from tests.peers.slack.errors import UnavailableError
from tests.peers.slack.messages import Message
from tests.peers.slack.uses import Use
from tests.peers.slack.views import View

if TYPE_CHECKING:
    from tests.peers.slack.people import User
    from tests.peers.slack.places import Channel
    from tests.peers.slack.workspaces import Installation


def slash(delivery: Delivery, user: User, channel: Channel, command: str, text: str) -> Use:
    """Use a slash command. It goes to the app as installed in the person's own workspace."""
    installation = _installed(user)
    name = command if command.startswith("/") else f"/{command}"
    commands = delivery.world.app.commands
    if commands is not None and name not in commands:
        raise UnavailableError(f"{name} is not a valid command")
    if "commands" not in installation.scopes:
        raise UnavailableError(f"the app has no commands in {user.workspace.name}")
    if user.deleted or user not in channel.members:
        raise UnavailableError(f"{user.name} can't write in {channel.name or channel.id}")
    if channel.archived:
        raise UnavailableError(f"{channel.name} is archived")
    use = Use(installation, user, "command", channel=channel)
    return delivery.use(use, COMMANDS, payloads.command(use, name, text))


def shortcut(delivery: Delivery, user: User, message: Message | None, callback_id: str) -> Use:
    """Use a message's shortcut, or without a message a global one."""
    channel = None if message is None else message.channel
    if message is not None and (message.ephemeral or not message.visible_to(user)):
        raise UnavailableError(f"{user.name} has no menu of {message}")
    use = Use(_installed(user), user, "shortcut", channel=channel, message=message)
    return delivery.use(use, INTERACTIVE, payloads.shortcut(use, callback_id))


def click(
    delivery: Delivery,
    user: User,
    source: Message | View,
    action_id: str,
    value: Any,
    *,
    forged: dict[str, Any] | None,
) -> Use:
    """Press a button, or choose in a menu of a message or a view.

    The button is named by its action id or its label. `forged` are fields of the payload to send in
    place of the true ones, and lets anybody press anything.
    """
    found = _found(source, action_id)
    if forged is None:
        _check_sight(user, source)
        if not found:
            known = [element["action_id"] for element in source.elements]
            raise UnavailableError(f"{source} has no {action_id!r}; it has {known}")
    element = found or {"type": "button", "action_id": action_id, "block_id": "forged"}
    if isinstance(source, View):
        use = Use(source.installation, user, "block_actions", source_view=source)
        if value is not None and element["type"] != "button":
            inputs.enter(source, element["action_id"], value)
    else:
        poster = source.posted_by or _installed(user)
        use = Use(poster, user, "block_actions", channel=source.channel, message=source)
    body = payloads.pressed(use, _action(element, value))
    return delivery.use(use, INTERACTIVE, {**body, **(forged or {})})


def _found(source: Message | View, name: str) -> dict[str, Any]:
    for element in source.elements:
        label = element.get("text")
        text = label.get("text") if isinstance(label, dict) else None
        if name in {element["action_id"], text}:
            return element
    return {}


def _check_sight(user: User, source: Message | View) -> None:
    if isinstance(source, View):
        if source.user is not user or source.closed:
            raise UnavailableError(f"{user.name} does not see {source}")
    elif not source.visible_to(user):
        raise UnavailableError(f"{user.name} does not see {source}")


def _action(element: dict[str, Any], value: Any) -> dict[str, Any]:
    """An entry of `actions`: what was pressed, or chosen."""
    kept = ("type", "action_id", "block_id", "text", "style", "value")
    action = {name: element[name] for name in kept if name in element}
    if element["type"] == "button":
        return action if value is None else {**action, "value": value}
    return action | inputs.chosen(element, value)


def submit(delivery: Delivery, user: User, view: View, values: dict[str, Any]) -> Use:
    """Enter values in a modal and send it."""
    _check_sight(user, view)
    if "submit" not in view.payload:
        raise UnavailableError(f"{view} has nothing to submit")
    for name, value in values.items():
        inputs.enter(view, name, value)
    inputs.check(view)
    use = Use(view.installation, user, "view_submission", source_view=view)
    return delivery.use(use, INTERACTIVE, payloads.submitted(use, view))


def close(delivery: Delivery, user: User, view: View) -> Use | None:
    """Close a modal; the app hears of it where it asked to."""
    _check_sight(user, view)
    view.closed = True
    if not view.payload.get("notify_on_close"):
        return None
    use = Use(view.installation, user, "view_closed", source_view=view)
    return delivery.use(use, INTERACTIVE, payloads.closed(use, view))


def open_home(user: User, tab: str) -> None:
    """docs.slack.dev/reference/events/app_home_opened"""
    installation = _installed(user)
    workspace = installation.workspace
    if "app_home_opened" not in workspace.world.app.events:
        return
    channel = workspace.add_dm(user)
    event: dict[str, Any] = {
        "type": "app_home_opened",
        "user": user.id,
        "channel": channel.id,
        "tab": tab,
    }
    view = workspace.homes.get(user.id)
    if tab == "home" and view is not None:
        event["view"] = view.json()
    events.send(installation, event)


def _installed(user: User) -> Installation:
    installation = user.workspace.installation
    if installation is None or installation.ended:
        raise UnavailableError(f"the app is not installed in {user.workspace.name}")
    return installation
