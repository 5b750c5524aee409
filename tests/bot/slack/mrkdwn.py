"""What Slack would make of a text: an independent, suspicious reading of its mrkdwn, for tests.

It sees more than Slack does: an effect that it doesn't see isn't one.
"""

import html
import re

import regex

_INVISIBLE = re.compile("[\u2060\u00ad]")
_ENTITY = re.compile(r"&(?:lt|gt|amp);")
_DOES_SOMETHING = {
    "tag": re.compile(r"<[^\s>\u2060][^>]*>"),
    "bare control character": re.compile(r"[<>]|&(?!(?:lt|gt|amp);)"),
    "line": re.compile(r"[\n\r\v\f\x85\u2028\u2029]"),
    "quote": re.compile(r"(?m)^[\s\u200b\u2060]*(?:&gt;|>|＞)"),
    "list": re.compile(r"(?m)^\s*(?:[-+*]|\d{1,9}[.)])\s"),
    "code": re.compile(r"[`｀]"),
    "bold": re.compile(r"(?:^|[^A-Za-z0-9])[*＊](?=\S).*?\S[*＊](?![A-Za-z0-9])"),
    "italic": re.compile(r"(?:^|[^A-Za-z0-9])[_＿](?=\S).*?\S[_＿](?![A-Za-z0-9])"),
    "struck": re.compile(r"(?:^|[^A-Za-z0-9])[~～](?=\S).*?\S[~～](?![A-Za-z0-9])"),
    "emoji": re.compile(r":[^\s:\u2060]+:"),
    "mention": re.compile(r"[@＠][\w^]"),
    "channel": re.compile(r"[#＃]\w"),
    "scheme": re.compile(r"(?i)(?:[a-z][a-z0-9+.-]*://|\b(?:mailto|tel|sms):[^\s\u2060])"),
    "host": regex.compile(r"[^\s.\u2060][.。．｡]\p{L}{2}|[0-9]+(?:\.[0-9]+){3}"),
    "address": re.compile(r"[^\s\u2060]@[^\s\u2060]"),
    "hidden or turning": regex.compile(
        r"[\u200b\u200c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
        r"|(?<![\p{ExtPict}\p{EMod}\ufe0f])\u200d"  # within an emoji it makes one of several
    ),
    "pile": regex.compile(r"\p{M}{4}"),
}
_PLAIN_TOO = frozenset({"tag", "line", "emoji", "mention", "channel", "scheme", "host", "address"})
_ALIKE = str.maketrans("∗﹡ˍ∼ˋ＊＿～｀", "**_~`*_~`")


def effects(text):
    """What in `text`, as mrkdwn, would be more than its letters."""
    return [name for name, pattern in _DOES_SOMETHING.items() if pattern.search(text)]


def effects_in_plain(text):
    """What in a `plain_text` object would be more than its letters."""
    found = [name for name in effects(text) if name in _PLAIN_TOO]
    return found + (["entity"] if _ENTITY.search(text) else [])


def as_read(text):
    """`text` as people see it, with marks and what looks like them taken for one."""
    return alike(_INVISIBLE.sub("", _ENTITY.sub(lambda found: html.unescape(found.group()), text)))


def alike(text):
    return text.translate(_ALIKE)
