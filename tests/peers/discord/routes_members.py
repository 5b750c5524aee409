"""HTTP routes that change members of a guild (Resources > Guild > Modify Guild Member): of all that
there is, time-outs.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.peers.discord import checks, render
from tests.peers.discord.errors import Complaints, error
from tests.peers.discord.http import Call, Routes
from tests.peers.discord.permissions import P
from tests.peers.discord.routes_guilds import guild_of

if TYPE_CHECKING:
    from tests.peers.discord.guilds import Guild, Member

Json = dict[str, Any]

LONGEST = timedelta(days=28)


def modify(call: Call) -> Json:
    """«requires MODERATE_MEMBERS»; 50013 for administrators, the owner and who is not below."""
    guild = guild_of(call)
    checks.note_unknown(call.world, call.body, {"communication_disabled_until"}, call.where)
    member = _member(call, guild)
    until = _until(call)
    if not _may(guild, member):
        raise error(50013)
    member.timed_out_until = until
    member.changed()
    return render.member(member)


def _member(call: Call, guild: Guild) -> Member:
    user_id = call.id("user_id")
    if user_id not in call.world.users:
        raise error(10013)
    if user_id not in guild.members:
        raise error(10007)
    return guild.members[user_id]


def _until(call: Call) -> datetime | None:
    """«up to 28 days in the future»; null lets them write again."""
    given, complaints = call.body.get("communication_disabled_until"), Complaints()
    if given is None:
        return None
    try:
        until = datetime.fromisoformat(given)
    except (TypeError, ValueError):
        until = None
    if until is None or until.tzinfo is None:
        words = f'"{given}" is not a valid ISO8601 timestamp.'
        complaints.add(("communication_disabled_until",), "DATE_TIME_TYPE_PARSE", words)
    elif until > call.world.clock.moment() + LONGEST:
        words = "The timeout expiration date must be within 28 days of now."
        complaints.add(("communication_disabled_until",), "INVALID_COMMUNICATION_DISABLED", words)
    if complaints:
        call.world.violate("invalid form body", call.where, call.body)
    complaints.raise_if_any()
    return until


def _may(guild: Guild, member: Member) -> bool:
    """Permissions > Permission Hierarchy; «403 if the user has ADMINISTRATOR or is the owner»."""
    own = guild.bot_member
    assert own is not None
    has = own.permissions & P.MODERATE_MEMBERS
    shielded = member.user is guild.owner or member.permissions & P.ADMINISTRATOR
    return bool(has) and not shielded and member is not own and own.highest > member.highest


ROUTES: Routes = {"PATCH /guilds/{guild_id}/members/{user_id}": modify}
