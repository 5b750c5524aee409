"""Discord's markup to plain text: mentions, emoji, timestamps, code, quotes, emphasis.

Takes a message's content as the API sends it, or as DiscordChatExporter writes it (mentions
already resolved to `@Name`). Knows nothing of files and of the API.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

import regex

from precis.conversation import MAX_TEXT
from precis.normalisation.plain_text import clean_name, clean_text, links_to_hosts
from precis.normalisation.stash import Stash

EVERYONE = "everyone"

_FENCE = regex.compile(r"```(?:([a-zA-Z0-9_+#.-]{1,20})?\n)?(.*?)```", regex.DOTALL)
_INLINE = regex.compile(r"(?<!`)(`{1,2}+)([^`].*?)(?<!`)\1(?!`)", regex.DOTALL)
_BLOCK_QUOTE = regex.compile(r"^>>> .*", regex.MULTILINE | regex.DOTALL)
_QUOTE = regex.compile(r"(?:^> [^\n]*\n?)+", regex.MULTILINE)
_TAG = regex.compile(
    r"""<(?:
        @!?(?P<user>[0-9]{1,20}) | @&(?P<role>[0-9]{1,20}) | \#(?P<channel>[0-9]{1,20})
      | a?:(?P<emoji>\w{1,64}):[0-9]{1,20}
      | t:(?P<time>-?[0-9]{1,12})(?::(?P<style>[tTdDfFR]))?
      | /(?P<command>[^:<>\n]{1,100}):[0-9]{1,20}
      | id:(?P<page>\w{1,20})
    )>""",
    regex.VERBOSE,
)
_MASKED_LINK = regex.compile(
    r"\[([^\[\]\n]{1,500})\]\(<?[a-z]+://[^\s()]*+(?:\([^\s()]*\)[^\s()]*+)*>?\)"
)
_LINK = regex.compile(r"<?(https?://[^\s<>\"'\[\]|]+)>?", regex.IGNORECASE)
_LINE_START = regex.compile(r"^(?:#{1,3} |-# )", regex.MULTILINE)
_EVERYONE = regex.compile(r"@(everyone|here)\b")
_ESCAPE = regex.compile(r"\\([\\*_~`|>#<@:\[\]()-])")
# Bounded spans: unpaired marks must not make the search quadratic.
_EMPHASIS = tuple(
    regex.compile(pattern, regex.DOTALL)
    for pattern in (
        r"\|\|(?=\S)(.{1,4000}?)\|\|",
        r"\*\*(?=\S)(.{1,4000}?)(?<=\S)\*\*",
        r"__(?=\S)(.{1,4000}?)(?<=\S)__",
        r"~~(?=\S)(.{1,4000}?)(?<=\S)~~",
        r"(?<![\w*])\*(?=[^\s*])([^*]{1,1000}?)(?<=\S)\*(?![\w*])",
        r"(?<!\w)_(?=[^\s_])(.{1,300}?)(?<=\S)_(?!\w)",
    )
)


def discord_text(
    content: str,
    *,
    people: Mapping[str, str] | None = None,
    roles: Mapping[str, str] | None = None,
    channels: Mapping[str, str] | None = None,
    limit: int = MAX_TEXT,
) -> str:
    """Readable text of a message's content.

    `people`, `roles` and `channels` map ids to names; who isn't there is `someone`, and so on.
    """
    stash = Stash()
    text = Stash.prepare(content[: 2 * limit])
    text = _FENCE.sub(lambda found: stash.put(_code_mark(found.group(1))), text)
    text = _INLINE.sub(lambda found: stash.put(found.group(2).strip()), text)
    text = _BLOCK_QUOTE.sub(lambda _: stash.put("[quote]"), text)
    text = _QUOTE.sub(lambda _: stash.put("[quote]") + "\n", text)
    text = _ESCAPE.sub(lambda found: stash.put(found.group(1)), text)

    def tag(found: regex.Match[str]) -> str:
        return stash.put(_tag_text(found, people or {}, roles or {}, channels or {}))

    text = _TAG.sub(tag, text)
    text = _MASKED_LINK.sub(r"\1", text)
    text = _LINK.sub(lambda found: stash.put(links_to_hosts(found.group(1))), text)
    for name in sorted((people or {}).values(), key=len, reverse=True):
        if f"@{name}" in text:  # as DiscordChatExporter writes a mention
            text = text.replace(f"@{name}", stash.put(clean_name(name)))
    text = _EVERYONE.sub(EVERYONE, text)
    text = _LINE_START.sub("", text)
    for emphasis in _EMPHASIS:
        text = emphasis.sub(r"\1", text)
    return clean_text(stash.restore(text), limit)


def _code_mark(language: str | None) -> str:
    return f" [code: {language}] " if language else " [code] "


def _tag_text(
    found: regex.Match[str],
    people: Mapping[str, str],
    roles: Mapping[str, str],
    channels: Mapping[str, str],
) -> str:
    kind, value = found.lastgroup, found.group(found.lastgroup or 0)
    match kind:
        case "user":
            plain = clean_name(people.get(value, ""))
        case "role":
            plain = clean_name(roles.get(value, "a role"))
        case "channel":
            plain = "#" + clean_name(channels.get(value, "channel"))
        case "emoji":
            plain = f":{value}:"
        case "command":
            plain = f"/{value}"
        case "page":
            plain = f"#{value}"
        case _:
            plain = _moment(found["time"], found["style"])
    return plain


def _moment(seconds: str, style: str | None) -> str:
    try:
        time = datetime.fromtimestamp(int(seconds), UTC)
    except (OverflowError, ValueError, OSError):
        return "[time]"
    if style in ("t", "T"):
        return f"{time:%H:%M} UTC"
    if style in ("d", "D"):
        return f"{time:%Y-%m-%d}"
    return f"{time:%Y-%m-%d %H:%M} UTC"
