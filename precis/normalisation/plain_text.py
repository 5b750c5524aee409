"""Clean text: what any message and any name goes through, wherever it comes from.

Invisible, deceiving and control characters go, whitespace collapses, links become their host.
Every script is kept. Knows nothing of a platform's markup: see `discord_markup`, `slack_markup`.
"""

import unicodedata

import regex

from precis.conversation import MAX_TEXT

NAMELESS = "someone"
"""What a person is called whose name has nothing visible in it."""

MAX_NAME = 80
MOST_MARKS = 3
"""Combining marks on a character; no script needs more at once."""

_HIDDEN = regex.compile(
    r"""
      [\p{Cs}\p{Noncharacter_Code_Point=Yes}]      # lone surrogates, noncharacters
    | [\u202A-\u202E\u2066-\u2069]                 # bidi overrides and isolates: reorder text
    | [\u00AD\u180E\u200B\u2060-\u2064\u206A-\u206F\uFEFF\uFFF9-\uFFFB]  # zero width
    | [\u3164\uFFA0]                               # Hangul fillers: letters that can't be seen
    | (?<!\p{ExtPict}[\uFE0F\p{EMod}]?)\u200D | \u200D(?!\p{ExtPict})    # ZWJ outside emoji,
    | (?<!\U0001F3F4[\U000E0020-\U000E007F]{0,7})[\U000E0000-\U000E007F] # tags outside flags
    """,
    regex.VERBOSE,
)
_JOINING_SCRIPTS = (
    r"\p{Arabic}\p{Syriac}\p{Mongolian}\p{Nko}\p{Devanagari}\p{Bengali}\p{Gurmukhi}\p{Gujarati}"
    r"\p{Oriya}\p{Tamil}\p{Telugu}\p{Kannada}\p{Malayalam}\p{Sinhala}\p{Khmer}\p{Myanmar}"
)
_JOINER = regex.compile(rf"(?<=[{_JOINING_SCRIPTS}]\p{{M}}*)[\u200C\u200D](?=[{_JOINING_SCRIPTS}])")
_NON_JOINER = regex.compile("\u200c")
# ECMA-48's colours and window titles, and the colours of IRC: more than their control characters.
_TERMINAL = regex.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))|\x03(?:[0-9]{1,2}(?:,[0-9]{1,2})?)?"
)
_PILE = regex.compile(rf"(\p{{M}}{{{MOST_MARKS}}})\p{{M}}+")
_CONTROL = regex.compile(r"\p{Cc}")
_SPACE = regex.compile(r"[\s\p{Z}]+")
_VISIBLE = regex.compile(r"[\p{L}\p{N}\p{P}\p{S}--\u2800]", regex.VERSION1)

# `#Person1#` is what the pipeline puts in the place of a name.
_PLACEHOLDER = regex.compile(r"(?<!#)#++\s*+(Person\s*+_?+\s*+\p{Nd}++)\s*+#++", regex.IGNORECASE)

_LINK = regex.compile(
    r"""(?<![\p{L}\p{N}])
    (?: [a-z][a-z0-9+.-]{1,15}+:// | (?<![^\s('"<\[*|~:,])www\.(?=[\p{L}\p{N}-]+\.[\p{L}\p{N}]) )
    [^\s<>"'\[\]]*+
    """,
    regex.VERBOSE | regex.IGNORECASE,
)
_HOST = regex.compile(
    r"(?:[a-z][a-z0-9+.-]*+://)?+(?:[^\s/?\#@]*+@)?+([\p{L}\p{M}\p{N}._-]*+)", regex.IGNORECASE
)
AFTER_LINK = ".,;:!?)'…"


def clean_text(text: str, limit: int = MAX_TEXT) -> str:
    """One line of readable text, at most `limit` characters, cut between graphemes.

    Cleaning what is clean changes nothing.
    """
    text = visible(text[: 4 * limit])
    if "#" in text:
        text = _without_placeholders(text)
    text = links_to_hosts(text)
    return shorten(text, limit)


def one_line(text: str, limit: int) -> str:
    """What can be seen of a text as one line, without piles of marks that cover other lines."""
    return shorten(_PILE.sub(r"\1", visible(text)), limit)


def clean_name(name: str) -> str:
    """A display name as one short visible line; `someone` where nothing visible is left."""
    name = shorten(_without_placeholders(visible(name[: 4 * MAX_NAME])), MAX_NAME)
    return name if _VISIBLE.search(name) else NAMELESS


def visible(text: str) -> str:
    """Drop what can't be seen or deceives the eye, compose (NFC), collapse whitespace."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    text = _SPACE.sub(" ", _TERMINAL.sub("", text))
    text = _CONTROL.sub("", text)
    text = _without_hidden(text)
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()


def link_mark(link: str) -> str:
    """`https://user@www.python.org/x` → `[python.org]`; no host, no more than `[link]`."""
    found = _HOST.match(link)
    host = found.group(1).strip("._-").lower() if found else ""
    while host.startswith("www."):
        host = host.removeprefix("www.").strip("._-")
    return f"[{host}]" if host else "[link]"


def links_to_hosts(text: str) -> str:
    """Put its host in the place of each web address."""
    if "://" not in text and "www." not in text.lower():
        return text

    def mark(found: regex.Match[str]) -> str:
        link = found.group()
        bare = link.rstrip(AFTER_LINK)
        after = link[len(bare) :]
        if bare.count("(") > bare.count(")"):
            after = after.removeprefix(")")  # that bracket was the link's own
        return link_mark(bare) + after

    return _LINK.sub(mark, text)


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, never cutting a grapheme (an emoji, a letter with marks)."""
    if len(text) <= limit:
        return text
    end = 0
    for grapheme in regex.finditer(r"\X", text[: limit + 64]):
        if grapheme.end() > limit - 1:
            break
        end = grapheme.end()
    # One grapheme may be as long as the limit: then it is an attack, and may be cut.
    return text[: end or limit - 1].rstrip() + "…"


def _without_hidden(text: str) -> str:
    """Drop hidden characters; keep joiners where a script or an emoji needs them."""
    if text.isascii():
        return text
    kept: list[str] = []
    start = 0
    for joiner in _JOINER.finditer(text):
        kept.append(_drop_hidden(text, start, joiner.start()))
        kept.append(joiner.group())
        start = joiner.end()
    kept.append(_drop_hidden(text, start, len(text)))
    return "".join(kept)


def _drop_hidden(text: str, start: int, end: int) -> str:
    return _NON_JOINER.sub("", _HIDDEN.sub("", text[start:end]))


def _without_placeholders(text: str) -> str:
    while True:
        plain = _PLACEHOLDER.sub(r"\1", text)
        if plain == text:
            return text
        text = plain
