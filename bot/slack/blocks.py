"""Pieces of Block Kit that several views are made of. Pure; texts are the bot's own."""

from collections.abc import Sequence
from typing import Any

Block = dict[str, Any]
View = dict[str, Any]

LONGEST_TITLE = 24
LONGEST_LABEL = 75


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text)}


def button(action: str, label: str, value: str | None = None, **more: Any) -> Block:
    made = {"type": "button", "action_id": action, "text": plain(label[:LONGEST_LABEL]), **more}
    return made if value is None else {**made, "value": value}


def actions(buttons: Sequence[Block]) -> Block:
    return {"type": "actions", "elements": list(buttons)}


def confirm(title: str, text: str, yes: str, no: str) -> Block:
    """Asked before a button is taken at its word."""
    return {
        "title": plain(title),
        "text": plain(text),
        "confirm": plain(yes),
        "deny": plain(no),
        "style": "danger",
    }


def modal(title: str, blocks: Sequence[Block], close: str, **more: Any) -> View:
    return {
        "type": "modal",
        "title": plain(title[:LONGEST_TITLE]),
        "close": plain(close[:LONGEST_TITLE]),
        "blocks": list(blocks),
        **more,
    }


def line(title: str, text: str, close: str) -> View:
    """A modal that says one thing."""
    return modal(title, [section(text)], close)
