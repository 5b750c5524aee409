"""Conversations for tests: plain builders, no fixtures."""

from datetime import UTC, datetime, timedelta

from precis.conversation import Conversation, Message

START = datetime(2026, 1, 31, 14, 0, tzinfo=UTC)


def message(number: int, author: str, text: str, minute: float | None = None, **more) -> Message:
    """Message `number` by `author`, a minute after the one before unless `minute` says other."""
    time = START + timedelta(minutes=number if minute is None else minute)
    fields = {"time": time, "author_id": author.lower(), "author_name": author}
    return Message(id=str(number), text=text, **{**fields, **more})


def conversation(*lines: str, **more) -> Conversation:
    """A conversation of lines `Author: text`, a minute apart."""
    pairs = [line.split(": ", 1) for line in lines]
    messages = tuple(message(n, author, text) for n, (author, text) in enumerate(pairs))
    return Conversation(source="test", channel="study", messages=messages, **more)
