"""The stand-in's interactions, tried with the real discord.py: tokens, answers, buttons, modals."""

import asyncio
from typing import Literal

import discord
import pytest
from discord import app_commands

from tests.peers.discord.permissions import P
from tests.peers.discord_client import Bot, running
from tests.peers.discord_server import UnavailableError
from tests.services import wait_until


class Buttons(discord.ui.View):
    def __init__(self):
        super().__init__(timeout=None)

    @discord.ui.button(label="More", custom_id="more")
    async def more(self, interaction: discord.Interaction, _button):
        await interaction.response.edit_message(content="more of it")

    @discord.ui.button(label="Tell", custom_id="tell")
    async def tell(self, interaction: discord.Interaction, _button):
        await interaction.response.send_message("told", ephemeral=True)

    @discord.ui.select(
        placeholder="Which?",
        custom_id="which",
        options=[discord.SelectOption(label="One"), discord.SelectOption(label="Two")],
    )
    async def which(self, interaction: discord.Interaction, select):
        await interaction.response.defer()
        await interaction.edit_original_response(content=f"chose {select.values[0]}")


class Form(discord.ui.Modal, title="Settings"):
    largest = discord.ui.Label(text="Largest", component=discord.ui.TextInput(max_length=4))

    async def on_submit(self, interaction: discord.Interaction):
        await interaction.response.send_message(f"at most {self.largest.component.value}")


def _add_commands(bot):
    bot.wait = asyncio.Event()
    _add_answers(bot, bot.tree)
    _add_forms(bot.tree)
    _add_rules(bot.tree)


def _add_answers(bot, tree):
    @tree.command(description="Answer at once")
    async def hello(interaction: discord.Interaction, private: bool = False):
        await interaction.response.send_message("hello", ephemeral=private, view=Buttons())

    @tree.command(description="Answer in parts")
    async def parts(interaction: discord.Interaction):
        await interaction.response.defer(ephemeral=True)
        first = await interaction.followup.send("first")
        second = await interaction.followup.send("second")
        await interaction.followup.send("third", ephemeral=True)
        await first.edit(content="first, edited")
        await second.delete()

    @tree.command(description="Wait for the test")
    async def slow(interaction: discord.Interaction, answer: bool = True):
        bot.failure_met = None
        try:
            if answer:
                await interaction.response.defer()
            await bot.wait.wait()
            if answer:
                await interaction.edit_original_response(content="late")
            else:
                await interaction.response.send_message("late")
        except discord.HTTPException as failure:
            bot.failure_met = failure


def _add_forms(tree):
    @tree.command(description="Take all kinds of values")
    async def kinds(
        interaction: discord.Interaction,
        count: app_commands.Range[int, 1, 10],
        style: Literal["brief", "long"],
        who: discord.Member,
        where: discord.TextChannel | discord.Thread,
        role: discord.Role | None = None,
    ):
        values = (count, style, who.display_name, where.name, role and role.name)
        await interaction.response.send_message(" ".join(map(str, values)))

    @tree.command(description="Show a form")
    async def form(interaction: discord.Interaction):
        await interaction.response.send_modal(Form())

    @tree.context_menu(name="Quote this")
    async def quote(interaction: discord.Interaction, message: discord.Message):
        await interaction.response.send_message(f"> {message.content}", ephemeral=True)


def _add_rules(tree):
    @tree.command(description="For moderators")
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.guild_only()
    async def manage(interaction: discord.Interaction):
        has = interaction.permissions.manage_guild, interaction.app_permissions.send_messages
        await interaction.response.send_message(str(has))

    group = app_commands.Group(name="settings", description="Settings")

    @group.command(description="Show a topic")
    async def show(interaction: discord.Interaction, topic: str):
        await interaction.response.send_message(topic)

    @show.autocomplete("topic")
    async def topics(_interaction: discord.Interaction, typed: str):
        found = [name for name in ("roles", "channels") if name.startswith(typed)]
        return [app_commands.Choice(name=name, value=name) for name in found]

    tree.add_command(group)


@pytest.fixture
def bot(lenient, guild, lounge):
    with running(Bot(lenient, _add_commands)) as started:
        yield started


def test_a_late_acknowledgement_is_refused(server, bot, lounge, ben):
    server.set_ack_seconds(0.2)
    use = server.slash(ben, lounge, "slow", answer=False)
    wait_until(lambda: use.failed, 10, "the deadline")
    bot.loop.call_soon_threadsafe(bot.wait.set)
    wait_until(lambda: use.refused, 10, "the refusal")
    assert (use.refused[0].status, use.refused[0].code) == (404, 10062)
    assert use.original is None
    assert not use.acknowledged


def test_a_second_acknowledgement_is_refused(lenient, bot, lounge, ben):
    use = lenient.slash(ben, lounge, "hello")
    use.wait_for_ack()
    again = discord.http.Route(
        "POST",
        "/interactions/{webhook_id}/{webhook_token}/callback",
        webhook_id=use.id,
        webhook_token=use.token,
    )
    with pytest.raises(discord.HTTPException) as refusal:
        bot.do(lambda: bot.http.request(again, json={"type": 5}))
    assert (refusal.value.status, refusal.value.code) == (400, 40060)
    assert [violation.rule for violation in lenient.violations] == ["acknowledged twice"]


def test_a_token_lives_for_fifteen_minutes(server, bot, lounge, ben):
    use = server.slash(ben, lounge, "slow")
    use.wait_for_ack()
    server.advance(15 * 60 + 1)
    bot.loop.call_soon_threadsafe(bot.wait.set)
    wait_until(lambda: bot.failure_met, 10, "the refusal")
    assert (bot.failure_met.status, bot.failure_met.code) == (401, 50027)
    assert use.thinking
    assert use.original is None


def test_a_follow_up_to_a_deferral_is_the_original_and_keeps_its_privacy(
    server, bot, lounge, ben, ana
):
    use = server.slash(ben, lounge, "parts")
    wait_until(lambda: use.text == "first, edited\nthird", 10, "the parts")
    assert use.ephemeral
    assert use.original.ephemeral
    assert len(use.visible_to(ben)) == 2
    assert use.visible_to(ana) == []
    assert lounge.messages == []


def test_a_deferral_shows_thinking_until_it_is_edited(server, bot, lounge, ben):
    use = server.slash(ben, lounge, "slow")
    use.wait_for_ack()
    assert use.thinking
    assert use.original is None
    bot.loop.call_soon_threadsafe(bot.wait.set)
    assert use.wait_for_answer().content == "late"
    assert not use.thinking


def test_options_arrive_resolved(server, bot, guild, lounge, ben, ana):
    thread = lounge.add_thread("plans")
    role = guild.add_role("helper")
    use = server.slash(
        ana, lounge, "kinds", count=3, style="long", who=ben, where=thread, role=role
    )
    assert use.wait_for_answer().content == "3 long Ben plans helper"
    fine = {"count": 3, "style": "long", "who": ben, "where": lounge}
    for wrong in ({"count": 11}, {"style": "short"}, {"where": guild.add_voice_channel("talk")}):
        with pytest.raises(UnavailableError):
            server.slash(ana, lounge, "kinds", **{**fine, **wrong})


def test_buttons_edit_and_answer(server, bot, lounge, ben, ana):
    answer = server.slash(ben, lounge, "hello").wait_for_answer()
    server.click(ana, answer, "More")
    wait_until(lambda: answer.content == "more of it", 10, "the edit")
    told = server.click(ana, answer, "tell")
    assert told.wait_for_answer().content == "told"
    assert told.visible_to(ben) == []
    server.select(ben, answer, "Which?", ["Two"])
    wait_until(lambda: answer.content == "chose Two", 10, "the choice")
    with pytest.raises(UnavailableError, match="it has"):
        server.click(ben, answer, "Less")


def test_an_ephemeral_answer_can_be_used_by_its_reader_alone(server, bot, lounge, ben, ana):
    answer = server.slash(ben, lounge, "hello", private=True).wait_for_answer()
    with pytest.raises(UnavailableError, match="cannot see"):
        server.click(ana, answer, "More")
    server.click(ben, answer, "More")
    wait_until(lambda: answer.content == "more of it", 10, "the edit")
    place = bot.get_partial_messageable(lounge.id)
    with pytest.raises(discord.NotFound):
        bot.do(lambda: place.fetch_message(answer.id))


def test_a_modal_is_shown_and_submitted(server, bot, lounge, ben):
    shown = server.slash(ben, lounge, "form").wait_for_ack()
    assert shown.modal["title"] == "Settings"
    with pytest.raises(UnavailableError):
        server.submit_modal(shown, {"Largest": "12345"})
    sent = server.submit_modal(shown, {"Largest": "500"})
    assert sent.wait_for_answer().content == "at most 500"


def test_a_message_command_gets_its_message_whole(server, bot, lounge, ben, ana):
    server.revoke_intents("message_content")
    message = server.say(lounge, ana, "mark my words")
    use = server.context_menu(ben, message, "Quote this")
    assert use.wait_for_answer().content == "> mark my words"


def test_commands_respect_their_permissions_and_contexts(server, bot, guild, lounge, ben, ana):
    assert server.slash(ana, lounge, "manage").wait_for_answer().content == "(True, True)"
    with pytest.raises(UnavailableError, match="lacks"):
        server.slash(ben, lounge, "manage")
    with pytest.raises(UnavailableError, match="context 1"):
        server.slash(ana, server.dm_channel(ana), "manage")
    lounge.set_overwrite(ben, deny=P.USE_APPLICATION_COMMANDS)
    with pytest.raises(UnavailableError, match="cannot use commands"):
        server.slash(ben, lounge, "hello")


def test_subcommands_and_suggestions(server, bot, lounge, ben):
    typed = server.autocomplete(ben, lounge, "settings", "show", focused="topic", topic="ch")
    wait_until(lambda: typed.choices, 10, "the suggestions")
    assert typed.choices == [{"name": "channels", "value": "channels"}]
    use = server.slash(ben, lounge, "settings", "show", topic="channels")
    assert use.wait_for_answer().content == "channels"
    assert use.command == "settings show"


def test_commands_work_in_direct_messages(server, bot, ben):
    use = server.slash(ben, server.dm_channel(ben), "hello")
    use.wait_for_answer()
    assert [message.content for message in server.dms(ben)] == ["hello"]


def test_a_command_where_the_bot_cannot_see_still_arrives(server, bot, guild, ben):
    den = guild.add_text_channel("den").make_private(ben)
    use = server.slash(ben, den, "hello")
    assert use.wait_for_answer().content == "hello"


def test_a_deferred_answer_pings_when_it_is_written(server, bot, guild, lounge, ben, ana):
    async def mention(interaction: discord.Interaction, everyone: bool):
        await interaction.response.defer()
        words = f"{ana.mention} @everyone"
        allowed = discord.AllowedMentions.all() if everyone else discord.utils.MISSING
        await interaction.edit_original_response(content=words, allowed_mentions=allowed)

    bot.tree.add_command(app_commands.Command(name="ping", description="d", callback=mention))
    bot.do(bot.tree.sync)
    quiet = server.slash(ben, lounge, "ping", everyone=False).wait_for_answer()
    assert quiet.pinged == {ana}
    loud = server.slash(ben, lounge, "ping", everyone=True).wait_for_answer()
    assert loud.pinged == {ana, ben}


def test_two_hundred_commands_are_acknowledged(server, bot, guild, lounge):
    people = [server.add_user(f"person{n}") for n in range(200)]
    for person in people:
        guild.add_member(person)
    uses = [server.slash(person, lounge, "hello", private=True) for person in people]
    wait_until(lambda: all(use.original for use in uses), 20, "the answers")
    assert max(use.acknowledged_after for use in uses) < 3
