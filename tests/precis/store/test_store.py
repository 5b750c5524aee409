import threading
from datetime import timedelta

import pytest

from precis.conversation import Conversation
from precis.errors import StoreError
from precis.job import (
    Citation,
    Flag,
    FlagAction,
    JobRequest,
    JobState,
    ModelUsed,
    Result,
    Style,
    Summary,
    SummarySentence,
)
from precis.store import Store
from precis.store.claims import LOST
from precis.store.retention import TOO_OLD
from tests.conversations import conversation, message

LEASE = timedelta(seconds=60)
TALK = conversation("Ana: hello 👋", "Ben: שלום", "Ana: é́ combining")
SENTENCE = SummarySentence(
    text="Ana greets Ben.", citations=(Citation(id="0"),), speakers=("Ana",), origin="generated"
)
FLAG = Flag(
    target="1", label="insult", threshold=0.5, scores={"insult": 0.75}, action=FlagAction.NOTED
)
RESULT = Result(
    summary=Summary(style=Style.BRIEF, sentences=(SENTENCE,)),
    flags=(FLAG,),
    model=ModelUsed(profile="p", generator="g", adapter=None, gate="e"),
    timings={"total": 1.5},
)


def claimed(store, tries=3, **request):
    job_id = store.submit(JobRequest(**request), TALK)
    return store.claim(job_id, "worker", LEASE, tries)


def test_a_submitted_job_is_queued_with_its_conversation(store, clock):
    job_id = store.submit(JobRequest(style=Style.PEOPLE, shots=3), TALK)
    job = store.job(job_id)
    assert (job.state, job.attempts, job.created_at) == (JobState.QUEUED, 0, clock.now)
    assert job.request.style is Style.PEOPLE
    assert store.conversation(job_id) == TALK
    assert store.result(job_id) is None


def test_every_field_of_a_message_survives(store):
    full = message(
        7,
        "Ana",
        "text",
        reply_to="3",
        thread="t",
        permalink="https://example.org/7",
        edited=True,
        attachments=({"kind": "image", "name": "a.png"},),
        reactions=({"emoji": "👍", "count": 2},),
        is_bot=True,
    )
    timeless = message(8, "Ben", "no clock", time=None)
    talk = Conversation(source="discord", channel="c", messages=(full, timeless))
    assert store.conversation(store.submit(JobRequest(), talk)) == talk


def test_a_text_may_hold_what_postgresql_text_cannot(store):
    odd = message(1, "Ana", "nul \0 in text")
    talk = Conversation(source="discord", channel="c", messages=(odd,))
    assert store.conversation(store.submit(JobRequest(), talk)) == talk


def test_an_empty_conversation_can_be_stored(store):
    empty = Conversation(source="plain")
    assert store.conversation(store.submit(JobRequest(), empty)) == empty


def test_the_whole_life_of_a_job(store, clock):
    held = claimed(store)
    assert held.attempt == 1
    assert store.job(held.job_id).state is JobState.RUNNING
    clock.advance(seconds=2)
    assert store.finish(held, RESULT)
    job = store.job(held.job_id)
    assert (job.state, job.ended_at - job.started_at) == (JobState.DONE, timedelta(seconds=2))
    assert store.result(held.job_id) == RESULT
    assert store.pending_deliveries("cli") == [held.job_id]
    assert store.mark_delivered(held.job_id)
    assert not store.mark_delivered(held.job_id), "an answer is given once"
    assert store.pending_deliveries("cli") == []


def test_a_result_without_summary_is_withheld(store):
    held = claimed(store)
    withheld = RESULT.model_copy(update={"summary": None})
    assert store.finish(held, withheld)
    assert store.job(held.job_id).state is JobState.WITHHELD
    assert store.result(held.job_id) == withheld


def test_a_claimed_job_cannot_be_claimed_again(store):
    held = claimed(store)
    assert store.claim(held.job_id, "other", LEASE, 3) is None
    store.finish(held, RESULT)
    assert store.claim(held.job_id, "other", LEASE, 3) is None
    assert store.claim("unknown", "other", LEASE, 3) is None


@pytest.mark.both_stores
def test_of_twenty_workers_one_gets_the_job(store_url, store):
    job_id = store.submit(JobRequest(), TALK)
    start, won = threading.Barrier(20), []

    def work(number):
        start.wait()
        if held := store.claim(job_id, str(number), LEASE, 3):
            won.append(held)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert store.job(job_id).attempts == 1


def test_a_lost_job_is_claimed_by_another_and_the_first_writes_nothing(store, clock):
    first = claimed(store)
    clock.advance(seconds=61)
    second = store.claim(first.job_id, "other", LEASE, 3)
    assert second.attempt == 2
    assert not store.extend(first, LEASE)
    assert not store.finish(first, RESULT)
    assert not store.fail(first, "no")
    assert not store.retry(first, LEASE)
    assert store.result(first.job_id) is None
    assert store.finish(second, RESULT)
    assert store.pending_deliveries("cli") == [first.job_id]


def test_a_sign_of_life_keeps_the_claim(store, clock):
    held = claimed(store)
    for _ in range(5):
        clock.advance(seconds=40)
        assert store.extend(held, LEASE)
    assert store.claim(held.job_id, "other", LEASE, 3) is None
    assert store.recover(LEASE, 3) == []


def test_a_retried_job_waits_for_its_time(store, clock):
    held = claimed(store)
    assert store.retry(held, timedelta(seconds=10))
    assert store.claim(held.job_id, "other", LEASE, 3) is None
    assert store.recover(LEASE, 3) == []
    clock.advance(seconds=10)
    assert store.recover(LEASE, 3) == [(held.job_id, "interactive")]
    assert store.claim(held.job_id, "other", LEASE, 3).attempt == 2


def test_no_more_tries_than_allowed(store, clock):
    held = claimed(store, tries=1)
    clock.advance(seconds=61)
    assert store.claim(held.job_id, "other", LEASE, 1) is None
    assert store.recover(LEASE, 1) == []
    job = store.job(held.job_id)
    assert (job.state, job.reason) == (JobState.FAILED, LOST)
    assert store.pending_deliveries("cli") == [held.job_id], "whoever asked is told"


def test_a_job_that_the_broker_forgot_is_sent_again_ever_more_rarely(store, clock):
    job_id = store.submit(JobRequest(queue="digest"), TALK, timedelta(minutes=2))
    sent = []
    for minute in range(60):
        clock.advance(minutes=1)
        if store.recover(timedelta(minutes=2), 3):
            sent.append(minute + 1)
    assert sent == [2, 6, 14, 30]
    assert store.claim(job_id, "worker", LEASE, 3) is not None


def test_a_job_that_could_not_be_sent_is_due_at_once(store):
    job_id = store.submit(JobRequest(), TALK, timedelta(minutes=2))
    assert store.recover(timedelta(minutes=2), 3) == []
    store.unsent([job_id])
    assert store.recover(timedelta(minutes=2), 3) == [(job_id, "interactive")]


def test_a_retry_is_not_lost_when_fewer_tries_are_allowed_since(store):
    held = claimed(store)
    store.retry(held, timedelta(0))
    assert store.claim(held.job_id, "other", LEASE, 1).attempt == 2


@pytest.mark.both_stores
def test_reconcilers_share_the_lost_jobs(store, clock):
    ids = [store.submit(JobRequest(), TALK) for _ in range(10)]
    clock.advance(minutes=5)
    start, found = threading.Barrier(4), []

    def look():
        start.wait()
        found.extend(store.recover(LEASE, 3))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(job for job, _ in found) == sorted(ids)


def test_a_purge_takes_the_text_and_keeps_the_books(store, clock):
    held = claimed(store)
    store.finish(held, RESULT)
    clock.advance(days=31)
    fresh = claimed(store)
    store.finish(fresh, RESULT)
    purged = store.purge_older_than(timedelta(days=30))
    assert (purged.conversations, purged.messages) == (1, 3)
    assert store.conversation(held.job_id).messages == ()
    with pytest.raises(StoreError, match="purged"):
        store.result(held.job_id)
    assert store.job(held.job_id).state is JobState.DONE
    assert store.conversation(fresh.job_id) == TALK
    assert store.result(fresh.job_id) == RESULT
    assert store.purge_older_than(timedelta(days=30)).conversations == 0


def test_flags_hold_no_text_and_outlive_a_purge(store, clock):
    held = claimed(store)
    store.finish(held, RESULT)
    clock.advance(days=31)
    store.purge_older_than(timedelta(days=30))
    assert store.flags(held.job_id) == (FLAG,)


def test_a_purge_leaves_no_chat_text_in_the_files(tmp_path, clock):
    path = tmp_path / "precis.db"
    store = Store.open(f"sqlite:///{path}", clock)
    held = store.claim(store.submit(JobRequest(), conversation("Ana: xylophone")), "w", LEASE, 3)
    store.finish(held, RESULT)
    clock.advance(days=31)
    assert any(b"xylophone" in file.read_bytes() for file in tmp_path.iterdir())
    store.purge_older_than(timedelta(days=30))
    for file in tmp_path.iterdir():  # the write-ahead log among them, for the store is still open
        assert b"xylophone" not in file.read_bytes(), file
    store.close()


def test_a_purge_spares_jobs_in_work(store, clock):
    running = claimed(store).job_id
    clock.advance(days=31)
    assert store.purge_older_than(timedelta(days=30)).conversations == 0
    assert store.conversation(running) == TALK


def test_a_job_that_waited_past_retention_fails_and_is_purged(store, clock):
    queued = store.submit(JobRequest(), TALK)
    clock.advance(days=29)
    fresh = store.submit(JobRequest(), TALK)
    clock.advance(days=2)
    assert store.purge_older_than(timedelta(days=30)).conversations == 1
    assert store.conversation(queued).messages == ()
    job = store.job(queued)
    assert (job.state, job.reason) == (JobState.FAILED, TOO_OLD)
    assert store.job(fresh).state is JobState.QUEUED
    assert store.mark_delivered(queued), "whoever asked is told"


def test_many_old_conversations_are_purged_in_batches(store, clock):
    for _ in range(250):
        store.finish(claimed(store), RESULT)
    clock.advance(days=31)
    assert store.purge_older_than(timedelta(days=30)).conversations == 250


def test_ten_thousand_messages_are_stored_whole(store):
    talk = Conversation(
        source="test", messages=tuple(message(n, "Ana", f"message {n}") for n in range(10_000))
    )
    job_id = store.submit(JobRequest(), talk)
    assert store.conversation(job_id).digest == talk.digest


def test_jobs_are_counted_by_state(store):
    store.submit(JobRequest(), TALK)
    store.finish(claimed(store), RESULT)
    counts = store.count_jobs()
    assert (counts[JobState.QUEUED], counts[JobState.DONE], counts[JobState.FAILED]) == (1, 1, 0)
