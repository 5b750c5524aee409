"""Slack's `rich_text` blocks to plain text: what its editor makes of what people type.

Reads as `slack_markup` reads the same message's `text`. Knows nothing of files and API.
https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from collections.abc import Iterator, Mapping
from typing import Any

from precis.conversation import MAX_TEXT
from precis.normalisation.plain_text import clean_name, clean_text, link_mark
from precis.normalisation.slack_markup import EVERYONE, GROUP, moment

_DEEPEST = 8
"""Blocks in blocks; Slack's own are at most three deep."""


def rich_text(
    blocks: object,
    *,
    people: Mapping[str, str] | None = None,
    channels: Mapping[str, str] | None = None,
    groups: Mapping[str, str] | None = None,
    limit: int = MAX_TEXT,
) -> str:
    """Readable text of a message's `blocks`, of those that hold rich text.

    `people`, `channels` and `groups` (user groups) map ids to names.
    """
    names = (people or {}, channels or {}, groups or {})
    parts: list[str] = []
    size = 0
    for element in rich_elements(blocks):
        part = _plain(element, *names)
        parts.append(part)
        size += len(part)
        if size > 2 * limit:
            break
    return clean_text("".join(parts), limit)


def rich_elements(blocks: object, depth: int = 0) -> Iterator[dict[str, Any]]:
    """The elements of rich text in blocks, with a `{"type": "text"}` for what parts them.

    Of quotes and code there is only the mark that stands for them.
    """
    if depth > _DEEPEST or not isinstance(blocks, list):
        return
    for block in blocks:
        if not isinstance(block, dict):
            continue
        match block.get("type"):
            case "rich_text" | "rich_text_section":
                yield from rich_elements(block.get("elements"), depth + 1)
                yield _text("\n")
            case "rich_text_list":
                items = block.get("elements")
                for item in items if isinstance(items, list) else ():
                    yield _text("• ")
                    yield from rich_elements([item], depth + 1)
            case "rich_text_quote":
                yield _text("[quote]\n")
            case "rich_text_preformatted":
                yield _text(" [code] ")
            case _ if depth:
                yield block


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _plain(
    element: dict[str, Any],
    people: Mapping[str, str],
    channels: Mapping[str, str],
    groups: Mapping[str, str],
) -> str:
    kind = element.get("type")
    match kind:
        case "emoji":
            plain = f":{_field(element, 'name')}:"
        case "link":
            label, url = _field(element, "text"), _field(element, "url")
            address = url.removeprefix("mailto:")
            plain = label if label and "://" not in label else ""
            plain = plain or (address if address != url else link_mark(url))
        case "user":
            plain = clean_name(people.get(_field(element, "user_id"), ""))
        case "channel":
            plain = "#" + clean_name(channels.get(_field(element, "channel_id")) or "channel")
        case "usergroup":
            plain = clean_name(groups.get(_field(element, "usergroup_id")) or GROUP)
        case "broadcast" | "team":
            plain = EVERYONE
        case "date":
            plain = _field(element, "fallback") or moment(str(element.get("timestamp", "")))
        case "color":
            plain = _field(element, "value")
        case _:
            plain = _field(element, "text")
    return plain


def _field(element: dict[str, Any], name: str) -> str:
    value = element.get(name)
    return value if isinstance(value, str) else ""
