"""The lines of IRC logs, as four programs write them. Knows nothing of days, files and messages.

[18:02] <ana> hello                         Ubuntu's channel logs; `=== ana is now known as an`
[18:02:11] <ana> hello                      ZNC; `[18:02:11] *** ana is now known as an`
18:02 <@ana> hello                          irssi; `18:02 -!- ana is now known as an`
2026-01-31 18:02:11⇥@ana⇥hello              WeeChat; `… ⇥--⇥ana is now known as an`
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time

_CLOCK = r"(?P<hour>[0-2]?[0-9]):(?P<minute>[0-5][0-9])(?::(?P<second>[0-5][0-9]))?"
_MODES = r"[ @+%&~!*]?"
_NICK = r"(?P<nick>[^\s<>]{1,100})"


@dataclass(frozen=True, slots=True)
class Speech:
    """Somebody said something, or did it (`/me`)."""

    clock: time
    nick: str
    text: str
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Rename:
    """Somebody goes by another nick from here on."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Day:
    """The log says which day it is."""

    day: date


@dataclass(frozen=True, slots=True)
class Notice:
    """What the server or the program says: joins, parts, modes, topics."""


Line = Speech | Rename | Day | Notice
NOTICE = Notice()

_RENAMED = re.compile(r"(?P<old>\S{1,100}) is now known as (?P<new>\S{1,100})")
_COLOURS = re.compile(r"\x03(?:[0-9]{1,2}(?:,[0-9]{1,2})?)?|\x04[0-9a-fA-F]{6}", re.ASCII)

_BRACKET_SPEECH = re.compile(rf"\[{_CLOCK}\] <{_MODES}{_NICK}> ?(?P<text>.*)", re.ASCII)
_BRACKET_ACTION = re.compile(rf"\[{_CLOCK}\] {{1,2}}\* {_NICK}(?: (?P<text>.*))?", re.ASCII)
_BRACKET_OTHER = re.compile(rf"\[{_CLOCK}\] +(?:\*\*\* |-|\()(?P<text>.*)", re.ASCII)
_EQUALS = re.compile(r"=== (?P<text>.*)")

_IRSSI_SPEECH = re.compile(rf"{_CLOCK} ?<{_MODES}{_NICK}> ?(?P<text>.*)", re.ASCII)
_IRSSI_ACTION = re.compile(rf"{_CLOCK}  ?\* {_NICK}(?: (?P<text>.*))?", re.ASCII)
_IRSSI_OTHER = re.compile(rf"{_CLOCK} ?(?:-!- ?|-|!|>)(?P<text>.*)", re.ASCII)
_IRSSI_DAY = re.compile(
    r"--- (?:Log (?:opened|closed)|Day changed) \w{3} (?P<month>\w{3}) +(?P<day>[0-9]{1,2})"
    r"(?: [0-9:]+)? (?P<year>[0-9]{4})",
    re.ASCII,
)

_WEECHAT = re.compile(
    rf"(?P<day>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}) {_CLOCK}"
    r"\t(?P<prefix>[^\t]{0,120})\t(?P<text>.*)",
    re.ASCII,
)
_WEECHAT_NOTICES = frozenset({"", "--", "-->", "<--", "=!=", "==="})

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def bracket_line(line: str) -> Line | None:
    """A line of Ubuntu's logs or of ZNC's; None for what is neither."""
    if found := _BRACKET_SPEECH.match(line) or _BRACKET_ACTION.match(line):
        return _speech(found)
    if found := _EQUALS.match(line) or _BRACKET_OTHER.match(line):
        return _notice(found)
    return NOTICE if line.startswith("===") else None


def irssi_line(line: str) -> Line | None:
    if found := _IRSSI_SPEECH.match(line) or _IRSSI_ACTION.match(line):
        return _speech(found)
    if found := _IRSSI_DAY.match(line):
        return _irssi_day(found)
    if found := _IRSSI_OTHER.match(line):
        return _notice(found)
    return NOTICE if line.startswith("--- ") else None


def weechat_line(line: str) -> Line | None:
    found = _WEECHAT.match(line)
    if not found:
        return None
    prefix = found["prefix"].strip()
    try:
        day, clock = date.fromisoformat(found["day"]), _clock(found)
    except ValueError:
        return None
    if prefix in _WEECHAT_NOTICES:
        return _notice(found)
    if prefix == "*":
        nick, _, text = found["text"].partition(" ")
        return Speech(clock, nick, _uncoloured(text), day) if nick else NOTICE
    nick = prefix[1:] if prefix[0] in "@+%&~" and len(prefix) > 1 else prefix
    return Speech(clock, nick, _uncoloured(found["text"]), day)


DIALECTS: dict[str, Callable[[str], Line | None]] = {
    "weechat": weechat_line,
    "bracket": bracket_line,
    "irssi": irssi_line,
}


def _speech(found: re.Match[str]) -> Line | None:
    try:
        return Speech(_clock(found), found["nick"], _uncoloured(found["text"] or ""))
    except ValueError:  # 29:00
        return None


def _clock(found: re.Match[str]) -> time:
    return time(int(found["hour"]), int(found["minute"]), int(found["second"] or 0))


def _notice(found: re.Match[str]) -> Line:
    if renamed := _RENAMED.match(found["text"]):
        return Rename(renamed["old"], renamed["new"])
    return NOTICE


def _irssi_day(found: re.Match[str]) -> Line:
    try:
        month = _MONTHS.index(found["month"]) + 1
        return Day(date(int(found["year"]), month, int(found["day"])))
    except ValueError:
        return NOTICE  # in another language: the day is counted on


def _uncoloured(text: str) -> str:
    return _COLOURS.sub("", text) if "\x03" in text or "\x04" in text else text
