"""The gates that were trained, and which of them serves.

    models/gate/              the shipped one, called `shipped`
    models/gates/NAME/        others, each with its manifest
    models/gates/promoted.json    which serves, and those before

A gate is used only if its manifest vouches for its weights. Knows nothing of how gates are trained.
"""

import re
import shutil
from pathlib import Path

from precis.errors import InputError, ModelError
from precis.hashing import sha256_of
from worker.gate.folder import FILES, MANIFEST, WEIGHTS, GateManifest, read_manifest
from worker.promotions import NAME, Promotions, write_whole

GATES = "gates"
SHIPPED = "shipped"
_KEY = "gate"
_NAME = re.compile(NAME)
_HALFWAY = ".adding"


class GateRegistry:
    """The gates in a models folder. Several processes may use it at once."""

    def __init__(self, models: Path) -> None:
        self._models = models
        self._promotions = Promotions(models / GATES / "promoted.json")

    def names(self) -> list[str]:
        """The shipped one first, then the others in order; whole or not."""
        folders = (self._models / GATES).glob("*/")
        found = sorted(folder.name for folder in folders if _NAME.fullmatch(folder.name))
        return [SHIPPED, *(name for name in found if name != SHIPPED)]

    def folder(self, name: str) -> Path:
        """Where a gate lies. Raises InputError, with the known names, if there is none."""
        if name == SHIPPED:
            return self._models / "gate"
        if name not in self.names():
            known = ", ".join(self.names())
            raise InputError(f"no gate {name[:64]!r} in {self._models / GATES}; there are: {known}")
        return self._models / GATES / name

    def check(self, name: str) -> GateManifest:
        """The manifest of a whole gate. Raises ModelError."""
        return read_manifest(self.folder(name))

    def serving(self) -> str:
        """The name of the gate that serves. Raises ModelError where that can't be read."""
        promotion = self._promotions.read().get(_KEY)
        return (promotion.adapter if promotion else None) or SHIPPED

    def promoted(self) -> Path:
        """Its folder, unchecked."""
        return self.folder(self.serving())

    def promote(self, name: str) -> GateManifest:
        """Let a gate serve from now on, if it is whole."""
        manifest = self.check(name)
        self._promotions.promote(_KEY, name)
        return manifest

    def rollback(self) -> str:
        """Let the gate before serve again; gives its name.

        Gates that were removed since are passed over. Raises InputError if there is none before,
        ModelError if it is damaged.
        """
        now = self._promotions.read().get(_KEY)
        if now is not None:
            before = Promotions.before("the gate", now, self.names()).adapter
            self.check(before or SHIPPED)
        return self._promotions.rollback(_KEY, self.names(), shown="the gate") or SHIPPED

    def add(self, source: Path, name: str) -> Path:
        """Copy a whole gate into the registry; it appears whole or not at all.

        Adding the same again renews its manifest, and so its thresholds. Raises
        InputError if the name is wrong or another gate has it, ModelError if it isn't whole.
        """
        manifest = read_manifest(source)
        if not _NAME.fullmatch(name) or name == SHIPPED:
            raise InputError(f"{name[:64]!r} can't be a gate's name; use {_NAME.pattern}")
        target = self._models / GATES / name
        with self._promotions.locked():
            if target.exists():
                if _same_network(source, target):
                    write_whole(target / MANIFEST, (source / MANIFEST).read_text(encoding="utf-8"))
                    return target
                raise InputError(f"another gate is called {name}; rename it or remove {target}")
            halfway = target.parent / _HALFWAY
            shutil.rmtree(halfway, ignore_errors=True)
            halfway.mkdir(parents=True)
            try:
                for file in [*FILES, "README.md"]:
                    if (source / file).is_file():
                        shutil.copyfile(source / file, halfway / file)
                if sha256_of(halfway / WEIGHTS) != manifest.sha256:
                    raise ModelError(f"{source} changed while it was copied; add it again")
                halfway.rename(target)
            finally:
                shutil.rmtree(halfway, ignore_errors=True)
        return target


def _same_network(one: Path, other: Path) -> bool:
    same = ((one / name, other / name) for name in FILES if name != MANIFEST)
    return all(theirs.is_file() and sha256_of(ours) == sha256_of(theirs) for ours, theirs in same)
