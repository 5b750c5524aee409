"""Mentioning the bot, in threads and channels."""

import pytest

from tests.bot.slack.using import answer, change, finals, seen
from tests.services import wait_until


@pytest.fixture
def ana(people):
    return people[0]


@pytest.fixture
def thread(algebra, people):
    first = algebra.post(people[0], "Who brings the cake?", quietly=True)
    algebra.post(people[1], "I do.", thread=first, quietly=True)
    return first


def test_in_a_thread_it_is_summed_up_for_who_asks_alone(
    server, bot, summariser, algebra, thread, people
):
    ana, ben = people[:2]
    server.mention(ana, algebra, "", thread=thread)
    shown = seen(algebra, ana)
    assert "A summary." in shown.shown
    assert (shown.only_for, shown.thread_ts) == (ana, thread.ts)
    assert summariser.read == [["Who brings the cake?", "I do."]]
    assert not shown.visible_to(ben)


def test_in_a_channel_its_latest_messages_are_summed_up(server, bot, summariser, algebra, ana):
    server.mention(ana, algebra, "")
    assert "A summary." in seen(algebra, ana).shown
    assert len(summariser.conversations[0].messages) == 200


@pytest.mark.parametrize(
    "text", ["20", "summarise the last 20 messages please", "last 20, thanks!"]
)
def test_a_mention_may_say_what_is_wanted(server, bot, summariser, algebra, ana, text):
    server.mention(ana, algebra, text)
    seen(algebra, ana)
    assert len(summariser.conversations[0].messages) == 20


def test_a_public_answer_goes_into_the_thread(server, bot, algebra, thread, ana):
    server.mention(ana, algebra, "public", thread=thread)
    wait_until(lambda: finals(algebra.messages_by_bot), what="a public answer")
    [shown] = algebra.messages_by_bot
    assert shown.thread_ts == thread.ts


def test_what_is_unclear_gets_one_line_for_them_alone(server, bot, summariser, algebra, ana):
    server.mention(ana, algebra, "who won the match?")
    said = seen(algebra, ana)
    assert said.shown.startswith("Précis can't make that out.")
    assert said.only_for is ana
    assert summariser.conversations == []


def test_who_may_not_ask_is_told_so_alone(server, bot, workspace, summariser, algebra, people):
    ben, chen = people[1:3]
    change(bot, workspace, roles=(ben.person,))
    server.mention(chen, algebra, "20")
    assert seen(algebra, chen).only_for is chen
    assert summariser.conversations == []


def test_a_retried_event_is_answered_once(server, bot, summariser, algebra, ana):
    server.mention(ana, algebra, "5")
    seen(algebra, ana)
    algebra.post(ana, "Something else.", quietly=True)
    [event] = server.events_of("app_mention")
    again = server.resend(event)
    wait_until(lambda: again.acknowledged, what="the acknowledgement")
    answer(server.slash(ana, algebra, "summarize", "7"))
    assert [len(each.messages) for each in summariser.conversations] == [5, 7]
    assert len([each for each in algebra.ephemerals if "A summary." in each.shown]) == 2


def test_a_retried_event_that_is_unclear_gets_one_line_once(server, bot, algebra, ana):
    server.mention(ana, algebra, "who won?")
    seen(algebra, ana)
    again = server.resend(server.events_of("app_mention")[0])
    wait_until(lambda: again.acknowledged, what="the acknowledgement")
    answer(server.slash(ana, algebra, "summarize", "7"))
    assert len([each for each in algebra.ephemerals if "can't make that out" in each.shown]) == 1


def test_another_bot_gets_no_answer(server, bot, summariser, workspace, algebra, ana):
    other = workspace.add_bot("otherbot")
    algebra.add(other, quietly=True)
    server.mention(other, algebra, "5")
    answer(server.slash(ana, algebra, "summarize", "7"))
    assert [len(each.messages) for each in summariser.conversations] == [7]


def test_a_guest_of_another_workspace_may_ask_in_a_shared_channel(
    server, bot, summariser, algebra, people
):
    other = server.add_workspace("Others", "others")
    eve = other.add_user("eve")
    algebra.add(eve, quietly=True)
    server.mention(eve, algebra, "5")
    assert "A summary." in seen(algebra, eve).shown


def test_a_guest_of_another_workspace_is_told_nothing_of_other_channels(
    server, bot, summariser, workspace, algebra, people
):
    other = server.add_workspace("Others", "others")
    eve = other.add_user("eve")
    algebra.add(eve, quietly=True)
    general = workspace.add_channel("general", members=people)
    server.fill(general, people, ["internal", "matters"])
    server.mention(eve, algebra, general.mention)
    assert seen(algebra, eve).shown.startswith("You can't read")
    assert summariser.conversations == []
