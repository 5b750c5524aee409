"""HTTP routes of messages (Resources > Message): reading, writing, editing, deleting."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.peers.discord import chat, checks, render
from tests.peers.discord.errors import ApiError, Complaints, error
from tests.peers.discord.http import Call, Routes
from tests.peers.discord.messages import (
    DEFAULT,
    IS_COMPONENTS_V2,
    LOADING,
    REPLY,
    Message,
    mentions_in,
)
from tests.peers.discord.permissions import P
from tests.peers.discord.places import (
    ANNOUNCEMENT,
    TEXT,
    Channel,
    DirectMessages,
    Place,
    Thread,
)
from tests.peers.discord.routes_guilds import place_in_view

Json = dict[str, Any]

_NONCE_SECONDS = 300  # «checked for uniqueness in the past few minutes»


def _shown(call: Call, message: Message) -> Json:
    """With its content where the application has the message content intent."""
    has = "message_content" in call.world.application.intents
    return render.message(message, content=has)


def history(call: Call) -> list[Json]:
    """Message > Get Channel Messages: without READ_MESSAGE_HISTORY, no messages."""
    place = place_in_view(call)
    _text_only(place)
    if place.is_voice and not place.permissions_for(call.world.bot) & P.CONNECT:
        raise error(50001)
    limit, anchors = _paging(call)
    if not place.readable_by(call.world.bot):
        return []
    page = place.log.page(limit, **anchors)
    return [_shown(call, message) for message in page]


def _paging(call: Call) -> tuple[int, dict[str, int | None]]:
    """The query; `before`, `after` and `around` exclude each other, `limit` is 1 to 100."""
    query, complaints = call.request.query, Complaints()
    known = {"before", "after", "around", "limit"}
    checks.note_unknown(call.world, dict(query), known, call.where)
    anchors: dict[str, int | None] = {}
    for name in ("before", "after", "around"):
        value = query.get(name)
        if value is not None and not value.isdigit():
            words = f'Value "{value}" is not snowflake.'
            complaints.add((name,), "NUMBER_TYPE_COERCE", words)
            value = None
        anchors[name] = None if value is None else int(value)
    if sum(name in query for name in anchors) > 1:
        call.world.violate("before, after and around together", call.where, dict(query))
    limit = query.get("limit", "50")
    if not limit.isdigit() or not 1 <= int(limit) <= 100:
        words = "int value should be between 1 and 100."
        complaints.add(("limit",), "NUMBER_TYPE_RANGE", words)
        call.world.violate("invalid form body", call.where, limit)
    complaints.raise_if_any()
    return int(limit), anchors


def message_in_view(call: Call) -> Message:
    """The message of the path. Ephemeral ones are not to be found here."""
    place = place_in_view(call)
    message = place.log.get(call.id("message_id"))
    if message is None:
        raise error(10008)
    return message


def message(call: Call) -> Json:
    """Message > Get Channel Message: needs READ_MESSAGE_HISTORY."""
    place = place_in_view(call)
    if not place.readable_by(call.world.bot):
        raise error(50001)
    return _shown(call, message_in_view(call))


def _text_only(place: Place) -> None:
    if not place.holds_messages:
        raise error(50008)


def create(call: Call) -> Json:
    """Message > Create Message."""
    place, payload, files = place_in_view(call), call.body, call.request.files
    _text_only(place)
    _check_may_send(call, place, payload)
    checks.check_message(call.world, payload, "create", call.where, files=len(files))
    content = payload.get("content") or ""
    others = [payload.get(k) for k in ("embeds", "components", "sticker_ids", "poll")]
    checks.check_filled(call.world, call.where, content, *others, files)
    nonce = payload.get("nonce")
    enforced = nonce is not None and payload.get("enforce_nonce")
    if enforced and (known := _known_nonce(call, place, str(nonce))):
        return render.message(known)
    reply_to = _reference(call, place, payload.get("message_reference"))
    made = _make(call, place, payload, reply_to)
    if nonce is not None:
        call.world.nonces[place.id, str(nonce)] = made.id
    chat.put(made)
    chat.revive(place)
    chat.announce(made)
    return render.message(made)


def _check_may_send(call: Call, place: Place, payload: Json) -> None:
    """Message > Create Message > Limitations; Topics > Threads > Permissions; Locked Threads."""
    if isinstance(place, DirectMessages):
        _check_dm(call, place)
        return
    has = place.permissions_for(call.world.bot)
    if not has & (P.SEND_MESSAGES_IN_THREADS if place.is_thread else P.SEND_MESSAGES):
        raise error(50013)
    if isinstance(place, Thread) and place.locked and not has & P.MANAGE_THREADS:
        raise error(160005)
    if payload.get("embeds") and not has & P.EMBED_LINKS:
        raise error(50013)
    if call.request.files and not has & P.ATTACH_FILES:
        raise error(50013)
    if payload.get("message_reference") and not has & P.READ_MESSAGE_HISTORY:
        raise error(160002)


def _check_dm(call: Call, place: DirectMessages) -> None:
    """Opcodes and Status Codes > JSON Error Codes: 50007 and 50278."""
    recipient, guilds = place.recipient, call.world.guilds.values()
    if not any(recipient.id in g.members and g.bot_member for g in guilds):
        raise error(50278)
    if not recipient.accepts_dms:
        raise error(50007)


def _known_nonce(call: Call, place: Place, nonce: str) -> Message | None:
    known = call.world.nonces.get((place.id, nonce))
    found = place.log.get(known) if known else None
    if found is not None:
        age = call.world.clock.moment() - found.at
        if age < timedelta(seconds=_NONCE_SECONDS):
            return found
    return None


def _reference(call: Call, place: Place, reference: Json | None) -> Message | None:
    """Message > Message Reference Structure: it must exist, unless told otherwise."""
    if not reference:
        return None
    known = {"type", "message_id", "channel_id", "guild_id", "fail_if_not_exists"}
    checks.note_unknown(call.world, reference, known, call.where)
    found = place.log.get(int(reference.get("message_id", 0)))
    if found is None and reference.get("fail_if_not_exists", True):
        complaints = Complaints()
        words = "Unknown message"
        complaints.add(("message_reference",), "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", words)
        complaints.raise_if_any()
    return found


def _make(call: Call, place: Place, payload: Json, reply_to: Message | None) -> Message:
    world = call.world
    content = (payload.get("content") or "").strip()
    mentions = mentions_in(
        place,
        content,
        place.permissions_for(world.bot),
        allowed=payload.get("allowed_mentions"),
        reply_to=reply_to,
    )
    return Message(
        world.snowflake(),
        place,
        world.bot,
        content,
        world.clock.moment(),
        type=REPLY if reply_to else DEFAULT,
        flags=payload.get("flags") or 0,
        embeds=payload.get("embeds") or [],
        components=number_components(payload.get("components") or []),
        attachments=[chat.attachment(world, name) for name in call.request.files],
        reply_to=reply_to,
        nonce=payload.get("nonce"),
        mentions=mentions,
        pings=mentions,
    )


def number_components(parts: list[Json]) -> list[Json]:
    """Component Reference > Anatomy of a Component: ids are given where the bot gave none."""
    counter = iter(range(1, 1000))

    def numbered(part: Json) -> Json:
        part = {**part, "id": part.get("id") or next(counter)}
        if "components" in part:
            part["components"] = [numbered(inner) for inner in part["components"]]
        for one in ("accessory", "component"):
            if isinstance(part.get(one), dict):
                part[one] = numbered(part[one])
        return part

    return [numbered(part) for part in parts]


def edit(call: Call) -> Json:
    """Message > Edit Message: content, embeds and components by the author alone."""
    found = message_in_view(call)
    if found.author is not call.world.bot:
        raise error(50005)
    if isinstance(found.place, Thread) and found.place.archived:
        raise error(50083)
    apply_edit(call, call.body, found, "edit")
    return render.message(found)


def apply_edit(
    call: Call, payload: Json, found: Message, kind: str, *, regular: bool = True
) -> None:
    """Check and make an edit; shared with the messages of interactions. Null clears a field.

    The first edit of a deferred response makes it a message, which pings whom it mentions.
    """
    files = call.request.files
    flags = found.flags | (payload.get("flags") or 0) & IS_COMPONENTS_V2
    now = {**payload, "flags": (payload.get("flags") or 0) | flags & IS_COMPONENTS_V2}
    checks.check_message(call.world, now, kind, call.where, files=len(files))
    changes = _changes(call, payload, found)
    after = {name: changes.get(name, getattr(found, name)) for name in _FILLING}
    checks.check_filled(call.world, call.where, after.pop("content"), *after.values())
    if "content" in changes:
        changes["mentions"] = mentions_in(
            found.place,
            changes["content"],
            found.place.permissions_for(call.world.bot),
            allowed=payload.get("allowed_mentions"),
            regular=regular,
        )
    if found.loading:
        flags &= ~LOADING
        changes |= {"edited_at": None, "pings": changes.get("mentions", found.mentions)}
    chat.edit(found, flags=flags, **changes)


def _changes(call: Call, payload: Json, found: Message) -> Json:
    """What an edit says of content, embeds, components and attachments."""
    changes: Json = {}
    if "content" in payload:
        changes["content"] = (payload["content"] or "").strip()
    if "embeds" in payload:
        changes["embeds"] = payload["embeds"] or []
    if "components" in payload:
        changes["components"] = number_components(payload["components"] or [])
    files = call.request.files
    if "attachments" in payload or files:
        kept = {str(a.get("id")) for a in payload.get("attachments") or []}
        old = [a for a in found.attachments if "attachments" not in payload or a["id"] in kept]
        changes["attachments"] = old + [chat.attachment(call.world, name) for name in files]
    return changes


_FILLING = ("content", "embeds", "components", "attachments")


def delete(call: Call) -> None:
    """Message > Delete Message: others' need MANAGE_MESSAGES."""
    found = message_in_view(call)
    bot = call.world.bot
    if found.author is not bot and not found.place.permissions_for(bot) & P.MANAGE_MESSAGES:
        raise error(50013)
    chat.delete(found)


def bulk_delete(call: Call) -> None:
    """Message > Bulk Delete Messages: 2 to 100, none older than two weeks."""
    place = place_in_view(call)
    if place.guild is None:
        raise error(50003)
    if not place.permissions_for(call.world.bot) & P.MANAGE_MESSAGES:
        raise error(50013)
    ids = [int(i) for i in call.body.get("messages", [])]
    if not 2 <= len(ids) <= 100:
        complaints = Complaints()
        words = "Must be between 2 and 100 in length."
        complaints.add(("messages",), "BASE_TYPE_BAD_LENGTH", words)
        complaints.raise_if_any()
    found = [m for m in map(place.log.get, ids) if m]
    oldest = call.world.clock.moment() - timedelta(days=14)
    if any(m.at < oldest for m in found):
        raise error(50034)
    chat.bulk_delete(place, found)


def react(call: Call) -> None:
    """Message > Create Reaction."""
    found = message_in_view(call)
    has = found.place.permissions_for(call.world.bot)
    if not has & P.READ_MESSAGE_HISTORY or not has & P.ADD_REACTIONS:
        raise error(50013)
    emoji = call.request.params["emoji"]
    if emoji.isascii():
        raise ApiError(400, 10014, "Unknown Emoji")
    if emoji not in found.reactions:
        found.reactions.append(emoji)


def typing(call: Call) -> None:
    """Channel > Trigger Typing Indicator."""
    place = place_in_view(call)
    _check_may_send(call, place, {})


def start_thread(call: Call) -> Json:
    """Channel > Start Thread from Message: once for a message, in text channels."""
    found, bot = message_in_view(call), call.world.bot
    place = found.place
    if not isinstance(place, Channel) or place.type not in {TEXT, ANNOUNCEMENT}:
        raise error(50024)
    if not place.permissions_for(bot) & P.CREATE_PUBLIC_THREADS:
        raise error(50013)
    if found.thread is not None:
        raise error(160004)
    body, complaints = call.body, Complaints()
    known = {"name", "auto_archive_duration", "rate_limit_per_user"}
    checks.note_unknown(call.world, body, known, call.where)
    complaints.length(("name",), body.get("name"), 100, 1)
    if body.get("auto_archive_duration", 1440) not in {60, 1440, 4320, 10080}:
        words = "Value must be one of (60, 1440, 4320, 10080)."
        complaints.add(("auto_archive_duration",), "BASE_TYPE_CHOICES", words)
    if complaints:
        call.world.violate("invalid form body", call.where, body)
    complaints.raise_if_any()
    thread = place.add_thread(body["name"], owner=bot, from_message=found)
    return render.thread(thread, bot)


ROUTES: Routes = {
    "GET /channels/{channel_id}/messages": history,
    "POST /channels/{channel_id}/messages": create,
    "POST /channels/{channel_id}/messages/bulk-delete": bulk_delete,
    "GET /channels/{channel_id}/messages/{message_id}": message,
    "PATCH /channels/{channel_id}/messages/{message_id}": edit,
    "DELETE /channels/{channel_id}/messages/{message_id}": delete,
    "POST /channels/{channel_id}/messages/{message_id}/threads": start_thread,
    "PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me": react,
    "POST /channels/{channel_id}/typing": typing,
}
