"""Makes untrusted text harmless in Discord's markdown: it is shown, and does nothing. Pure.

No markup, mention, link, invite, emoji or timestamp of its own; no pile of marks that covers the
lines above. Discord's client takes a backslash before any ASCII punctuation as an escape
(https://support.discord.com/hc/en-us/articles/210298617, "Markdown Text 101").
"""

import regex

from precis.normalisation import clean_name
from precis.normalisation.plain_text import one_line

_MARKUP = regex.compile(r"[\\*_~`|<>\[\]()@#]")
_LIST = regex.compile(r"^([-+]|\d{1,9}[.)])(?=\s)")
_SCHEME = regex.compile(r":(?=//)")
_INVITE = regex.compile(r"(?i)(discord(?:app)?)\.(?=(?:gg|com|io|me|li)\b)")


def escaped(text: str, limit: int) -> str:
    """`text` as one harmless line, of at most `limit` characters before its escapes."""
    text = _MARKUP.sub(r"\\\g<0>", one_line(text, limit))
    text = _SCHEME.sub(r"\\:", text)
    text = _INVITE.sub(r"\1\\.", text)
    return _LIST.sub(_unlisted, text)


def plain(text: str, limit: int) -> str:
    """For where no markdown is read (an embed's footer): as it is, in one line."""
    return one_line(text, limit)


def escaped_name(name: str) -> str:
    """A person's, channel's or role's name."""
    return escaped(clean_name(name), 80)


def _unlisted(found: regex.Match[str]) -> str:
    mark = found.group()
    return f"{mark[:-1]}\\{mark[-1]}"
