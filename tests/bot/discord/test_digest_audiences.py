"""Everybody who sees a channel reads another one, or it is a no: against all that roles can be."""

import itertools
import random
from types import SimpleNamespace

import discord
import pytest

from bot.discord.audiences import everybody_reads

BITS = ("view_channel", "read_message_history", "connect")
EVERYONE, OWNER, BOT = 1, 90, 91
ROLES = (11, 12, 13)
PEOPLE = (51, 52)


def role(role_id, **has):
    return SimpleNamespace(
        id=role_id, permissions=discord.Permissions(**has), is_bot_managed=lambda: False
    )


def guild(*roles, everyone=None):
    default = everyone or role(EVERYONE, view_channel=True, read_message_history=True)
    return SimpleNamespace(
        id=EVERYONE,
        roles=[default, *roles],
        default_role=default,
        owner_id=OWNER,
        me=SimpleNamespace(id=BOT),
    )


def channel(of, number=0, **overwrites):
    """Overwrites by `r11`, `p51` or `everyone`."""
    found = {}
    for name, says in overwrites.items():
        kind = discord.Member if name[0] == "p" else discord.Role
        one = EVERYONE if name == "everyone" else int(name[1:])
        found[discord.Object(one, type=kind)] = discord.PermissionOverwrite(**says)
    return SimpleNamespace(guild=of, id=number, overwrites=found)


def has(where, bit, roles, person):
    """As Discord computes it, of one permission."""
    said = {who.id: getattr(each, bit) for who, each in where.overwrites.items()}
    given = any(
        getattr(each.permissions, bit)
        for each in where.guild.roles
        if each.id in (EVERYONE, *roles)
    )
    if said.get(EVERYONE) is not None:
        given = said[EVERYONE]
    theirs = [said.get(each) for each in roles]
    if True in theirs or False in theirs:
        given = True in theirs
    own = said.get(person)
    return given if own is None else own


def everybody(source, target):
    """By looking at everybody there can be."""
    for count in range(len(ROLES) + 1):
        for roles in itertools.combinations(ROLES, count):
            for person in (0, *PEOPLE):
                sees = has(target, "view_channel", roles, person)
                if sees and not all(has(source, bit, roles, person) for bit in BITS[:2]):
                    return False
    return True


def overwrite(chance):
    return {bit: chance.choice((None, None, True, False)) for bit in BITS[:2]}


def some_channel(chance, of, number):
    names = ["everyone", *(f"r{each}" for each in ROLES), *(f"p{each}" for each in PEOPLE)]
    chosen = chance.sample(names, chance.randint(0, 3))
    return channel(of, number, **{name: overwrite(chance) for name in chosen})


def test_it_never_says_yes_where_somebody_could_not_read():
    chance, right, missed = random.Random(7), 0, 0
    for _ in range(3_000):
        roles = [role(each, **{bit: chance.random() < 0.3 for bit in BITS}) for each in ROLES]
        everyone = role(EVERYONE, **{bit: chance.random() < 0.6 for bit in BITS})
        of = guild(*roles, everyone=everyone)
        source, target = some_channel(chance, of, 1), some_channel(chance, of, 2)
        said, true = everybody_reads(source, target), everybody(source, target)
        assert true or not said
        right += said
        missed += true and not said
    assert right > 10 * missed, "and seldom no where all can"


HIDDEN = {"everyone": {"view_channel": False}}
SEES = {"view_channel": True}


@pytest.mark.parametrize(
    ("source", "target", "all_read"),
    [
        ({}, {}, True),
        ({}, HIDDEN, True),
        (HIDDEN, {}, False),
        (HIDDEN, HIDDEN, True),
        ({**HIDDEN, "r11": SEES}, {**HIDDEN, "r11": SEES}, True),
        ({**HIDDEN, "r11": SEES}, {**HIDDEN, "r12": SEES}, False),
        ({**HIDDEN, "r11": SEES}, {**HIDDEN, "p51": SEES}, False),
        ({**HIDDEN, "p51": SEES}, {**HIDDEN, "p51": SEES}, True),
        ({"r13": {"view_channel": False}}, {}, False),
        ({"r13": {"view_channel": False}}, {"r13": {"view_channel": False}}, True),
        ({"p51": {"view_channel": False}}, {}, False),
        ({"everyone": {"read_message_history": False}}, {}, False),
        ({**HIDDEN, "p90": SEES}, {**HIDDEN, "p90": SEES, "p91": SEES}, True),
    ],
)
def test_channels_by_their_overwrites(source, target, all_read):
    of = guild(*(role(each) for each in ROLES))
    assert everybody_reads(channel(of, 1, **source), channel(of, 2, **target)) is all_read


def test_an_age_restricted_channel_is_for_its_like_alone():
    source, target = channel(guild(), 1), channel(guild(), 2)
    source.nsfw = True
    assert not everybody_reads(source, target)
    target.nsfw = True
    assert everybody_reads(source, target)


def test_administrators_and_bots_are_no_audience():
    bots = role(12)
    bots.is_bot_managed = lambda: True
    of = guild(role(11, administrator=True), bots)
    sees = {"r11": SEES, "r12": SEES, "p91": SEES}
    assert everybody_reads(channel(of, 1, **HIDDEN), channel(of, 2, **HIDDEN, **sees))
