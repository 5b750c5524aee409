"""Précis's own JSON lines: one header, then one `Message` a line; reading and writing.

    {"precis": 1, "source": "discord", "channel": "algorithms"}
    {"id": "1", "author_id": "7", "author_name": "Ana", "text": "Hi", "time": "2026-01-31T14:00Z"}

The header may be left out. Knows the fields of `Message`, no other format.
"""

import json
from collections.abc import Iterator
from typing import TextIO

from pydantic import Field, ValidationError

from precis.conversation import Conversation, Message, Name
from precis.errors import InputError
from precis.frozen import Frozen
from precis.normalisation import clean_name, clean_text
from precis.readers.decoding import MAX_LINE
from precis.readers.reading import DamageError, Options, Reading, Tally, invalid, read_each, sound
from precis.readers.text_file import TextFile

NAME = "jsonl"
TITLE = "Précis's JSON lines"
VERSION = 1


class Header(Frozen):
    """The first line: the version of the format, and where the messages come from."""

    precis: int
    source: Name = NAME
    channel: str = Field(default="", max_length=200)


def recognises(file: TextFile) -> bool:
    first = next((line for line in file.head_lines if line.strip()), "")
    if not first.lstrip().startswith("{"):
        return False
    try:
        fields = json.loads(first)
    except (ValueError, RecursionError):
        return False
    return isinstance(fields, dict) and ("precis" in fields or {"author_id", "text"} <= set(fields))


def read(file: TextFile, options: Options) -> Reading:
    header = _header(file)
    tally = Tally()
    return Reading(
        source=clean_name(header.source) if header else NAME,
        channel=clean_name(header.channel) if header and header.channel else "",
        messages=read_each(_lines(file, skip_first=header is not None), _message, tally, "line"),
        tally=tally,
    )


def write_jsonl(conversation: Conversation, stream: TextIO) -> None:
    """Write a conversation so that reading it gives the same conversation."""
    header = Header(precis=VERSION, source=conversation.source, channel=conversation.channel)
    stream.write(header.model_dump_json() + "\n")
    stream.writelines(
        message.model_dump_json(exclude_defaults=True) + "\n" for message in conversation.messages
    )


def _header(file: TextFile) -> Header | None:
    first = file.head_lines[0] if file.head_lines else ""
    try:
        fields = json.loads(first)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict) or "precis" not in fields:
        return None
    try:
        header = Header.model_validate(fields)
    except ValidationError as error:
        raise InputError(f"{file.name}: line 1: {invalid(error)}; correct the header") from None
    if header.precis != VERSION:
        raise InputError(
            f"{file.name}: line 1: version {header.precis} of Précis's JSON lines, "
            f"but this Précis reads version {VERSION}; update Précis"
        )
    return header


def _lines(file: TextFile, *, skip_first: bool) -> Iterator[str | None]:
    for number, line in file.lines():
        yield "" if skip_first and number == 1 else line


def _message(line: str | None) -> Message | None:
    if line is None:
        raise DamageError(f"over {MAX_LINE:,} characters long")
    if not line.strip():
        return None
    try:
        message = Message.model_validate_json(sound(line))
    except ValidationError as error:
        raise DamageError(invalid(error)) from None
    text = clean_text(message.text)
    if message.is_bot or not text:
        return None
    return message.model_copy(update={"text": text, "author_name": clean_name(message.author_name)})
