"""HTTP routes that register application commands, and what Discord refuses in them (Interactions >
Application Commands).
"""

from __future__ import annotations

from typing import Any

import regex

from tests.peers.discord import checks
from tests.peers.discord.errors import Complaints, error
from tests.peers.discord.http import Call, Routes
from tests.peers.discord.options import CHANNEL, INTEGER, NUMBER, STRING
from tests.peers.discord.state import World

Json = dict[str, Any]
Path = tuple[str | int, ...]

# Application Command Naming
_NAME = regex.compile(r"^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$")

_COMMAND_FIELDS = {
    "id", "type", "name", "name_localizations", "description", "description_localizations",
    "options", "default_member_permissions", "dm_permission", "default_permission", "nsfw",
    "integration_types", "contexts",
}  # fmt: skip
_OPTION_FIELDS = {
    "type", "name", "name_localizations", "description", "description_localizations", "required",
    "choices", "options", "channel_types", "min_value", "max_value", "min_length", "max_length",
    "autocomplete",
}  # fmt: skip
# Application Commands > Registering a Command: 100 slash commands, 15 of a user's and of a
# message's menu
_MOST = {1: 100, 2: 15, 3: 15}


def overwrite(call: Call) -> list[Json]:
    """Bulk Overwrite Global / Guild Application Commands."""
    scope = _scope(call)
    given = call.request.json
    if not isinstance(given, list):
        raise error(50109)
    complaints = Complaints()
    for number, command in enumerate(given):
        _check_command(call.world, complaints, (number,), command, call.where)
    _check_together(complaints, given)
    if complaints:
        call.world.violate("invalid form body", call.where, given)
    complaints.raise_if_any()
    known = {_key(c): c["id"] for c in call.world.application.commands.get(scope, [])}
    made = [_registered(call.world, c, scope, known.get(_key(c))) for c in given]
    call.world.application.commands[scope] = made
    return made


def create(call: Call) -> Json:
    """Create Global / Guild Application Command: replaces the one of its name and type."""
    scope, given, complaints = _scope(call), call.body, Complaints()
    _check_command(call.world, complaints, (), given, call.where)
    complaints.raise_if_any()
    commands = call.world.application.commands.setdefault(scope, [])
    made = _registered(call.world, given, scope, None)
    kept = [c for c in commands if _key(c) != _key(made)]
    call.world.application.commands[scope] = [*kept, made]
    return made


def get_all(call: Call) -> list[Json]:
    return call.world.application.commands.get(_scope(call), [])


def delete(call: Call) -> None:
    scope, command_id = _scope(call), str(call.id("command_id"))
    commands = call.world.application.commands.get(scope, [])
    if not any(c["id"] == command_id for c in commands):
        raise error(10063)
    kept = [c for c in commands if c["id"] != command_id]
    call.world.application.commands[scope] = kept


def _scope(call: Call) -> int | None:
    if call.id("application_id") != call.world.application.id:
        raise error(10002)
    if "guild_id" not in call.request.params:
        return None
    guild = call.world.guilds.get(call.id("guild_id"))
    if guild is None or guild.bot_member is None:
        raise error(50001)
    return guild.id


def _key(command: Json) -> tuple[str, int]:
    return command["name"], command.get("type", 1)


def _registered(world: World, command: Json, scope: int | None, known: str | None) -> Json:
    """The command as the API returns it."""
    made: Json = {
        "id": known or str(world.snowflake()),
        "application_id": str(world.application.id),
        "version": str(world.snowflake()),
        "type": 1,
        "description": "",
        "nsfw": False,
        "integration_types": [0],
        "contexts": None,
        **{name: value for name, value in command.items() if name != "id"},
    }
    needed = made.get("default_member_permissions")
    made["default_member_permissions"] = None if needed is None else str(needed)
    if scope is not None:
        made["guild_id"] = str(scope)
    return made


def _check_together(complaints: Complaints, commands: list[Json]) -> None:
    keys = [_key(command) for command in commands if "name" in command]
    if len(set(keys)) < len(keys):
        words = "Application command names must be unique"
        complaints.add((), "APPLICATION_COMMANDS_DUPLICATE_NAME", words)
    for kind, most in _MOST.items():
        if sum(1 for _, one in keys if one == kind) > most:
            words = f"Maximum number of application commands reached ({most})"
            complaints.add((), "APPLICATION_COMMANDS_MAX", words)


def _check_command(
    world: World, complaints: Complaints, at: Path, command: Json, where: str
) -> None:
    """Application Command Structure."""
    checks.note_unknown(world, command, _COMMAND_FIELDS, where)
    kind = command.get("type", 1)
    if kind not in _MOST:
        complaints.add((*at, "type"), "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3).")
        return
    if kind == 1:
        _check_name(complaints, (*at, "name"), command.get("name"))
        complaints.length((*at, "description"), command.get("description"), 100, 1)
        _check_options(world, complaints, at, command.get("options") or [], where)
        if _size(command) > 8000:
            # Reference > Error Messages > Request Error
            words = "Command exceeds maximum size (8000)"
            complaints.add(at, "APPLICATION_COMMAND_TOO_LARGE", words)
        return
    complaints.length((*at, "name"), command.get("name"), 32, 1)
    if command.get("description") or command.get("options"):
        words = "Context menu commands cannot have description or options"
        complaints.add(at, "APPLICATION_COMMAND_INVALID_CONTEXT", words)


def _check_name(complaints: Complaints, at: Path, name: Any) -> None:
    if not isinstance(name, str) or not _NAME.match(name) or name != name.lower():
        words = "Command name is invalid"
        complaints.add(at, "APPLICATION_COMMAND_INVALID_NAME", words)


def _check_options(
    world: World, complaints: Complaints, at: Path, options: list[Json], where: str
) -> None:
    """Application Command Option Structure: up to 25, required ones first."""
    if len(options) > 25:
        words = "Must be 25 or fewer in length."
        complaints.add((*at, "options"), "BASE_TYPE_MAX_LENGTH", words)
    names = [option.get("name") for option in options]
    if len(set(names)) < len(names):
        words = "Option names must be unique"
        complaints.add((*at, "options"), "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", words)
    needs = [bool(option.get("required")) for option in options]
    if needs != sorted(needs, reverse=True):
        words = "Required options must be placed before non-required options"
        complaints.add((*at, "options"), "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", words)
    for number, option in enumerate(options):
        _check_option(world, complaints, (*at, "options", number), option, where)


def _check_option(world: World, complaints: Complaints, at: Path, option: Json, where: str) -> None:
    checks.note_unknown(world, option, _OPTION_FIELDS, where)
    kind = option.get("type")
    if kind not in range(1, 12):
        complaints.add((*at, "type"), "BASE_TYPE_CHOICES", "Value must be one of (1, …, 11).")
        return
    _check_name(complaints, (*at, "name"), option.get("name"))
    complaints.length((*at, "description"), option.get("description"), 100, 1)
    if kind in {1, 2}:
        _check_options(world, complaints, at, option.get("options") or [], where)
        return
    _check_choices(complaints, at, option)
    fitting = {
        "min_value": {INTEGER, NUMBER},
        "max_value": {INTEGER, NUMBER},
        "min_length": {STRING},
        "max_length": {STRING},
        "channel_types": {CHANNEL},
        "autocomplete": {STRING, INTEGER, NUMBER},
    }
    for name, kinds in fitting.items():
        if option.get(name) and kind not in kinds:
            words = f"{name} is not allowed for options of type {kind}"
            complaints.add((*at, name), "APPLICATION_COMMAND_OPTION_FIELD_INVALID", words)


def _check_choices(complaints: Complaints, at: Path, option: Json) -> None:
    """Application Command Option Choice Structure: up to 25; no autocomplete beside them."""
    choices = option.get("choices") or []
    if len(choices) > 25:
        words = "Must be 25 or fewer in length."
        complaints.add((*at, "choices"), "BASE_TYPE_MAX_LENGTH", words)
    if choices and (option["type"] not in {STRING, INTEGER, NUMBER} or option.get("autocomplete")):
        words = "Choices are not allowed here"
        complaints.add((*at, "choices"), "APPLICATION_COMMAND_OPTION_CHOICES_INVALID", words)
    for number, choice in enumerate(choices):
        path = (*at, "choices", number)
        complaints.length((*path, "name"), choice.get("name"), 100, 1)
        if option["type"] == STRING:
            complaints.length((*path, "value"), choice.get("value"), 100, 1)


def _size(part: Json) -> int:
    """Application Commands > Slash Commands: names, descriptions and values come to at most 8000
    characters.
    """
    size = sum(len(str(part.get(name) or "")) for name in ("name", "description", "value"))
    inner = [*(part.get("options") or []), *(part.get("choices") or [])]
    return size + sum(map(_size, inner))


ROUTES: Routes = {
    "PUT /applications/{application_id}/commands": overwrite,
    "POST /applications/{application_id}/commands": create,
    "GET /applications/{application_id}/commands": get_all,
    "DELETE /applications/{application_id}/commands/{command_id}": delete,
    "PUT /applications/{application_id}/guilds/{guild_id}/commands": overwrite,
    "POST /applications/{application_id}/guilds/{guild_id}/commands": create,
    "GET /applications/{application_id}/guilds/{guild_id}/commands": get_all,
    "DELETE /applications/{application_id}/guilds/{guild_id}/commands/{command_id}": delete,
}
