"""Which of several trained things serves, and those before it: a JSON file that processes share.

Changed by one at a time, read whole by all. Knows nothing of what is promoted.
"""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from filelock import FileLock, Timeout
from pydantic import Field, TypeAdapter, ValidationError

from precis.errors import InputError, ModelError
from precis.frozen import Frozen

NAME = r"[a-z0-9][a-z0-9._-]{0,63}"
KEPT = 20  # earlier ones that can be rolled back to
PATIENCE = 10.0  # seconds to wait for another operator's change

Name = Annotated[str, Field(pattern=f"^{NAME}$")]


class Promotion(Frozen):
    """What serves under a key."""

    adapter: Name | None = None
    """None: nothing that was trained, but what the key stands for by itself."""
    earlier: tuple[Name | None, ...] = ()
    """Newest last."""


_PROMOTIONS = TypeAdapter(dict[str, Promotion])


class Promotions:
    """The file; several processes may use it at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, Promotion]:
        """By key. Raises ModelError if the file is damaged."""
        try:
            return _PROMOTIONS.validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except ValidationError:
            advice = "restore it, or remove it and promote again"
            raise ModelError(f"{self._path} is damaged; {advice}") from None
        except OSError as error:
            raise unreadable(error) from None

    def promote(self, key: str, name: str) -> None:
        """Let `name` serve from now on."""
        with self.locked():
            promotions = self.read()
            now = promotions.get(key, Promotion())
            if now.adapter != name:
                earlier = (*now.earlier, now.adapter)[-KEPT:]
                promotions[key] = Promotion(adapter=name, earlier=earlier)
                self._save(promotions)

    def rollback(self, key: str, there: Collection[str], *, shown: str = "") -> str | None:
        """Let what served before serve again; those that aren't `there` are passed over.

        Gives its name, None for what the key stands for by itself. Raises InputError, which calls
        the key as `shown`, if there is none before.
        """
        with self.locked():
            promotions = self.read()
            before = self.before(shown or key, promotions.get(key, Promotion()), there)
            promotions[key] = before
            self._save(promotions)
        return before.adapter

    @staticmethod
    def before(shown: str, now: Promotion, there: Collection[str]) -> Promotion:
        """What a rollback leads to."""
        usable = {None, *there} - {now.adapter}
        earlier = list(now.earlier)
        while earlier and earlier[-1] not in usable:
            earlier.pop()
        if not earlier:
            raise InputError(f"{shown[:60]} can't roll back further; promote one")
        return Promotion(adapter=earlier.pop(), earlier=tuple(earlier))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """The one who changes what is there; raises ModelError if that can't be had."""
        folder = self._path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with FileLock(folder / f".{self._path.stem}.lock", timeout=PATIENCE):
                yield
        except OSError as error:
            reason = "another process does" if isinstance(error, Timeout) else error.strerror
            raise ModelError(f"{folder} can't be changed ({reason}); try again") from None

    def _save(self, promotions: dict[str, Promotion]) -> None:
        write_whole(self._path, _PROMOTIONS.dump_json(promotions, indent=2).decode() + "\n")


def write_whole(path: Path, content: str) -> None:
    """Write a file that others may be reading: they see the old one or the new one, whole."""
    new = path.with_name(f".{path.name}.new")
    with new.open("w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def unreadable(error: OSError) -> ModelError:
    """What to say of a file that can't be read."""
    what, reason = error.filename or "a file", error.strerror or type(error).__name__
    return ModelError(f"{what} can't be read ({reason}); restore it, or see to its rights")
