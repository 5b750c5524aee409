"""What goes wrong on the platform's side, while a bot's process is at work; and what is refused.

One bot serves all tests of a platform.
"""

import pytest

from precis.store import Store
from tests.bot.processes import deployed, worker_thread
from tests.scenarios.conftest import STAGES
from tests.services import wait_until
from tests.worker.summarisers import Held

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=sorted(STAGES))
def stage(request):
    with STAGES[request.param]() as made:
        yield made


@pytest.fixture(scope="module")
def variables(redis_url, tmp_path_factory, stage):
    return deployed(redis_url, f"sqlite:///{tmp_path_factory.mktemp('store') / 'precis.db'}")


@pytest.fixture(scope="module")
def worker(variables):
    """A worker that answers at once, unless a test holds it."""
    summariser = Held()
    summariser.let_go.set()
    with worker_thread(variables, summariser):
        yield summariser


@pytest.fixture(scope="module")
def bot(stage, variables, worker):
    with stage.bot_process(variables) as process:
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
def algebra(stage, bot):
    place = stage.channel()
    stage.fill(place, [f"Exercise {n} is solved." for n in range(300)])
    return place


@pytest.fixture
def store(variables):
    opened = Store.open(variables["PRECIS_STORE"])
    yield opened
    opened.close()


def test_who_cannot_read_a_place_is_told_nothing_of_it(stage, bot, ben):
    question, secret = stage.ask_of_a_secret(ben)
    assert question.line().startswith("You can't read ")
    assert stage.reads(secret) == 0


def test_who_is_shut_out_while_they_wait_is_told_nothing_of_it(stage, held, algebra, ben):
    question = stage.ask(ben, algebra, last=20)
    wait_until(lambda: held.begun.acquire(blocking=False), what="a job in hand")
    stage.shut_out(ben, algebra)
    held.let_go.set()
    assert "You can't read " in question.line()
    assert stage.seen(ben, algebra) == []


def test_an_empty_channel_is_told_in_one_line(stage, bot, ben):
    line = stage.ask(ben, stage.channel("empty"), last=20).line()
    assert line.startswith("There is nothing to summarise in that window")
    assert "\n" not in line


def test_gathering_goes_on_after_a_rate_limit(stage, bot, algebra, ana):
    stage.limit_reading(algebra, times=2, retry_after=1)
    assert stage.ask(ana, algebra, last=300).told().covers.startswith("300 messages")


def test_a_connection_that_is_lost_in_mid_job_changes_nothing(stage, held, algebra, ana):
    question = stage.ask(ana, algebra, last=30)
    wait_until(lambda: held.begun.acquire(blocking=False), what="a job in hand")
    with stage.connection_lost():
        held.let_go.set()
        assert question.told().covers.startswith("30 messages")
    assert stage.ask(ana, algebra, last=20).told().covers.startswith("20 messages")


@pytest.mark.parametrize("private", [True, False], ids=["private", "public"])
def test_an_answer_that_comes_too_late_for_its_question_comes_all_the_same(
    stage, held, algebra, ana, ben, private
):
    question = stage.ask(ana, algebra, last=40 + private, private=private)
    wait_until(lambda: held.begun.acquire(blocking=False), what="a job in hand")
    question.expire()
    held.let_go.set()
    covers = f"{40 + private} messages"

    def seen(person):
        return [told for told in stage.seen(person, algebra) if told.covers.startswith(covers)]

    wait_until(lambda: seen(ana), what="the answer")
    assert len(seen(ana)) == 1
    assert len(seen(ben)) == (0 if private else 1)
    assert stage.pinged() == set()


def test_a_message_that_is_deleted_is_forgotten(stage, bot, algebra, ana, store):
    marked = stage.say(algebra, ana, "a xylophone of its own")
    stage.ask(ana, algebra, last=5).told()
    assert "xylophone" in everything(store)
    stage.delete(marked)
    wait_until(lambda: "xylophone" not in everything(store), what="the message to be forgotten")


def test_one_catches_up_on_what_was_said_since(stage, bot, ana, ben):
    place = stage.channel("calculus")
    stage.fill(place, ["one", "two"])  # by Ana and Ben
    stage.say(place, ana, "mine")
    for text in ("three", "four", "five"):
        stage.say(place, ben, text)
    assert stage.catch_up(ana, place).told().covers.startswith("3 messages")


def test_a_private_answer_is_shared_once(stage, bot, algebra, ana, ben):
    question = stage.ask(ana, algebra, last=60)
    told = question.told()
    assert stage.seen(ben, algebra) == []
    stage.click(ana, question, "Share")
    wait_until(lambda: stage.seen(ben, algebra), what="the shared summary")
    [shared] = stage.seen(ben, algebra)
    assert (shared.lines, shared.covers) == (told.lines, told.covers)
    assert shared.buttons == ("👍", "👎", "Delete", "Report")


def test_a_public_answer_is_deleted_by_who_asked_alone(stage, bot, algebra, ana, ben):
    question = stage.ask(ana, algebra, last=61, private=False)
    question.told()
    stage.click(ben, question, "Delete")
    stage.click(ana, question, "👍")
    assert len(stage.seen(ben, algebra)) == 1
    stage.click(ana, question, "Delete")
    wait_until(lambda: stage.seen(ben, algebra) == [], what="the summary to go")


def everything(store):
    """All the text there is in the store."""
    with store.database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT payload FROM messages").all()
        rows += connection.exec_driver_sql("SELECT sentences FROM summaries").all()
    return "\n".join(str(row) for row in rows)
