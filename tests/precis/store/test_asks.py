"""Asks: taken within limits, held by one process at a time, answered once."""

import threading
from datetime import timedelta

import pytest

from precis.ask import AskState, Limits, Wanted
from precis.job import JobRequest, Style
from precis.store import TooMany
from precis.window import Window
from tests.precis.store.chats import LEASE, NO_LIMITS, done, request, summary_of, talk

LIMITS = Limits(person=2, server=3, seconds=600)


def test_an_ask_survives_with_all_that_was_asked(chat):
    asked = request(
        place="c2",
        private=False,
        wanted=Wanted(window=Window(last=50), style=Style.PEOPLE, made_private=True),
    )
    held = chat.begin(asked, NO_LIMITS)
    stored = chat.ask(held.id)
    assert stored == held.ask
    assert stored.request == asked
    assert (stored.state, stored.tries) == (AskState.GATHERING, 1)


def test_a_person_asks_so_often_and_no_oftener(chat, clock):
    chat.begin(request(), LIMITS)
    clock.advance(minutes=4)
    chat.begin(request(server="s2"), LIMITS)
    clock.advance(minutes=1)
    assert chat.begin(request(server="s3"), LIMITS) == TooMany("person", timedelta(minutes=5))


def test_a_server_asks_so_often_and_no_oftener(chat, clock):
    for person in ("ana", "ben", "chen"):
        chat.begin(request(person), LIMITS)
        clock.advance(minutes=1)
    assert chat.begin(request("dina"), LIMITS) == TooMany("server", timedelta(minutes=7))


def test_the_time_to_wait_is_told_right(chat, clock):
    for _ in range(2):
        chat.begin(request(), LIMITS)
        clock.advance(minutes=1)
    wait = chat.begin(request(), LIMITS).wait
    clock.advance(seconds=wait.total_seconds() - 1)
    assert isinstance(chat.begin(request(), LIMITS), TooMany)
    clock.advance(seconds=1)
    assert not isinstance(chat.begin(request(), LIMITS), TooMany)


def test_what_was_refused_does_not_count(chat, clock):
    for _ in range(2):
        chat.begin(request(), LIMITS)
    for _ in range(5):
        chat.begin(request(), LIMITS)
        clock.advance(minutes=1)
    clock.advance(minutes=5)
    assert not isinstance(chat.begin(request(), LIMITS), TooMany)


def test_another_persons_and_servers_asks_do_not_count(chat):
    for person in ("ana", "ben"):
        for server in ("s1", "s2"):
            assert not isinstance(chat.begin(request(person, server=server), LIMITS), TooMany)


def test_another_platforms_asks_do_not_count(chat):
    for _ in range(2):
        chat.begin(request(), LIMITS)
    assert not isinstance(chat.begin(request(platform="slack"), LIMITS), TooMany)


def test_in_direct_messages_no_server_is_counted(chat):
    limits = Limits(person=10, server=1, seconds=600)
    for _ in range(2):
        assert not isinstance(chat.begin(request(server=None), limits), TooMany)


@pytest.mark.both_stores
@pytest.mark.parametrize("limits", [Limits(person=5, server=100, seconds=60),
                                    Limits(person=100, server=5, seconds=60)])  # fmt: skip
def test_of_twenty_at_once_as_many_are_taken_as_may_be(chat, limits):
    start, taken = threading.Barrier(20), []

    def ask():
        start.wait()
        if not isinstance(held := chat.begin(request(), limits), TooMany):
            taken.append(held.id)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 5


def test_a_held_ask_is_not_to_be_had(chat):
    held = chat.begin(request(), NO_LIMITS)
    assert chat.claim(held.id) is None
    assert chat.claim("0" * 32) is None


def test_an_ask_whose_process_is_gone_is_taken_up_by_another(chat, clock):
    first = chat.begin(request(), NO_LIMITS)
    clock.advance(seconds=61)
    second = chat.claim(first.id)
    assert (second.ask.request, second.ask.tries) == (first.ask.request, 2)


def test_a_process_that_lost_an_ask_writes_nothing(chat, store, clock):
    first = chat.begin(request(), NO_LIMITS)
    clock.advance(seconds=61)
    chat.claim(first.id)
    job_id = store.submit(JobRequest(), talk("Ana: hello"))
    assert not chat.extend(first)
    assert not chat.wait_for(first, job_id)
    assert not chat.note_posted(first, ["1"])
    assert not chat.let_go(first)
    assert not chat.end(first, AskState.ANSWERED)
    assert chat.ask(first.id).state is AskState.GATHERING


def test_a_sign_of_life_keeps_an_ask(chat, clock):
    held = chat.begin(request(), NO_LIMITS)
    for _ in range(3):
        clock.advance(seconds=50)
        assert chat.extend(held)
    assert chat.claim(held.id) is None


def test_an_ask_that_is_let_go_is_taken_up_at_once(chat):
    held = chat.begin(request(), NO_LIMITS)
    assert chat.let_go(held)
    assert chat.claim(held.id) is not None


@pytest.mark.both_stores
def test_of_twenty_processes_one_gets_an_ask(chat):
    held = chat.begin(request(), NO_LIMITS)
    chat.let_go(held)
    start, won = threading.Barrier(20), []

    def take():
        start.wait()
        if taken := chat.claim(held.id):
            won.append(taken)

    threads = [threading.Thread(target=take) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


def test_an_ended_ask_forgets_its_secret_and_is_not_taken_up(chat, clock):
    held = chat.begin(request(reply_until=clock.now), NO_LIMITS)
    assert chat.end(held, AskState.ANSWERED)
    stored = chat.ask(held.id)
    assert (stored.request.reply, stored.request.reply_until) == ({}, None)
    clock.advance(hours=1)
    assert chat.claim(held.id) is None
    assert chat.due("discord") == []
    assert not chat.end(held, AskState.FAILED)


def waiting(chat, store, person="ana", *lines):
    held = chat.begin(request(person), NO_LIMITS)
    job_id, _ = store.submit_or_join(JobRequest(), talk(*(lines or ["Ana: hello"])))
    chat.wait_for(held, job_id)
    return held.id, job_id


def test_asks_that_wait_for_a_job_are_found_oldest_first(chat, store, clock):
    first, job_id = waiting(chat, store, "ben")
    clock.advance(seconds=1)
    second, _ = waiting(chat, store, "ana")
    waiting(chat, store, "chen", "Ana: something else")
    assert chat.waiting_for(job_id) == [first, second]


def test_an_ask_that_waits_is_due_when_its_job_has_ended(chat, store):
    ask_id, job_id = waiting(chat, store)
    assert chat.due("discord") == []
    store.finish(store.claim(job_id, "worker", LEASE, 3), summary_of(("0",)))
    assert chat.due("discord") == [ask_id]
    assert chat.due("slack") == []


def test_an_ask_that_was_left_while_gathering_is_due_after_its_lease(chat, clock):
    held = chat.begin(request(), NO_LIMITS)
    assert chat.due("discord") == []
    clock.advance(seconds=61)
    assert chat.due("discord") == [held.id]


def test_an_ask_that_somebody_answers_is_not_due(chat, store):
    ask_id, job_id = waiting(chat, store)
    store.finish(store.claim(job_id, "worker", LEASE, 3), summary_of(("0",)))
    chat.claim(ask_id)
    assert chat.due("discord") == []


def test_no_more_is_due_than_asked_for_and_the_oldest_first(chat, clock):
    held = []
    for person in ("ana", "ben", "chen"):
        held.append(chat.begin(request(person), NO_LIMITS).id)
        clock.advance(seconds=1)
    clock.advance(seconds=61)
    assert chat.due("discord", 2) == held[:2]


def test_jobs_before_one_in_its_queue_are_counted(chat, store, clock):
    jobs = []
    for queue in ("interactive", "digest", "interactive", "interactive"):
        jobs.append(store.submit(JobRequest(queue=queue), talk("Ana: hello")))
        clock.advance(seconds=1)
    assert [chat.ahead_of(job) for job in jobs] == [0, 0, 1, 2]
    store.finish(store.claim(jobs[0], "worker", LEASE, 3), summary_of(("0",)))
    assert chat.ahead_of(jobs[2]) == 0
    store.claim(jobs[2], "worker", LEASE, 3)
    assert chat.ahead_of(jobs[2]) is None
    assert chat.ahead_of(jobs[3]) == 1, "what runs is still before it"
    assert chat.ahead_of("unknown") is None


def test_messages_that_hold_an_answer_are_noted(chat):
    held = chat.begin(request(), NO_LIMITS)
    chat.note_posted(held, ["1"])
    chat.note_posted(held, ["1", "2"])
    chat.end(held, AskState.ANSWERED)
    chat.add_posted(held.id, ["3"])
    chat.add_posted("0" * 32, ["4"])
    assert chat.ask(held.id).posted == ("1", "2", "3")


def test_an_answer_is_shared_once(chat):
    held = chat.begin(request(), NO_LIMITS)
    chat.end(held, AskState.ANSWERED)
    assert chat.share(held.id)
    assert chat.ask(held.id).shared
    assert not chat.share(held.id)
    chat.unshare(held.id)
    assert chat.share(held.id)
    assert not chat.share("0" * 32)


def test_what_a_job_covers_is_told_also_of_a_purged_one(chat, store, clock):
    job_id = done(store, talk("Ana: hello", "Ben: hi"), summary_of(("0",)))
    covered = chat.covered(job_id)
    assert (covered.channel, covered.messages) == ("study", 2)
    assert covered.last_time - covered.first_time == timedelta(minutes=1)
    clock.advance(days=31)
    store.purge_older_than(timedelta(days=30))
    assert chat.covered(job_id) == covered
