"""Answers that come after the interaction's fifteen minutes."""

import pytest
from sqlalchemy import select

from precis.store import Store
from precis.store.tables import asks
from tests.bot.discord.processes import bot_process, deployed, worker_thread
from tests.peers.discord_server import Permission
from tests.services import wait_until
from tests.worker.summarisers import Held

LATE = 16 * 60  # seconds


@pytest.fixture
def variables(redis_url, tmp_path):
    return deployed(redis_url, f"sqlite:///{tmp_path / 'precis.db'}")


@pytest.fixture
def held(server, guild, variables):
    """A bot, and a worker that holds its jobs."""
    summariser = Held()
    with worker_thread(variables, summariser), bot_process(server, variables):
        yield summariser
        summariser.let_go.set()


def asked(server, held, person, place, **options):
    """An ask whose interaction is over before its job is."""
    use = server.slash(person, place, "summarize", last=30, **options)
    wait_until(lambda: use.text.startswith("Summarising"), what="the last line before the answer")
    server.advance(LATE)
    held.let_go.set()
    return use


def test_a_private_answer_comes_as_a_direct_message(server, held, algebra, people):
    ana = people[0]
    use = asked(server, held, ana, algebra)
    wait_until(lambda: server.dms(ana), what="the answer")
    [answer] = server.dms(ana)
    [embed] = answer.embeds
    assert embed["description"] == "A summary."
    assert not [message for message in use.messages if message.embeds]
    assert server.messages_by_bot(algebra) == []


def test_a_public_answer_comes_as_a_message_in_the_channel(server, held, algebra, people):
    ana = people[0]
    use = asked(server, held, ana, algebra, private=False)
    wait_until(lambda: len(server.messages_by_bot(algebra)) > 1, what="the answer")
    waiting, answer = server.messages_by_bot(algebra)
    assert waiting is use.original
    assert not waiting.embeds
    [embed] = answer.embeds
    assert embed["description"] == "A summary."
    assert answer.pinged == frozenset()
    assert server.dms(ana) == []


@pytest.mark.parametrize("private", [True, False], ids=["private", "public"])
def test_a_late_answer_whose_sending_met_a_fault_comes_once(server, held, algebra, people, private):
    ana = people[0]
    server.fail("POST /channels/{}/messages", None, times=1, after_effect=True)
    asked(server, held, ana, algebra, private=private)

    def sent():
        return [request.status for request in server.requests_to("POST /channels/{}/messages")]

    wait_until(lambda: sent() == [0, 200], what="a second try")
    written = server.dms(ana) if private else server.messages_by_bot(algebra)
    assert len([message for message in written if message.embeds]) == 1


def test_who_takes_no_direct_messages_opens_the_answer_in_the_channel(
    server, held, algebra, people
):
    ana, ben = people[:2]
    ana.accepts_dms = False
    asked(server, held, ana, algebra)
    wait_until(lambda: server.messages_by_bot(algebra), what="a line in the channel")
    [line] = server.messages_by_bot(algebra)
    assert "only who asked can open it" in line.content
    assert "A summary." not in line.text
    assert line.pinged == frozenset()

    by_another = server.click(ben, line, "Show it to me")
    refusal = by_another.wait_for_followup()
    assert refusal.content == "Only who asked can do that."
    assert not refusal.visible_to(ana)

    opened = server.click(ana, line, "Show it to me")
    answer = opened.wait_for_followup()
    assert answer.embeds[0]["description"] == "A summary."
    assert answer.visible_to(ana)
    assert not answer.visible_to(ben)
    assert [message for message in server.messages_by_bot(algebra) if message.embeds] == []


def test_who_can_be_reached_nowhere_is_not_tried_for_ever(server, held, algebra, people, variables):
    ana = people[0]
    ana.accepts_dms = False
    algebra.set_overwrite(server.bot, deny=Permission.SEND_MESSAGES)
    asked(server, held, ana, algebra)
    wait_until(lambda: states(variables) == ["failed"], what="the end of the ask")
    assert server.messages_by_bot(algebra) == []
    assert server.dms(ana) == []


def states(variables):
    store = Store.open(variables["PRECIS_STORE"])
    try:
        with store.database.reading() as connection:
            return list(connection.scalars(select(asks.c.state)))
    finally:
        store.close()
