"""What goes wrong on Discord's side, while a bot's process is at work."""

import pytest
from sqlalchemy import select

from precis.store import Store
from precis.store.tables import asks
from tests.bot.discord.processes import bot_process, deployed, worker_thread
from tests.bot.discord.serving import answered
from tests.peers.discord_server import Permission
from tests.services import wait_until
from tests.worker.summarisers import Held, Quick

HISTORY = "GET /channels/{}/messages"
READ_HISTORY = Permission.READ_MESSAGE_HISTORY


@pytest.fixture
def variables(redis_url, tmp_path):
    return deployed(redis_url, f"sqlite:///{tmp_path / 'precis.db'}")


@pytest.fixture
def bot(server, guild, variables):
    with bot_process(server, variables) as process:
        yield process


@pytest.fixture
def at_work(variables, bot):
    """A worker that answers at once."""
    with worker_thread(variables, Quick()):
        yield


@pytest.fixture
def held(variables, bot):
    """A worker that holds its jobs."""
    summariser = Held()
    with worker_thread(variables, summariser):
        yield summariser
        summariser.let_go.set()


def test_a_private_thread_is_refused_to_who_is_no_longer_in_it(server, at_work, algebra, people):
    ana, ben = people[:2]
    secret = algebra.add_thread("secret", private=True, owner=ana, members=[ben, server.bot])
    server.fill(secret, [ana], 20)
    with server.gateway_down():  # the command is on its way while Ben is put out
        use = server.slash(ben, algebra, "summarize", thread=secret)
        secret.remove_member(ben)
    assert answered(use).content.startswith(f"You can't read {secret.mention}")
    assert server.history_requests(secret) == []


def test_a_channel_that_became_private_on_the_way_is_refused(server, at_work, algebra, people):
    ana, ben = people[:2]
    with server.gateway_down():
        use = server.slash(ben, algebra, "summarize", last=20)
        algebra.make_private(ana, server.bot)
    assert answered(use).content.startswith(f"You can't read {algebra.mention}")
    assert server.history_requests(algebra) == []


def test_a_channel_that_became_private_meanwhile_is_not_shown(server, held, algebra, people):
    ana, ben = people[:2]
    use = server.slash(ben, algebra, "summarize", last=20)
    assert held.begun.acquire(timeout=30)
    algebra.make_private(ana, server.bot)
    held.let_go.set()
    assert answered(use).content.startswith(f"You can't read {algebra.mention}")
    assert not use.original.embeds


@pytest.mark.parametrize("whose", ["person", "bot"])
def test_a_channel_without_history_is_refused(server, guild, at_work, algebra, people, whose):
    denied = people[1] if whose == "person" else server.bot
    algebra.set_overwrite(denied, deny=READ_HISTORY)
    use = server.slash(people[1], algebra, "summarize", last=20)
    said = answered(use).content
    subject = "You" if whose == "person" else "Précis"
    assert said.startswith(f"{subject} can't read the message history of {algebra.mention}")
    assert server.history_requests(algebra) == []


def test_gathering_goes_on_after_a_rate_limit(server, at_work, algebra, people):
    server.rate_limit(HISTORY, times=2, retry_after=0.2)
    use = server.slash(people[0], algebra, "summarize", last=300)
    assert covered(answered(use)) == "300 messages"
    pages = server.history_requests(algebra)
    assert [page.status for page in pages].count(429) == 2


def test_gathering_begins_again_after_a_lost_connection(server, at_work, algebra, people):
    server.fail(HISTORY, None, times=3)
    use = server.slash(people[0], algebra, "summarize", last=300)
    assert covered(answered(use)) == "300 messages"


def test_an_answer_that_met_a_lost_connection_is_shown_once(server, at_work, algebra, people):
    ana = people[0]
    hang = server.hang(HISTORY)
    use = server.slash(ana, algebra, "summarize", last=30)
    wait_until(lambda: hang.waiting, what="the bot that reads")
    server.fail("PATCH /webhooks/{}/{}/messages/@original", None, times=1, after_effect=True)
    server.fail("PATCH /webhooks/{}/{}/messages/@original", None, times=2)
    hang.release()
    assert covered(answered(use)) == "30 messages"
    assert use.messages == [use.original]
    assert server.dms(ana) == []


@pytest.mark.parametrize("resumable", [True, False], ids=["resumed", "begun anew"])
def test_a_gateway_that_is_lost_in_mid_job_changes_nothing(
    server, held, algebra, people, resumable
):
    use = server.slash(people[0], algebra, "summarize", last=30)
    assert held.begun.acquire(timeout=30)
    with server.gateway_down(resumable=resumable):
        held.let_go.set()
        assert covered(answered(use)) == "30 messages"
    wait_until(lambda: server.connected, what="the bot's connection")
    assert (len(server.resumes) > 0, len(server.identifies)) == (True, 1 if resumable else 2)
    again = server.slash(people[1], algebra, "summarize", last=20)
    assert covered(answered(again)) == "20 messages"


def test_what_is_asked_while_the_gateway_is_lost_is_answered(server, at_work, algebra, people):
    with server.gateway_down():
        use = server.slash(people[0], algebra, "summarize", last=30)
    assert covered(answered(use)) == "30 messages"
    assert use.acknowledged_after < 3


def test_an_answer_that_is_due_while_servers_are_unknown_is_shown_once_they_are(
    server, bot, held, algebra, people, variables
):
    use, seen = server.slash(people[0], algebra, "summarize", last=30), set()
    assert held.begun.acquire(timeout=30)
    with server.guilds_unavailable():
        wait_until(lambda: bot.log.count("connected to Gateway") == 2, what="its connection")
        held.let_go.set()
        wait_until(lambda: len(leases(seen, variables)) > 2, what="a bot that holds on to the ask")
    assert covered(answered(use)) == "30 messages"
    assert ", try " not in bot.log  # it waited, and did not fail


def leases(seen, variables):
    """Notes how long the ask is held; grows with each sign of life of who holds it."""
    store = Store.open(variables["PRECIS_STORE"])
    with store.database.reading() as connection:
        seen.add(connection.scalar(select(asks.c.lease_until).where(asks.c.claim.is_not(None))))
    store.close()
    return seen - {None}


def covered(answer):
    """How many messages an answer says that it is of."""
    [embed] = answer.embeds
    return embed["fields"][0]["value"].split(",")[0]
