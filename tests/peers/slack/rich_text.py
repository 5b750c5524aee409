"""The rich_text block that Slack's client makes of what a person types
(docs.slack.dev/reference/block-kit/blocks/rich-text-block).
"""

from __future__ import annotations

import html
import re
from typing import Any

_TOKEN = re.compile(
    r"<@(?P<user>[UW]\w+)(?:\|[^>]*)?>"
    r"|<#(?P<channel>[CGD]\w+)(?:\|[^>]*)?>"
    r"|<!subteam\^(?P<usergroup>S\w+)(?:\|[^>]*)?>"
    r"|<!(?P<broadcast>here|channel|everyone)(?:\|[^>]*)?>"
    r"|<(?P<url>(?:https?|mailto):[^|>]*)(?:\|(?P<label>[^>]*))?>"
    r"|:(?P<emoji>[a-z0-9_+'-]+):"
    r"|`(?P<code>[^`\n]+)`"
)


def rich_text(text: str) -> dict[str, Any]:
    """A block for mrkdwn as Slack stores it; styles but code are left as typed."""
    elements: list[dict[str, Any]] = []
    at = 0
    for token in _TOKEN.finditer(text):
        _plain(elements, text[at : token.start()])
        elements.append(_element(token.groupdict()))
        at = token.end()
    _plain(elements, text[at:])
    section = {"type": "rich_text_section", "elements": elements}
    return {"type": "rich_text", "block_id": "rt1", "elements": [section]}


def _plain(elements: list[dict[str, Any]], text: str) -> None:
    if text:
        elements.append({"type": "text", "text": html.unescape(text)})


def _element(found: dict[str, str | None]) -> dict[str, Any]:
    for name in ("user", "channel", "usergroup"):
        if found[name]:
            return {"type": name, f"{name}_id": found[name]}
    if found["broadcast"]:
        return {"type": "broadcast", "range": found["broadcast"]}
    if found["emoji"]:
        return {"type": "emoji", "name": found["emoji"]}
    if found["code"]:
        return {"type": "text", "text": html.unescape(found["code"]), "style": {"code": True}}
    link = {"type": "link", "url": html.unescape(found["url"] or "")}
    if found["label"]:
        link["text"] = html.unescape(found["label"])
    return link
