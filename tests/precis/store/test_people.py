"""What people may have forgotten: their messages, deleted messages, and what rests on them."""

import pytest

from precis.ask import AskState, Stored
from precis.errors import PurgedError, StoreError
from precis.job import JobRequest
from precis.store import ChatStore, Store
from tests.precis.store.chats import (
    LEASE,
    NO_LIMITS,
    done,
    ids,
    request,
    sentences,
    summary_of,
    talk,
)

TALK = talk("Ana: hello", "Ben: hi", "Ana: bye")


def test_nobody_is_opted_out_to_begin_with(chat):
    assert chat.opted_out("discord", ["ana", "ben"]) == set()


def test_who_opted_out_is_known_until_they_opt_in(chat):
    chat.opt_out("discord", "ana")
    chat.opt_out("discord", "ana")
    assert chat.opted_out("discord", ["ana", "ben"]) == {"ana"}
    assert chat.opted_out("slack", ["ana"]) == set()
    chat.opt_in("discord", "ana")
    assert chat.opted_out("discord", ["ana"]) == set()


def test_thousands_of_people_are_looked_up_at_once(chat):
    people = [f"p{n}" for n in range(3_000)]
    chat.opt_out("discord", people[2_999])
    assert chat.opted_out("discord", people) == {"p2999"}


def test_opting_out_removes_what_was_written(chat, store):
    job_id = done(store, TALK, summary_of(("0",), ("1",)))
    assert chat.opt_out("discord", "ana") == 2
    assert ids(store, job_id) == ["1"]
    assert sentences(store, job_id) == ["Sentence 1."]


def test_what_is_stored_of_a_person_is_told(chat, store):
    assert chat.stored_of("discord", "ana") == Stored(
        messages=0, asks=0, feedback=0, opted_out=False
    )
    job_id = done(store, TALK, summary_of(("0",)))
    chat.begin(request(), NO_LIMITS)
    chat.judge(job_id, "discord", "ana", good=True)
    assert chat.stored_of("discord", "ana") == Stored(
        messages=2, asks=1, feedback=1, opted_out=False
    )
    assert chat.stored_of("slack", "ana").messages == 0
    chat.opt_out("discord", "ana")
    assert chat.stored_of("discord", "ana").opted_out


def test_forgetting_a_person_removes_messages_asks_and_opinions(chat, store):
    job_id = done(store, TALK, summary_of(("1",)), requested_by="ana")
    held = chat.begin(request(), NO_LIMITS)
    chat.wait_for(held, job_id)
    chat.end(chat.claim(held.id), AskState.ANSWERED)
    chat.judge(job_id, "discord", "ana", good=True)
    chat.judge(job_id, "discord", "ben", good=True)
    assert chat.forget_person("discord", "ana") == 2
    assert chat.stored_of("discord", "ana") == Stored(
        messages=0, asks=0, feedback=0, opted_out=False
    )
    assert chat.ask(held.id) is None
    assert store.job(job_id).request.requested_by is None
    assert chat.opinions(job_id) == (1, 0), "what others think stays"


def test_forgetting_a_person_leaves_others_questions_alone(chat, store):
    job_id = done(store, TALK, summary_of(("1",)), requested_by="ben")
    for person in ("ana", "ben"):
        held = chat.begin(request(person), NO_LIMITS)
        chat.wait_for(held, job_id)
        chat.end(chat.claim(held.id), AskState.ANSWERED)
    chat.forget_person("discord", "ana")
    assert store.job(job_id).request.requested_by == "ben"
    assert chat.stored_of("discord", "ben").asks == 1


def test_an_open_question_is_still_answered_to_who_is_forgotten(chat):
    held = chat.begin(request(), NO_LIMITS)
    chat.forget_person("discord", "ana")
    assert chat.end(held, AskState.ANSWERED)


def test_forgetting_does_not_opt_out(chat, store):
    done(store, TALK, summary_of(("1",)))
    chat.forget_person("discord", "ana")
    assert chat.opted_out("discord", ["ana"]) == set()


def test_only_what_was_written_may_be_forgotten(chat, store):
    done(store, TALK, summary_of(("1",)))
    held = chat.begin(request(), NO_LIMITS)
    chat.end(held, AskState.ANSWERED)
    assert chat.forget_written("discord", "ana") == 2
    assert chat.ask(held.id) is not None


def test_a_deleted_message_is_gone_from_every_conversation(chat, store):
    first = done(store, TALK, summary_of(("1",)))
    second = done(store, talk("Ana: hello", "Ben: hi"), summary_of(("1",)))
    assert chat.forget_messages("discord", ["0", "no such message"]) == 2
    assert (ids(store, first), ids(store, second)) == (["1", "2"], ["1"])


def test_another_platforms_message_of_the_same_id_stays(chat, store):
    job_id = done(store, TALK.model_copy(update={"source": "slack"}), summary_of(("1",)))
    assert chat.forget_messages("discord", ["0"]) == 0
    assert ids(store, job_id) == ["0", "1", "2"]


def test_sentences_that_rest_on_a_deleted_message_go_with_it(chat, store):
    job_id = done(store, TALK, summary_of(("0",), ("1",), ("1", "0"), ()))
    chat.forget_messages("discord", ["0"])
    assert sentences(store, job_id) == ["Sentence 1.", "Sentence 3."]


def test_hundreds_of_messages_are_forgotten_at_once(chat, store):
    many = talk(*(f"Ana: message {n}" for n in range(1_200)))
    job_id = done(store, many, summary_of(("1199",), ("3",)))
    assert chat.forget_messages("discord", [str(n) for n in range(10, 1_200)]) == 1_190
    assert len(ids(store, job_id)) == 10
    assert sentences(store, job_id) == ["Sentence 1."]


def test_a_later_question_is_not_answered_from_what_lacks_messages(chat, store):
    job_id = done(store, TALK, summary_of(("0",)))
    chat.forget_messages("discord", ["0"])
    again, new = store.submit_or_join(JobRequest(frontend="discord"), TALK)
    assert new
    assert again != job_id


def test_a_summary_loses_what_was_forgotten_while_it_was_made(chat, store):
    job_id, _ = store.submit_or_join(JobRequest(), TALK)
    held = store.claim(job_id, "worker", LEASE, 3)
    chat.forget_messages("discord", ["0"])
    assert store.finish(held, summary_of(("0",), ("1",)))
    assert sentences(store, job_id) == ["Sentence 1."]


def test_a_summary_of_a_whole_conversation_is_stored_as_it_is(store):
    job_id = done(store, TALK, summary_of(("0",), ("unknown",)))
    assert sentences(store, job_id) == ["Sentence 0.", "Sentence 1."]


def test_a_purged_summary_is_not_brought_back(chat, store, clock):
    job_id = done(store, TALK, summary_of(("0",)))
    clock.advance(days=31)
    store.purge(clock.now)
    chat.forget_messages("discord", ["0"])
    with pytest.raises(PurgedError, match="ask for it again"):
        store.result(job_id)


def test_what_is_forgotten_is_in_no_file(tmp_path, clock):
    store = Store.open(f"sqlite:///{tmp_path / 'precis.db'}", clock)
    chat = ChatStore(store)
    done(store, talk("Ana: xylophone", "Ben: trombone"), summary_of(("1",)))
    chat.forget_messages("discord", ["0"])
    chat.forget_person("discord", "ben")
    for file in tmp_path.iterdir():  # the write-ahead log among them, for the store is still open
        held = file.read_bytes()
        assert b"xylophone" not in held
        assert b"trombone" not in held
    store.close()


def test_an_opinion_is_one_a_person_and_the_latest_counts(chat, store):
    job_id = done(store, TALK, summary_of(("0",)))
    chat.judge(job_id, "discord", "ana", good=True)
    chat.judge(job_id, "discord", "ben", good=True)
    chat.judge(job_id, "discord", "ana", good=False)
    assert chat.opinions(job_id) == (1, 1)


def test_an_opinion_of_no_job_is_refused(chat):
    with pytest.raises(StoreError):
        chat.judge("0" * 32, "discord", "ana", good=True)
