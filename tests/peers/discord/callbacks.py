"""HTTP routes that answer interactions: the callback, and the webhook that its token opens.

The rules are those of Interactions > Receiving and Responding: three seconds, once, fifteen
minutes.
"""

from __future__ import annotations

from typing import Any

from tests.peers.discord import chat, checks, components, interactions, render
from tests.peers.discord.errors import ApiError, Complaints, error
from tests.peers.discord.http import Call, Routes
from tests.peers.discord.interactions import Interaction, Response
from tests.peers.discord.messages import (
    CHAT_INPUT_COMMAND,
    CONTEXT_MENU_COMMAND,
    DEFAULT,
    EPHEMERAL,
    LOADING,
    REPLY,
    Mentions,
    Message,
    mentions_in,
)
from tests.peers.discord.routes_messages import apply_edit, number_components

Json = dict[str, Any]

_COMPONENT_ONLY = {interactions.DEFERRED_UPDATE, interactions.UPDATE}


def callback(call: Call) -> Json | None:
    """Create Interaction Response."""
    it = call.world.interactions.get(call.request.params["token"])
    try:
        if it is None or it.id != call.id("interaction_id"):
            raise error(10062)
        _respond(call, it)
    except ApiError as refusal:
        if it is not None:
            it.refused.append(refusal)
        raise
    if call.request.query.get("with_response") in {"1", "true", "True"}:
        return _callback_response(it)
    return None


def _respond(call: Call, it: Interaction) -> None:
    if it.response is not None:
        call.world.violate("acknowledged twice", call.where, it.command)
        raise error(40060)
    # «If the 3 second deadline is exceeded, the token will be invalidated.»
    if it.age > call.world.ack_seconds or it.expired:
        raise error(10062)
    checks.note_unknown(call.world, call.body, {"type", "data", "attachments"}, call.where)
    kind, data = call.body.get("type", 0), call.body.get("data") or {}
    _check_kind(call, it, kind)
    response = Response(kind, data.get("flags") or 0, data)
    if kind == interactions.MODAL:
        components.check_modal(call.world, data, call.where)
        it.modal = data
    elif kind == interactions.AUTOCOMPLETE_RESULT:
        it.choices = _suggestions(call, data)
    elif kind == interactions.DEFERRED_MESSAGE:
        response = _defer(call, it, data)
    elif kind == interactions.MESSAGE:
        _check_new(call, data, "callback")
        it.original_message = _post(call, it, data)
    else:
        it.original_message = it.source
        if kind == interactions.UPDATE:
            assert it.source is not None
            apply_edit(call, data, it.source, "callback", regular=False)
    it.acknowledge(response)


def _check_kind(call: Call, it: Interaction, kind: Any) -> None:
    """Interaction Callback Type, with its footnotes * and **."""
    if it.type == interactions.AUTOCOMPLETE:
        allowed = {interactions.AUTOCOMPLETE_RESULT}
    else:
        allowed = {interactions.MESSAGE, interactions.DEFERRED_MESSAGE}
        if it.source is not None:
            allowed |= _COMPONENT_ONLY
        elif it.type == interactions.MODAL_SUBMIT:
            # Discord takes a deferred update for a command's modal, with nothing to update.
            allowed.add(interactions.DEFERRED_UPDATE)
        if it.type != interactions.MODAL_SUBMIT:
            allowed.add(interactions.MODAL)
    if kind not in allowed:
        complaints = Complaints()
        words = f"Value must be one of {tuple(sorted(allowed))}."
        complaints.add(("type",), "BASE_TYPE_CHOICES", words)
        call.world.violate("invalid form body", call.where, call.body)
        complaints.raise_if_any()


def _suggestions(call: Call, data: Json) -> list[Json]:
    """Interaction Callback Data Structure > Autocomplete: up to 25 choices."""
    checks.note_unknown(call.world, data, {"choices"}, call.where)
    choices, complaints = data.get("choices") or [], Complaints()
    if len(choices) > 25:
        words = "Must be 25 or fewer in length."
        complaints.add(("data", "choices"), "BASE_TYPE_MAX_LENGTH", words)
    for number, choice in enumerate(choices):
        at = ("data", "choices", number)
        complaints.length((*at, "name"), choice.get("name"), 100, 1)
        if isinstance(choice.get("value"), str):
            complaints.length((*at, "value"), choice["value"], 100, 1)
    if complaints:
        call.world.violate("invalid form body", call.where, data)
    complaints.raise_if_any()
    return choices


def _defer(call: Call, it: Interaction, data: Json) -> Response:
    """Messages *: a deferral may set no flag but EPHEMERAL."""
    checks.note_unknown(call.world, data, {"flags"}, call.where)
    flags = data.get("flags") or 0
    if flags & ~EPHEMERAL:
        call.world.violate("flag that cannot be set", call.where, flags & ~EPHEMERAL)
    it.original_message = _post(call, it, {"flags": flags & EPHEMERAL}, extra=LOADING)
    return Response(interactions.DEFERRED_MESSAGE, flags & EPHEMERAL, data)


def _check_new(call: Call, data: Json, kind: str) -> None:
    files = call.request.files
    checks.check_message(call.world, data, kind, call.where, files=len(files))
    others = [data.get("embeds"), data.get("components"), data.get("poll"), files]
    checks.check_filled(call.world, call.where, data.get("content"), *others)


def _post(
    call: Call, it: Interaction, data: Json, *, extra: int = 0, followup: bool = False
) -> Message:
    """A message by the bot in the interaction's place; ephemeral ones stay out of the history."""
    world, place = call.world, it.place
    content = (data.get("content") or "").strip()
    flags = (data.get("flags") or 0) | extra
    allowed = data.get("allowed_mentions")
    has = place.permissions_for(world.bot)
    mentions = mentions_in(place, content, has, allowed=allowed, regular=False)
    made = Message(
        world.snowflake(),
        place,
        world.bot,
        content,
        world.clock.moment(),
        type=_type(it, followup=followup),
        flags=flags,
        embeds=data.get("embeds") or [],
        components=number_components(data.get("components") or []),
        attachments=[chat.attachment(world, name) for name in call.request.files],
        reply_to=_answered(it, followup=followup),
        interaction=it,
        mentions=mentions,
        pings=Mentions() if extra else mentions,
        only_for=it.user if flags & EPHEMERAL else None,
    )
    if made.only_for is None:
        chat.put(made)
        chat.announce(made)
    return made


def _type(it: Interaction, *, followup: bool) -> int:
    """Message > Message Types."""
    if it.type == interactions.APPLICATION_COMMAND and not followup:
        return CHAT_INPUT_COMMAND if it.data.get("type") == 1 else CONTEXT_MENU_COMMAND
    return REPLY if _answered(it, followup=followup) else DEFAULT


def _answered(it: Interaction, *, followup: bool) -> Message | None:
    return it.original_message if followup else it.source


def _callback_response(it: Interaction) -> Json:
    """Interaction Callback Response Object."""
    assert it.response is not None
    message, kind = it.original_message, it.response.type
    about: Json = {"id": str(it.id), "type": it.type}
    resource: Json = {"type": kind}
    if message is not None:
        about |= {"response_message_id": str(message.id)}
        about |= {"response_message_loading": message.loading}
        about |= {"response_message_ephemeral": message.ephemeral}
        if kind in {interactions.MESSAGE, interactions.UPDATE}:
            resource["message"] = render.message(message)
    return {"interaction": about, "resource": resource}


def _token(call: Call) -> Interaction:
    """The interaction of the path's token: 50027 when dead, 10015 before the first response."""
    it = call.world.interactions.get(call.request.params["token"])
    if it is None or call.id("application_id") != call.world.application.id:
        raise error(50027)
    refusal = error(50027) if it.expired else None
    if it.response is None and refusal is None:
        refusal = error(10015)
    if refusal is not None:
        it.refused.append(refusal)
        raise refusal
    return it


def _message(call: Call) -> Message:
    it = _token(call)
    which = call.request.params.get("message_id", "@original")
    if which == "@original":
        found = it.original_message
        found = None if found is None or found.deleted else found
    else:
        found = it.find(call.id("message_id"))
    if found is None:
        raise error(10008)
    return found


def get_message(call: Call) -> Json:
    """Get Original Interaction Response, Get Followup Message."""
    return render.message(_message(call))


def edit_message(call: Call) -> Json:
    """Edit Original Interaction Response, Edit Followup Message."""
    found = _message(call)
    _note_query(call, {"with_components", "thread_id"})
    apply_edit(call, call.body, found, "edit", regular=False)
    return render.message(found)


def delete_message(call: Call) -> None:
    """Delete Original Interaction Response, Delete Followup Message."""
    chat.delete(_message(call))


def followup(call: Call) -> Json:
    """Create Followup Message."""
    it = _token(call)
    _note_query(call, {"wait", "with_components", "thread_id"})
    data = call.body
    original = it.original_message
    deferred = it.response is not None and it.response.type == interactions.DEFERRED_MESSAGE
    if deferred and original is not None and original.loading and not original.deleted:
        # «this endpoint will function as Edit Original Interaction Response»; the flag of the
        # deferral stays.
        kept = {name: value for name, value in data.items() if name != "flags"}
        apply_edit(call, kept, original, "edit", regular=False)
        return render.message(original)
    _check_new(call, data, "followup")
    made = _post(call, it, data, followup=True)
    it.add_followup(made)
    return render.message(made)


def _note_query(call: Call, known: set[str]) -> None:
    checks.note_unknown(call.world, dict(call.request.query), known, call.where)


ROUTES: Routes = {
    "POST /interactions/{interaction_id}/{token}/callback": callback,
    "POST /webhooks/{application_id}/{token}": followup,
    "GET /webhooks/{application_id}/{token}/messages/@original": get_message,
    "PATCH /webhooks/{application_id}/{token}/messages/@original": edit_message,
    "DELETE /webhooks/{application_id}/{token}/messages/@original": delete_message,
    "GET /webhooks/{application_id}/{token}/messages/{message_id}": get_message,
    "PATCH /webhooks/{application_id}/{token}/messages/{message_id}": edit_message,
    "DELETE /webhooks/{application_id}/{token}/messages/{message_id}": delete_message,
}
