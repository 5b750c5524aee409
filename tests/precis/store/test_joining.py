"""The same asked twice is one job, as long as its answer is still right."""

import threading
from datetime import timedelta

import pytest

from precis.job import JobRequest, Style
from tests.precis.store.chats import LEASE, done, summary_of, talk

TALK = talk("Ana: hello", "Ben: hi")


def test_the_same_window_is_one_job(store):
    first, new = store.submit_or_join(JobRequest(requested_by="ana"), TALK)
    second, again = store.submit_or_join(JobRequest(requested_by="ben"), TALK)
    assert (first == second, new, again) == (True, True, False)


def test_a_job_that_has_ended_is_joined_too(store):
    job_id = done(store, TALK, summary_of(("0",)))
    assert store.submit_or_join(JobRequest(frontend="discord"), TALK) == (job_id, False)


@pytest.mark.parametrize(
    "other",
    [
        {"style": Style.BULLETS},
        {"thresholds": {"toxicity": 0.5}},
        {"profile": "flan-t5-base"},
        {"shots": 1},
        {"frontend": "slack"},
    ],
    ids=str,
)
def test_what_is_asked_differently_is_another_job(store, other):
    first, _ = store.submit_or_join(JobRequest(), TALK)
    second, new = store.submit_or_join(JobRequest(**other), TALK)
    assert first != second
    assert new


@pytest.mark.parametrize(
    "changed",
    [
        talk("Ana: hello", "Ben: hi", "Ana: how are you?"),
        talk("Ana: hello", "Ben: bye"),
        talk("Ana: hello", "Chen: hi"),
        talk("Ana: hello", "Ben: hi", first=5),
    ],
    ids=["one more", "edited", "another person", "other messages"],
)
def test_a_window_that_has_changed_is_another_job(store, changed):
    store.submit_or_join(JobRequest(), TALK)
    assert store.submit_or_join(JobRequest(), changed)[1]


def test_a_reaction_changes_nothing(store):
    first, _ = store.submit_or_join(JobRequest(), TALK)
    liked = TALK.messages[0].model_copy(update={"reactions": ({"emoji": "👍", "count": 1},)})
    again = TALK.model_copy(update={"messages": (liked, TALK.messages[1])})
    assert store.submit_or_join(JobRequest(), again) == (first, False)


def test_a_job_that_failed_is_not_joined(store):
    job_id, _ = store.submit_or_join(JobRequest(), TALK)
    store.fail(store.claim(job_id, "worker", LEASE, 3), "broken")
    assert store.submit_or_join(JobRequest(), TALK)[1]


def test_a_job_that_is_purged_is_not_joined(store, clock):
    done(store, TALK, summary_of(("0",)))
    clock.advance(days=31)
    store.purge_older_than(timedelta(days=30))
    assert store.submit_or_join(JobRequest(frontend="discord"), TALK)[1]


def test_a_job_that_was_not_submitted_to_be_joined_is_not(store):
    store.submit(JobRequest(), TALK)
    assert store.submit_or_join(JobRequest(), TALK)[1]


@pytest.mark.both_stores
def test_of_twenty_who_ask_the_same_at_once_one_makes_the_job(store):
    start, made = threading.Barrier(20), []

    def ask(number):
        start.wait()
        made.append(store.submit_or_join(JobRequest(requested_by=str(number)), TALK))

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({job_id for job_id, _ in made}) == 1
    assert [new for _, new in made].count(True) == 1
