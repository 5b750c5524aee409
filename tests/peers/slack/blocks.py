"""Blocks of messages and views, checked as Slack does (docs.slack.dev/reference/block-kit/blocks).

Knows what Slack refuses (`invalid_blocks`, for views `invalid_arguments`) and the ids that it gives
to blocks and elements without one.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any

from tests.peers.slack import elements
from tests.peers.slack.checks import Complaints, Path

IN_MESSAGE, IN_VIEW = 50, 100
# Nowhere documented; measured in github.com/slackapi/bolt-js/issues/2509: the JSON of all blocks of
# chat.postMessage together.
TOGETHER = 13_200
# docs.slack.dev/reference/block-kit/blocks/markdown-block: of all such blocks together.
MARKDOWN = 12_000

_VIEWS = {"modal", "home"}
_ALL = {"message", "modal", "home"}
_KINDS: dict[str, tuple[set[str], set[str], set[str]]] = {
    # kind: its fields, those that it needs, where it may stand
    "section": ({"text", "fields", "accessory", "expand"}, set(), _ALL),
    "header": ({"text"}, {"text"}, _ALL),
    "divider": (set(), set(), _ALL),
    "context": ({"elements"}, {"elements"}, _ALL),
    "actions": ({"elements"}, {"elements"}, _ALL),
    "image": ({"image_url", "slack_file", "alt_text", "title"}, set(), _ALL),
    "input": (
        {"label", "element", "dispatch_action", "hint", "optional"},
        {"label", "element"},
        _ALL,
    ),
    "rich_text": ({"elements"}, {"elements"}, _ALL),
    "markdown": ({"text"}, {"text"}, {"message"}),
    "table": ({"rows", "column_settings"}, {"rows"}, {"message"}),
}


def complaints_of(blocks: Any, surface: str, path: Path = ("blocks",)) -> list[str]:
    """What is wrong with blocks on a surface: "message", "modal" or "home"."""
    complaints = Complaints()
    most = IN_MESSAGE if surface == "message" else IN_VIEW
    found = complaints.items(path, blocks, most, least=0)
    seen: set[str] = set()
    for index, block in enumerate(found):
        _block(complaints, (*path, index), block, surface, seen)
    marked = [one.get("text", "") for one in found if _is(one, "markdown")]
    if sum(len(text) for text in marked if isinstance(text, str)) > MARKDOWN:
        complaints.add(
            path, f"markdown blocks must be less than {MARKDOWN + 1} characters together"
        )
    return complaints.lines


def too_long(blocks: list[dict[str, Any]]) -> bool:
    """Whether Slack answers `msg_blocks_too_long`."""
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))) > TOGETHER


def with_ids(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A copy in which each block and each interactive element has an id."""
    named = [json.loads(json.dumps(block)) for block in blocks]
    for block in named:
        block.setdefault("block_id", secrets.token_urlsafe(3))
        inside = [*block.get("elements", [])] if block["type"] == "actions" else []
        inside += [block[name] for name in ("accessory", "element") if name in block]
        for element in inside:
            if element.get("type") != "image":
                element.setdefault("action_id", secrets.token_urlsafe(3))
    return named


def _is(block: Any, kind: str) -> bool:
    return isinstance(block, dict) and block.get("type") == kind


def _block(complaints: Complaints, path: Path, value: Any, surface: str, seen: set[str]) -> None:
    block = complaints.table(path, value)
    if block is None:
        return
    kind = block.get("type")
    if not isinstance(kind, str) or kind not in _KINDS or surface not in _KINDS[kind][2]:
        complaints.add((*path, "type"), f"unsupported type: {kind}")
        return
    known, needed, _ = _KINDS[kind]
    complaints.fields(path, block, known | {"type", "block_id"}, needed)
    if "block_id" in block and complaints.string((*path, "block_id"), block["block_id"], 255):
        if block["block_id"] in seen:
            words = f'`block_id` "{block["block_id"]}" already exists'
            complaints.add((*path, "block_id"), words)
        seen.add(block["block_id"])
    if kind in _CHECKS and needed <= set(block):
        _CHECKS[kind](complaints, path, block)


def _section(complaints: Complaints, path: Path, block: dict[str, Any]) -> None:
    if "text" not in block and "fields" not in block:
        complaints.add(path, "missing required field: text or fields")
    if "text" in block:
        complaints.text((*path, "text"), block["text"], 3000)
    if "fields" in block:
        at = (*path, "fields")
        for index, field in enumerate(complaints.items(at, block["fields"], 10)):
            complaints.text((*at, index), field, 2000)
    if "accessory" in block:
        at = (*path, "accessory")
        elements.check(complaints, at, block["accessory"], elements.IN_SECTION)


def _header(complaints: Complaints, path: Path, block: dict[str, Any]) -> None:
    complaints.text((*path, "text"), block["text"], 150, plain=True)


def _context(complaints: Complaints, path: Path, block: dict[str, Any]) -> None:
    at = (*path, "elements")
    for index, element in enumerate(complaints.items(at, block["elements"], 10)):
        if _is(element, "image"):
            elements.check(complaints, (*at, index), element, {"image"})
        else:
            complaints.text((*at, index), element, 3000)


def _actions(complaints: Complaints, path: Path, block: dict[str, Any]) -> None:
    at, seen = (*path, "elements"), set[str]()
    for index, element in enumerate(complaints.items(at, block["elements"], 25)):
        elements.check(complaints, (*at, index), element, elements.IN_ACTIONS)
        name = element.get("action_id") if isinstance(element, dict) else None
        if name in seen:
            words = f'`action_id` "{name}" already exists'
            complaints.add((*at, index, "action_id"), words)
        if isinstance(name, str):
            seen.add(name)


def _image(complaints: Complaints, path: Path, block: dict[str, Any]) -> None:
    known = {"type", "block_id", *_KINDS["image"][0]}
    elements.image(complaints, path, block, known)
    if "title" in block:
        complaints.text((*path, "title"), block["title"], 2000, plain=True)


def _input(complaints: Complaints, path: Path, block: dict[str, Any]) -> None:
    complaints.text((*path, "label"), block["label"], 2000, plain=True)
    elements.check(complaints, (*path, "element"), block["element"], elements.IN_INPUT)
    if "hint" in block:
        complaints.text((*path, "hint"), block["hint"], 2000, plain=True)
    for name in ("optional", "dispatch_action"):
        if name in block:
            complaints.flag((*path, name), block[name])


def _rich_text(complaints: Complaints, path: Path, block: dict[str, Any]) -> None:
    at = (*path, "elements")
    kinds = {f"rich_text_{name}" for name in ("section", "list", "preformatted", "quote")}
    for index, element in enumerate(complaints.items(at, block["elements"], 10_000, least=0)):
        given = complaints.table((*at, index), element)
        if given is not None and given.get("type") not in kinds:
            complaints.add((*at, index, "type"), f"unsupported type: {given.get('type')}")


def _markdown(complaints: Complaints, path: Path, block: dict[str, Any]) -> None:
    complaints.string((*path, "text"), block["text"], MARKDOWN, least=1)


def _table(complaints: Complaints, path: Path, block: dict[str, Any]) -> None:
    at = (*path, "rows")
    for index, row in enumerate(complaints.items(at, block["rows"], 100)):
        complaints.items((*at, index), row, 20)


_CHECKS: dict[str, Callable[[Complaints, Path, dict[str, Any]], None]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "image": _image,
    "input": _input,
    "rich_text": _rich_text,
    "markdown": _markdown,
    "table": _table,
}
