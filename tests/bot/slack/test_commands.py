"""`/summarize`, `/catchup`, `/precis` and the message shortcuts, as people use them."""

import pytest

from precis.job import Style
from tests.bot.slack.serving import bot_running, by_http, by_socket, events_url
from tests.bot.slack.using import answer, change, finals, texts_of
from tests.services import wait_until

USAGE = "Précis can't make that out."


@pytest.fixture
def ana(people):
    return people[0]


@pytest.fixture
def ben(people):
    return people[1]


@pytest.fixture
def thread(algebra, people):
    """Of three messages, by three people."""
    first = algebra.post(people[0], "Who brings the cake?", quietly=True)
    for person, text in zip(people[1:3], ("I do.", "What kind?"), strict=True):
        algebra.post(person, text, thread=first, quietly=True)
    return first


OF_THREAD = ["Who brings the cake?", "I do.", "What kind?"]


def test_the_latest_200_messages_are_summed_up_for_who_asks_alone(
    server, bot, summariser, algebra, ana, ben
):
    shown = answer(server.slash(ana, algebra, "summarize"))
    assert "A summary." in shown.shown
    assert len(summariser.conversations[0].messages) == 200
    assert shown.visible_to(ana)
    assert not shown.visible_to(ben)
    assert algebra.messages_by_bot == []


def test_an_answer_can_be_shared_and_judged(server, bot, algebra, ana):
    shown = answer(server.slash(ana, algebra, "summarize"))
    assert [each["text"]["text"] for each in shown.buttons] == ["👍", "👎", "Share", "Report"]


def test_so_many_messages_as_are_asked_for_in_the_style_that_is(
    server, bot, summariser, algebra, ana
):
    answer(server.slash(ana, algebra, "summarize", "people 20"))
    assert len(summariser.conversations[0].messages) == 20
    assert summariser.requests[0].style is Style.PEOPLE


def test_what_was_said_since_a_time_is_summed_up(server, bot, summariser, algebra, ana):
    # Six hours ago the first of 300 was written, a minute apart.
    said = answer(server.slash(ana, algebra, "summarize", "30 minutes"))
    assert said.shown.startswith("There is nothing to summarise in that window")
    answer(server.slash(ana, algebra, "summarize", "2h"))
    assert len(summariser.conversations[0].messages) in (59, 60, 61)


def test_a_public_answer_is_for_all(server, bot, algebra, ana, ben):
    use = server.slash(ana, algebra, "summarize", "20 public")
    wait_until(lambda: finals(algebra.messages_by_bot), what="a public answer")
    [shown] = algebra.messages_by_bot
    assert "A summary." in shown.shown
    assert shown.visible_to(ben)
    assert [each["text"]["text"] for each in shown.buttons] == ["👍", "👎", "Delete", "Report"]
    assert use.messages == []


def test_a_linked_thread_is_summed_up(server, bot, summariser, algebra, thread, ana):
    reply = thread.replies[-1]
    answer(server.slash(ana, algebra, "summarize", f"<{reply.permalink}>"))
    assert summariser.read == [OF_THREAD]


def test_a_thread_is_summed_up_by_the_link_to_its_first_message(
    server, bot, summariser, algebra, thread, ana
):
    answer(server.slash(ana, algebra, "summarize", f"bullets {thread.permalink}"))
    assert summariser.read == [OF_THREAD]


def test_a_public_answer_about_a_thread_goes_into_it(server, bot, workspace, algebra, thread, ana):
    elsewhere = workspace.add_channel("general", members=[ana])
    server.slash(ana, elsewhere, "summarize", f"{thread.permalink} public")
    wait_until(lambda: finals(algebra.messages_by_bot), what="a public answer")
    [shown] = algebra.messages_by_bot
    assert shown.thread_ts == thread.ts
    assert elsewhere.messages_by_bot == []


def test_a_linked_channel_is_summed_up(server, bot, summariser, workspace, algebra, ana):
    elsewhere = workspace.add_channel("general", members=[ana])
    answer(server.slash(ana, elsewhere, "summarize", f"10 {algebra.mention}"))
    assert len(summariser.conversations[0].messages) == 10


def test_a_link_to_a_channel_that_they_are_not_in_is_refused(
    server, bot, summariser, workspace, algebra, people
):
    ana, ben = people[:2]
    secret = workspace.add_channel("secret", private=True, members=[ben])
    first = secret.post(ben, "the code is 1234", quietly=True)
    said = answer(server.slash(ana, algebra, "summarize", first.permalink))
    assert said.shown.startswith("You can't read")
    assert summariser.conversations == []


def test_a_link_to_another_workspace_is_refused(server, bot, summariser, algebra, thread, ana):
    """Though there is a channel of that id here."""
    link = thread.permalink.replace("study.slack.com", "another.slack.com")
    said = answer(server.slash(ana, algebra, "summarize", link))
    assert said.shown == "That link leads to another workspace; Précis reads none but this one."
    assert summariser.conversations == []


def test_who_follows_a_link_in_another_workspace_reads_nothing_of_this_one(
    server, settings, store, workspace, thread, summariser
):
    other = server.add_workspace("Others", "others", same_ids_as=workspace)
    other.install()
    eve = other.add_user("ana")
    there = other.add_channel("algebra", members=[eve])
    with bot_running(by_socket(settings, server, other), store, summariser):
        said = answer(server.slash(eve, there, "summarize", thread.permalink))
        assert said.shown.startswith("That link leads to another workspace")
    assert summariser.conversations == []


@pytest.mark.parametrize("text", ["foo", "0", "2h 3h", "https://example.org"])
def test_what_is_unclear_gets_one_line_of_what_is_possible(server, bot, algebra, ana, text):
    use = server.slash(ana, algebra, "summarize", text)
    said = use.wait_for_answer()
    assert said.shown.startswith(USAGE)
    assert "\n" not in said.shown
    assert said.only_for is ana
    assert len(use.messages) == 1


def test_the_one_line_is_in_the_workspaces_language(server, bot, workspace, algebra, ana):
    change(bot, workspace, language="de")
    answer(server.slash(ana, algebra, "summarize", "5"))
    said = server.slash(ana, algebra, "summarize", "foo").wait_for_answer()
    assert said.shown.startswith("Das versteht Précis nicht.")


def test_catching_up_begins_after_ones_own_latest_message(server, bot, summariser, algebra, people):
    ben, chen = people[1:3]
    algebra.post(ben, "I am here.", quietly=True)
    algebra.post(chen, "Hello Ben.", quietly=True)
    answer(server.slash(ben, algebra, "catchup", "bullets"))
    assert summariser.read == [["Hello Ben."]]
    assert summariser.requests[0].style is Style.BULLETS


@pytest.mark.parametrize("text", ["2h", "200", "public", "foo"])
def test_catching_up_takes_a_style_and_nothing_else(server, bot, summariser, algebra, ana, text):
    said = server.slash(ana, algebra, "catchup", text).wait_for_answer()
    assert said.shown.startswith("`/catchup` tells what was said since you last wrote here")
    assert summariser.conversations == []


def test_a_menu_sums_up_the_thread_of_a_message(server, bot, summariser, algebra, thread, ana):
    for message in (thread, thread.replies[0]):
        answer(server.shortcut(ana, message, "precis_thread"))
    assert summariser.read == [OF_THREAD]  # once: nothing has changed since


def test_a_message_without_a_thread_is_told_of(server, bot, summariser, algebra, ana):
    said = answer(server.shortcut(ana, algebra.messages[-1], "precis_thread"))
    assert said.shown == "That message has no thread; use “Summarise from here” instead."
    assert said.only_for is ana
    assert summariser.conversations == []


def test_a_menu_sums_up_a_channel_from_a_message_on(server, bot, summariser, algebra, ana):
    answer(server.shortcut(ana, algebra.messages[-7], "precis_from_here"))
    assert len(summariser.conversations[0].messages) == 7


def test_a_menu_sums_up_a_thread_from_a_reply_on(server, bot, summariser, algebra, thread, ana):
    answer(server.shortcut(ana, thread.replies[0], "precis_from_here"))
    assert summariser.read == [OF_THREAD[1:]]


def test_only_some_may_be_let_ask(server, bot, workspace, algebra, people):
    change(bot, workspace, roles=(people[1].person,))
    said = answer(server.slash(people[2], algebra, "summarize", "5"))
    assert "A summary." not in said.shown
    assert "A summary." in answer(server.slash(people[1], algebra, "summarize", "5")).shown


def test_admins_may_always_ask(server, bot, workspace, algebra, people):
    change(bot, workspace, roles=(people[1].person,))
    assert "A summary." in answer(server.slash(people[0], algebra, "summarize", "5")).shown


def test_the_same_command_told_of_twice_is_answered_once(
    server, settings, store, summariser, workspace, algebra, ana
):
    by_requests = by_http(settings, server, workspace)
    with bot_running(by_requests, store, summariser):
        server.use_http(events_url(by_requests))
        use = server.slash(ana, algebra, "summarize", "5")
        answer(use)
        algebra.post(ana, "Something else.", quietly=True)
        assert server.replay(age=5).status == 200
        answer(server.slash(ana, algebra, "summarize", "7"))
    assert [len(each.messages) for each in summariser.conversations] == [5, 7]
    assert len(finals(use.messages)) == 1


def test_help_tells_what_there_is_and_leads_on(server, bot, algebra, ana):
    said = server.slash(ana, algebra, "precis").wait_for_answer()
    assert "/summarize" in said.shown
    assert [each["text"]["text"] for each in said.buttons] == ["Settings", "Your privacy"]
    assert said.only_for is ana


def test_the_words_of_the_conversation_stay_in_it(server, bot, summariser, workspace, people):
    """A channel's conversation has no words of another."""
    ana = people[0]
    one, two = (workspace.add_channel(name, members=people) for name in ("one", "two"))
    one.post(ana, "of one", quietly=True)
    two.post(ana, "of two", quietly=True)
    answer(server.slash(ana, one, "summarize"))
    assert [texts_of(each) for each in summariser.conversations] == [["of one"]]


def test_a_group_message_is_read_where_the_bot_is_in_it_and_by_who_is(
    server, bot, summariser, workspace, people, ana, ben
):
    group = workspace.add_group_dm(people[:3])
    group.post(ben, "We meet at six.", quietly=True)
    said = answer(server.slash(ana, group, "summarize"))
    assert summariser.read == [["We meet at six."]]
    assert said.shown.startswith("Summary of ana, ben, chen, ")
    assert group.messages_by_bot == []
    without = workspace.add_group_dm(people[3:], bot=False)
    said = answer(server.slash(people[3], without, "summarize"))
    assert "/invite @precis" in said.shown
    assert len(summariser.read) == 1
