"""Marks for what isn't text, and which messages are no part of a conversation.

Pure functions that the readers and the live bots share. Knows nothing of a platform's markup.
"""

import mimetypes
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Literal

import regex

from precis.conversation import MAX_TEXT, Attachment
from precis.normalisation.plain_text import clean_text, shorten

Kind = Literal["image", "audio", "video", "file"]

_COMMAND = regex.compile(r"[!/][A-Za-z][\w-]*+(?!\S)")
# People who talk about Linux start sentences with a path.
_FOLDERS = frozenset(
    f"/{name}"
    for name in (
        *("bin", "boot", "dev", "etc", "home", "lib", "media", "mnt", "opt", "proc"),
        *("root", "run", "sbin", "srv", "sys", "tmp", "usr", "var"),
    )
)


def is_command(text: str) -> bool:
    """Whether a message talks to a bot: it starts with `!word` or `/word`."""
    found = _COMMAND.match(text)
    return found is not None and found.group() not in _FOLDERS


def attachment(name: str, media_type: str = "") -> Attachment:
    """An attachment of a file's name, its kind from the media type or else from the name."""
    name = clean_text(PurePosixPath(name).name or name, 300)
    guessed = media_type or mimetypes.guess_type(name)[0] or ""
    kind: Kind = "file"
    match guessed.partition("/")[0]:
        case "image":
            kind = "image"
        case "audio":
            kind = "audio"
        case "video":
            kind = "video"
    return Attachment(kind=kind, name=name)


def attachment_mark(attached: Attachment) -> str:
    """`[image]`, `[audio]`, `[video]`, or `[file: notes.pdf]`."""
    if attached.kind == "file" and attached.name:
        return f"[file: {attached.name}]"
    return f"[{attached.kind}]"


def with_marks(
    text: str,
    attachments: Iterable[Attachment] = (),
    stickers: Iterable[str] = (),
    limit: int = MAX_TEXT,
) -> str:
    """Clean text with a mark appended for each file and sticker; several images are one mark."""
    marks = [attachment_mark(attached) for attached in attachments]
    marks += [f"[sticker: {clean_text(name, 100)}]" for name in stickers]
    appended = " ".join(dict.fromkeys(marks))[: limit // 2]
    if not appended:
        return text
    return f"{shorten(text, limit - len(appended) - 1)} {appended}".strip()
