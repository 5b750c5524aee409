"""What is stored of channels, threads and servers goes when they do."""

from datetime import timedelta

import pytest

from precis.ask import AskState, ServerSettings
from precis.errors import PurgedError
from precis.job import JobRequest, JobState
from precis.store import HeldAsk
from tests.precis.store.chats import (
    LEASE,
    NO_LIMITS,
    done,
    held_at,
    ids,
    request,
    sentences,
    summary_of,
    tables_with,
    talk,
)

TALK = talk("Ana: xylophone", "Ben: hi", "Ana: bye")
OTHER = talk("Ana: trombone", "Ben: hi", first=10)


def test_a_deleted_channel_takes_what_was_said_there(chat, store):
    there = done(store, TALK, summary_of(("0",), ()), held_at("c1"))
    elsewhere = done(store, OTHER, summary_of(("10",)), held_at("c2"))
    assert chat.forget_place("discord", "s1", "c1") == 3
    assert (ids(store, there), ids(store, elsewhere)) == ([], ["10", "11"])
    assert (sentences(store, there), sentences(store, elsewhere)) == ([], ["Sentence 0."])
    assert tables_with(store, "xylophone") == set()


@pytest.mark.parametrize("place", [("slack", "s1", "c1"), ("discord", "s2", "c1"),
                                   ("discord", None, "c1"), ("discord", "s1", "c2")])  # fmt: skip
def test_a_channel_of_the_same_name_elsewhere_takes_nothing(chat, store, place):
    job_id = done(store, TALK, summary_of(("0",)), held_at("c1"))
    assert chat.forget_place(*place) == 0
    assert ids(store, job_id) == ["0", "1", "2"]


def test_a_deleted_channel_takes_its_threads(chat, store):
    thread = done(store, TALK, summary_of(("0",)), held_at("t1", parent="c1"))
    assert chat.forget_place("discord", "s1", "c1") == 3
    assert ids(store, thread) == []


def test_a_deleted_thread_leaves_its_channel(chat, store):
    channel = done(store, TALK, summary_of(("0",)), held_at("c1"))
    thread = done(store, OTHER, summary_of(("10",)), held_at("t1", parent="c1"))
    assert chat.forget_place("discord", "s1", "t1") == 2
    assert (ids(store, channel), ids(store, thread)) == (["0", "1", "2"], [])


def test_it_goes_also_when_who_asked_had_their_question_deleted(chat, store):
    job_id = done(store, TALK, summary_of(("0",)), held_at("c1"))
    held = chat.begin(request("chen"), NO_LIMITS)
    chat.wait_for(held, job_id)
    chat.end(chat.claim(held.id), AskState.ANSWERED)
    chat.forget_person("discord", "chen")
    assert chat.forget_place("discord", "s1", "c1") == 3


def test_a_direct_conversation_has_a_place_too(chat, store):
    job_id = done(store, TALK, summary_of(("0",)), held_at("d1", server=None))
    assert chat.forget_place("discord", None, "d1") == 3
    assert ids(store, job_id) == []


def test_what_was_made_meanwhile_of_a_deleted_channel_is_not_stored(chat, store):
    job_id, _ = store.submit_or_join(JobRequest(), TALK, place=held_at("c1"))
    held = store.claim(job_id, "worker", LEASE, 3)
    chat.forget_place("discord", "s1", "c1")
    assert store.finish(held, summary_of(("0",), ()))
    assert sentences(store, job_id) == []


def test_nobody_joins_what_is_left_of_a_deleted_channel(chat, store):
    done(store, TALK, summary_of(("0",)), held_at("c1"))
    chat.forget_place("discord", "s1", "c1")
    assert store.submit_or_join(JobRequest(frontend="discord"), TALK)[1]


def test_the_place_changes_nothing_about_joining(store):
    first, _ = store.submit_or_join(JobRequest(), TALK)
    assert store.submit_or_join(JobRequest(), TALK, place=held_at("c1")) == (first, False)


def settled(chat, server="s1"):
    change = {"language": "de"}
    chat.change_settings("discord", server, "mia", lambda s: s.model_copy(update=change))


def test_a_server_takes_all_that_was_stored_of_it(chat, store):
    job_id = done(store, TALK, summary_of(("0",)), held_at("c1"), requested_by="ana")
    held = chat.begin(request(), NO_LIMITS)
    chat.wait_for(held, job_id)
    chat.end(chat.claim(held.id), AskState.ANSWERED)
    chat.judge(job_id, "discord", "ana", good=True)
    settled(chat)
    assert chat.forget_server("discord", "s1") == 3
    assert tables_with(store, "xylophone") == set()
    assert tables_with(store, "Sentence") == set()
    assert tables_with(store, "study") == set(), "not even what its channels were called"
    assert tables_with(store, "'ana'") == set()
    assert chat.ask(held.id) is None
    assert chat.opinions(job_id) == (0, 0)
    assert chat.server_settings("discord", "s1") == ServerSettings()
    with pytest.raises(PurgedError):
        store.result(job_id)


def test_another_server_keeps_its_own(chat, store):
    job_id = done(store, TALK, summary_of(("0",)), held_at("c1", server="s2"))
    held = chat.begin(request(server="s2"), NO_LIMITS)
    chat.judge(job_id, "discord", "ana", good=True)
    settled(chat, "s2")
    assert chat.forget_server("discord", "s1") == 0
    assert chat.forget_server("slack", "s2") == 0
    assert ids(store, job_id) == ["0", "1", "2"]
    assert isinstance(held, HeldAsk)
    assert chat.extend(held)
    assert chat.opinions(job_id) == (1, 0)
    assert chat.server_settings("discord", "s2").language == "de"


@pytest.mark.parametrize("begun", [False, True])
def test_a_server_takes_its_jobs_too(chat, store, begun):
    job_id, _ = store.submit_or_join(JobRequest(), TALK, place=held_at("c1"))
    held = store.claim(job_id, "worker", LEASE, 3) if begun else None
    chat.forget_server("discord", "s1")
    assert store.job(job_id).state is JobState.FAILED
    assert store.pending_deliveries("cli") == []
    assert held is None or not store.finish(held, summary_of(("0",)))
    assert tables_with(store, "Sentence") == set()


def test_hundreds_of_conversations_go_with_their_server(chat, store):
    for number in range(50):
        store.submit_or_join(JobRequest(), talk(f"Ana: {number} xylophones"), place=held_at("c1"))
    assert chat.forget_server("discord", "s1") == 50
    assert tables_with(store, "xylophones") == set()


def test_servers_are_known_until_they_are_forgotten(chat, store):
    done(store, TALK, summary_of(("0",)), held_at("c1", server="s1"))
    settled(chat, "s2")
    chat.begin(request(server="s3"), NO_LIMITS)
    chat.begin(request(server=None), NO_LIMITS)
    chat.begin(request(server="s4", platform="slack"), NO_LIMITS)
    store.submit(JobRequest(), TALK)
    assert chat.known_servers("discord") == ["s1", "s2", "s3"]
    for server in ("s1", "s2", "s3"):
        chat.forget_server("discord", server)
    assert chat.known_servers("discord") == []
    assert chat.known_servers("slack") == ["s4"]


def test_places_are_known_while_something_is_stored_of_them(chat, store, clock):
    done(store, TALK, summary_of(("0",)), held_at("c1"))
    done(store, OTHER, summary_of(("10",)), held_at("t2", parent="c2"))
    done(store, talk("Ana: x", first=20), summary_of(("20",)), held_at("c3", server="s2"))
    assert chat.known_places("discord", "s1") == ["c1", "t2"]
    chat.forget_place("discord", "s1", "c2")
    assert chat.known_places("discord", "s1") == ["c1"]
    clock.advance(days=31)
    store.purge_older_than(timedelta(days=30))
    assert chat.known_places("discord", "s1") == []


def steps(forget_some):
    """How many messages each call forgot."""
    gone, after = [], ""
    while after is not None:
        forgot = forget_some("discord", "s1", after=after)
        gone.append(forgot.messages)
        after = forgot.after
    return gone


def test_a_call_forgets_a_few_of_a_servers_conversations(chat, store):
    for number in range(50):
        store.submit_or_join(JobRequest(), talk(f"Ana: {number} xylophones"), place=held_at("c1"))
        chat.begin(request(), NO_LIMITS)
    assert steps(chat.forget_some_of_server) == [20, 20, 10, 0]
    assert tables_with(store, "xylophones") == set()
    assert chat.known_servers("discord") == []


def test_a_call_forgets_a_few_of_a_channels_conversations(chat, store):
    for number in range(50):
        store.submit_or_join(JobRequest(), talk(f"Ana: {number} xylophones"), place=held_at("c1"))

    def some(platform, server, after):
        return chat.forget_some_of_place(platform, server, "c1", after)

    assert steps(some) == [20, 20, 10, 0]
    assert tables_with(store, "xylophones") == set()


def test_of_many_asks_of_a_server_none_is_left(chat, monkeypatch):
    monkeypatch.setattr("precis.store.places.ASKS_AT_ONCE", 3)
    for _ in range(7):
        chat.begin(request(), NO_LIMITS)
    assert steps(chat.forget_some_of_server) == [0, 0, 0]
    assert chat.known_servers("discord") == []
