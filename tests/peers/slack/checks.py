"""What is wrong with a piece of Block Kit, in Slack's words, with where it is."""

from __future__ import annotations

from typing import Any

Path = tuple[str | int, ...]


class Complaints:
    """Collects complaints, as «must provide a string [json-pointer:/blocks/0/text/text]»."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, path: Path, words: str) -> None:
        pointer = "".join(f"/{step}" for step in path)
        self.lines.append(f"{words} [json-pointer:{pointer}]")

    def string(self, path: Path, value: Any, most: int, *, least: int = 0) -> bool:
        """Complain unless it is a string of `least` to `most` characters."""
        if not isinstance(value, str):
            self.add(path, "must provide a string")
        elif len(value) < least:
            self.add(path, f"must be more than {least - 1} characters")
        elif len(value) > most:
            self.add(path, f"must be less than {most + 1} characters")
        else:
            return True
        return False

    def items(self, path: Path, value: Any, most: int, *, least: int = 1) -> list[Any]:
        """A list of `least` to `most` items; empty, after a complaint, where it is none."""
        if not isinstance(value, list):
            self.add(path, "must provide an array")
            return []
        if len(value) > most:
            self.add(path, f"no more than {most} items allowed")
        if len(value) < least:
            self.add(path, f"no less than {least} items allowed")
        return value

    def flag(self, path: Path, value: Any) -> None:
        if not isinstance(value, bool):
            self.add(path, "must be a boolean")

    def choice(self, path: Path, value: Any, choices: set[str]) -> None:
        if value not in choices:
            self.add(path, f"must be one of {', '.join(sorted(choices))}")

    def table(self, path: Path, value: Any) -> dict[str, Any] | None:
        """The object it is; None, after a complaint, where it is none."""
        if isinstance(value, dict):
            return value
        self.add(path, "must provide an object")
        return None

    def fields(self, path: Path, given: dict[str, Any], known: set[str], needed: set[str]) -> None:
        """Complain of fields that are missing and of those that there are not."""
        for name in sorted(needed - set(given)):
            self.add(path, f"missing required field: {name}")
        for name in sorted(set(given) - known):
            self.add(path, f"invalid additional property: {name}")

    def text(self, path: Path, value: Any, most: int, *, plain: bool = False) -> None:
        """docs.slack.dev/reference/block-kit/composition-objects/text-object"""
        given = self.table(path, value)
        if given is None:
            return
        kinds = {"plain_text"} if plain else {"plain_text", "mrkdwn"}
        if given.get("type") not in kinds:
            self.add((*path, "type"), f"must be one of {', '.join(sorted(kinds))}")
            return
        extra = "emoji" if given["type"] == "plain_text" else "verbatim"
        self.fields(path, given, {"type", "text", extra}, {"text"})
        if "text" in given:
            self.string((*path, "text"), given["text"], most, least=1)
        if extra in given:
            self.flag((*path, extra), given[extra])
