"""Readers report messages and summaries to the moderators."""

import pytest

from precis.moderation import Kind, Source
from tests.bot.discord.managing import change
from tests.bot.discord.moderators import KIND, RUDE
from tests.bot.discord.serving import answered
from tests.peers.discord_server import UnavailableError
from tests.services import wait_until

MENU = "Report to moderators"
THANKS = "Thank you; this server's moderators will look at it."


@pytest.fixture
def judge(judge):
    judge.texts = ("Everybody agreed.",)
    return judge


def report(desk, person, message):
    """What they alone are told."""
    use = desk.server.context_menu(person, message, MENU)
    said = use.wait_for_answer()
    assert use.ephemeral
    return said.text


def test_a_message_that_is_reported_is_on_a_card_whatever_its_scores(desk, algebra):
    said = desk.say(KIND, place=algebra)
    assert report(desk, desk.member, said) == THANKS
    card = desk.card()
    assert str(said.id) in card.text
    assert "reported by 1 person" in card.text
    assert KIND not in card.text
    assert desk.member.mention not in card.text, "nobody is told who reported it"
    assert KIND in desk.press(desk.moderator, card, "Show")


def test_reports_of_one_message_are_counted_on_its_card(desk, algebra):
    said = desk.say(KIND, place=algebra)
    for person in (desk.member, desk.people[0]):
        report(desk, person, said)
    wait_until(lambda: desk.cases and desk.case.reports == 2, 15, "two reports")
    wait_until(lambda: "reported by 2 people" in desk.card().text, 15, "both on the card")


def test_who_reports_twice_is_told_so(desk, algebra):
    said = desk.say(KIND, place=algebra)
    report(desk, desk.member, said)
    wait_until(lambda: desk.cases, 15, "a case")
    assert report(desk, desk.member, said) == "You reported that already; the moderators know."
    assert desk.case.reports == 1


def test_a_watched_message_may_be_reported_too(desk):
    said, card = desk.raised()
    report(desk, desk.member, said)
    wait_until(lambda: "reported by 1 person" in card.text, 15, "the report on the card")
    assert desk.case.sources == (Source.WATCHED, Source.REPORTED)


def test_nobody_reports_themselves(desk, algebra):
    said = desk.say(KIND, place=algebra)
    assert report(desk, desk.author, said) == "That is your own; you can delete it."
    assert desk.cases == []


def test_what_nobody_wrote_cannot_be_reported(desk, algebra):
    robot = desk.server.add_user("robot", bot=True)
    desk.guild.add_member(robot)
    said = desk.server.say(algebra, robot, KIND)
    assert report(desk, desk.member, said) == "Only what somebody wrote can be reported."


def test_nothing_is_kept_of_what_is_never_read(desk, algebra):
    change(desk.bot, desk.guild, never_read=(str(algebra.id),))
    said = desk.say(KIND, place=algebra)
    assert report(desk, desk.member, said).startswith("This server's managers don't let Précis")
    assert desk.cases == []


def test_who_opted_out_is_reported_without_their_text(desk, algebra):
    desk.bot.context.chat.opt_out("discord", str(desk.author.id))
    said = desk.say(RUDE, place=algebra)
    report(desk, desk.member, said)
    card = desk.card()
    assert "Its text isn't kept; follow the link." in card.text
    assert str(said.id) in card.text
    assert "Show" not in [button["label"] for button in card.buttons]


def test_what_one_cannot_see_cannot_be_reported(desk, algebra):
    """So says Discord's client."""
    said = desk.say(KIND, place=desk.channel, author=desk.moderator)
    with pytest.raises(UnavailableError):
        report(desk, desk.member, said)


@pytest.mark.parametrize("private", [True, False])
def test_a_summary_is_reported(desk, algebra, private):
    answer = answered(
        desk.server.slash(desk.member, algebra, "summarize", last=50, private=private)
    )
    use = desk.server.click(desk.member, answer, "Report")
    assert use.wait_for_followup().text == THANKS
    card = desk.card()
    assert "A reported summary to look at" in card.text
    assert (desk.case.kind, desk.case.author) == (Kind.SUMMARY, None)
    assert "Everybody agreed" not in card.text
    assert "Everybody agreed" in desk.press(desk.moderator, card, "Show")


def test_a_summary_sent_late_is_reported_from_direct_messages(desk, algebra):
    hang = desk.server.hang("PATCH /webhooks/*/*/messages/@original")
    use = desk.server.slash(desk.member, algebra, "summarize", last=50)
    wait_until(lambda: hang.waiting, 15, "an answer on its way")
    desk.server.expire_tokens()
    hang.release()
    wait_until(lambda: any(each.embeds for each in desk.server.dms(desk.member)), 30, "a message")
    assert not any(each.embeds for each in use.messages)
    [answer] = [each for each in desk.server.dms(desk.member) if each.embeds]
    click = desk.server.click(desk.member, answer, "Report")
    assert click.wait_for_followup().text == THANKS
    assert "A reported summary" in desk.card().text


def test_where_no_channel_is_set_reporters_are_told(desk, algebra):
    change(desk.bot, desk.guild, moderators_channel=None)
    said = desk.say(KIND, place=algebra)
    assert report(desk, desk.member, said).startswith("This server's managers haven't said where")
    wait_until(lambda: desk.cases, 15, "a case all the same")
