"""Cards through faults: lost answers, restarts, channels that are gone or closed."""

import pytest

from precis.moderation import EffectState
from precis.store import ModerationStore
from tests.bot.discord.managing import change
from tests.bot.discord.moderators import RUDE, watch
from tests.bot.discord.serving import bot_running
from tests.peers.discord_server import Permission
from tests.services import wait_until

POST = "POST /channels/{}/messages"


@pytest.fixture
def running(server, settings, store, moderation, judge):
    """Starts the bot anew, each time it is called."""
    watch(store, moderation)

    def start():
        return bot_running(server, settings, store, judge)

    return start


def posts(desk):
    return [r for r in desk.server.requests_to(POST) if f"/{desk.channel.id}/" in r.path]


def test_a_card_whose_answer_is_lost_is_posted_once(desk):
    desk.server.fail(POST, None, after_effect=True)
    desk.raised()
    wait_until(lambda: desk.bot.context.moderation.card(desk.case.card_id).message, 15, "its note")
    assert len(desk.cards) == 1


def test_a_bot_that_died_before_it_noted_a_card_posts_no_other(running, store, moderation):
    """Later than Discord remembers a nonce, so the card is found among the channel's messages."""
    with running() as bot:
        hang = moderation.server.hang(POST, after_effect=True)
        moderation.say(RUDE)
        wait_until(lambda: hang.waiting, 15, "a card on its way")
        bot.loop.call_soon_threadsafe(bot.asked_to_stop.set)
        wait_until(bot.is_closed, 30, "the bot's end")
    hang.release()
    [card] = moderation.cards
    moderation.server.advance(400)
    with running() as bot:
        wait_until(
            lambda: bot.context.moderation.card(moderation.case.card_id).message, 15, "its note"
        )
        moderation.say(f"{RUDE} again")
        wait_until(lambda: "2 messages" in card.text, 15, "the same card")
        assert moderation.cards == [card]


def test_a_bot_that_is_stopped_notes_the_card_that_is_on_its_way(running, store, moderation):
    with running() as bot:
        hang = moderation.server.hang(POST, after_effect=True)
        moderation.say(RUDE)
        wait_until(lambda: hang.waiting, 15, "a card on its way")
        bot.loop.call_soon_threadsafe(bot.asked_to_stop.set)
        wait_until(lambda: bot.frontend.stopping, 30, "the bot to stop")
        hang.release()
        wait_until(bot.is_closed, 30, "the bot's end")
    assert ModerationStore(store).card(moderation.case.card_id).message


def test_a_button_of_before_a_restart_works_after_it(running, moderation):
    with running():
        _, card = moderation.raised()
    with running():
        assert moderation.press(moderation.moderator, card, "Not toxic") == "Done."
        moderation.closed(card)


def test_what_is_flagged_while_no_bot_runs_is_on_a_card_of_the_next(running, store, moderation):
    server, known = str(moderation.guild.id), ModerationStore(store)
    with running():
        wait_until(lambda: known.watched_until("discord", server), what="watching to begin")
    moderation.say(RUDE)
    with running() as bot:
        moderation.card()
        assert bot is not None


def test_a_channel_that_cannot_be_written_to_gets_its_cards_once_it_can(desk, caplog):
    desk.channel.set_overwrite(desk.server.bot, allow=0, deny=Permission.SEND_MESSAGES)
    desk.say(RUDE)
    wait_until(lambda: desk.cases, 15, "a case")
    wait_until(lambda: "can't be written to" in caplog.text, 15, "a line in the log")
    desk.channel.set_overwrite(desk.server.bot, allow=Permission.VIEW_CHANNEL)
    desk.card()
    assert caplog.text.count("can't be written to") == 1
    assert RUDE not in caplog.text


def test_cards_follow_the_moderators_channel(desk):
    _, card = desk.raised()
    other = desk.guild.add_text_channel("mods-2").make_private(desk.role, desk.server.bot)
    panel = desk.server.slash(desk.people[0], desk.watched, "precis", "settings").wait_for_answer()
    use = desk.server.select(desk.people[0], panel, "precis:settings:moderators", [other])
    assert use.wait_for_followup().content == "Saved."
    wait_until(lambda: desk.server.messages_by_bot(other), 15, "the card")
    wait_until(lambda: card.deleted, 15, "the old card's end")
    [moved] = desk.server.messages_by_bot(other)
    assert desk.press(desk.moderator, moved, "Not toxic") == "Done."


def test_a_removal_that_discord_does_not_take_is_said_on_the_card(desk):
    said, card = desk.raised()
    desk.server.fail("DELETE /channels/{}/messages/{}", 403)
    assert desk.press(desk.moderator, card, "Remove message") == "Done."
    wait_until(lambda: "Précis couldn't do it" in card.text, 15, "what became of it")
    assert not said.deleted
    assert desk.case.effect_state is EffectState.REFUSED


def test_a_message_that_is_gone_already_counts_as_removed(desk):
    said, card = desk.raised()
    with desk.server.gateway_down():
        use = desk.server.click(desk.moderator, card, "Remove message")
        desk.watched.log.remove(said.id)  # the bot isn't told
    assert desk.told(use) == "Done."
    wait_until(lambda: desk.case.effect_state is EffectState.DONE, 15, "the end of it")


def test_who_left_is_not_timed_out_and_the_card_says_so(desk):
    _, card = desk.raised()
    use = desk.form(desk.moderator, card, "Time out")
    hang = desk.server.hang("PATCH /guilds/{}/members/{}")
    sent = desk.server.submit_modal(use, {"For how long": "1 hour"})
    wait_until(lambda: hang.waiting, 15, "a time-out on its way")
    desk.guild.kick(desk.author)
    hang.release()
    assert desk.told(sent) == "Done."
    wait_until(lambda: "Précis couldn't do it" in card.text, 15, "what became of it")


def test_a_click_that_cannot_be_acknowledged_decides_nothing(desk, caplog):
    _, card = desk.raised()
    desk.server.fail("POST /interactions/{}/{}/callback", 404)
    use = desk.server.click(desk.moderator, card, "Toxic")
    assert desk.told(use).startswith("That didn't work")
    assert "an interaction failed" in caplog.text
    assert desk.case.open
    assert [record for record in caplog.records if record.exc_info] == []


def test_a_store_that_is_slow_keeps_no_form_waiting(desk, monkeypatch):
    _, card = desk.raised()
    change(desk.bot, desk.guild, language="en")
    blocking = desk.bot.context.blocking

    async def slow(*_args, **_options):
        raise TimeoutError

    monkeypatch.setattr(desk.bot.context, "blocking", slow)
    use = desk.server.click(desk.moderator, card, "Note")
    told = desk.told(use)
    monkeypatch.setattr(desk.bot.context, "blocking", blocking)
    assert told.startswith("Précis can't reach its store")


def test_a_bot_taken_out_leaves_no_card_behind_in_the_store(desk):
    desk.raised()
    desk.guild.remove_bot()
    wait_until(lambda: desk.cases == [], 15, "the cases' end")
