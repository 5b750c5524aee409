"""What Discord refuses in a message's payload.

Each rule names its section of the public documentation. Fields that the documentation doesn't know
are recorded as violations, not refused: Discord ignores them, a bot should not send them.
"""

from __future__ import annotations

from typing import Any

from tests.peers.discord import components
from tests.peers.discord.errors import Complaints, error
from tests.peers.discord.messages import (
    EPHEMERAL,
    IS_COMPONENTS_V2,
    IS_VOICE_MESSAGE,
    SUPPRESS_EMBEDS,
    SUPPRESS_NOTIFICATIONS,
)
from tests.peers.discord.state import World

Payload = dict[str, Any]
Path = tuple[str, ...]

_SHARED = {"content", "tts", "embeds", "allowed_mentions", "components", "attachments", "flags"}
# By kind of request: the fields it takes, and the flags it may set.
_KINDS: dict[str, tuple[set[str], int]] = {
    # Message > Create Message
    "create": (
        _SHARED | {"nonce", "enforce_nonce", "message_reference", "sticker_ids", "poll"},
        SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | IS_VOICE_MESSAGE | IS_COMPONENTS_V2,
    ),
    # Message > Edit Message. `tts` is not documented there, but discord.py sends it with every
    # edit.
    "edit": (_SHARED, SUPPRESS_EMBEDS | IS_COMPONENTS_V2),
    # Interactions > Interaction Callback Data Structure > Messages
    "callback": (
        _SHARED | {"poll"},
        SUPPRESS_EMBEDS | EPHEMERAL | IS_COMPONENTS_V2 | IS_VOICE_MESSAGE | SUPPRESS_NOTIFICATIONS,
    ),
    # Interactions > Create Followup Message; Webhook > Execute Webhook
    "followup": (
        _SHARED | {"poll"},
        SUPPRESS_EMBEDS | EPHEMERAL | IS_COMPONENTS_V2 | SUPPRESS_NOTIFICATIONS,
    ),
}

_EMBED_FIELDS = {
    "title", "type", "description", "url", "timestamp", "color", "footer", "image", "thumbnail",
    "video", "provider", "author", "fields", "flags",
}  # fmt: skip


def check_message(world: World, payload: Payload, kind: str, where: str, *, files: int = 0) -> None:
    """Refuse (50035) or note what is wrong. Emptiness is for `check_filled`."""
    known, settable = _KINDS[kind]
    note_unknown(world, payload, known, where)
    complaints = Complaints()
    content = payload.get("content")
    if content is not None:
        # Message > Create Message: content up to 2000 characters
        complaints.length(("content",), content, 2000)
    _check_nonce(complaints, payload.get("nonce"))
    _check_embeds(complaints, payload.get("embeds") or [])
    _check_allowed_mentions(world, complaints, payload.get("allowed_mentions"), where)
    flags = payload.get("flags") or 0
    if flags & ~settable:
        # The same sections: «only … can be set»; Discord drops the others.
        world.violate("flag that cannot be set", where, flags & ~settable)
    v2 = bool(flags & IS_COMPONENTS_V2)
    if v2 and (content or payload.get("embeds") or payload.get("poll")):
        # Message > Create Message **: with IS_COMPONENTS_V2 only components
        words = "The 'content' and 'embeds' fields cannot be used with IS_COMPONENTS_V2"
        complaints.add(("flags",), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", words)
    components.check(world, complaints, payload.get("components") or [], where, v2=v2)
    if len(payload.get("attachments") or []) > 10 or files > 10:
        complaints.add(("attachments",), "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    if complaints:
        world.violate("invalid form body", where, payload)
    complaints.raise_if_any()


def check_filled(world: World, where: str, content: str | None, *others: Any) -> None:
    """Message > Create Message *: at least one of content, embeds, components, files (50006)."""
    if not (content and content.strip()) and not any(others):
        world.violate("empty message", where)
        raise error(50006)


def note_unknown(world: World, payload: Payload, known: set[str], where: str) -> None:
    """Record fields that the documentation does not name."""
    unknown = sorted(set(payload) - known)
    if unknown:
        world.violate("unknown field", where, unknown)


def _check_nonce(complaints: Complaints, nonce: Any) -> None:
    """Message > Create Message: integer or string, up to 25 characters."""
    if nonce is not None and len(str(nonce)) > 25:
        words = "Must be 25 or fewer in length."
        complaints.add(("nonce",), "NONCE_TYPE_TOO_LONG", words)


def _check_embeds(complaints: Complaints, embeds: list[Payload]) -> None:
    """Message > Embed Limits."""
    if len(embeds) > 10:
        complaints.add(("embeds",), "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    for number, embed in enumerate(embeds):
        _check_embed(complaints, ("embeds", number), embed)
    if sum(map(embed_size, embeds)) > 6000:
        words = "Embed size exceeds maximum size of 6000"
        complaints.add(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", words)


def embed_size(embed: Payload) -> int:
    """The characters that count towards the 6000 of a message."""
    parts = [embed.get("title"), embed.get("description")]
    parts += [embed.get("footer", {}).get("text"), embed.get("author", {}).get("name")]
    for one in embed.get("fields", []):
        parts += [one.get("name"), one.get("value")]
    return sum(len(part.strip()) for part in parts if part)


def _check_embed(complaints: Complaints, at: tuple[str | int, ...], embed: Payload) -> None:
    for name in sorted(set(embed) - _EMBED_FIELDS):
        complaints.add((*at, name), "BASE_TYPE_UNKNOWN", "Unknown field")
    for name, most in (("title", 256), ("description", 4096)):
        if embed.get(name) is not None:
            complaints.length((*at, name), str(embed[name]).strip(), most)
    if embed.get("footer"):
        text = str(embed["footer"].get("text", "")).strip()
        complaints.length((*at, "footer", "text"), text, 2048, 1)
    if embed.get("author"):
        name = str(embed["author"].get("name", "")).strip()
        complaints.length((*at, "author", "name"), name, 256, 1)
    fields = embed.get("fields") or []
    if len(fields) > 25:
        words = "Must be 25 or fewer in length."
        complaints.add((*at, "fields"), "BASE_TYPE_MAX_LENGTH", words)
    for number, one in enumerate(fields):
        for name, most in (("name", 256), ("value", 1024)):
            value = str(one.get(name) or "").strip()
            complaints.length((*at, "fields", number, name), value, most, 1)
    _check_urls(complaints, at, embed)


def _check_urls(complaints: Complaints, at: tuple[str | int, ...], embed: Payload) -> None:
    """Message > Embed Author, Image, Footer Structure: only http(s), and attachments for images."""
    links: list[tuple[Path, Any, Path]] = [(("url",), embed.get("url"), ())]
    links.append((("author", "url"), (embed.get("author") or {}).get("url"), ()))
    pictures = [("image", "url"), ("thumbnail", "url"), ("footer", "icon_url")]
    for part, name in [*pictures, ("author", "icon_url")]:
        links += [((part, name), (embed.get(part) or {}).get(name), ("attachment://",))]
    for path, url, more in links:
        if url and not str(url).startswith(("http://", "https://", *more)):
            words = f"Scheme of {str(url)[:40]!r} must be one of ('http', 'https')."
            complaints.add((*at, *path), "URL_TYPE_INVALID_SCHEME", words)


def _check_allowed_mentions(
    world: World, complaints: Complaints, allowed: Payload | None, where: str
) -> None:
    """Message > Allowed Mentions Object."""
    if allowed is None:
        return
    note_unknown(world, allowed, {"parse", "roles", "users", "replied_user"}, where)
    parse = allowed.get("parse") or []
    for number, kind in enumerate(parse):
        if kind not in {"roles", "users", "everyone"}:
            words = "Value must be one of ('roles', 'users', 'everyone')."
            complaints.add(("allowed_mentions", "parse", number), "BASE_TYPE_CHOICES", words)
    for kind in ("roles", "users"):
        named = allowed.get(kind) or []
        if named and kind in parse:
            words = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            complaints.add(("allowed_mentions",), "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", words)
        if len(named) > 100:
            words = "Must be 100 or fewer in length."
            complaints.add(("allowed_mentions", kind), "BASE_TYPE_MAX_LENGTH", words)
