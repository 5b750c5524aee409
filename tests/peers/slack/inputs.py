"""What a person enters in a modal, as the state that Slack's client makes of it.

Refuses (`UnavailableError`) what the client would not let them do: an option that there is not, a
required input left empty, too long a text.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from tests.peers.slack.errors import UnavailableError
from tests.peers.slack.people import User
from tests.peers.slack.places import Channel
from tests.peers.slack.views import View, field_of, plain


def enter(view: View, name: str, value: Any) -> None:
    """Enter a value: `name` is an action id, a block id, or a label."""
    element = named(view, name)
    state = {"type": element["type"], field_of(element): _value(element, value)}
    view.typed[element["block_id"], element["action_id"]] = state


def named(view: View, name: str) -> dict[str, Any]:
    """The element of an action id, of a block id, or below a label."""
    labels = {
        block["label"]["text"]: block["block_id"] for block in view.blocks if "label" in block
    }
    for element in view.elements:
        if name in {element["action_id"], element["block_id"]}:
            return element
        if labels.get(name) == element["block_id"]:
            return element
    known = [element["action_id"] for element in view.elements]
    raise UnavailableError(f"{view} has no input {name!r}; it has {known}")


def check(view: View) -> None:
    """Whether Slack's client would send the modal."""
    for block in view.blocks:
        if block["type"] != "input":
            continue
        element = {**block["element"], "block_id": block["block_id"]}
        value = plain(view.state_of(element))
        label = block["label"]["text"]
        if value in (None, "", []):
            if not block.get("optional", False):
                raise UnavailableError(f"{label!r} is required")
            continue
        if element["type"] == "plain_text_input":
            least, most = element.get("min_length", 0), element.get("max_length", 3000)
            if not least <= len(value) <= most:
                raise UnavailableError(f"{label!r} takes {least} to {most} characters")
        elif element["type"] == "number_input":
            _number(label, element, value)


def _number(label: str, element: dict[str, Any], value: str) -> None:
    try:
        number = float(value)
    except ValueError:
        raise UnavailableError(f"{label!r} takes a number") from None
    if not element["is_decimal_allowed"] and number != int(number):
        raise UnavailableError(f"{label!r} takes a whole number")
    least, most = element.get("min_value"), element.get("max_value")
    if (least is not None and number < float(least)) or (most is not None and number > float(most)):
        raise UnavailableError(f"{label!r} takes {least} to {most}")


def _value(element: dict[str, Any], value: Any) -> Any:
    """The value of an element's state for what a test gives."""
    kind = element["type"]
    if kind == "checkboxes" or kind.startswith("multi_"):
        given = list(value)
        most = element.get("max_selected_items")
        if most is not None and len(given) > most:
            raise UnavailableError(f"no more than {most} can be chosen")
        return [_one(element, one) for one in given]
    return None if value is None else _one(element, value)


def _one(element: dict[str, Any], value: Any) -> Any:
    if "options" in element or "option_groups" in element:
        return _option(element, value)
    if isinstance(value, User | Channel):
        return value.id
    if isinstance(value, datetime):
        return int(value.timestamp())
    if isinstance(value, date | time):
        return value.isoformat()[:10] if isinstance(value, date) else f"{value:%H:%M}"
    if element["type"] == "datetimepicker":
        return int(value)
    return str(value)


def _option(element: dict[str, Any], value: Any) -> dict[str, Any]:
    every = list(element.get("options", []))
    for group in element.get("option_groups", []):
        every += group["options"]
    for option in every:
        if value in (option["value"], option["text"]["text"]):
            return dict(option)
    known = [option["value"] for option in every]
    raise UnavailableError(f"{element['action_id']!r} has no option {value!r}; it has {known}")


def chosen(element: dict[str, Any], value: Any) -> dict[str, Any]:
    """What an action says of a menu in which somebody chose `value`."""
    return {field_of(element): _value(element, value)}
