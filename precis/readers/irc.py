"""IRC logs of Ubuntu's channels, irssi, WeeChat and ZNC.

Knows how a log's file name and notices tell its day, its channel, and who is who under which
nick. What lines look like is in `irc_lines`, what their clocks mean in `irc_clock`.
"""

import re
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime

from precis.conversation import Message
from precis.normalisation import clean_name, clean_text, is_command
from precis.readers.decoding import MAX_LINE
from precis.readers.irc_clock import LogClock
from precis.readers.irc_lines import DIALECTS, Day, Line, Rename, Speech
from precis.readers.reading import (
    DAMAGE,
    DamageError,
    Options,
    Reading,
    Tally,
    build,
    read_each,
    sound,
)
from precis.readers.text_file import TextFile

NAME = "irc"
TITLE = "IRC logs (Ubuntu, irssi, WeeChat, ZNC)"

_BOT_NICKS = """
    ubottu ubotu ubot2 ubot3 ubot4 ubot5 ubot9 lubotu lubotu1 lubotu2 lubotu3 dabotu kbotu
    floodbot1 floodbot2 floodbot3 floodbotk1 floodbotk2 meetingology chanserv nickserv
    botserv services supybot limnoria eggdrop
"""
BOTS = frozenset(_BOT_NICKS.split())
"""Nicks, casefolded, of programs that answer in channels."""

_HEAD_LINES = 300
_RECOGNISED = 0.6
"""Least share of the first lines that must be a dialect's, so that prose isn't taken for a log."""
_FILE_DAY = re.compile(
    r"(?<![0-9])(?P<year>19[89][0-9]|20[0-9]{2})(?P<sep>[-_.]?)"
    r"(?P<month>0[1-9]|1[0-2])(?P=sep)(?P<day>0[1-9]|[12][0-9]|3[01])(?![0-9])"
)
_FILE_CHANNEL = re.compile(r"#{1,2}[\w+-]{1,50}")
_JOINED = re.compile(r"has (?:joined|left|quit|parted) (#{1,2}[\w+-]{1,50})")


def recognises(file: TextFile) -> bool:
    dialect, share = _dialect(file)
    return share >= _RECOGNISED and any(
        isinstance(dialect(line), Speech) for line in file.head_lines[:_HEAD_LINES]
    )


def read(file: TextFile, options: Options) -> Reading:
    tally = Tally()
    log = _Log(_dialect(file)[0], LogClock(_first_day(file, options), options.timezone))
    return Reading(
        source=NAME,
        channel=_channel(file),
        messages=read_each(file.lines(), log.message, tally, "line"),
        tally=tally,
    )


def _dialect(file: TextFile) -> tuple[Callable[[str], Line | None], float]:
    """The dialect that knows the most of the first lines, and the share that it knows."""
    head = [line for line in file.head_lines if line.strip()][:_HEAD_LINES]
    known = {
        name: sum(parse(line) is not None for line in head) for name, parse in DIALECTS.items()
    }
    best = max(known, key=lambda name: known[name])
    return DIALECTS[best], known[best] / max(len(head), 1)


def _first_day(file: TextFile, options: Options) -> date:
    """From the file's name, else from when it was last written."""
    for found in _FILE_DAY.finditer(file.path.name):
        try:
            return date(int(found["year"]), int(found["month"]), int(found["day"]))
        except ValueError:
            continue
    return datetime.fromtimestamp(file.path.stat().st_mtime, options.timezone).date()


def _channel(file: TextFile) -> str:
    """From the file's name, else from the notices of who came and went."""
    named = _FILE_CHANNEL.search(_FILE_DAY.sub("", file.path.name))
    if named:
        return clean_name(named.group().lstrip("#").rstrip("_-"))
    joined = Counter(_JOINED.findall(file.head))
    return clean_name(joined.most_common(1)[0][0].lstrip("#")) if joined else ""


class _Log:
    """Reads the lines of one log in order."""

    def __init__(self, parse: Callable[[str], Line | None], clock: LogClock) -> None:
        self._parse = parse
        self._clock = clock
        self._ids: dict[str, str] = {}
        """Of who has taken another nick: that nick, casefolded, to the first one."""

    def message(self, numbered: tuple[int, str | None]) -> Message | None:
        number, line = numbered
        if line is None:
            raise DamageError(f"over {MAX_LINE:,} characters long")
        if not line.strip():
            return None
        match self._parse(line):
            case None:
                raise DamageError("not valid UTF-8" if DAMAGE in line else "not a line of this log")
            case Speech() as speech:
                return self._spoken(number, speech)
            case Day(day):
                self._clock.begin(day)
            case Rename(old, new):
                self._ids[new.casefold()] = self._ids.pop(old.casefold(), old.casefold())
            case _:
                pass  # a notice
        return None

    def _spoken(self, number: int, speech: Speech) -> Message | None:
        try:
            moment = self._clock.moment(speech.clock, speech.day)
        except OverflowError:
            raise DamageError("a date that no calendar has") from None
        nick = speech.nick.casefold()
        text = clean_text(sound(speech.text))
        if nick in BOTS or is_command(text):
            return None
        return build(
            id=str(number),
            author_id=self._ids.get(nick, sound(nick)),
            author_name=clean_name(speech.nick),
            text=text,
            time=moment,
        )
