"""What Discord refuses in components and modals (Components > Component Reference)."""

from __future__ import annotations

from typing import Any

from tests.peers.discord.errors import Complaints
from tests.peers.discord.messages import walk
from tests.peers.discord.state import World

Payload = dict[str, Any]
Path = tuple[str | int, ...]

ACTION_ROW = 1
BUTTON = 2
STRING_SELECT = 3
TEXT_INPUT = 4
SELECTS = {3, 5, 6, 7, 8}
TEXT_DISPLAY = 10
LABEL = 18
_V2_ONLY = {9, TEXT_DISPLAY, 11, 12, 13, 14, 17}
_LINK, _PREMIUM = 5, 6

_KNOWN: dict[int, set[str]] = {
    ACTION_ROW: {"components"},
    BUTTON: {"style", "label", "emoji", "custom_id", "sku_id", "url", "disabled"},
    TEXT_INPUT: {
        "custom_id", "style", "label", "min_length", "max_length", "required", "value",
        "placeholder",
    },
    LABEL: {"label", "description", "component"},
    TEXT_DISPLAY: {"content"},
}  # fmt: skip
_SELECT_FIELDS = {
    "custom_id", "options", "channel_types", "placeholder", "default_values", "min_values",
    "max_values", "disabled", "required",
}  # fmt: skip


def check(
    world: World, complaints: Complaints, rows: list[Payload], where: str, *, v2: bool
) -> None:
    """The components of a message."""
    at: Path = ("components",)
    if v2:
        # Component Reference: up to 40 components in total with IS_COMPONENTS_V2
        if sum(1 for _ in walk(rows)) > 40:
            complaints.add(at, "BASE_TYPE_MAX_LENGTH", "Must be 40 or fewer in length.")
    elif len(rows) > 5:
        # Component Reference > Legacy Message Component Behavior: up to 5 action rows
        complaints.add(at, "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    for number, row in enumerate(rows):
        _check_top(world, complaints, (*at, number), row, where, v2=v2)
    _check_unique(complaints, rows)


def _check_top(
    world: World, complaints: Complaints, at: Path, part: Payload, where: str, *, v2: bool
) -> None:
    kind = part.get("type")
    if kind == ACTION_ROW:
        _check_row(world, complaints, at, part, where)
    elif kind in _V2_ONLY and v2:
        for number, inner in enumerate(part.get("components", [])):
            _check_top(world, complaints, (*at, "components", number), inner, where, v2=True)
    else:
        words = f"The specified component type is invalid in this context: {kind}"
        complaints.add((*at, "type"), "UNION_TYPE_CHOICES", words)


def _check_row(world: World, complaints: Complaints, at: Path, row: Payload, where: str) -> None:
    """Action Row: up to 5 buttons, or one select menu."""
    _note_unknown(world, row, where)
    inside = row.get("components") or []
    selects = [part for part in inside if part.get("type") in SELECTS]
    if not 1 <= len(inside) <= 5 or (selects and len(inside) > 1):
        words = "Must be between 1 and 5 in length."
        complaints.add((*at, "components"), "BASE_TYPE_BAD_LENGTH", words)
    for number, part in enumerate(inside):
        path = (*at, "components", number)
        _note_unknown(world, part, where)
        if part.get("type") == BUTTON:
            _check_button(complaints, path, part)
        elif part.get("type") in SELECTS:
            check_select(complaints, path, part)
        else:
            words = 'Value of field "type" must be one of (2, 3, 5, 6, 7, 8).'
            complaints.add((*path, "type"), "UNION_TYPE_CHOICES", words)


def _check_button(complaints: Complaints, at: Path, button: Payload) -> None:
    """Button > Button Structure: what each style must and must not have."""
    style = button.get("style")
    if style not in {1, 2, 3, 4, _LINK, _PREMIUM}:
        words = "Value must be one of (1, 2, 3, 4, 5, 6)."
        complaints.add((*at, "style"), "BASE_TYPE_CHOICES", words)
        return
    if button.get("label") is not None:
        complaints.length((*at, "label"), button["label"], 80)
    if style == _LINK:
        complaints.length((*at, "url"), button.get("url"), 512, 1)
        if "custom_id" in button:
            words = "A custom id and url cannot both be specified"
            complaints.add((*at, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_URL_CONFLICT", words)
    elif style != _PREMIUM:
        complaints.length((*at, "custom_id"), button.get("custom_id"), 100, 1)
        if "url" in button:
            words = "A custom id and url cannot both be specified"
            complaints.add((*at, "url"), "BUTTON_COMPONENT_CUSTOM_ID_URL_CONFLICT", words)
    if style != _PREMIUM and not button.get("label") and not button.get("emoji"):
        words = "A button must have a label or an emoji"
        complaints.add(at, "BUTTON_COMPONENT_INVALID_LABEL", words)


def check_select(complaints: Complaints, at: Path, select: Payload) -> None:
    """String Select and its kin: 25 options, 100 characters each, placeholder of 150."""
    complaints.length((*at, "custom_id"), select.get("custom_id"), 100, 1)
    if select.get("placeholder") is not None:
        complaints.length((*at, "placeholder"), select["placeholder"], 150)
    if select.get("type") != STRING_SELECT:
        return
    options = select.get("options") or []
    if not 1 <= len(options) <= 25:
        words = "Must be between 1 and 25 in length."
        complaints.add((*at, "options"), "BASE_TYPE_BAD_LENGTH", words)
    for number, option in enumerate(options):
        path = (*at, "options", number)
        complaints.length((*path, "label"), option.get("label"), 100, 1)
        complaints.length((*path, "value"), option.get("value"), 100, 1)
        if option.get("description") is not None:
            complaints.length((*path, "description"), option["description"], 100)
    if len({option.get("value") for option in options}) < len(options):
        words = "The specified option value is already used"
        complaints.add((*at, "options"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", words)


def _check_unique(complaints: Complaints, parts: list[Payload]) -> None:
    """Anatomy of a Component > Custom ID: unique per component in a message or modal."""
    seen: set[str] = set()
    for part in walk(parts):
        custom_id = part.get("custom_id")
        if custom_id in seen:
            words = "Component custom id cannot be duplicated"
            complaints.add(("components",), "COMPONENT_CUSTOM_ID_DUPLICATED", words)
        if custom_id is not None:
            seen.add(custom_id)


def check_modal(world: World, data: Payload, where: str) -> None:
    """Interactions > Interaction Callback Data Structure > Modal."""
    complaints = Complaints()
    for name in sorted(set(data) - {"custom_id", "title", "components"}):
        world.violate("unknown field", where, name)
    complaints.length(("data", "custom_id"), data.get("custom_id"), 100, 1)
    complaints.length(("data", "title"), data.get("title"), 45, 1)
    parts = data.get("components") or []
    if not 1 <= len(parts) <= 5:
        words = "Must be between 1 and 5 in length."
        complaints.add(("data", "components"), "BASE_TYPE_BAD_LENGTH", words)
    for number, part in enumerate(parts):
        _check_modal_part(world, complaints, ("data", "components", number), part, where)
    _check_unique(complaints, parts)
    if complaints:
        world.violate("invalid form body", where, data)
    complaints.raise_if_any()


def _check_modal_part(
    world: World, complaints: Complaints, at: Path, part: Payload, where: str
) -> None:
    _note_unknown(world, part, where)
    kind = part.get("type")
    if kind == LABEL:
        # Label > Label Structure: label of 45, description of 100
        complaints.length((*at, "label"), part.get("label"), 45, 1)
        if part.get("description") is not None:
            complaints.length((*at, "description"), part["description"], 100)
        inner = part.get("component") or {}
        _note_unknown(world, inner, where)
        if inner.get("type") == TEXT_INPUT:
            _check_text_input(complaints, (*at, "component"), inner)
        elif inner.get("type") in SELECTS:
            check_select(complaints, (*at, "component"), inner)
    elif kind == ACTION_ROW:
        for number, inner in enumerate(part.get("components") or []):
            path = (*at, "components", number)
            _check_text_input(complaints, path, inner)
            complaints.length((*path, "label"), inner.get("label"), 45, 1)
    elif kind != TEXT_DISPLAY:
        words = 'Value of field "type" must be one of (1, 10, 18).'
        complaints.add((*at, "type"), "UNION_TYPE_CHOICES", words)


def _check_text_input(complaints: Complaints, at: Path, text: Payload) -> None:
    """Text Input > Text Input Structure."""
    complaints.length((*at, "custom_id"), text.get("custom_id"), 100, 1)
    if text.get("style") not in {1, 2}:
        complaints.add((*at, "style"), "BASE_TYPE_CHOICES", "Value must be one of (1, 2).")
    for name, most in (("value", 4000), ("placeholder", 100)):
        if text.get(name) is not None:
            complaints.length((*at, name), text[name], most)
    for name, least in (("min_length", 0), ("max_length", 1)):
        number = text.get(name)
        if number is not None and not least <= number <= 4000:
            words = f"int value should be between {least} and 4000."
            complaints.add((*at, name), "NUMBER_TYPE_RANGE", words)


def _note_unknown(world: World, part: Payload, where: str) -> None:
    kind = part.get("type", 0)
    known = _SELECT_FIELDS if kind in SELECTS else _KNOWN.get(kind)
    unknown = sorted(set(part) - known - {"type", "id"}) if known is not None else []
    if unknown:
        world.violate("unknown field", where, {"component": kind, "fields": unknown})
