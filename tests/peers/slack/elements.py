"""Block elements and what they are composed of, checked as Slack does
(docs.slack.dev/reference/block-kit/block-elements, …/composition-objects).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.peers.slack.checks import Complaints, Path

_SINGLE = {
    "static_select", "external_select", "users_select", "conversations_select", "channels_select",
}  # fmt: skip
_MULTI = {f"multi_{name}" for name in _SINGLE}
_PICKERS = {"datepicker", "timepicker", "datetimepicker"}
_BOXES = {"checkboxes", "radio_buttons"}
# docs.slack.dev/reference/block-kit/blocks: what each block may hold.
IN_ACTIONS = {"button", "overflow"} | _SINGLE | _PICKERS | _BOXES
IN_SECTION = IN_ACTIONS | _MULTI | {"image"}
IN_INPUT = (
    {"plain_text_input", "number_input", "email_text_input", "url_text_input"}
    | _SINGLE | _MULTI | _PICKERS | _BOXES
)  # fmt: skip

_ANY = {"type", "action_id", "confirm", "focus_on_load"}
_FIELDS: dict[str, set[str]] = {
    "button": {"text", "value", "url", "style", "accessibility_label"},
    "overflow": {"options"},
    "static_select": {"options", "option_groups", "placeholder", "initial_option"},
    "multi_static_select": {
        "options", "option_groups", "placeholder", "initial_options", "max_selected_items",
    },
    "external_select": {"placeholder", "initial_option", "min_query_length"},
    "multi_external_select": {
        "placeholder", "initial_options", "min_query_length", "max_selected_items",
    },
    "users_select": {"placeholder", "initial_user"},
    "multi_users_select": {"placeholder", "initial_users", "max_selected_items"},
    "conversations_select": {
        "placeholder", "initial_conversation", "default_to_current_conversation",
        "response_url_enabled", "filter",
    },
    "multi_conversations_select": {
        "placeholder", "initial_conversations", "default_to_current_conversation", "filter",
        "max_selected_items",
    },
    "channels_select": {"placeholder", "initial_channel", "response_url_enabled"},
    "multi_channels_select": {"placeholder", "initial_channels", "max_selected_items"},
    "checkboxes": {"options", "initial_options"},
    "radio_buttons": {"options", "initial_option"},
    "datepicker": {"placeholder", "initial_date"},
    "timepicker": {"placeholder", "initial_time", "timezone"},
    "datetimepicker": {"initial_date_time"},
    "plain_text_input": {
        "placeholder", "initial_value", "multiline", "min_length", "max_length",
        "dispatch_action_config",
    },
    "number_input": {
        "placeholder", "initial_value", "is_decimal_allowed", "min_value", "max_value",
        "dispatch_action_config",
    },
    "email_text_input": {"placeholder", "initial_value", "dispatch_action_config"},
    "url_text_input": {"placeholder", "initial_value", "dispatch_action_config"},
}  # fmt: skip
_NEEDED = {
    "button": {"text"},
    "overflow": {"options"},
    "checkboxes": {"options"},
    "radio_buttons": {"options"},
    "number_input": {"is_decimal_allowed"},
}
# The most options of each, and of a group.
_OPTIONS = {"overflow": 5, "checkboxes": 10, "radio_buttons": 10}
_IN_A_MENU = 100


def check(complaints: Complaints, path: Path, value: Any, allowed: set[str]) -> None:
    """Complain of an element, or of one that may not stand here."""
    given = complaints.table(path, value)
    if given is None:
        return
    kind = given.get("type")
    if not isinstance(kind, str) or kind not in allowed:
        complaints.add((*path, "type"), f"unsupported type: {kind}")
        return
    if kind == "image":
        image(complaints, path, given, {"type", "image_url", "slack_file", "alt_text"})
        return
    complaints.fields(path, given, _ANY | _FIELDS[kind], _NEEDED.get(kind, set()))
    for name, part in given.items():
        if name in _PARTS:
            _PARTS[name](complaints, (*path, name), part)
    if kind in _OPTIONS or "static_select" in kind:
        _options(complaints, path, given, kind)
    if "initial_date_time" in given and not isinstance(given["initial_date_time"], int):
        complaints.add((*path, "initial_date_time"), "must be an integer")


def image(complaints: Complaints, path: Path, given: dict[str, Any], known: set[str]) -> None:
    """docs.slack.dev/reference/block-kit/block-elements/image-element, and the block."""
    complaints.fields(path, given, known, {"alt_text"})
    if "image_url" not in given and "slack_file" not in given:
        complaints.add(path, "missing required field: image_url")
    if "image_url" in given:
        complaints.string((*path, "image_url"), given["image_url"], 3000, least=1)
    if "alt_text" in given:
        complaints.string((*path, "alt_text"), given["alt_text"], 2000)


def _options(complaints: Complaints, path: Path, given: dict[str, Any], kind: str) -> None:
    """Options, in groups or not, and that what is chosen at first is among them."""
    most = _OPTIONS.get(kind, _IN_A_MENU)
    if "options" not in given and "option_groups" not in given:
        if "static_select" in kind:
            complaints.add(path, "missing required field: options")
        return
    marked = kind in _BOXES
    every: list[Any] = []
    if "options" in given:
        at = (*path, "options")
        every += _list(complaints, at, given["options"], most, marked=marked)
    if "option_groups" in given:
        groups = complaints.items((*path, "option_groups"), given["option_groups"], most)
        for index, group in enumerate(groups):
            at = (*path, "option_groups", index)
            if complaints.table(at, group) is None:
                continue
            complaints.fields(at, group, {"label", "options"}, {"label", "options"})
            complaints.text((*at, "label"), group.get("label"), 75, plain=True)
            inside = group.get("options", [])
            every += _list(complaints, (*at, "options"), inside, most, marked=marked)
    chosen = [given["initial_option"]] if "initial_option" in given else []
    chosen += given.get("initial_options", [])
    for one in chosen:
        if one not in every:
            complaints.add(path, "initial option is not among the options")


def _list(complaints: Complaints, path: Path, value: Any, most: int, *, marked: bool) -> list[Any]:
    found = complaints.items(path, value, most)
    for index, option in enumerate(found):
        _option(complaints, (*path, index), option, marked=marked)
    values = [one.get("value") for one in found if isinstance(one, dict)]
    if len(values) != len(set(map(str, values))):
        complaints.add(path, "duplicate option values")
    return found


def _option(complaints: Complaints, path: Path, value: Any, *, marked: bool) -> None:
    """docs.slack.dev/reference/block-kit/composition-objects/option-object"""
    given = complaints.table(path, value)
    if given is None:
        return
    complaints.fields(path, given, {"text", "value", "description", "url"}, {"text", "value"})
    complaints.text((*path, "text"), given.get("text"), 75, plain=not marked)
    if "value" in given:
        complaints.string((*path, "value"), given["value"], 150)
    if "description" in given:
        complaints.text((*path, "description"), given["description"], 75, plain=not marked)


def _confirm(complaints: Complaints, path: Path, value: Any) -> None:
    """docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object"""
    given = complaints.table(path, value)
    if given is None:
        return
    lengths = {"title": 100, "text": 300, "confirm": 30, "deny": 30}
    complaints.fields(path, given, {*lengths, "style"}, set(lengths))
    for name, most in lengths.items():
        if name in given:
            complaints.text((*path, name), given[name], most, plain=name != "text")


def _items(complaints: Complaints, path: Path, value: Any) -> None:
    complaints.items(path, value, 100, least=0)


_PARTS: dict[str, Callable[[Complaints, Path, Any], None]] = {
    "text": lambda c, path, value: c.text(path, value, 75, plain=True),
    "placeholder": lambda c, path, value: c.text(path, value, 150, plain=True),
    "action_id": lambda c, path, value: _string(c, path, value, 255, least=1),
    "value": lambda c, path, value: _string(c, path, value, 2000),
    "url": lambda c, path, value: _string(c, path, value, 3000, least=1),
    "accessibility_label": lambda c, path, value: _string(c, path, value, 75),
    "style": lambda c, path, value: c.choice(path, value, {"primary", "danger"}),
    "confirm": _confirm,
    "focus_on_load": lambda c, path, value: c.flag(path, value),
    "multiline": lambda c, path, value: c.flag(path, value),
    "is_decimal_allowed": lambda c, path, value: c.flag(path, value),
    "initial_value": lambda c, path, value: _string(c, path, value, 3000),
    "initial_user": lambda c, path, value: _string(c, path, value, 255, least=1),
    "initial_users": _items,
    "initial_channels": _items,
    "initial_conversations": _items,
}


def _string(complaints: Complaints, path: Path, value: Any, most: int, *, least: int = 0) -> None:
    complaints.string(path, value, most, least=least)
