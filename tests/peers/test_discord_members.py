"""The stand-in's time-outs, tried with the real discord.py: who may, whom, and what is left."""

from datetime import UTC, datetime, timedelta

import discord
import pytest

from tests.peers.discord.permissions import P
from tests.peers.discord_client import Bot, running

HOUR = timedelta(hours=1)


@pytest.fixture
def bot(lenient, guild, lounge):
    guild.bot_role.set_permissions(guild.bot_role.permissions | P.MODERATE_MEMBERS)
    with running(Bot(lenient)) as started:
        yield started


def time_out(bot, guild, user, length=HOUR):
    async def do():
        member = await bot.get_guild(guild.id).fetch_member(user.id)
        await member.timeout(length)
        return await bot.get_guild(guild.id).fetch_member(user.id)

    return bot.do(do)


def refusal(bot, guild, user, length=HOUR):
    with pytest.raises(discord.HTTPException) as raised:
        time_out(bot, guild, user, length)
    return raised.value.code


def test_who_is_timed_out_may_only_look_on(server, bot, guild, lounge, ben):
    before = datetime.now(UTC)
    member = time_out(bot, guild, ben)
    assert before + HOUR < member.timed_out_until < datetime.now(UTC) + HOUR
    assert lounge.permissions_for(ben) == P.VIEW_CHANNEL | P.READ_MESSAGE_HISTORY
    assert lounge.readable_by(ben)


def test_a_time_out_ends_by_itself(server, bot, guild, lounge, ben):
    before = lounge.permissions_for(ben)
    time_out(bot, guild, ben)
    server.advance(3_601)
    assert lounge.permissions_for(ben) == before


def test_a_time_out_is_taken_back(server, bot, guild, ben):
    time_out(bot, guild, ben)
    assert time_out(bot, guild, ben, None).timed_out_until is None


def test_a_time_out_needs_a_permission(server, bot, guild, ben):
    guild.bot_role.set_permissions(P.VIEW_CHANNEL | P.MANAGE_MESSAGES)
    assert refusal(bot, guild, ben) == 50013


def test_nobody_times_out_an_owner_or_an_administrator(server, bot, guild, ana, ben):
    assert refusal(bot, guild, ana) == 50013
    guild.members[ben.id].add_role(guild.add_role("Admins", P.ADMINISTRATOR))
    guild.bot_role.move(9)
    assert refusal(bot, guild, ben) == 50013


def test_nobody_times_out_who_is_not_below_them(server, bot, guild, ben):
    role = guild.add_role("Tutors")
    guild.members[ben.id].add_role(role)
    assert refusal(bot, guild, ben) == 50013
    guild.bot_role.move(role.position + 1)
    assert time_out(bot, guild, ben).is_timed_out()


def test_a_time_out_of_more_than_28_days_is_refused(lenient, bot, guild, ben):
    assert refusal(bot, guild, ben, timedelta(days=29)) == 50035
    assert [each.rule for each in lenient.violations] == ["invalid form body"]


def test_who_left_is_not_known(server, bot, guild, ben):
    async def do():
        await bot.http.edit_member(guild.id, ben.id, communication_disabled_until=None)

    guild.kick(ben)
    with pytest.raises(discord.NotFound) as raised:
        bot.do(do)
    assert raised.value.code == 10007


def test_an_administrator_that_is_timed_out_may_all_the_same(server, guild, lounge, ben):
    guild.members[ben.id].add_role(guild.add_role("Admins", P.ADMINISTRATOR))
    guild.members[ben.id].time_out(datetime.now(UTC) + HOUR)
    assert lounge.permissions_for(ben) & P.MANAGE_MESSAGES
