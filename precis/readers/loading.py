"""From a path and a window to a conversation: recognise, read, select, keep the latest.

Knows every format's name and nothing of what is in it. Memory is bounded by the window.
"""

import heapq
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Protocol

from precis.conversation import Conversation, Message
from precis.errors import InputError
from precis.normalisation import clean_name
from precis.readers import dialogsum, discord, irc, jsonl, plain, slack
from precis.readers.reading import DamageError, Options, Reading, display
from precis.readers.text_file import TextFile
from precis.window import Selection, Window

DEFAULT_MAX_MESSAGES = 20_000


class TextFormat(Protocol):
    """What a module gives that reads one format of text files."""

    NAME: str
    TITLE: str

    def recognises(self, file: TextFile) -> bool:
        """Whether a file's head is of this format."""
        ...

    def read(self, file: TextFile, options: Options) -> Reading: ...


_TEXT_FORMATS: tuple[TextFormat, ...] = (discord, jsonl, dialogsum, irc, plain)
"""In the order in which they are tried: what is told most surely comes first."""

FORMATS: dict[str, str] = {slack.NAME: slack.TITLE} | {f.NAME: f.TITLE for f in _TEXT_FORMATS}
"""Names for `--format`, and what each is in words."""


@dataclass(frozen=True, slots=True)
class LoadedConversation:
    """A window of a source, and what there is to say about how it was read."""

    conversation: Conversation
    skipped: int
    """Damaged records."""
    problems: tuple[str, ...]
    """One line for each of the first damaged records; holds no message text."""
    duplicates: int
    """Messages that came again; the later version of each was kept."""
    total_read: int
    """Messages of the source, in the window or not."""
    left_out: int
    """Messages of the window beyond the largest number that may be kept: the oldest."""
    first_time: datetime | None
    """Of the whole source, not of the window."""
    last_time: datetime | None
    place: str = ""
    """The channel's or thread's id, where the source tells it."""
    parent: str = ""
    """Of a thread: its channel's."""

    def why_empty(self) -> str:
        """One sentence on why there is nothing to summarise."""
        if not self.total_read:
            return "no messages by people in this conversation"
        count = "1 message" if self.total_read == 1 else f"{self.total_read:,} messages"
        if self.first_time and self.last_time:
            return (
                f"no messages in this window; the conversation has {count}, from "
                f"{self.first_time:%Y-%m-%d %H:%M} to {self.last_time:%Y-%m-%d %H:%M} UTC"
            )
        return f"no messages in this window; the conversation has {count}"


def load_conversation(
    path: Path,
    window: Window | None = None,
    *,
    format: str | None = None,  # noqa: A002 (the option's name)
    channel: str | None = None,
    timezone: tzinfo = UTC,
    max_messages: int = DEFAULT_MAX_MESSAGES,
) -> LoadedConversation:
    """Read the window of a file or an export.

    `format` is one of FORMATS, or recognised. `timezone` is of clocks that don't name theirs.
    Of more than `max_messages` messages the latest are kept. Raises InputError, one line.
    """
    window = window or Window()
    with _readable(path):
        reading = open_reading(path, format=format, channel=channel, timezone=timezone)
        kept = _Kept(window, max_messages)
        for message in reading.messages:
            kept.add(message)
    tally = reading.tally
    if not kept.total and tally.skipped:
        raise InputError(
            f"{display(path)}: no message could be read ({tally.problems[0]}); "
            "export it again, or name the format with --format"
        )
    if window.needs_times and kept.total and kept.last_time is None:
        raise InputError(
            f"{display(path)}: its messages have no times; use --last N, not --since or --until"
        )
    return LoadedConversation(
        conversation=Conversation(
            source=reading.source, channel=reading.channel, messages=kept.messages()
        ),
        skipped=tally.skipped,
        problems=tuple(tally.problems),
        duplicates=kept.duplicates,
        total_read=kept.total,
        left_out=kept.left_out,
        first_time=kept.first_time,
        last_time=kept.last_time,
        place=reading.place,
        parent=reading.parent,
    )


def exported_channels(path: Path) -> list[str]:
    """The channels of an export that holds several; none of any other file or folder.

    Raises InputError, one line.
    """
    with _readable(path):
        _check_kind(path)
        if not path.is_dir() and not slack.is_zip(path):
            return []
        return slack.channels(path) if slack.is_export(path) else []


def open_reading(
    path: Path,
    *,
    format: str | None = None,  # noqa: A002 (the option's name)
    channel: str | None = None,
    timezone: tzinfo = UTC,
) -> Reading:
    """Recognise a source and begin to read it; its messages come as they are asked for."""
    if format is not None and format not in FORMATS:
        raise InputError(f"--format {clean_name(format)}: not one of {', '.join(FORMATS)}")
    options = Options(path=path, channel=channel, timezone=timezone)
    with _readable(path):
        _check_kind(path)
        if format == slack.NAME or path.is_dir() or (format is None and slack.is_zip(path)):
            return _open_slack(path, options, format)
        return _open_text(path, options, format)


def _check_kind(path: Path) -> None:
    """Refuse what has no end (a device, a pipe) before anything is read."""
    if "\0" in str(path):
        raise FileNotFoundError
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise InputError(f"{display(path)}: not a file; save the conversation to a file first")


def _open_slack(path: Path, options: Options, wanted: str | None) -> Reading:
    name = display(path)
    if wanted not in (None, slack.NAME):
        raise InputError(f"{name}: a folder; --format {wanted} reads a single file")
    if not path.is_dir() and not slack.is_zip(path):
        raise InputError(f"{name}: not a zip or a folder, as Slack exports are; leave out --format")
    if not slack.is_export(path):
        raise InputError(
            f"{name}: no Slack export (no users.json or channels.json in it); "
            "give the exported file itself"
        )
    return slack.read(path, options)


def _open_text(path: Path, options: Options, wanted: str | None) -> Reading:
    file = TextFile(path)
    if not file.head.strip():
        raise InputError(f"{file.name}: empty; export the conversation again")
    for known in _TEXT_FORMATS:
        if wanted == known.NAME or (wanted is None and known.recognises(file)):
            return _of_channel(known.read(file, options), file.name, options.channel)
    kinds = "; ".join(f"{name}: {title}" for name, title in FORMATS.items())
    raise InputError(f"{file.name}: no format that Précis reads; name it with --format ({kinds})")


def _of_channel(reading: Reading, name: str, channel: str | None) -> Reading:
    """Hold a file of one channel against the channel that is asked for."""
    if channel is None:
        return reading
    wanted = clean_name(channel.removeprefix("#"))
    if not reading.channel:
        reading.channel = wanted
    elif reading.channel.casefold() != wanted.casefold():
        raise InputError(
            f"{name}: of the channel {reading.channel}, not {wanted}; leave out --channel"
        )
    return reading


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn what the file system and damaged files raise into one line each."""
    name = display(path)
    try:
        yield
    except FileNotFoundError:
        raise InputError(f"{name}: no such file; check the path") from None
    except PermissionError:
        raise InputError(f"{name}: not readable; check its permissions") from None
    except OSError as error:
        reason = (error.strerror or "input/output error").lower()
        raise InputError(f"{name}: can't be read ({reason}); check the path and the disk") from None
    except DamageError as why:
        raise InputError(f"{name}: {why}") from None


class _Kept:
    """The latest messages of a window, in order of time, each id once."""

    def __init__(self, window: Window, most: int) -> None:
        self._selection = Selection(window)
        self._asked = window.last
        self._capacity = min(most, window.last or most)
        self._places: dict[str, tuple[datetime, int]] = {}
        self._messages: dict[str, Message] = {}
        self._oldest: list[tuple[datetime, int, str]] = []
        self._taken = 0
        self.total = 0
        self.duplicates = 0
        self.first_time: datetime | None = None
        self.last_time: datetime | None = None

    def add(self, message: Message) -> None:
        self.total += 1
        if message.time:
            self.first_time = min(message.time, self.first_time or message.time)
            self.last_time = max(message.time, self.last_time or message.time)
        if not self._selection.takes(message):
            return
        if message.id in self._messages:
            self.duplicates += 1
            self._messages[message.id] = message
            return
        self._taken += 1
        # A message without a time in a source with times stands with the one before it.
        time = message.time or self.last_time or datetime.min.replace(tzinfo=UTC)
        self._messages[message.id] = message
        self._places[message.id] = (time, self._taken)
        heapq.heappush(self._oldest, (time, self._taken, message.id))
        if len(self._messages) > self._capacity:
            *_, oldest = heapq.heappop(self._oldest)
            del self._messages[oldest], self._places[oldest]

    @property
    def left_out(self) -> int:
        """How many more of the messages asked for there are."""
        return min(self._taken, self._asked or self._taken) - len(self._messages)

    def messages(self) -> tuple[Message, ...]:
        return tuple(sorted(self._messages.values(), key=lambda kept: self._places[kept.id]))
