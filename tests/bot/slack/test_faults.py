"""What only Slack does: one page a minute, tokens that end in mid-job, addresses that run out."""

import pytest
from sqlalchemy import select

from precis.store.tables import asks
from tests.bot.slack.serving import bot_running, by_socket
from tests.bot.slack.using import answer, finals, seen
from tests.services import wait_until


@pytest.fixture
def ana(people):
    return people[0]


@pytest.fixture
def held_bot(server, workspace, settings, store, waiting):
    """The bot, with `waiting` as its summariser."""
    with bot_running(by_socket(settings, server, workspace), store, waiting) as service:
        yield service
        waiting.go.set()


def states(store):
    with store.database.reading() as connection:
        return list(connection.scalars(select(asks.c.state)))


def test_at_one_page_a_minute_it_says_how_far_it_is_and_answers(server, bot, algebra, ana):
    server.restrict_history(page=15, seconds=2.0)
    use = server.slash(ana, algebra, "summarize", "60")
    shown = answer(use)
    assert "60 messages" in shown.shown
    assert any("messages so far" in each.shown for each in use.messages)
    assert [each for each in server.requests_to("conversations.history") if each.early] == []


def test_a_token_that_is_revoked_in_mid_job_ends_what_waits_and_what_is_stored(
    server, held_bot, workspace, store, waiting, algebra, ana
):
    server.slash(ana, algebra, "summarize", "30")
    wait_until(lambda: waiting.begun.acquire(blocking=False), what="a job in hand")
    workspace.revoke()
    waiting.go.set()
    wait_until(lambda: held_bot.frontend.context.chat.known_servers("slack") == [])
    wait_until(lambda: states(store) == [], what="the asks to go")


def test_an_answer_whose_address_has_run_out_is_shown_where_it_was_asked_for(
    server, held_bot, waiting, algebra, ana, people
):
    use = server.slash(ana, algebra, "summarize", "30")
    wait_until(lambda: waiting.begun.acquire(blocking=False), what="a job in hand")
    before = len(finals(algebra.visible_to(ana)))
    use.expire()
    waiting.go.set()
    wait_until(lambda: len(finals(algebra.visible_to(ana))) > before, what="the answer")
    shown = seen(algebra, ana)
    assert "A summary." in shown.shown
    assert not shown.visible_to(people[1])
