"""What people write behind `/digest`: what to do, then options in any order. Pure.

`here at 18:00 on weekdays zone Europe/Berlin least 10 style bullets weekly #other`, as people
write it in English or German; what is a day, a time, a zone, it says by itself.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from bot.slack.arguments import MOST_WRITTEN, STYLES, Found, UnclearError, channel_in, words_of
from precis.errors import InputError
from precis.job import Style
from precis.schedule import parse_days, zones

Act = Literal["here", "to", "me", "list", "pause", "resume", "preview", "stop", "help"]
MOST_LEAST = 10_000
MOST_NUMBER = 1_000

# fmt: off
_ACTS: dict[str, Act] = {
    "here": "here", "hier": "here",
    "to": "to", "an": "to", "in": "to", "nach": "to",
    "me": "me", "mich": "me", "mir": "me",
    "list": "list", "liste": "list",
    "pause": "pause", "aussetzen": "pause", "pausieren": "pause",
    "resume": "resume", "fortsetzen": "resume", "weiter": "resume",
    "preview": "preview", "vorschau": "preview",
    "stop": "stop", "stopp": "stop", "beenden": "stop", "ende": "stop",
    "help": "help", "hilfe": "help",
}
_TIME = frozenset({"at", "um", "time", "zeit", "uhrzeit"})
_DAYS = frozenset({"on", "am", "days", "tage"})
_ZONE = frozenset({"zone", "timezone", "zeitzone"})
_LEAST = frozenset({"least", "minimum", "mindestens", "ab", "from"})
_STYLE = frozenset({"style", "stil", "as", "als"})
_WEEKLY = frozenset({"weekly", "wöchentlich"})
_DAILY = frozenset({"daily", "täglich"})
_WITHOUT = frozenset({"without", "ohne", "except", "außer"})
_EVERY = frozenset({"every", "each", "jede", "jeden"})
_A_DAY = frozenset({"day", "tag", "days", "tage"})
_COURTESIES = frozenset({
    "also", "and", "auch", "bitte", "channel", "channels", "der", "des", "die", "digest", "for",
    "für", "in", "kanal", "kanäle", "messages", "mit", "nachrichten", "of", "please", "the", "uhr",
    "und", "von", "with", "über",
})
# fmt: on
_IN_GERMAN = {
    "kurz": Style.BRIEF,
    "stichpunkte": Style.BULLETS,
    "stichpunkten": Style.BULLETS,
    "personen": Style.PEOPLE,
}
_HALF = re.compile(r"\b([0-9]{1,2}(?:[:.][0-9]{2})?)\s+(am|pm|uhr|h)\b", re.ASCII | re.IGNORECASE)
_CLOCK = re.compile(
    r"[0-9]{1,2}(?:[:.h][0-9]{2}(?:am|pm|uhr|h)?|am|pm|uhr|h)", re.ASCII | re.IGNORECASE
)
_MENTION = re.compile(r"(<#[^<>]*>)")
_NUMBER = re.compile(r"#?([0-9]{1,5})", re.ASCII)


@dataclass(frozen=True, slots=True)
class DigestArguments:
    """What is asked for; None where nothing was said of it. Texts are as they were typed."""

    act: Act
    target: str | None = None
    """The channel that digests are to go to, if the act is `to`."""
    number: int | None = None
    """Of the list, from 1 on."""
    channels: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    days: str | None = None
    time: str | None = None
    zone: str | None = None
    least: int | None = None
    style: Style | None = None
    weekly: bool | None = None


def parse_digest(text: str) -> DigestArguments:
    """What the words ask for. Raises UnclearError."""
    if len(text) > MOST_WRITTEN:
        raise UnclearError("too long")
    words = _Words(_MENTION.sub(r" \1 ", _HALF.sub(_joined_half, text)))
    if not words:
        return DigestArguments("help")
    act = _ACTS.get(words.next().lower())
    if act is None:
        raise UnclearError("nothing to do")
    if act in ("list", "help"):
        return DigestArguments(act)
    if act in ("pause", "resume", "preview", "stop"):
        return DigestArguments(act, number=_number(words))
    target = None
    if act == "to":
        word = words.next()
        target = channel_in(word)
        if target is None and _ACTS.get(word.lower()) != "me":
            raise UnclearError("to nowhere")
        act = "to" if target else "me"
    return _Options(words).read(act, target)


def full_zone(typed: str | None) -> str | None:
    """A time zone's name as it is written, for one typed in small letters, or a city alone.

    As it is typed where it is none, or may be several.
    """
    if typed is None:
        return None
    return _zones().get(typed.strip().casefold().replace(" ", "_")) or typed


class _Words:
    """What is still to be read."""

    def __init__(self, text: str) -> None:
        self._left = words_of(text)

    def __len__(self) -> int:
        return len(self._left)

    def next(self) -> str:
        """Raises UnclearError where there is none."""
        if not self._left:
            raise UnclearError("something is missing")
        return self._left.pop(0)

    def channel(self) -> str | None:
        """The next one, if that is the mention of a channel."""
        found = channel_in(self._left[0]) if self._left else None
        if found is not None:
            self._left.pop(0)
        return found

    def peek(self) -> str:
        return self._left[0].lower() if self._left else ""


class _Options:
    """Reads options, in any order, each once."""

    def __init__(self, words: _Words) -> None:
        self._words = words
        self._found = Found()
        self._days: list[str] = []
        self._channels: list[str] = []
        self._without: list[str] = []
        self._by_keyword: tuple[tuple[frozenset[str], Callable[[], None]], ...] = (
            (_TIME, self._time),
            (_DAYS, self._some_days),
            (_ZONE, lambda: self._found.take("zone", self._words.next())),
            (_LEAST, self._least),
            (_STYLE, lambda: self._found.take("style", _style(self._words.next()))),
            (_WEEKLY, lambda: self._found.take("weekly", True)),
            (_DAILY, lambda: self._found.take("weekly", False)),
            (_WITHOUT, self._fewer),
        )

    def read(self, act: Act, target: str | None) -> DigestArguments:
        while self._words:
            self._read_one(self._words.next())
        values = self._found.values
        if self._days:
            values["days"] = " ".join(self._days)
        elif values.get("weekly") is False:
            values["days"] = "daily"
        channels, without = tuple(self._channels), tuple(self._without)
        return DigestArguments(act, target, channels=channels, without=without, **values)

    def _read_one(self, word: str) -> None:
        lower = word.lower()
        for keywords, take in self._by_keyword:
            if lower in keywords:
                take()
                return
        if channel := channel_in(word):
            self._channels.append(channel)
        elif _CLOCK.fullmatch(word):
            self._found.take("time", word)
        elif "/" in word or lower == "utc":
            self._found.take("zone", word)
        elif lower in STYLES or lower in _IN_GERMAN:
            self._found.take("style", _style(word))
        elif not self._day(lower) and lower not in _COURTESIES:
            raise UnclearError("no option")

    def _time(self) -> None:
        if self._words.peek() not in _LEAST:  # `at least`
            self._found.take("time", self._words.next())

    def _least(self) -> None:
        number = _NUMBER.fullmatch(self._words.next())
        if number is None or not 1 <= int(number[1]) <= MOST_LEAST:
            raise UnclearError("no number")
        self._found.take("least", int(number[1]))

    def _fewer(self) -> None:
        """Channels, up to what is none."""
        before = len(self._without)
        while channel := self._words.channel():
            self._without.append(channel)
            if self._words.peek() in ("and", "und"):
                self._words.next()
        if len(self._without) == before:
            raise UnclearError("no channel")

    def _some_days(self) -> None:
        """One at least, whatever it says: it is told what is wrong with it."""
        word = self._words.next().lower()
        if not self._day(word):
            self._days.append(word)
        while self._words.peek() in ("and", "und") or _is_day(self._words.peek()):
            self._day(self._words.next().lower())

    def _day(self, word: str) -> bool:
        """Whether it is one, or several. `Every Monday` is Mondays, not every day."""
        if word in _EVERY and self._words.peek() not in _A_DAY:
            return True
        if word in _EVERY or _is_day(word):
            self._days.append(word)
            return True
        return word in _A_DAY and bool(self._days)


def _joined_half(found: re.Match[str]) -> str:
    """`6 pm` as one word; in German, `um 18 am Montag` is no hour before noon."""
    number, half = found[1], found[2]
    is_day = half.lower() == "am" and int(re.split("[:.]", number)[0]) > 12
    return found[0] if is_day else number + half


def _is_day(word: str) -> bool:
    try:
        return bool(word) and bool(parse_days(word))
    except InputError:
        return False


def _style(word: str) -> Style:
    style = STYLES.get(word.lower()) or _IN_GERMAN.get(word.lower())
    if style is None:
        raise UnclearError("no style")
    return style


def _number(words: _Words) -> int | None:
    if not words:
        return None
    found = _NUMBER.fullmatch(words.next())
    if found is None or words or not 1 <= int(found[1]) <= MOST_NUMBER:
        raise UnclearError("no number")
    return int(found[1])


@cache
def _zones() -> dict[str, str]:
    """By their names in small letters, and by their cities where there is one of that name."""
    names = [name for name in zones() if not name.startswith("Etc/")]
    cities: dict[str, set[str]] = {}
    for name in names:
        if "/" in name:
            cities.setdefault(name.rpartition("/")[2].casefold(), set()).add(name)
    found = {city: them.pop() for city, them in cities.items() if len(them) == 1}
    return found | {name.casefold(): name for name in names}
