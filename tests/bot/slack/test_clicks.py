"""What clicks under an answer do, and what they don't."""

import pytest

from bot.texts import ENGLISH, texts_in
from tests.bot.slack.using import answer, finals
from tests.services import wait_until


@pytest.fixture
def ana(people):
    return people[0]


@pytest.fixture
def ben(people):
    return people[1]


@pytest.fixture
def private(server, bot, algebra, ben):
    """Ben's answer, seen by him alone."""
    return answer(server.slash(ben, algebra, "summarize", "20"))


@pytest.fixture
def public(server, bot, algebra, ben):
    server.slash(ben, algebra, "summarize", "20 public")
    wait_until(lambda: finals(algebra.messages_by_bot), what="a public answer")
    return algebra.messages_by_bot[0]


def said(use):
    """What is told of a click."""
    return use.wait_for_answer().shown


def opinions(bot, shown):
    chat = bot.frontend.context.chat
    ask = chat.ask(shown.buttons[0]["value"])
    return chat.opinions(ask.job_id)


@pytest.mark.parametrize(("label", "kept"), [("👍", (1, 0)), ("👎", (0, 1))])
def test_an_opinion_is_kept(server, bot, private, ben, label, kept):
    use = server.click(ben, private, label)
    assert said(use) == "Thanks, that helps."
    assert use.messages[0].only_for is ben
    assert opinions(bot, private) == kept


def test_whoever_reads_a_public_answer_may_judge_it(server, bot, public, people):
    for person in people[:3]:
        said(server.click(person, public, "👍"))
    assert opinions(bot, public) == (3, 0)


def test_who_cannot_read_what_it_is_of_may_not_judge(server, bot, workspace, public, algebra, ben):
    eve = workspace.add_user("eve")
    use = server.click(eve, public, "👍", forged={})
    assert said(use).startswith("You can't read")
    assert opinions(bot, public) == (0, 0)


def test_sharing_posts_it_for_all_once(server, bot, algebra, private, ben, people):
    use = server.click(ben, private, "Share")
    wait_until(lambda: finals(algebra.messages_by_bot), what="the shared answer")
    [shown] = algebra.messages_by_bot
    assert "A summary." in shown.shown
    assert "Ben" in shown.shown
    assert all(shown.visible_to(person) for person in people)
    labels = [each["text"]["text"] for each in shown.buttons]
    assert labels == ["👍", "👎", "Delete", "Report"]
    # The answer that Ben alone sees can't be shared again, nor is it there twice.
    wait_until(lambda: len(private.buttons) == 3, what="the button to go")
    assert "A summary." in private.shown
    assert not any(each.startswith("<@") for each in shown.shown.split())
    assert use.messages in ([], [private])


def test_a_click_on_a_share_button_that_is_gone_says_that_it_is_shared(
    server, bot, algebra, private, ben
):
    ask_id = private.buttons[0]["value"]
    server.click(ben, private, "Share")
    wait_until(lambda: finals(algebra.messages_by_bot), what="the shared answer")
    again = server.click(ben, private, "precis:share", ask_id, forged={})
    assert said(again).startswith("That is shared already")
    assert len(algebra.messages_by_bot) == 1


def test_only_who_asked_may_share(server, bot, algebra, private, ana):
    use = server.click(ana, private, "Share", forged={})
    assert said(use) == "Only who asked can do that."
    assert algebra.messages_by_bot == []


def test_it_is_not_shared_where_others_may_not_read_the_source(
    server, bot, workspace, algebra, private, ben, ana
):
    general = workspace.add_channel("general", members=[ana, ben])
    place = {"id": general.id, "name": "general"}
    use = server.click(ben, private, "Share", forged={"channel": place})
    assert said(use).startswith("This can't be shared here")
    assert general.messages_by_bot == []


def test_who_asked_deletes_a_public_answer(server, bot, algebra, public, ben):
    server.click(ben, public, "Delete")
    wait_until(lambda: algebra.messages_by_bot == [], what="the answer to go")


def test_an_admin_deletes_a_public_answer(server, bot, algebra, public, ana):
    server.click(ana, public, "Delete")
    wait_until(lambda: algebra.messages_by_bot == [], what="the answer to go")


def test_others_delete_nothing(server, bot, algebra, public, people):
    use = server.click(people[2], public, "Delete")
    assert said(use).startswith("Only")
    assert algebra.messages_by_bot == [public]


def test_a_shared_answer_is_deleted_by_who_shared_it(server, bot, algebra, private, ben):
    server.click(ben, private, "Share")
    wait_until(lambda: algebra.messages_by_bot, what="the shared answer")
    [shown] = algebra.messages_by_bot
    chat, ask_id = bot.frontend.context.chat, shown.buttons[0]["value"]
    wait_until(lambda: shown.id in chat.ask(ask_id).posted, what="a note of it")
    server.click(ben, shown, "Delete")
    wait_until(lambda: algebra.messages_by_bot == [], what="the answer to go")


@pytest.mark.parametrize("action", ["good", "bad", "share", "show", "delete"])
@pytest.mark.parametrize("value", ["0" * 32, "nonsense", "", "'; drop table asks; --"])
def test_forged_ids_find_nothing(server, bot, algebra, private, people, action, value):
    use = server.click(people[2], private, f"precis:{action}", value, forged={})
    # Who administers the workspace could delete what the store has forgotten; Chen doesn't.
    forgotten = action == "delete" and value == "0" * 32
    assert said(use) == (texts_in("en", "slack").cannot_delete if forgotten else ENGLISH.gone)
    assert algebra.messages_by_bot == []


def test_an_unknown_action_is_acknowledged_and_does_nothing(server, bot, algebra, private, ben):
    use = server.click(ben, private, "precis:explode", "0" * 32, forged={})
    use.wait_for_ack()
    assert said(server.click(ben, private, "👍")) == "Thanks, that helps."
    assert use.messages == []
