"""Modals and home tabs (docs.slack.dev/reference/views): what Slack refuses, what a view is.

Knows views and what stands in their inputs; nothing of how they are opened or submitted.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from tests.peers.slack import blocks
from tests.peers.slack.checks import Complaints
from tests.peers.slack.messages import elements_of, words_of

if TYPE_CHECKING:
    from tests.peers.slack.people import User
    from tests.peers.slack.workspaces import Installation

_MODAL = {
    "type", "title", "blocks", "close", "submit", "private_metadata", "callback_id",
    "clear_on_close", "notify_on_close", "external_id", "submit_disabled",
}  # fmt: skip
_HOME = {"type", "blocks", "private_metadata", "callback_id", "external_id"}


def complaints_of(view: Any, kind: str) -> list[str]:
    """What is wrong with a view (docs.slack.dev/reference/views/modal-views, …/home-tab-views)."""
    complaints = Complaints()
    path = ("view",)
    given = complaints.table(path, view)
    if given is None:
        return complaints.lines
    if given.get("type") != kind:
        complaints.add((*path, "type"), f"must be {kind}")
    modal = kind == "modal"
    needed = {"blocks", "title"} if modal else {"blocks"}
    complaints.fields(path, given, _MODAL if modal else _HOME, needed)
    for name in ("title", "submit", "close"):
        if modal and name in given:
            complaints.text((*path, name), given[name], 24, plain=True)
    for name, most in (("private_metadata", 3000), ("callback_id", 255), ("external_id", 255)):
        if name in given:
            complaints.string((*path, name), given[name], most)
    inside = given.get("blocks", [])
    lines = complaints.lines + blocks.complaints_of(inside, kind, ("view", "blocks"))
    inputs = [b for b in inside if isinstance(b, dict) and b.get("type") == "input"]
    if modal and inputs and "submit" not in given:
        lines.append("missing required field: submit [json-pointer:/view]")
    return lines


class View:
    """A modal or a home tab as a person sees it now. `errors` are what the app last complained of,
    by block id.
    """

    def __init__(self, installation: Installation, user: User, payload: dict[str, Any]) -> None:
        self.installation = installation
        self.world = installation.workspace.world
        self.user = user
        self.id = f"V0{self.world.serial():08X}"
        self.hash = ""
        self.payload: dict[str, Any] = {}
        self.root: View = self
        self.previous: View | None = None
        self.closed = False
        self.errors: dict[str, str] = {}
        # What was changed by the person in inputs: (block id, action id) to the state.
        self.typed: dict[tuple[str, str], dict[str, Any]] = {}
        self.show(payload)
        self.world.views[self.id] = self

    def show(self, payload: dict[str, Any]) -> None:
        """Show something else; what was typed stays in inputs with the same ids, as at Slack."""
        self.payload = {**payload, "blocks": blocks.with_ids(payload["blocks"])}
        self.hash = f"{int(self.world.clock.now())}.{secrets.token_urlsafe(6)}"

    @property
    def type(self) -> str:
        return str(self.payload["type"])

    @property
    def title(self) -> str:
        return str(self.payload.get("title", {}).get("text", ""))

    @property
    def blocks(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.payload["blocks"]
        return found

    @property
    def text(self) -> str:
        """All the words in it, after its title."""
        return "\n".join([*([self.title] if self.title else []), *words_of(self.blocks)])

    @property
    def callback_id(self) -> str:
        return str(self.payload.get("callback_id", ""))

    @property
    def private_metadata(self) -> str:
        return str(self.payload.get("private_metadata", ""))

    @property
    def elements(self) -> list[dict[str, Any]]:
        """All interactive elements, each with its block's id as `block_id`."""
        return list(elements_of(self.blocks))

    @property
    def buttons(self) -> list[dict[str, Any]]:
        return [element for element in self.elements if element["type"] == "button"]

    @property
    def values(self) -> dict[str, Any]:
        """What stands in each element, by action id, as tests write it in `submit`."""
        return {one["action_id"]: plain(self.state_of(one)) for one in self._stateful}

    @property
    def _stateful(self) -> list[dict[str, Any]]:
        return [one for one in self.elements if one["type"] not in {"button", "overflow"}]

    def state_of(self, element: dict[str, Any]) -> dict[str, Any]:
        """docs.slack.dev/reference/interaction-payloads/view-interactions-payload, `state`"""
        key = (element["block_id"], element["action_id"])
        return self.typed.get(key) or initial(element)

    def state(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for element in self._stateful:
            inside = values.setdefault(element["block_id"], {})
            inside[element["action_id"]] = self.state_of(element)
        return {"values": values}

    def json(self) -> dict[str, Any]:
        """docs.slack.dev/reference/objects/view-object"""
        empty = {"private_metadata": "", "callback_id": "", "external_id": ""}
        modal = {"title": None, "submit": None, "close": None} if self.type == "modal" else {}
        return {
            **empty,
            **modal,
            "clear_on_close": False,
            "notify_on_close": False,
            **self.payload,
            "id": self.id,
            "team_id": self.installation.workspace.id,
            "state": self.state(),
            "hash": self.hash,
            "previous_view_id": self.previous.id if self.previous else None,
            "root_view_id": self.root.id,
            "app_id": self.world.app.id,
            "app_installed_team_id": self.installation.workspace.id,
            "bot_id": self.installation.bot_id,
        }

    def __repr__(self) -> str:
        return f"<View {self.id} {self.type} {self.title!r} of {self.user.name}>"


# By type of element: the field of its state.
_FIELD = {
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "checkboxes": "selected_options",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "conversations_select": "selected_conversation",
    "multi_conversations_select": "selected_conversations",
    "channels_select": "selected_channel",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}


def field_of(element: dict[str, Any]) -> str:
    """The field of the state that holds what an element says."""
    return _FIELD.get(element["type"], "value")


def initial(element: dict[str, Any]) -> dict[str, Any]:
    """The state of an element that nobody touched."""
    name = field_of(element)
    first = name.replace("selected", "initial") if name != "value" else "initial_value"
    many = name.endswith("s")
    value = element.get(first, [] if many else None)
    return {"type": element["type"], name: value}


def plain(state: dict[str, Any]) -> Any:
    """The value of a state: a text, an id, an option's value, or a list of those."""
    value = next((part for name, part in state.items() if name != "type"), None)
    if isinstance(value, list):
        return [one["value"] if isinstance(one, dict) else one for one in value]
    return value["value"] if isinstance(value, dict) else value
