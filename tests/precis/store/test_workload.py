"""What waits and what was done, as numbers, on each kind of database."""

from datetime import timedelta

from precis.ask import AskState
from precis.job import JobRequest
from precis.store.recent_work import Spread
from tests.conversations import message
from tests.measuring import Rise
from tests.precis.store.chats import LEASE, NO_LIMITS, request, summary_of, talk
from tests.precis.store.moderating import refused, result, summarised, watch
from tests.precis.store.subscribed import at, claimed, due, subscribe, with_job

TALK = talk("Ana: hello", "Ben: hello")


def job(store, queue="interactive", frontend="discord", **asked):
    return store.submit(JobRequest(queue=queue, frontend=frontend, **asked), TALK)


def claim(store, job_id, tries=3):
    return store.claim(job_id, "worker", LEASE, tries)


def test_an_empty_store_has_nothing_to_do(store):
    work = store.workload()
    assert (work.jobs, work.requests, work.cases, work.subscriptions) == ({}, {}, {}, {})
    assert (work.undelivered, work.digests_due, work.digests_late) == ({}, {}, {})
    assert work.expired == 0


def test_jobs_are_counted_by_queue_and_state_with_the_age_of_the_oldest(store, clock):
    job(store)
    clock.advance(seconds=40)
    job(store)
    job(store, "digest")
    claim(store, job(store, "watch"))
    clock.advance(seconds=20)
    work = store.workload()
    assert work.jobs == {
        ("interactive", "queued"): 2,
        ("digest", "queued"): 1,
        ("watch", "running"): 1,
    }
    assert work.oldest_job == {"interactive": 60, "digest": 20}


def test_a_job_that_is_to_be_tried_later_does_not_wait_yet(store, clock):
    held = claim(store, job(store))
    store.retry(held, timedelta(seconds=30))
    clock.advance(seconds=20)
    assert store.workload().oldest_job == {"interactive": 0}


def test_running_jobs_whose_worker_is_lost_are_counted(store, clock):
    claim(store, job(store))
    clock.advance(seconds=61)
    assert store.workload().expired == 1


def test_requests_and_answers_that_are_not_shown_are_counted(store, chat, clock):
    chat.begin(request(), NO_LIMITS)
    held = chat.begin(request("ben"), NO_LIMITS)
    job_id = job(store)
    assert chat.wait_for(held, job_id, partial=False)
    clock.advance(seconds=30)
    work = store.workload()
    assert work.requests == {("discord", "gathering"): 1, ("discord", "waiting"): 1}
    assert work.oldest_request == {"discord": 30}
    assert work.undelivered == {}
    store.finish(claim(store, job_id), summary_of(("0",)))
    assert store.workload().undelivered == {"discord": 1}
    store.mark_delivered(job_id)
    assert store.workload().undelivered == {}


def test_open_cases_are_counted_with_the_age_of_the_oldest(store, moderation, clock):
    watch(moderation, store, [message(n, "Cem", "…") for n in range(3)], toxic=("0", "2"))
    clock.advance(hours=2)
    work = store.workload()
    assert work.cases == {("discord", "message"): 2}
    assert work.oldest_case == {"discord": 7_200}


def test_digests_are_due_until_they_end_and_late_after_a_while(kept, store, clock):
    at(clock, 2026, 1, 31, 12)
    subscribe(kept)
    assert store.workload().subscriptions == {("discord", "active"): 1}
    assert store.workload().digests_due == {}
    at(clock, 2026, 1, 31, 18)
    assert store.workload().digests_due == {"discord": 1}, "also where no bot has looked"
    held = claimed(kept)
    assert store.workload().digests_due == {"discord": 1}
    assert store.workload().digests_late == {}
    clock.advance(minutes=16)
    assert store.workload().digests_late == {"discord": 1}
    kept.fail(held)
    assert store.workload().digests_due == {}


def test_of_what_is_done_the_store_tells_how_it_ended_and_how_long_it_took(store, chat, clock):
    for seconds in (1, 2, 3, 30):
        held = chat.begin(request(key=f"k{seconds}"), NO_LIMITS)
        job_id = job(store)
        chat.wait_for(held, job_id, partial=False)
        taken = claim(store, job_id)
        clock.advance(seconds=seconds)
        store.finish(taken, summary_of(("0",)).model_copy(update={"timings": {"total": seconds}}))
        chat.end(chat.claim(held.id), AskState.ANSWERED)
    failing = claim(store, job(store))
    store.retry(failing, timedelta(0))
    store.fail(claim(store, failing.job_id), "no")
    recent = store.recent_work(timedelta(hours=1))
    assert recent.requests == {("discord", "answered"): 4}
    assert recent.answer == {"discord": Spread(3, 30)}
    assert recent.jobs == {("summarise", "done"): 4, ("summarise", "failed"): 1}
    assert recent.stages == {"total": Spread(3, 30)}
    assert recent.retries == 1
    assert list(recent.workers) == ["worker"]
    clock.advance(hours=2)
    later = store.recent_work(timedelta(hours=1))
    assert (later.requests, later.jobs, later.stages, later.workers) == ({}, {}, {}, {})


def test_what_the_gate_did_to_summaries_is_told_by_label(store):
    held_back = refused()
    summarised(store, TALK, result(flags=(held_back.flag,), refused=(held_back,)))
    assert store.recent_work(timedelta(hours=1)).gate == {("extracted", "toxicity"): 1}


def test_digests_are_told_by_how_they_ended(kept, store, clock):
    at(clock, 2026, 1, 31, 12)
    subscribe(kept)
    at(clock, 2026, 1, 31, 18)
    kept.fail(claimed(kept))
    at(clock, 2026, 2, 2, 3)
    rise = Rise("precis_digests_total", platform="discord", outcome="late")
    assert due(kept) == [], "the last one is nine hours late"
    assert store.recent_work(timedelta(days=3)).digests == {
        ("discord", "failed"): 1,
        ("discord", "late"): 1,
    }
    assert rise.by == 1


def test_a_claim_tells_how_long_the_job_waited_and_for_which_request(store, chat, clock):
    job_id = job(store)
    first = chat.begin(request(), NO_LIMITS)
    chat.wait_for(first, job_id, partial=False)
    clock.advance(seconds=5)
    second = chat.begin(request("ben"), NO_LIMITS)
    chat.wait_for(second, job_id, partial=False)
    held = claim(store, job_id)
    assert held.asked_by == first.id
    assert held.waited == timedelta(seconds=5)
    assert claim(store, job(store)).asked_by is None


def test_a_claim_of_a_digests_job_tells_which_digest_it_is_for(kept, store, clock):
    at(clock, 2026, 1, 31, 12)
    subscribe(kept)
    at(clock, 2026, 1, 31, 18)
    digest = claimed(kept)
    kept.begin(digest)
    job_id = with_job(kept, digest, TALK)
    assert claim(store, job_id).asked_by == digest.id


def test_a_lease_that_is_lost_counts_once_whoever_finds_it(store, clock):
    rise = Rise("precis_leases_lost_total", queue="interactive")
    first, second = job(store), job(store)
    claim(store, first)
    claim(store, second)
    assert claim(store, first) is None
    assert rise.by == 0
    clock.advance(seconds=61)
    assert claim(store, first)
    assert rise.by == 1
    store.recover(LEASE, 3)
    assert rise.by == 2
    claim(store, second)
    store.recover(LEASE, 3)
    assert rise.by == 2
