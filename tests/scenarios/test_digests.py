"""Digests, from a subscription to what people read, a day after the other.

One bot and one worker serve all tests of a platform, on Redis and PostgreSQL.
"""

from datetime import timedelta

import pytest

from precis.digest import DigestState, PauseReason, SkipReason
from tests.bot.processes import deployed, worker_thread
from tests.scenarios.conftest import STAGES
from tests.scenarios.digests import Subscribed, Teller
from tests.services import database, wait_until

pytestmark = pytest.mark.slow

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module", params=sorted(STAGES))
def stage(request):
    with STAGES[request.param]() as made:
        yield made


@pytest.fixture(scope="module")
def variables(redis_url, postgresql, stage):
    with database(postgresql) as url:
        yield deployed(redis_url, url)


@pytest.fixture(scope="module")
def worker(variables):
    """A worker that tells word for word, unless a test holds it."""
    teller = Teller()
    with worker_thread(variables, teller):
        yield teller


@pytest.fixture(scope="module")
def bot(stage, variables, worker):
    with stage.bot_process(variables) as process:
        yield process


@pytest.fixture
def held(worker, bot):
    """The worker, which can be held for this test."""
    yield worker
    worker.let_go.set()


@pytest.fixture
def subscribed(stage, variables, bot):
    """Nothing is subscribed to at first: `/digest pause` acts on the only one there is."""
    made = Subscribed(stage, variables["PRECIS_STORE"])
    yield made
    made.stop_all()
    made.close()


def said(stage, place, *words):
    """Lines of so many people, a minute apart; of each, the message."""
    return stage.fill(place, [f"The {word} is there." for word in words])


def told(shown, *words):
    """How often each is told of."""
    return [shown.text.count(f"The {word} is there.") for word in words]


def test_what_is_subscribed_to_by_a_command_comes_and_goes_on_where_the_last_one_ended(
    stage, subscribed, ana, ben
):
    place = stage.channel()
    said(stage, place, "apple", "pear")
    asked = stage.fill(place, ["Who has the notes?"])
    answer = stage.digest(ana, place, "here", least=2, zone="Europe/Berlin")
    assert "Europe/Berlin" in answer
    digest = subscribed.of(place)
    assert subscribed.all_of(digest) == []
    subscribed.due(digest)
    first = subscribed.posted(digest, place)
    assert first.title.startswith("Digest for ")
    assert "3 messages" in first.text
    assert told(first, "apple", "pear") == [1, 1]
    assert "Open question" in first.text
    assert stage.pinged() == set()

    # Between the two something is said, edited and deleted.
    fig, plum, lime = (
        stage.say(place, ben, f"The {each} is there.") for each in ("fig", "plum", "lime")
    )
    stage.edit(plum, "The date is there.")
    stage.delete(lime)
    subscribed.a_day_passes(digest)
    second = subscribed.posted(digest, place)
    assert "2 messages" in second.text
    assert told(second, "fig", "date") == [1, 1]
    assert told(second, "apple", "pear", "plum", "lime") == [0] * 4
    assert "Still open" in second.text
    assert "Who has the notes?" in second.text

    # On a quiet day there is none; that one message is told of the day after.
    stage.say(place, ben, "The kiwi is there.")
    subscribed.a_day_passes(digest)
    assert subscribed.ended(digest).skipped is SkipReason.QUIET
    stage.edit(fig, "The quince is there.")
    stage.delete(asked[0])
    stage.say(place, ben, "The melon is there.")
    wait_until(lambda: not stored(subscribed.store, "Who has the notes?"), what="it is forgotten")
    subscribed.a_day_passes(digest)
    third = subscribed.posted(digest, place)
    assert told(third, "kiwi", "melon") == [1, 1]
    assert told(third, "fig", "quince", "date") == [0] * 3
    assert "notes" not in third.text
    assert len(stage.digests(place)) == 3

    # The same day has no second one, whatever is said.
    stage.say(place, ben, "The grape is there.")
    stage.say(place, ben, "The peach is there.")
    subscribed.due(digest)
    wait_until(lambda: is_next(subscribed, digest), what="the bot to have looked")
    assert len(subscribed.all_of(digest)) == 4
    assert "paused" in stage.digest(ana, place, "pause").lower()
    assert stage.digest(ben, place, "here")  # no manager
    assert subscribed.digests.subscription(digest).paused is PauseReason.ASKED


def test_what_is_said_while_it_gathers_is_told_once(stage, subscribed, held, ben):
    place = stage.channel()
    said(stage, place, "apple", "pear")
    reading = stage.hang_reading()
    digest = subscribed.subscribe(place)
    wait_until(lambda: reading.waiting, what="the bot that reads")
    stage.say(place, ben, "The plum is there.")
    held.let_go.clear()
    reading.release()
    wait_until(lambda: is_in_work(subscribed, digest), what="the jobs")
    stage.say(place, ben, "The fig is there.")
    held.let_go.set()
    first = subscribed.posted(digest, place)
    stage.say(place, ben, "The lime is there.")
    subscribed.a_day_passes(digest)
    second = subscribed.posted(digest, place)
    words = ("apple", "pear", "plum", "fig", "lime")
    both = zip(told(first, *words), told(second, *words), strict=True)
    assert [sum(each) for each in both] == [1] * 5


def test_what_is_deleted_while_it_is_worked_on_is_not_told(stage, subscribed, held):
    place = stage.channel()
    walnut, _ = said(stage, place, "walnut", "pear")
    held.let_go.clear()
    digest = subscribed.subscribe(place)
    wait_until(lambda: is_in_work(subscribed, digest), what="the jobs")
    stage.delete(walnut)
    wait_until(lambda: not stored(subscribed.store, "walnut"), what="it is forgotten")
    held.let_go.set()
    assert told(subscribed.posted(digest, place), "walnut", "pear") == [0, 1]


def test_what_is_late_says_so_and_what_is_too_late_is_skipped(stage, subscribed):
    late, later = stage.channel("late"), stage.channel("later")
    said(stage, late, "apple")
    said(stage, later, "pear")
    missed = subscribed.subscribe(later, ago=7 * HOUR)
    digest = subscribed.subscribe(late, ago=HOUR)
    assert "is late" in subscribed.posted(digest, late).text
    assert subscribed.ended(missed).skipped is SkipReason.LATE
    assert stage.digests(later) == []
    assert len(subscribed.all_of(missed)) == len(stage.digests(late)) == 1
    assert is_next(subscribed, missed)


def test_a_channel_that_is_closed_pauses_its_digest_and_its_maker_is_told_once(
    stage, subscribed, ana
):
    closed, other = stage.channel("closed"), stage.channel("other")
    said(stage, closed, "apple")
    said(stage, other, "pear")
    before = len(stage.direct(ana))
    stage.close_to_bot(closed)
    digest = subscribed.subscribe(other, closed, maker=ana)
    wait_until(lambda: len(stage.direct(ana)) > before, what="a word for its maker")
    assert subscribed.digests.subscription(digest).paused is PauseReason.UNREADABLE
    assert subscribed.ended(digest).skipped is SkipReason.PAUSED
    assert stage.digests(other) == []
    another = stage.channel("another")
    said(stage, another, "plum")
    subscribed.posted(subscribed.subscribe(another), another)  # it has looked again
    assert len(stage.direct(ana)) == before + 1
    assert "paused" in stage.digest(ana, other, "list")


def test_a_personal_digest_is_of_what_its_reader_can_read_then(stage, subscribed, ben):
    one, other = stage.channel("one"), stage.channel("other")
    said(stage, one, "apple")
    said(stage, other, "pear")
    assert stage.digest(ben, one, "me", channels=[other], least=1)
    [digest] = [
        each
        for each in subscribed.digests.subscriptions(stage.platform, stage.server_key)
        if each.target.id == stage.person_key(ben)
    ]
    assert set(digest.sources) == {stage.place_key(each) for each in (one, other)}
    stage.shut_out(ben, one)
    subscribed.due(digest.id)
    assert subscribed.ended(digest.id).state is DigestState.POSTED
    [text] = [each for each in stage.direct(ben) if "is there" in each]
    assert "apple" not in text
    assert "pear" in text
    assert stage.digests(one) == stage.digests(other) == []


def is_in_work(subscribed, digest):
    return any(each.state is DigestState.WORKING for each in subscribed.all_of(digest))


def is_next(subscribed, digest):
    """Whether its next one is another day's."""
    found = subscribed.digests.subscription(digest)
    last = subscribed.digests.latest([digest]).get(digest)
    return last is not None and str(found.next_day) > last.day


def stored(store, text):
    """Whether it is anywhere among what people said, or what was made of that."""
    with store.database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT payload FROM messages").all()
        rows += connection.exec_driver_sql("SELECT sentences FROM summaries").all()
    return any(text in str(row) for row in rows)
