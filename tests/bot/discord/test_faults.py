"""What goes wrong on Discord's side, while a bot's process is at work. One bot serves all tests."""

import pytest
from sqlalchemy import select

from precis.store import Store
from precis.store.tables import asks
from tests.bot.discord.processes import bot_process, deployed, worker_thread
from tests.bot.discord.serving import answered
from tests.peers.discord_server import Permission, discord_server
from tests.services import wait_until
from tests.worker.summarisers import Held

READ_HISTORY = Permission.READ_MESSAGE_HISTORY
SENT = "POST /channels/{}/messages"


@pytest.fixture(scope="module")
def server():
    with discord_server() as running:
        yield running
        assert running.violations == []


@pytest.fixture(scope="module")
def people(server):
    return [server.add_user(name) for name in ("Ana", "Ben", "Chen", "Dina", "Emil")]


@pytest.fixture(scope="module")
def guild(server, people):
    return server.add_guild("Study group", owner=people[0], members=people[1:])


@pytest.fixture(scope="module")
def variables(redis_url, tmp_path_factory):
    return deployed(redis_url, f"sqlite:///{tmp_path_factory.mktemp('store') / 'precis.db'}")


@pytest.fixture(scope="module")
def worker(variables):
    """A worker that answers at once, unless a test holds it."""
    summariser = Held()
    summariser.let_go.set()
    with worker_thread(variables, summariser):
        yield summariser


@pytest.fixture(scope="module")
def bot(server, guild, variables, worker):
    with bot_process(server, variables) as process:
        yield process


@pytest.fixture
def held(worker, bot):
    """The worker, which holds its jobs for this test."""
    while worker.begun.acquire(blocking=False):
        pass
    worker.let_go.clear()
    yield worker
    worker.let_go.set()


@pytest.fixture
def ana(server, guild):
    """Somebody whom no test before has written to."""
    return guild.add_member(server.add_user("Ana")).user


@pytest.fixture
def ben(server, guild):
    return guild.add_member(server.add_user("Ben")).user


@pytest.fixture
def store(variables):
    opened = Store.open(variables["PRECIS_STORE"])
    yield opened
    opened.close()


def test_a_channel_that_became_private_on_the_way_is_refused(server, bot, algebra, ana, ben):
    with server.gateway_down():
        use = server.slash(ben, algebra, "summarize", last=20)
        algebra.make_private(ana, server.bot)
    assert answered(use).content.startswith(f"You can't read {algebra.mention}")
    assert server.history_requests(algebra) == []


@pytest.mark.parametrize("whose", ["person", "bot"])
def test_a_channel_without_history_is_refused(server, bot, algebra, ben, whose):
    algebra.set_overwrite(ben if whose == "person" else server.bot, deny=READ_HISTORY)
    use = server.slash(ben, algebra, "summarize", last=20)
    subject = "You" if whose == "person" else "Précis"
    refusal = f"{subject} can't read the message history of {algebra.mention}"
    assert answered(use).content.startswith(refusal)
    assert server.history_requests(algebra) == []


def test_gathering_begins_again_after_a_lost_connection(server, bot, algebra, ana):
    server.fail(history_of(algebra), None, times=3)
    use = server.slash(ana, algebra, "summarize", last=300)
    assert covered(answered(use)) == "300 messages"


def test_an_answer_that_met_a_lost_connection_is_shown_once(server, held, algebra, ana):
    use = server.slash(ana, algebra, "summarize", last=30)
    wait_until(lambda: use.text.startswith("Summarising"), what="the last line before it")
    answer = f"PATCH /webhooks/*/{use.token}/messages/@original"
    server.fail(answer, None, times=1, after_effect=True)
    server.fail(answer, None, times=1)
    held.let_go.set()
    wait_until(lambda: [r.status for r in server.requests_to(answer)][-3:] == [0, 0, 200])
    assert covered(use.original) == "30 messages"
    assert use.messages == [use.original]
    assert server.dms(ana) == []


@pytest.mark.parametrize("resumable", [True, False], ids=["resumed", "begun anew"])
def test_a_gateway_that_is_lost_in_mid_job_changes_nothing(server, held, algebra, ana, resumable):
    resumed, identified = len(server.resumes), len(server.identifies)
    use = server.slash(ana, algebra, "summarize", last=30)
    wait_until(lambda: held.begun.acquire(blocking=False), what="a job in hand")
    with server.gateway_down(resumable=resumable):
        held.let_go.set()
        assert covered(answered(use)) == "30 messages"
    wait_until(lambda: server.connected, what="the bot's connection")
    assert len(server.resumes) > resumed
    assert len(server.identifies) - identified == (0 if resumable else 1)
    again = server.slash(ana, algebra, "summarize", last=20)
    assert covered(answered(again)) == "20 messages"


def test_what_is_asked_while_the_gateway_is_lost_is_answered(server, bot, algebra, ana):
    with server.gateway_down():
        use = server.slash(ana, algebra, "summarize", last=30)
    assert covered(answered(use)) == "30 messages"
    assert use.acknowledged_after < 3


def test_an_answer_that_is_due_while_servers_are_unknown_is_shown_once_they_are(
    server, bot, held, algebra, ana, store
):
    use, before = server.slash(ana, algebra, "summarize", last=30), len(bot.log)
    wait_until(lambda: held.begun.acquire(blocking=False), what="a job in hand")
    with server.guilds_unavailable():
        wait_until(lambda: "connected to Gateway" in bot.log[before:], what="its connection")
        held.let_go.set()
        seen = set()  # how long the ask is held: grows with each sign of life of who holds it
        wait_until(lambda: len(seen.add(lease(store, ana)) or seen - {None}) > 2)
    assert covered(answered(use)) == "30 messages"
    assert ", try " not in bot.log[before:]  # it waited, and did not fail


def asked_late(server, held, person, place, **options):
    """An ask whose interaction's fifteen minutes are over before its job is."""
    use = server.slash(person, place, "summarize", last=30, **options)
    wait_until(lambda: use.text.startswith("Summarising"), what="the last line before the answer")
    server.expire_tokens()
    held.let_go.set()
    return use


def test_a_private_answer_comes_as_a_direct_message(server, held, algebra, ana):
    use = asked_late(server, held, ana, algebra)
    wait_until(lambda: server.dms(ana), what="the answer")
    [answer] = server.dms(ana)
    [embed] = answer.embeds
    assert embed["description"] == "A summary."
    assert not [message for message in use.messages if message.embeds]
    assert server.messages_by_bot(algebra) == []


def test_a_public_answer_comes_as_a_message_in_the_channel(server, held, algebra, ana):
    use = asked_late(server, held, ana, algebra, private=False)
    wait_until(lambda: use.original is None, what="the line to give way to the answer")
    [answer] = server.messages_by_bot(algebra)
    [embed] = answer.embeds
    assert embed["description"] == "A summary."
    assert answer.pinged == frozenset()
    assert server.dms(ana) == []


@pytest.mark.parametrize("private", [True, False], ids=["private", "public"])
def test_a_late_answer_whose_sending_met_a_fault_comes_once(server, held, algebra, ana, private):
    before = len(server.requests_to(SENT))
    server.fail(SENT, None, times=1, after_effect=True)
    asked_late(server, held, ana, algebra, private=private)

    def sent():
        return [request.status for request in server.requests_to(SENT)[before:]]

    wait_until(lambda: sent() == [0, 200], what="a second try")
    written = server.dms(ana) if private else server.messages_by_bot(algebra)
    assert len([message for message in written if message.embeds]) == 1


def test_who_takes_no_direct_messages_opens_the_answer_in_the_channel(
    server, held, algebra, ana, ben
):
    ana.accepts_dms = False
    asked_late(server, held, ana, algebra)
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


def test_who_can_be_reached_nowhere_is_not_tried_for_ever(server, held, algebra, ana, store):
    ana.accepts_dms = False
    algebra.set_overwrite(server.bot, deny=Permission.SEND_MESSAGES)
    asked_late(server, held, ana, algebra)
    wait_until(lambda: of_ask(store, ana, asks.c.state) == "failed", what="the end of the ask")
    assert server.messages_by_bot(algebra) == []
    assert server.dms(ana) == []


def test_a_token_that_must_be_dead_is_not_tried(server, bot, algebra, ana):
    server.advance(-16 * 60)  # the bot's clock is that much later
    try:
        use = server.slash(ana, algebra, "summarize", last=30)
        wait_until(lambda: server.dms(ana), what="the answer")
    finally:
        server.advance(16 * 60)
    [answer] = server.dms(ana)
    assert covered(answer) == "30 messages"
    assert server.requests_to(f"PATCH /webhooks/*/{use.token}/messages/@original") == []


def lease(store, person):
    """Until when somebody's ask is held; None where it isn't."""
    held = of_ask(store, person, asks.c.claim)
    return held and of_ask(store, person, asks.c.lease_until)


def of_ask(store, person, column):
    with store.database.reading() as connection:
        return connection.scalar(select(column).where(asks.c.person == str(person.id)))


def history_of(channel):
    return f"GET /channels/{channel.id}/messages"


def covered(answer):
    """How many messages an answer says that it is of."""
    [embed] = answer.embeds
    return embed["fields"][0]["value"].split(",")[0]
