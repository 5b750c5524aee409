"""A Slack workspace export, zip or folder: `users.json`, `channels.json`, `<channel>/<day>.json`.

Knows the layout of Slack's own exports
(https://slack.com/help/articles/220556107-How-to-read-Slack-data-exports).
"""

import heapq
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from precis.conversation import Message
from precis.errors import InputError
from precis.normalisation import clean_name, is_command, with_marks
from precis.readers import json_fields as get
from precis.readers.archive import Archive, Folder, Zip
from precis.readers.decoding import decoded
from precis.readers.json_records import records
from precis.readers.reading import DamageError, Options, Reading, Tally, build, display, read_each
from precis.readers.slack_message import (
    Names,
    attachments_of,
    author_name,
    is_spoken,
    name_of,
    reactions_of,
    said,
    time_of,
)

NAME = "slack"
TITLE = "Slack export (zip or folder)"

_LISTS = ("channels.json", "groups.json", "mpims.json", "dms.json")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\.json", re.ASCII)
_SHOWN_CHANNELS = 10
_OUT_OF_ORDER = 2_000
"""Messages held to put them in order; Slack's day files are at most a few places off."""


def is_export(path: Path) -> bool:
    """Whether a folder or zip holds one of the lists of a Slack export."""
    with open_archive(path) as archive:
        return any(archive.has(name) for name in ("users.json", *_LISTS))


def channels(path: Path) -> list[str]:
    """The channels of an export that have messages, as its folders are called."""
    with open_archive(path) as archive:
        return sorted({folder for folder, file in archive.files() if _DAY.fullmatch(file)})


def open_archive(path: Path) -> Archive:
    return Folder(path) if path.is_dir() else Zip(path)


def is_zip(path: Path) -> bool:
    """By its first bytes: a zip that is cut short is one still."""
    with path.open("rb") as stream:
        return stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def read(path: Path, options: Options) -> Reading:
    tally = Tally()
    with open_archive(path) as archive:
        workspace = Names(_people(archive, tally), _channels(archive, tally))
        days: dict[str, list[str]] = {}
        for folder, file in archive.files():
            if _DAY.fullmatch(file):
                days.setdefault(folder, []).append(file)
    folder = _choose(sorted(days), workspace, options)
    return Reading(
        source=NAME,
        channel=clean_name(workspace.channels.get(folder, folder)),
        messages=_in_order(_messages(path, folder, sorted(days[folder]), workspace, tally)),
        tally=tally,
    )


def _choose(folders: list[str], workspace: Names, options: Options) -> str:
    """The folder of the channel that is asked for, or of the only one."""
    name = display(options.path)
    if not folders:
        raise InputError(f"{name}: a Slack export without messages; export the channel again")
    shown = ", ".join(clean_name(folder) for folder in folders[:_SHOWN_CHANNELS])
    if len(folders) > _SHOWN_CHANNELS:
        shown += f" and {len(folders) - _SHOWN_CHANNELS} more"
    if options.channel is None:
        if len(folders) == 1:
            return folders[0]
        raise InputError(
            f"{name}: {len(folders)} channels; choose one with --channel NAME ({shown})"
        )
    wanted = options.channel.removeprefix("#").casefold()
    for folder in folders:
        if wanted in (folder.casefold(), workspace.channels.get(folder, "").casefold()):
            return folder
    for channel_id, channel in workspace.channels.items():
        if wanted == channel_id.casefold() and channel in folders:
            return channel
    raise InputError(f"{name}: no channel {clean_name(options.channel)!r}; it has {shown}")


def _records(archive: Archive, name: str) -> Iterator[Any]:
    with archive.open(name) as stream:
        yield from records(decoded(stream), "item")


def _listed(archive: Archive, name: str, tally: Tally) -> Iterator[dict[str, Any]]:
    """The objects of one of the export's lists; a damaged list gives what is sound of it."""
    if not archive.has(name):
        return
    try:
        yield from (item for item in _records(archive, name) if isinstance(item, dict))
    except DamageError as why:
        tally.skip(name, why)


def _people(archive: Archive, tally: Tally) -> dict[str, str]:
    people = {}
    for user in _listed(archive, "users.json", tally):
        with suppress(DamageError):  # a name that isn't text: its owner will be `someone`
            people[get.text(user, "id")] = clean_name(name_of(user))
    return people


def _channels(archive: Archive, tally: Tally) -> dict[str, str]:
    names = {}
    for name in _LISTS:
        for channel in _listed(archive, name, tally):
            with suppress(DamageError):
                if label := get.text(channel, "name"):
                    names[get.text(channel, "id")] = label
    return names


def _messages(
    path: Path, folder: str, days: list[str], workspace: Names, tally: Tally
) -> Iterator[Message]:
    with open_archive(path) as archive:
        for day in days:
            yield from read_each(
                _records(archive, f"{folder}/{day}"),
                partial(_message, workspace=workspace),
                tally,
                f"{clean_name(folder)}/{day} record",
            )


def _in_order(messages: Iterator[Message]) -> Iterator[Message]:
    """Sort by time within a bounded number of places."""
    held: list[tuple[datetime, int, Message]] = []
    for place, message in enumerate(messages):
        heapq.heappush(held, (message.time or datetime.min.replace(tzinfo=UTC), place, message))
        if len(held) > _OUT_OF_ORDER:
            yield heapq.heappop(held)[2]
    while held:
        yield heapq.heappop(held)[2]


def _message(value: Any, workspace: Names) -> Message | None:
    fields = get.record(value)
    if not is_spoken(fields):
        return None
    user = get.text(fields, "user")
    if not user:
        raise DamageError("no author")
    ts = get.text(fields, "ts")
    content = said(fields, workspace)
    if is_command(content):
        return None
    attachments = attachments_of(fields)
    thread = get.text(fields, "thread_ts") or None
    return build(
        id=ts,
        author_id=user,
        author_name=author_name(fields, workspace.people),
        text=with_marks(content, attachments),
        time=time_of(ts),
        reply_to=thread if thread != ts else None,
        thread=thread,
        edited=bool(fields.get("edited")),
        attachments=attachments,
        reactions=reactions_of(fields),
    )
