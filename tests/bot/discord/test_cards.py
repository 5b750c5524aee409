"""Moderators' cards: what they show, to whom, and what their buttons do."""

from datetime import UTC, datetime, timedelta

import pytest

from precis.moderation import EffectState, Verdict
from tests.bot.discord.markdown import effects
from tests.bot.discord.moderators import KIND, RUDE
from tests.peers.discord_server import BOT_PERMISSIONS, Permission
from tests.services import wait_until

P = Permission


def test_a_card_says_who_wrote_where_and_what_the_gate_says_but_not_the_text(desk):
    said, card = desk.raised()
    assert desk.author.mention in card.text
    assert desk.watched.mention in card.text
    assert f"https://discord.com/channels/{desk.guild.id}/{desk.watched.id}/{said.id}" in card.text
    assert "toxicity 0.90 (from 0.80)" in card.text
    assert RUDE not in card.text
    assert card.pinged == frozenset()


def test_a_card_comes_within_seconds(desk):
    began = datetime.now(UTC)
    desk.raised()
    assert datetime.now(UTC) - began < timedelta(seconds=5)


def test_what_is_kind_is_on_no_card(desk):
    desk.say(KIND)
    desk.raised()
    assert len(desk.cases) == 1


def test_messages_of_an_author_are_on_one_card(desk):
    _, first = desk.raised()
    said, card = desk.raised()
    assert card is first
    assert "2 messages to look at" in card.text
    desk.raised(author=desk.member)
    assert len(desk.cards) == 2
    assert str(said.id) in first.text


def test_show_shows_the_text_to_one_moderator_alone(desk):
    _, card = desk.raised()
    use = desk.server.click(desk.moderator, card, "Show")
    assert RUDE in desk.told(use)
    assert use.ephemeral
    assert use.visible_to(desk.other) == []
    assert RUDE not in card.text


def test_what_is_shown_does_nothing(desk):
    hostile = f"{RUDE} @everyone {desk.member.mention} [x](https://evil.invalid) **b** ||s||"
    _, card = desk.raised(hostile)
    use = desk.server.click(desk.moderator, card, "Show")
    shown = desk.told(use).split("\n", 1)[1]
    moment, _, said = shown.partition(": ")
    assert moment.startswith("<t:")
    assert effects(said) == []
    assert [each.pinged for each in use.messages] == [frozenset()]


def test_a_decision_is_shown_in_place(desk):
    _, card = desk.raised()
    assert desk.press(desk.moderator, card, "Not toxic") == "Done."
    text = desk.closed(card)
    assert f"Dismissed by {desk.moderator.mention}" in text
    assert desk.case.verdict is Verdict.DISMISSED
    assert desk.case.decided_by == str(desk.moderator.id)
    assert desk.cards == [card]


def test_the_first_decision_stands_and_the_second_is_told(desk):
    _, card = desk.raised()
    uses = [
        desk.server.click(desk.moderator, card, "Toxic"),
        desk.server.click(desk.other, card, "Not toxic"),
    ]
    told = [desk.told(use) for use in uses]
    assert sorted(each.split(".")[0] for each in told) == ["Done", "Somebody was quicker"]
    first = uses[told.index("Done.")].user
    assert desk.case.decided_by == str(first.id)
    assert first.mention in next(each for each in told if each != "Done.")


def test_removing_deletes_the_message(desk):
    said, card = desk.raised()
    assert desk.press(desk.moderator, card, "Remove message") == "Done."
    wait_until(lambda: said.deleted, 15, "the message's end")
    wait_until(lambda: "Removed by" in card.text, 15, "the card")
    wait_until(lambda: desk.case.effect_state is EffectState.DONE, 15, "the end of it")


def test_a_bot_that_may_not_offers_neither_to_remove_nor_to_time_out(desk):
    desk.guild.bot_role.set_permissions(BOT_PERMISSIONS)
    _, card = desk.raised()
    labels = [button["label"] for button in card.buttons]
    assert labels == ["Show", "Toxic", "Not toxic", "Note"]


def test_a_bot_that_may_no_longer_says_so_and_decides_nothing(desk):
    said, card = desk.raised()
    desk.guild.bot_role.set_permissions(BOT_PERMISSIONS)
    told = desk.press(desk.moderator, card, "Remove message")
    assert told == "Précis may not delete messages there."
    assert not said.deleted
    assert desk.case.open


@pytest.mark.parametrize(
    ("chosen", "length"),
    [("1 hour", timedelta(hours=1)), ("1 day", timedelta(days=1)), ("1 week", timedelta(weeks=1))],
)
def test_a_time_out_is_as_long_as_the_form_says(desk, chosen, length):
    _, card = desk.raised()
    use = desk.form(desk.moderator, card, "Time out")
    sent = desk.server.submit_modal(use, {"For how long": chosen})
    assert desk.told(sent) == "Done."
    author = desk.guild.members[desk.author.id]
    wait_until(lambda: author.timed_out_until, 15, "a time-out")
    assert abs(author.timed_out_until - datetime.now(UTC) - length) < timedelta(seconds=30)
    wait_until(lambda: "timed out by" in card.text, 15, "the card")


def test_who_is_above_the_bot_is_not_offered_for_a_time_out(desk):
    role = desk.guild.add_role("Tutors")
    role.move(20)
    desk.guild.members[desk.author.id].add_role(role)
    _, card = desk.raised()
    assert "Time out" not in [button["label"] for button in card.buttons]


def test_after_a_message_is_removed_its_author_may_be_timed_out_too(desk):
    said, card = desk.raised()
    desk.press(desk.moderator, card, "Remove message")
    wait_until(
        lambda: [button["label"] for button in card.buttons] == ["Time out"], 15, "one button"
    )
    use = desk.form(desk.other, card, "Time out")
    assert desk.told(desk.server.submit_modal(use, {"For how long": "1 hour"})) == "Done."
    wait_until(lambda: desk.guild.members[desk.author.id].timed_out, 15, "a time-out")
    desk.closed(card)
    assert said.deleted


def test_a_note_is_on_the_card_and_harmless(desk):
    _, card = desk.raised()
    use = desk.form(desk.moderator, card, "Note")
    note = f"again {desk.member.mention} @everyone **now**"
    assert desk.told(desk.server.submit_modal(use, {"Note": note})) == "Noted."
    wait_until(lambda: "Note: again" in card.text, 15, "the note")
    line = next(each for each in card.text.splitlines() if each.startswith("Note: "))
    assert effects(line) == []
    assert card.pinged == frozenset()
    assert desk.case.note == note


def test_a_card_that_somebody_deleted_is_posted_anew_once_it_changes(desk):
    _, card = desk.raised()
    desk.server.delete(card)
    _, again = desk.raised()
    assert again is not card
    assert "2 messages to look at" in again.text


def test_a_message_that_its_author_deletes_is_gone_from_its_card(desk):
    said, card = desk.raised()
    desk.server.delete(said)
    desk.closed(card)
    assert "deleted" in card.text
    assert desk.case.said is None


def test_an_edit_is_scored_and_an_open_case_follows_it(desk):
    said = desk.say(KIND)
    desk.server.edit(said, RUDE)
    card = desk.card()
    assert desk.case.subject == str(said.id)
    seen = card.buttons[0]["custom_id"]  # of another text
    desk.server.edit(said, f"{RUDE}, really")
    wait_until(lambda: "really" in desk.case.said.text, 15, "the text as it is now")
    wait_until(lambda: card.buttons[0]["custom_id"] != seen, 15, "the card as it is now")
    assert f"{RUDE}, really" in desk.press(desk.moderator, card, "Show")


def test_what_is_no_edit_is_not_scored_again(desk):
    said, _ = desk.raised()
    [before] = scored(desk, said)
    desk.watched.add_thread("about it", from_message=said)
    desk.raised(author=desk.member)
    assert scored(desk, said) == [before]


def scored(desk, message):
    """The jobs in which a message was scored."""
    return [
        conversation
        for conversation in desk.judge.scored
        if str(message.id) in {each.id for each in conversation.messages}
    ]
