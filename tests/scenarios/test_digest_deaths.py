"""Bots and workers that die over a digest, a broker that forgets: it comes once all the same."""

from contextlib import ExitStack

import pytest
import redis

from precis.digest import DigestState, PauseReason
from tests.bot.processes import running, worker_thread
from tests.scenarios.digests import Subscribed, Teller
from tests.services import wait_until

pytestmark = pytest.mark.slow

MANY = 60
LONG = "and is told of at such length that the digest fills more than one message. " * 4


@pytest.fixture
def subscribed(stage, variables):
    made = Subscribed(stage, variables["PRECIS_STORE"])
    yield made
    made.close()


def held_worker(variables, folder):
    folder.mkdir()
    return running(["-m", "tests.scenarios.digests", folder], variables)


def test_whoever_dies_over_it_a_digest_is_posted_once_and_whole(
    stage, variables, subscribed, redis_url, tmp_path
):
    place = stage.channel()
    stage.fill(place, [f"This is n{number:02}n {LONG}" for number in range(MANY)])
    digest = subscribed.subscribe(place)
    reading = stage.hang_reading()
    with stage.bot_process(variables) as gathers:
        wait_until(lambda: reading.waiting, what="the bot that reads")
        gathers.kill()
    reading.release()
    with stage.bot_process(variables) as posts:
        with held_worker(variables, tmp_path / "first") as works:
            wait_until((tmp_path / "first" / "begun").exists, what="the worker in mid-job")
            works.kill()
        redis.Redis.from_url(redis_url).flushall()
        (tmp_path / "second").mkdir()
        (tmp_path / "second" / "let_go").touch()
        posting = stage.hang_posting(place)
        with worker_thread(variables, Teller(tmp_path / "second")):
            wait_until(lambda: posting.waiting, what="the bot that waits for word of its post")
        posts.kill()
    posting.release()
    assert len(stage.digests(place)) == 1
    with ExitStack() as bots:
        for number in (1, 2):
            bots.enter_context(stage.bot_process(variables, connected=number))
        shown = subscribed.posted(digest, place, 60)
        assert len(subscribed.all_of(digest)) == len(stage.digests(place)) == 1
        assert len(shown.messages) > 1
        counts = [shown.text.count(f"n{number:02}n") for number in range(MANY)]
        assert counts[1:] == [1] * (MANY - 1)  # the first one is told of above the thread too
        both_bots(stage, variables, subscribed)


def both_bots(stage, variables, subscribed):
    """Many digests at once, and one that can't be read; two bots, and a worker."""
    places = [stage.channel(f"c{number}") for number in range(8)]
    for place in places:
        stage.fill(place, ["The apple is there."])
    closed = stage.channel("closed")
    stage.close_to_bot(closed)
    ana = stage.people[0]
    with worker_thread(variables, Teller()):
        made = [subscribed.subscribe(place) for place in places]
        paused = subscribed.subscribe(places[0], closed, person=ana)
        for digest, place in zip(made, places, strict=True):
            subscribed.posted(digest, place)
        wait_until(lambda: stage.direct(ana), what="a word for its maker")
        wait_until(lambda: not subscribed.digests.untold(stage.platform), what="it is noted")
    assert [len(stage.digests(place)) for place in places] == [1] * len(places)
    assert {len(subscribed.all_of(digest)) for digest in made} == {1}
    assert subscribed.digests.subscription(paused).paused is PauseReason.UNREADABLE
    assert subscribed.ended(paused).state is DigestState.SKIPPED
    assert len(stage.direct(ana)) == 1
