"""What goes on from one digest to the next on each database, and what is forgotten of it."""

from datetime import UTC, datetime, timedelta

import pytest

from precis.digest import SkipReason
from precis.store import ChatStore
from tests.precis.store.chats import LEASE, NO_LIMITS, request, talk
from tests.precis.store.subscribed import (
    at,
    claimed,
    due,
    ended,
    posted,
    sentence,
    subscribe,
    with_job,
)


def test_marks_move_when_it_is_posted_and_not_before(kept, store, clock):
    made = subscribe(kept)
    begin = kept.marks(made.id)["c1"]
    assert begin.at == clock.now - timedelta(days=1)
    at(clock, 2026, 1, 31, 18)
    held = claimed(kept)
    ended(store, with_job(kept, held, talk("Ana: one", "Ben: two")))
    kept.gathered(held)
    held = kept.claim(held.id)
    assert kept.marks(made.id)["c1"] == begin
    assert kept.skip(held, SkipReason.LATE)
    assert kept.marks(made.id)["c1"] == begin
    at(clock, 2026, 2, 1, 18)
    conversation = talk("Ana: one", "Ben: two", "Ana: three")
    posted(kept, store, conversation)
    assert kept.marks(made.id)["c1"].message == conversation.messages[-1].id


def test_a_channel_that_is_added_again_is_told_of_from_a_day_ago(kept, store, clock):
    made = subscribe(kept, sources=("c1", "c2"))
    at(clock, 2026, 1, 31, 18)
    held = claimed(kept)
    jobs = [with_job(kept, held, talk(f"Ana: {each}"), each) for each in ("c1", "c1/t")]
    for job_id in jobs:
        ended(store, job_id)
    kept.gathered(held)
    kept.posted(kept.claim(held.id))
    told = kept.marks(made.id)
    subscribe(kept, sources=("c2",))
    at(clock, 2026, 2, 1, 12)
    subscribe(kept, sources=("c1", "c2"))
    assert kept.marks(made.id) == told, "nothing is told of twice"
    subscribe(kept, sources=("c2",))
    at(clock, 2026, 2, 20, 12)
    subscribe(kept, sources=("c1", "c2"))
    marks = kept.marks(made.id)
    assert marks["c1"].at == marks["c1/t"].at == clock.now - timedelta(days=1)
    assert marks["c2"] == told["c2"]


def test_what_is_left_open_is_taken_over_as_far_as_it_is_still_there(kept, store, clock):
    made = subscribe(kept)
    at(clock, 2026, 1, 31, 18)
    held = claimed(kept)
    asked = talk("Ana: When is it due?", "Ben: I'll look it up.", "Cem: See you", "Ana: Room?")
    job_id = with_job(kept, held, asked)
    ended(
        store,
        job_id,
        sentence("question", "0"),
        sentence("promise", "1"),
        sentence("said", "2"),
        sentence("open", "3"),
    )
    kept.gathered(held)
    assert kept.left_open(made.id, "c1", datetime(2000, 1, 1, tzinfo=UTC)) == ()
    kept.posted(kept.claim(held.id))
    since = datetime(2000, 1, 1, tzinfo=UTC)
    assert [each.id for each in kept.left_open(made.id, "c1", since)] == ["0", "1", "3"]
    assert kept.left_open(made.id, "c2", since) == ()
    assert kept.left_open(made.id, "c1", clock.now + timedelta(days=9_000)) == ()
    ChatStore(store).forget_messages("discord", ["0"])
    assert [each.id for each in kept.left_open(made.id, "c1", since)] == ["1", "3"]
    ChatStore(store).forget_written("discord", "ben")
    assert [each.id for each in kept.left_open(made.id, "c1", since)] == ["3"]


def test_the_same_messages_make_one_job_for_two_subscriptions(kept, clock):
    subscribe(kept)
    subscribe(kept, "ana", kind="person")
    at(clock, 2026, 1, 31, 18)
    jobs = [with_job(kept, kept.claim(each), talk("Ana: one")) for each in due(kept)]
    assert len(jobs) == 2
    assert len(set(jobs)) == 1


def test_who_has_all_of_theirs_deleted_gets_no_digest_and_made_none(kept, store, clock):
    subscribe(kept, "ana", kind="person", created_by="ana")
    shared = subscribe(kept, created_by="ana")
    kept.preview(shared.id, request(), NO_LIMITS)
    at(clock, 2026, 1, 31, 18)
    for each in due(kept):
        with_job(kept, kept.claim(each), talk("Ben: one"))
    ChatStore(store).forget_person("discord", "ana")
    assert [(each.id, each.created_by) for each in kept.subscriptions()] == [(shared.id, None)]
    assert kept.latest([shared.id])[shared.id].preview_for is None


def test_a_server_that_is_left_takes_its_digests_with_it(kept, store, clock):
    subscribe(kept)
    other = subscribe(kept, server="s2")
    at(clock, 2026, 1, 31, 18)
    with_job(kept, kept.claim(due(kept)[0]), talk("Ana: one"))
    chat = ChatStore(store)
    assert "s1" in chat.known_servers("discord")
    chat.forget_server("discord", "s1")
    assert [each.id for each in kept.subscriptions()] == [other.id]
    assert chat.known_servers("discord") == ["s2"]


def test_old_digests_are_tidied_and_marks_stay(kept, store, clock):
    made = subscribe(kept)
    at(clock, 2026, 1, 31, 18)
    held = posted(kept, store, talk("Ana: one"))
    marks = kept.marks(made.id)
    clock.advance(days=40)
    store.purge_older_than(timedelta(days=30))
    assert kept.digest(held.id) is None
    assert kept.marks(made.id) == marks


def test_what_could_not_be_summarised_is_told_of_in_the_next(kept, store, clock):
    made = subscribe(kept)
    before = kept.marks(made.id)
    at(clock, 2026, 1, 31, 18)
    held = claimed(kept)
    failed = with_job(kept, held, talk("Ana: one"))
    ended(store, with_job(kept, held, talk("Ben: two"), place="t1"))
    store.fail(store.claim(failed, "worker", LEASE, 3), "no")
    kept.gathered(held)
    kept.posted(kept.claim(held.id))
    assert kept.marks(made.id)["c1"] == before["c1"]
    assert "t1" in kept.marks(made.id)


@pytest.mark.parametrize("end", ["fail", "skip"])
def test_what_is_half_shown_is_not_told_a_second_time(kept, store, clock, end):
    made = subscribe(kept)
    at(clock, 2026, 1, 31, 18)
    held = claimed(kept)
    ended(store, with_job(kept, held, talk("Ana: one")))
    kept.gathered(held)
    held = kept.claim(held.id)
    assert kept.note_posted(held, ["m1"])
    assert kept.fail(held) if end == "fail" else kept.skip(held, SkipReason.PAUSED)
    assert kept.marks(made.id)["c1"].message == "0"


def test_an_edited_message_is_carried_as_it_is_now(kept, store, clock):
    made = subscribe(kept)
    at(clock, 2026, 1, 31, 18)
    held = claimed(kept)
    asked = talk("Ana: My key is hunter2?")
    ended(store, with_job(kept, held, asked), sentence("question", "0"))
    kept.gathered(held)
    kept.posted(kept.claim(held.id))
    assert kept.carries("discord", "0")
    assert not kept.carries("slack", "0")
    assert not kept.carries("discord", "9")
    kept.rewrite("discord", asked.messages[0].model_copy(update={"text": "My key?"}))
    [carried] = kept.left_open(made.id, "c1", datetime(2000, 1, 1, tzinfo=UTC))
    assert carried.text == "My key?"
