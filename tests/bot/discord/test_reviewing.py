"""`/precis review`: what waits, for moderators alone, and their decisions from there."""

import pytest

from precis.moderation import Verdict
from tests.bot.discord.moderators import RUDE
from tests.peers.discord_server import Permission
from tests.services import wait_until

P = Permission


def listed(desk, person, **options):
    """The answer to the command, as only they see it."""
    use = desk.server.slash(person, desk.channel, "precis", "review", **options)
    answer = use.wait_for_answer()
    assert use.ephemeral
    return answer


def numbers(answer):
    return [line[2] for line in answer.text.splitlines() if line.startswith("**")]


def labels(message):
    return [button["label"] for button in message.buttons]


@pytest.fixture
def several(desk):
    """Cards of seven people, of whom the first is Ben."""
    people = [desk.member, desk.author, desk.people[0]]
    people += [desk.server.add_user(f"guest{n}") for n in range(4)]
    for each in people[3:]:
        desk.guild.add_member(each)
    for each in people:
        desk.raised(author=each)
    return people


def test_where_nothing_waits_it_says_so(desk):
    assert "Nothing waits." in listed(desk, desk.moderator).text


def test_what_waits_is_told_without_texts(desk):
    desk.raised()
    answer = listed(desk, desk.moderator)
    assert "What waits for moderators (1)" in answer.text
    assert desk.watched.mention in answer.text
    assert "toxicity 0.90" in answer.text
    assert RUDE not in answer.text


def test_it_is_for_moderators_alone(desk):
    desk.raised()
    desk.channel.set_overwrite(desk.member, allow=P.VIEW_CHANNEL)
    answer = listed(desk, desk.member)
    assert answer.text == "Only moderators of … can do that."
    assert answer.buttons == []


def test_who_moderates_one_channel_is_told_of_that_one(desk, algebra):
    desk.raised()
    desk.channel.set_overwrite(desk.member, allow=P.VIEW_CHANNEL)
    desk.watched.set_overwrite(desk.member, allow=P.MANAGE_MESSAGES)
    assert "(1)" in listed(desk, desk.member, channel=desk.watched).text
    told = listed(desk, desk.member, channel=algebra).text
    assert told == f"Only moderators of {algebra.mention} can do that."
    assert "(0)" in listed(desk, desk.moderator, channel=algebra).text


def test_it_has_pages(desk, several):
    answer = listed(desk, desk.moderator)
    assert numbers(answer) == ["1", "2", "3", "4", "5"]
    assert labels(answer)[-1] == "On"
    desk.server.click(desk.moderator, answer, "On").wait_for_ack()
    wait_until(lambda: "Page 2 of 2" in answer.text, 15, "the next page")
    assert len(numbers(answer)) == 2
    assert "Back" in labels(answer)
    assert "On" not in labels(answer)
    desk.server.click(desk.moderator, answer, "Back").wait_for_ack()
    wait_until(lambda: "Page 1 of 2" in answer.text, 15, "the first page")


@pytest.mark.parametrize("order", ["oldest first", "worst first", "by channel"])
def test_it_has_orders(desk, order):
    desk.raised()
    assert "(1)" in listed(desk, desk.moderator, order=order).text


def test_a_page_is_not_turned_by_who_moderates_no_longer(desk, several):
    answer = listed(desk, desk.moderator)
    desk.guild.members[desk.moderator.id].remove_role(desk.role)
    desk.server.click(desk.moderator, answer, "On").wait_for_ack()
    wait_until(lambda: answer.text.startswith("Only moderators"), 15, "a refusal")
    assert answer.embeds == []


def test_a_card_is_opened_and_decided_from_the_list(desk):
    _, shown = desk.raised()
    answer = listed(desk, desk.moderator)
    card = desk.server.click(desk.moderator, answer, "Open 1").wait_for_answer()
    assert card.only_for is desk.moderator
    assert desk.author.mention in card.text
    assert RUDE in desk.press(desk.moderator, card, "Show")
    assert desk.press(desk.moderator, card, "Not toxic") == "Done."
    wait_until(lambda: not card.buttons, 15, "the card as it is then")
    assert "Dismissed by" in card.text
    desk.closed(shown)
    assert desk.case.verdict is Verdict.DISMISSED


def test_a_form_opens_from_the_list_too(desk):
    _, shown = desk.raised()
    answer = listed(desk, desk.moderator)
    card = desk.server.click(desk.moderator, answer, "Open 1").wait_for_answer()
    use = desk.form(desk.moderator, card, "Note")
    assert desk.told(desk.server.submit_modal(use, {"Note": "third time"})) == "Noted."
    wait_until(lambda: "third time" in card.text, 15, "the note")
    wait_until(lambda: "third time" in shown.text, 15, "the note on the card")


def test_a_card_is_not_opened_for_who_moderates_no_longer(desk):
    desk.raised()
    answer = listed(desk, desk.moderator)
    desk.guild.members[desk.moderator.id].remove_role(desk.role)
    told = desk.server.click(desk.moderator, answer, "Open 1").wait_for_answer()
    assert told.text == f"Only moderators of {desk.watched.mention} can do that."


def test_where_there_is_no_moderators_channel_the_list_is_the_way(desk):
    desk.bot.context.chat.change_settings(
        "discord",
        str(desk.guild.id),
        "test",
        lambda now: now.model_copy(update={"moderators_channel": None}),
    )
    desk.say(RUDE)
    wait_until(lambda: desk.cases, 15, "a case")
    answer = listed(desk, desk.moderator)
    card = desk.server.click(desk.moderator, answer, "Open 1").wait_for_answer()
    assert desk.press(desk.moderator, card, "Toxic") == "Done."
    assert desk.cards == []
    assert desk.case.verdict is Verdict.KEPT
