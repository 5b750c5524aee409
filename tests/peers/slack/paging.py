"""Pages by cursor (docs.slack.dev/apis/web-api/pagination)."""

from __future__ import annotations

import base64
import binascii
from typing import Any, TypeVar

from tests.peers.slack.errors import SlackError
from tests.peers.slack.http import Call

Item = TypeVar("Item")


def paged(
    call: Call, items: list[Item], *, default: int, most: int
) -> tuple[list[Item], dict[str, Any]]:
    """A page of a list by the call's `limit` and `cursor`, and the cursor of the next."""
    limit = call.number("limit", default, most)
    start = int(place(call) or 0)
    page, left = items[start : start + limit], items[start + limit :]
    return page, {"response_metadata": {"next_cursor": cursor(start + limit) if left else ""}}


def cursor(value: object) -> str:
    return base64.b64encode(f"next:{value}".encode()).decode()


def place(call: Call) -> str | None:
    """What the call's cursor says; None without one."""
    sent = call.text("cursor")
    if not sent:
        return None
    try:
        word, _, value = base64.b64decode(sent, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise SlackError("invalid_cursor") from None
    if word != "next" or not value.isdigit():
        raise SlackError("invalid_cursor")
    return value
