"""From files to what was said in each channel and thread on a day."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from precis.conversation import Conversation
from precis.errors import InputError
from precis.readers import LoadedConversation, exported_channels, load_conversation
from precis.settings import Settings

SUFFIXES = (".json", ".jsonl", ".txt", ".log")
"""Of the files of a folder that are read."""


@dataclass(frozen=True)
class Source:
    """A channel or thread, and what was said there on the day."""

    name: str
    place: str
    parent: str
    """The channel that a thread is in; empty for a channel."""
    new: Conversation
    partial: bool


def load(
    paths: Sequence[Path], settings: Settings, clock: ZoneInfo
) -> Iterator[tuple[str, LoadedConversation]]:
    """Conversations by the path they are from, with the channel where it holds several."""
    for path in paths:
        for file, channel in _conversations(path):
            name = f"{file}#{channel}" if channel else str(file)
            yield (
                name,
                load_conversation(
                    file, channel=channel, timezone=clock, max_messages=settings.max_messages
                ),
            )


def _conversations(path: Path) -> Iterator[tuple[Path, str | None]]:
    if channels := exported_channels(path):
        yield from ((path, channel) for channel in channels)
    elif path.is_dir():
        files = sorted(each for each in path.iterdir() if each.suffix.lower() in SUFFIXES)
        if not files:
            raise InputError(f"{path.name}: a folder without conversations; give their files")
        yield from ((file, None) for file in files)
    else:
        yield path, None


def last_day(loaded: Iterable[LoadedConversation], clock: ZoneInfo) -> date:
    """The last on which something was said; today, where nothing says when."""
    last = max((each.last_time for each in loaded if each.last_time), default=datetime.now(UTC))
    return last.astimezone(clock).date()


def source_of(path: str, loaded: LoadedConversation, day: date, clock: ZoneInfo) -> Source:
    """What is of the day; of a conversation without times, all of it."""
    new = tuple(
        message
        for message in loaded.conversation.messages
        if message.time is None or message.time.astimezone(clock).date() == day
    )
    return Source(
        name=loaded.conversation.channel or Path(path).stem,
        place=loaded.place or path,
        parent=loaded.parent,
        new=loaded.conversation.model_copy(update={"messages": new}),
        partial=loaded.left_out > 0,
    )
