"""What the stand-in refuses as Discord does, and what it records against a bot."""

import discord
import pytest
from discord import app_commands

from tests.peers.discord_client import Bot, running


@pytest.fixture
def bot(lenient, guild, lounge):
    with running(Bot(lenient)) as started:
        yield started


def _send(bot, place, *args, **options):
    return bot.do(lambda: bot.get_partial_messageable(place.id).send(*args, **options))


def _refusal(bot, place, *args, **options):
    with pytest.raises(discord.HTTPException) as refusal:
        _send(bot, place, *args, **options)
    return refusal.value


def test_what_is_too_long_is_refused_where_it_is(lenient, bot, lounge):
    embed = discord.Embed(title="t" * 257, description="d" * 4097)
    embed.add_field(name="n" * 257, value="v" * 1025)
    refused = _refusal(bot, lounge, "c" * 2001, embed=embed)
    assert (refused.status, refused.code) == (400, 50035)
    for place in ("content", "embeds.0.title", "embeds.0.description", "embeds.0.fields.0.name"):
        assert f"In {place}" in refused.text, refused.text
    assert [violation.rule for violation in lenient.violations] == ["invalid form body"]
    whole = [discord.Embed(description="d" * 3001) for _ in range(2)]
    assert "6000" in _refusal(bot, lounge, embeds=whole).text
    assert _refusal(bot, lounge, " ").code == 50006
    _send(bot, lounge, "c" * 2000)


def test_components_are_checked(lenient, bot, lounge):
    def view(*buttons):
        made = discord.ui.View()
        for button in buttons:
            made.add_item(button)
        return made

    def button(**options):
        return discord.ui.Button(**options)

    same = _components(
        bot, view, button(label="a", custom_id="x"), button(label="b", custom_id="x")
    )
    assert "duplicated" in _refusal(bot, lounge, "hi", view=same).text
    long = _components(bot, view, button(label="a" * 81, custom_id="x"))
    assert "80 or fewer" in _refusal(bot, lounge, "hi", view=long).text
    fine = _components(
        bot, view, button(label="a", custom_id="x"), button(label="b", url="https://x.invalid")
    )
    _send(bot, lounge, "hi", view=fine)
    assert [b["label"] for b in lounge.messages[0].buttons] == ["a", "b"]


def test_a_layout_takes_no_content_beside_it(lenient, bot, lounge):
    def layout(_buttons=()):
        made = discord.ui.LayoutView()
        made.add_item(discord.ui.TextDisplay("told in a layout"))
        return made

    _send(bot, lounge, view=_components(bot, layout))
    assert lounge.messages[0].text == "told in a layout"
    route = discord.http.Route("POST", "/channels/{channel_id}/messages", channel_id=lounge.id)
    payload = {"content": "x", "flags": 1 << 15, "components": [{"type": 10, "content": "y"}]}
    with pytest.raises(discord.HTTPException) as refusal:
        bot.do(lambda: bot.http.request(route, json=payload))
    assert refusal.value.code == 50035


def _components(bot, view, *buttons):
    async def make():
        return view(*buttons)

    return bot.do(make)


def test_unknown_fields_and_routes_are_recorded(lenient, bot, lounge):
    route = discord.http.Route("POST", "/channels/{channel_id}/messages", channel_id=lounge.id)
    payload = {"content": "hi", "mood": "good", "flags": 64}
    bot.do(lambda: bot.http.request(route, json=payload))
    with pytest.raises(discord.NotFound):
        bot.do(lambda: bot.http.request(discord.http.Route("GET", "/nowhere")))
    rules = [(violation.rule, violation.detail) for violation in lenient.violations]
    assert rules == [
        ("unknown field", ["mood"]),
        ("flag that cannot be set", 64),
        ("unknown route", None),
    ]


def test_commands_are_checked_when_they_are_registered(lenient, bot):
    option = {"type": 3, "name": "words", "description": "What"}
    bad = [
        {"name": "Loud", "description": "d"},
        {"name": "long", "description": "d" * 101},
        {"name": "many", "description": "d", "options": [{**option, "choices": _choices(26)}]},
        {"name": "late", "description": "d", "options": [
            option, {**option, "name": "must", "required": True}]},
        {"name": "twice", "description": "d"},
        {"name": "twice", "description": "d"},
    ]  # fmt: skip
    put = bot.http.bulk_upsert_global_commands
    with pytest.raises(discord.HTTPException) as refusal:
        bot.do(lambda: put(lenient.application_id, payload=bad))
    assert refusal.value.code == 50035
    for words in ("In 0.name", "In 1.description", "In 2.options.0.choices", "In 3.options"):
        assert words in refusal.value.text
    assert "must be unique" in refusal.value.text
    assert lenient.commands == {}


def _choices(count):
    return [{"name": f"c{n}", "value": f"c{n}"} for n in range(count)]


def test_registered_commands_are_remembered(lenient, bot, guild):
    bot.tree.add_command(app_commands.Command(name="hi", description="Hello", callback=_hello))
    bot.do(bot.tree.sync)
    first = lenient.commands[None][0]["id"]
    bot.do(bot.tree.sync)
    assert [command["name"] for command in lenient.commands[None]] == ["hi"]
    assert lenient.commands[None][0]["id"] == first
    where = discord.Object(guild.id)
    bot.tree.copy_global_to(guild=where)
    bot.do(lambda: bot.tree.sync(guild=where))
    assert lenient.commands[guild.id][0]["guild_id"] == str(guild.id)


async def _hello(interaction: discord.Interaction):
    await interaction.response.send_message("hello")
