"""What people write behind `/summarize`, or beside a mention: words in any order. Pure.

`2h`, `200`, `yesterday 14:00`, a link to a thread, `bullets`, `public`; as phones and other
programs write them too, with curly quotes, wide digits and links in `<…>`.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bot.slack.ids import is_ts
from precis.ask import MOST_MESSAGES
from precis.errors import InputError
from precis.job import Style
from precis.window import parse_moment

MOST_WRITTEN = 1_000
"""Characters; nobody who wants a summary writes more."""
SLACK = ".slack.com"

_QUOTES = dict.fromkeys(map(ord, "\"'`“”„‟‘’‚‛«»‹›＂＇"), " ")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_WRAPPED = re.compile(r"<(https?://[^\s<>|]+)(?:\|[^<>]*)?>")
_CHANNEL = re.compile(r"<#([CGD][0-9A-Z]{1,30})(?:\|[^<>]*)?>")
_ARCHIVE = re.compile(r"/archives/([CGD][0-9A-Z]{1,30})(?:/p([0-9]{7,17}))?/?")
_UNIT = re.compile(
    r"\b([0-9]{1,9})\s*(weeks?|days?|hours?|hrs?|minutes?|mins?|[wdhm])\b", re.IGNORECASE
)
_NUMBER = re.compile(r"[0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,2}", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?", re.ASCII)
STYLES = {**{style.value: style for style in Style}, "bullet": Style.BULLETS}
# fmt: off
_COURTESIES = frozenset({
    "a", "an", "and", "as", "can", "channel", "conversation", "could", "discussion", "for",
    "from", "give", "here", "in", "it", "last", "latest", "make", "me", "messages", "of",
    "past", "please", "since", "summarise", "summarize", "summary", "thanks", "the", "this",
    "thread", "to", "us", "with", "would", "you",
})
# fmt: on


class UnclearError(InputError):
    """What is written isn't what can be asked for; whoever shows it says what can."""


@dataclass(frozen=True, slots=True)
class Link:
    """A channel, or a thread in it, that somebody points to."""

    channel: str
    thread: str | None = None
    host: str | None = None
    """Of a link's address: which workspace it is of. None for a channel's mention."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """What is asked for; None where nothing was said of it."""

    since: datetime | None = None
    last: int | None = None
    link: Link | None = None
    style: Style | None = None
    public: bool | None = None


def parse(text: str, *, now: datetime, zone: tzinfo) -> Arguments:
    """What the words ask for, in any order. Raises UnclearError."""
    if len(text) > MOST_WRITTEN:
        raise UnclearError("too long")
    found = Found()
    times: list[str] = []
    for word in _words(text):
        lower = word.lower()
        if link := _link(word):
            found.take("link", link)
        elif lower in STYLES:
            found.take("style", STYLES[lower])
        elif lower in ("public", "private"):
            found.take("public", lower == "public")
        elif _NUMBER.fullmatch(word):
            found.take("last", _count(word))
        elif lower not in _COURTESIES:
            times.append(lower)
    if times:
        found.take("since", _since(times, now, zone))
    return Arguments(**found.values)


class Found:
    """What was said; a second word on the same subject is unclear."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def take(self, subject: str, value: object) -> None:
        if subject in self.values:
            raise UnclearError(f"{subject} twice")
        self.values[subject] = value


def words_of(text: str) -> list[str]:
    """The words of what somebody wrote, as plain as can be."""
    plain = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    plain = _WRAPPED.sub(r" \1 ", plain)
    for entity, character in _ENTITIES.items():
        plain = plain.replace(entity, character)
    words = [word.strip(",.;!?()") for word in plain.split()]
    return [word for word in words if word]


def channel_in(word: str) -> str | None:
    """The channel that a word is a mention of."""
    found = _CHANNEL.fullmatch(word)
    return found[1] if found else None


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text)
    return words_of(_UNIT.sub(lambda unit: unit[1] + unit[2][0].lower(), plain))


def _link(word: str) -> Link | None:
    """None for a word that is none; raises UnclearError for a link to anything else."""
    if channel := channel_in(word):
        return Link(channel)
    if not word.lower().startswith(("https://", "http://")):
        return None
    try:
        address = urlsplit(word)
    except ValueError:
        raise UnclearError("not a link") from None
    host = (address.hostname or "").lower()
    place = _ARCHIVE.fullmatch(address.path)
    if place is None or not host.endswith(SLACK):
        raise UnclearError("not a link to a conversation")
    thread = parse_qs(address.query).get("thread_ts", [None])[0]
    if thread is None and place[2]:
        thread = f"{place[2][:-6]}.{place[2][-6:]}"
    if thread is not None and not is_ts(thread):
        raise UnclearError("not a link to a thread")
    return Link(place[1], thread, host)


def _count(word: str) -> int:
    count = int(word.replace(",", ""))
    if not 1 <= count <= MOST_MESSAGES:
        raise UnclearError("no such number of messages")
    return count


def _since(words: list[str], now: datetime, zone: tzinfo) -> datetime:
    """The moment that one word names, or a day's and a clock's together, in any order."""
    if len(words) == 2:
        day, clock = words if _CLOCK.fullmatch(words[1]) else reversed(words)
        if not _CLOCK.fullmatch(clock):
            raise UnclearError("two times")
        words = [f"{_day(day, now, zone)} {clock.zfill(5)}"]
    if len(words) != 1:
        raise UnclearError("several times")
    try:
        return parse_moment(words[0], now=now, zone=zone)
    except InputError:
        raise UnclearError("not a time") from None


def _day(word: str, now: datetime, zone: tzinfo) -> date:
    today = now.astimezone(zone).date()
    if word in ("today", "yesterday"):
        return today - timedelta(days=word == "yesterday")
    try:
        if _DATE.fullmatch(word):
            return date.fromisoformat(word)
    except ValueError:
        pass
    raise UnclearError("not a day")
