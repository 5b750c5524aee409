"""What people do with a bot: use its commands, press its buttons, fill in its modals.

Refuses (`UnavailableError`) what Discord's client would not let a person do: a command that is not
registered, a wrong option, a button that they cannot see. Sends INTERACTION_CREATE with the data
that Discord documents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.peers.discord import render
from tests.peers.discord.interactions import (
    APPLICATION_COMMAND,
    AUTOCOMPLETE,
    MESSAGE_COMPONENT,
    MODAL_SUBMIT,
    Interaction,
)
from tests.peers.discord.messages import Message, walk
from tests.peers.discord.options import Form, UnavailableError
from tests.peers.discord.permissions import P
from tests.peers.discord.places import Place, Thread
from tests.peers.discord.state import User, World

if TYPE_CHECKING:
    from tests.peers.discord.guilds import Member

Payload = dict[str, Any]

_GUILD, _BOT_DM = 0, 1  # Interactions > Interaction Context Types


def slash(
    world: World,
    user: User,
    place: Place,
    name: str,
    path: list[str],
    values: Payload,
    *,
    focused: str | None = None,
) -> Interaction:
    """Use a slash command; with `focused`, type in that option and ask for suggestions."""
    command = _command(world, user, place, name, kind=1)
    data: Payload = {"id": command["id"], "name": name, "type": 1}
    form = Form(place, user)
    if given := form.options(command, path, values, focused):
        data["options"] = given
    if form.resolved:
        data["resolved"] = form.resolved
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    kind = AUTOCOMPLETE if focused else APPLICATION_COMMAND
    return _send(Interaction(world, kind, user, place, data))


def context_menu(
    world: World, user: User, target: Message | User | Member, name: str, place: Place
) -> Interaction:
    """Use a command of a message's or a person's menu."""
    is_message = isinstance(target, Message)
    command = _command(world, user, place, name, kind=3 if is_message else 2)
    form = Form(place, user)
    if isinstance(target, Message):
        if not target.visible_to(user):
            raise UnavailableError(f"{user} cannot see {target}")
        # Gateway > Message Content Intent: the message of a message command comes with its content.
        form.resolved["messages"] = {str(target.id): render.message(target)}
    else:
        form.person(target)
    data: Payload = {"id": command["id"], "name": name, "type": command["type"]}
    data |= {"target_id": str(target.id), "resolved": form.resolved}
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    return _send(Interaction(world, APPLICATION_COMMAND, user, place, data))


def click(world: World, user: User, message: Message, which: str) -> Interaction:
    """Press the button with this custom id, label or emoji."""
    button = _component(user, message, which, {2})
    if button["style"] == 5:
        raise UnavailableError(f"{which!r} is a link; it makes no interaction")
    data = {"custom_id": button["custom_id"], "component_type": 2, "id": button.get("id", 0)}
    return _send(Interaction(world, MESSAGE_COMPONENT, user, message.place, data, source=message))


def select(
    world: World, user: User, message: Message, which: str, values: list[Any]
) -> Interaction:
    """Choose in the menu with this custom id or placeholder: option values, or people, roles,
    channels.
    """
    menu = _component(user, message, which, {3, 5, 6, 7, 8})
    form = Form(message.place, user)
    chosen = form.choices(menu, values)
    data: Payload = {"custom_id": menu["custom_id"], "component_type": menu["type"]}
    data |= {"values": chosen, "id": menu.get("id", 0)}
    if form.resolved:
        data["resolved"] = form.resolved
    return _send(Interaction(world, MESSAGE_COMPONENT, user, message.place, data, source=message))


def submit_modal(world: World, shown: Interaction, values: Payload) -> Interaction:
    """Fill in the modal that an interaction was answered with: values by custom id or label."""
    if shown.modal is None:
        raise UnavailableError(f"{shown} was not answered with a modal")
    left = dict(values)
    place, form = shown.place, Form(shown.place, shown.user)
    parts = [
        form.modal_part(part, left, number * 2 + 1)
        for number, part in enumerate(shown.modal["components"])
    ]
    if left:
        raise UnavailableError(f"the modal has no fields {sorted(left)}")
    data: Payload = {"custom_id": shown.modal["custom_id"], "components": parts}
    if form.resolved:
        data["resolved"] = form.resolved
    source = shown.source
    made = Interaction(world, MODAL_SUBMIT, shown.user, place, data, source=source, parent=shown)
    shown.modal = None
    return _send(made)


def _command(world: World, user: User, place: Place, name: str, kind: int) -> Payload:
    """The registered command, if this person may use it here.

    Application Commands > Permissions, Contexts. A guild's own command hides the global one of its
    name.
    """
    guild = place.guild
    registered = world.application.commands
    sets = [registered.get(guild.id if guild else None, []), registered.get(None, [])]
    found = [c for some in sets for c in some if c["name"] == name and c["type"] == kind]
    if not found:
        known = sorted({c["name"] for some in sets for c in some})
        raise UnavailableError(
            f"no command {name!r} of type {kind} is registered; there are {known}"
        )
    command = found[0]
    contexts = command.get("contexts")
    context = _GUILD if guild else _BOT_DM
    if contexts is not None and context not in contexts:
        raise UnavailableError(f"{name!r} is not to be used in context {context}")
    if guild is None and command.get("dm_permission") is False:
        raise UnavailableError(f"{name!r} is not to be used in direct messages")
    if guild is not None:
        _check_person(user, place, command)
    return command


def _check_person(user: User, place: Place, command: Payload) -> None:
    guild = place.guild
    assert guild is not None
    if guild.bot_member is None:
        raise UnavailableError(f"the bot is not in {guild}")
    has = place.permissions_for(user)
    if isinstance(place, Thread) and place.archived:
        # Topics > Threads > Active & Archived Threads
        raise UnavailableError(f"{place} is archived")
    if not has & P.VIEW_CHANNEL or not has & P.USE_APPLICATION_COMMANDS:
        raise UnavailableError(f"{user} cannot use commands in {place}")
    needed = command.get("default_member_permissions")
    if needed is None or has & P.ADMINISTRATOR:
        return
    if int(needed) == 0 or has & int(needed) != int(needed):
        raise UnavailableError(f"{user} lacks the permissions for {command['name']!r}")


def _component(user: User, message: Message, which: str, kinds: set[int]) -> Payload:
    if not message.visible_to(user):
        raise UnavailableError(f"{user} cannot see {message}")
    parts = [part for part in walk(message.components) if part.get("type") in kinds]
    for part in parts:
        names = [part.get("custom_id"), part.get("label"), part.get("placeholder")]
        names.append((part.get("emoji") or {}).get("name"))
        if which in names:
            if part.get("disabled"):
                raise UnavailableError(f"{which!r} is disabled")
            return part
    there = [part.get("label") or part.get("custom_id") for part in parts]
    raise UnavailableError(f"the message has no {which!r}; it has {there}")


def _send(it: Interaction) -> Interaction:
    """Gateway Events > Interaction Create, which needs no intent."""
    guild = it.place.guild
    it.delivered = it.world.emit("INTERACTION_CREATE", _payload(it), guild=guild, intent=0)
    return it


def _payload(it: Interaction) -> Payload:
    """Interactions > Interaction Object."""
    world, place, guild = it.world, it.place, it.place.guild
    bot = world.bot
    data: Payload = {
        "id": str(it.id),
        "application_id": str(world.application.id),
        "type": it.type,
        "token": it.token,
        "version": 1,
        "data": it.data,
        "channel": render.partial_channel(place, it.user),
        "channel_id": str(place.id),
        "app_permissions": str(int(place.permissions_for(bot))),
        "locale": it.user.locale,
        "entitlements": [],
        "authorizing_integration_owners": it.owners(),
        "context": _GUILD if guild else _BOT_DM,
        "attachment_size_limit": render.FILE_LIMIT,
    }
    if guild is None:
        data["user"] = render.user(it.user)
    else:
        member = {
            **render.member(guild.members[it.user.id]),
            "permissions": str(int(place.permissions_for(it.user))),
        }
        data |= {"guild_id": str(guild.id), "guild_locale": "en-US", "member": member}
        data["guild"] = {"id": str(guild.id), "locale": "en-US", "features": []}
    if it.source is not None:
        data["message"] = render.message(it.source)
    return data
