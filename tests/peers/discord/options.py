"""The values that people give: options of commands, choices in menus, fields of modals.

Checks each value against what the bot registered, as Discord's client does, and makes the JSON of
it with what it refers to (Interactions > Resolved Data Structure).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.peers.discord import chat, render
from tests.peers.discord.state import User, user_of

if TYPE_CHECKING:
    from tests.peers.discord.guilds import Member
    from tests.peers.discord.places import Place

Payload = dict[str, Any]

# Application Commands > Application Command Option Type
SUB_COMMAND, SUB_COMMAND_GROUP = 1, 2
STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(3, 12)


class UnavailableError(AssertionError):
    """A person could not do this in Discord's client."""


class Form:
    """What a person fills in at a place, and the things that the values refer to."""

    def __init__(self, place: Place, user: User) -> None:
        self.place = place
        self.user = user
        self.resolved: Payload = {}

    def options(
        self, command: Payload, path: list[str], values: Payload, focused: str | None
    ) -> list[Payload]:
        """The `options` of a command: nested below subcommands, in the order of registration."""
        level = command.get("options", [])
        for name in path:
            found = next((o for o in level if o["name"] == name and o["type"] in {1, 2}), None)
            if found is None:
                raise UnavailableError(f"{command['name']!r} has no subcommand {name!r}")
            level = found.get("options", [])
        if any(option["type"] in {SUB_COMMAND, SUB_COMMAND_GROUP} for option in level):
            raise UnavailableError(f"{command['name']!r} wants a subcommand")
        given = self._level(level, values, focused)
        kinds = [SUB_COMMAND, SUB_COMMAND_GROUP]
        for name, kind in zip(reversed(path), kinds, strict=False):
            given = [{"name": name, "type": kind, "options": given}]
        return given

    def _level(self, level: list[Payload], values: Payload, focused: str | None) -> list[Payload]:
        known = {option["name"]: option for option in level}
        if unknown := set(values) - set(known):
            raise UnavailableError(f"no such options: {sorted(unknown)}; there are {sorted(known)}")
        given = []
        for name, option in known.items():
            if values.get(name) is None:
                if option.get("required") and focused is None:
                    raise UnavailableError(f"the option {name!r} is required")
                continue
            one: Payload = {"name": name, "type": option["type"]}
            if name == focused:
                if not option.get("autocomplete"):
                    raise UnavailableError(f"{name!r} suggests nothing")
                one |= {"value": values[name], "focused": True}
            else:
                one["value"] = self._value(option, values[name])
            given.append(one)
        return given

    def _value(self, option: Payload, value: Any) -> Any:
        kind, guild = option["type"], self.place.guild
        is_role = guild is not None and value in guild.roles.values()
        if kind == ROLE or (kind == MENTIONABLE and is_role):
            self.resolved.setdefault("roles", {})[str(value.id)] = render.role(value)
            return str(value.id)
        if kind in {USER, MENTIONABLE}:
            return self.person(value)
        if kind == CHANNEL:
            allowed = option.get("channel_types")
            if allowed and value.type not in allowed:
                raise UnavailableError(f"{value} is none of the channel types {allowed}")
            return self._channel(value)
        if kind == ATTACHMENT:
            file = chat.attachment(self.place.world, value)
            self.resolved.setdefault("attachments", {})[file["id"]] = file
            return file["id"]
        return plain(option, value)

    def person(self, somebody: User | Member) -> str:
        """A user, and their membership if they have one. Gives the id."""
        user = user_of(somebody)
        key = str(user.id)
        self.resolved.setdefault("users", {})[key] = render.user(user)
        member = self.place.guild.members.get(user.id) if self.place.guild else None
        if member is not None:
            data = render.partial_member(member)
            del data["deaf"], data["mute"]  # Resolved Data Structure *
            data["permissions"] = str(int(self.place.permissions_for(user)))
            self.resolved.setdefault("members", {})[key] = data
        return key

    def _channel(self, channel: Place) -> str:
        if not channel.visible_to(self.user):
            raise UnavailableError(f"{self.user} cannot see {channel}")
        partial = render.partial_channel(channel, self.user)
        self.resolved.setdefault("channels", {})[str(channel.id)] = partial
        return str(channel.id)

    def choices(self, menu: Payload, values: list[Any]) -> list[str]:
        """The `values` of a select menu."""
        least, most = menu.get("min_values", 1), menu.get("max_values", 1)
        if not least <= len(values) <= most:
            raise UnavailableError(f"the menu takes {least} to {most} values")
        if menu["type"] == 3:
            labels = {o["label"]: o["value"] for o in menu["options"]}
            known = set(labels.values())
            chosen = [value if value in known else labels.get(value) for value in values]
            if None in chosen:
                raise UnavailableError(f"the menu has no {values}; it has {sorted(labels)}")
            return [str(value) for value in chosen]
        kind = {5: USER, 6: ROLE, 7: MENTIONABLE, 8: CHANNEL}[menu["type"]]
        option = {"type": kind, "name": "values", "channel_types": menu.get("channel_types")}
        return [self._value(option, value) for value in values]

    def modal_part(self, part: Payload, values: Payload, number: int) -> Payload:
        """The response to one top-level component of a modal; takes its value out of `values`."""
        answer: Payload = {"type": part["type"], "id": number}
        if part["type"] == 18:
            answer["component"] = self._field(part["component"], part["label"], values, number + 1)
        elif part["type"] == 1:
            fields = part["components"]
            answer["components"] = [self._field(f, f["label"], values, number + 1) for f in fields]
        return answer

    def _field(self, field: Payload, label: str, values: Payload, number: int) -> Payload:
        answer: Payload = {"type": field["type"], "id": number, "custom_id": field["custom_id"]}
        keys = [key for key in (field["custom_id"], label) if key in values]
        value = values.pop(keys[0]) if keys else None
        if field["type"] == 4:
            return {**answer, "value": _text(field, label, value)}
        chosen = value if isinstance(value, list) else [] if value is None else [value]
        if not chosen and not field.get("required", True):
            return {**answer, "values": []}
        return {**answer, "values": self.choices(field, chosen)}


def _text(field: Payload, label: str, value: str | None) -> str:
    """What a text input sends: its prefilled value where nothing was typed."""
    text = field.get("value") or "" if value is None else value
    least, most = field.get("min_length") or 0, field.get("max_length") or 4000
    missing = field.get("required", True) and not text
    if missing or (text and not least <= len(text) <= most):
        raise UnavailableError(f"the field {label!r} takes no {text!r}")
    return text


def plain(option: Payload, value: Any) -> Any:
    """Strings, numbers and booleans within their limits and choices."""
    kind, name = option["type"], option["name"]
    wanted: Any = {STRING: str, INTEGER: int, BOOLEAN: bool, NUMBER: (int, float)}[kind]
    if not isinstance(value, wanted) or (kind != BOOLEAN and isinstance(value, bool)):
        raise UnavailableError(f"the option {name!r} takes no {value!r}")
    if choices := option.get("choices"):
        for choice in choices:
            if value in {choice["value"], choice["name"]}:
                return choice["value"]
        raise UnavailableError(f"{value!r} is none of {[choice['name'] for choice in choices]}")
    size = len(value) if kind == STRING else value
    least, most = ("min_length", "max_length") if kind == STRING else ("min_value", "max_value")
    if option.get(least) is not None and size < option[least]:
        raise UnavailableError(f"{value!r} is below the {least} of {name!r}")
    if option.get(most) is not None and size > option[most]:
        raise UnavailableError(f"{value!r} is above the {most} of {name!r}")
    return value
