"""Slack's mrkdwn to plain text: mentions, channels, links, entities, code, quotes, emphasis.

Takes the `text` of a message as the API and the export give it. Knows nothing of files and API.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

import regex

from precis.conversation import MAX_TEXT
from precis.normalisation.plain_text import clean_name, clean_text, link_mark
from precis.normalisation.stash import Stash

EVERYONE = "everyone"
GROUP = "a group"
"""A user group whose name isn't known."""

_FENCE = regex.compile(r"```.*?```", regex.DOTALL)
_INLINE = regex.compile(r"`([^`\n]{1,4000})`")
_QUOTE = regex.compile(r"(?:^(?:&gt;|>)[^\n]*\n?)+", regex.MULTILINE)
_TAG = regex.compile(r"<([^<>\n]{1,4000})>")
_SKIN_TONE = regex.compile(r"(:[\w+'-]{1,100}:):skin-tone-[2-6]:")
_EMPHASIS = tuple(
    regex.compile(rf"(?<!\w){mark}(?=[^\s{mark}])([^{mark}\n]{{1,4000}}?)(?<=\S){mark}(?!\w)")
    for mark in (r"\*", "_", "~")
)
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))  # the only three; & last


def slack_text(
    content: str,
    *,
    people: Mapping[str, str] | None = None,
    channels: Mapping[str, str] | None = None,
    groups: Mapping[str, str] | None = None,
    limit: int = MAX_TEXT,
) -> str:
    """Readable text of a message's `text`.

    `people`, `channels` and `groups` (user groups) map ids to names.
    """
    stash = Stash()
    text = Stash.prepare(content[: 2 * limit])
    text = _FENCE.sub(lambda _: stash.put(" [code] "), text)
    text = _INLINE.sub(lambda found: stash.put(_plain(found.group(1))), text)
    text = _QUOTE.sub(lambda _: stash.put("[quote]") + "\n", text)

    def tag(found: regex.Match[str]) -> str:
        return stash.put(_tag_text(found.group(1), people or {}, channels or {}, groups or {}))

    text = _TAG.sub(tag, text)
    text = _SKIN_TONE.sub(r"\1", text)
    for emphasis in _EMPHASIS:
        text = emphasis.sub(r"\1", text)
    return clean_text(stash.restore(_unescape(text)), limit)


def _plain(code: str) -> str:
    """Inline code: no markup but Slack's own tags, of which the label or the target is kept."""
    return _unescape(_TAG.sub(lambda found: found.group(1).rpartition("|")[2], code))


def _unescape(text: str) -> str:
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return text


def _tag_text(
    inside: str, people: Mapping[str, str], channels: Mapping[str, str], groups: Mapping[str, str]
) -> str:
    target, _, label = inside.partition("|")
    label = _unescape(label)
    kind, name = target[:1], target[1:]
    match kind:
        case "@":
            plain = clean_name(people.get(name) or label.lstrip("@"))
        case "#":
            plain = "#" + clean_name(channels.get(name) or label.lstrip("#") or "channel")
        case "!":
            plain = _special_mention(name, label, groups)
        case _ if target.startswith("mailto:"):
            plain = label or target.removeprefix("mailto:")
        case _:
            plain = label if label and "://" not in label else link_mark(target)
    return plain


def _special_mention(name: str, label: str, groups: Mapping[str, str]) -> str:
    if name in ("here", "channel", "everyone"):
        return EVERYONE
    if name.startswith("subteam^"):
        group = groups.get(name.removeprefix("subteam^")) or label.lstrip("@")
        return clean_name(group or GROUP)
    if name.startswith("date^"):
        return label or moment(name.split("^")[1])
    return label or name


def moment(seconds: str) -> str:
    """A date of Slack's that brings no words of its own."""
    try:
        return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%d %H:%M} UTC"
    except (OverflowError, ValueError, OSError):
        return "[time]"
