"""Makes untrusted text harmless in Slack: it is shown, and does nothing. Pure.

Slack's mrkdwn has no escapes but the entities of `&`, `<` and `>`. So a mark that could begin or
end bold, italic, struck or code text becomes a character that looks like it (Slack takes the
full-width ones for marks too), and an invisible joiner goes where Slack would make a link, a
mention or an emoji out of what is only text.
https://docs.slack.dev/messaging/formatting-message-text
"""

from collections.abc import Callable

import regex

from precis.normalisation import clean_name
from precis.normalisation.plain_text import one_line

JOINER = "\u2060"
"""Can't be seen; no part of a host's, a person's, a channel's or an emoji's name."""
SOFT_HYPHEN = "\u00ad"
"""Before a leading `>`: Slack takes other invisible characters for the space that may be there."""

LOOKALIKES = {"*": "∗", "＊": "﹡", "_": "ˍ", "＿": "ˍ", "~": "∼", "～": "∼", "`": "ˋ", "｀": "ˋ"}

# Within a word (`snake_case`, `2*3`) Slack sees no mark; what a word is made of, it sees in ASCII.
_MARK = regex.compile(r"(?<![A-Za-z0-9])[*＊_＿~～]|[*＊_＿~～](?![A-Za-z0-9])|[`｀]")
_MENTION = regex.compile(r"(?<=[@＠#＃])(?=\S)")
# Of `10:30` no emoji can be made, of `:30:` one could.
_COLON = regex.compile(r"(?<=:)(?=\S)(?!(?<=[0-9]:)[0-9]{1,2}(?![^\s:]*:))")
_DOT = regex.compile(r"(?<=\S[.。．｡])(?=\p{L})|(?<=(?:[0-9]{1,3}\.){3})(?=[0-9])")
_LIST = regex.compile(r"(?<=^(?:[-+]|[0-9]{1,9}[.)]))(?=\s)")
_QUOTE = regex.compile(r"^(?=[>＞])")
_TAG = regex.compile(r"(?<=<)(?=\S)")
_ENTITY = regex.compile(r"(?<=&)(?=(?:lt|gt|amp);)")


def escaped(text: str, limit: int) -> str:
    """`text` as one harmless line of mrkdwn, of at most `limit` characters before its escapes."""
    # Joined once more with the lookalikes, which count as letters: a host may begin with one.
    text = _joined(one_line(text, limit))
    text = _joined(_MARK.sub(lambda found: LOOKALIKES[found.group()], text))
    text = _QUOTE.sub(SOFT_HYPHEN, text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str, limit: int) -> str:
    """The same for a `plain_text` object, where there are no marks.

    Whether entities are read there is told nowhere, so there are none.
    """
    text = _joined(one_line(text, limit))
    return _ENTITY.sub(JOINER, _TAG.sub(JOINER, text))


def escaped_name(name: str) -> str:
    """A person's, channel's or group's name, as mrkdwn."""
    return escaped(clean_name(name), 80)


def fitting(make: Callable[[int], str], limit: int, most: int) -> str:
    """What `make` makes of a limit, with as large a one as keeps it within `most` characters."""
    while len(made := make(limit)) > most:
        limit = min(limit - 1, limit * most // len(made))
    return made


def _joined(text: str) -> str:
    for place in (_MENTION, _COLON, _DOT, _LIST):
        text = place.sub(JOINER, text)
    return text
