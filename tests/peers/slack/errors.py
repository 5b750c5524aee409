"""The errors that the Web API answers with («Errors» of each docs.slack.dev/reference/methods/…).

Knows the shape of an error's body; nothing of when one is due.
"""

from __future__ import annotations

from typing import Any


class SlackError(Exception):
    """`{"ok": false, "error": …}`, with what else is said beside it."""

    def __init__(self, error: str, **beside: Any) -> None:
        super().__init__(error)
        self.error = error
        self.beside = beside

    def body(self) -> dict[str, Any]:
        return {"ok": False, "error": self.error, **self.beside}


def with_messages(error: str, complaints: list[str]) -> SlackError:
    """An error that says what is wrong with its arguments, as Slack does."""
    messages = [f"[ERROR] {complaint}" for complaint in complaints]
    return SlackError(error, errors=complaints, response_metadata={"messages": messages})


class UnavailableError(Exception):
    """What Slack's client would not let a person do."""
