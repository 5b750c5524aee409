"""What moderators release or write anew is said where it belongs, to everybody who asked."""

from datetime import timedelta

import pytest

from precis.ask import AskState
from precis.errors import InputError
from precis.job import FlagAction, JobState
from precis.moderation import Verdict
from tests.precis.store.chats import NO_LIMITS, done, request, sentences, talk
from tests.precis.store.moderating import (
    cases,
    decide,
    only_case,
    refused,
    result,
    sentence,
    summarised,
)

TALK = talk("Ana: hello", "Ben: hi", "Chen: bye", "Ben: so long")
RUDE = sentence("Rude.", "1")


def answered(chat, job_id, person="ana", state=AskState.ANSWERED, **more):
    """An ask of that job that has ended; its id."""
    held = chat.begin(request(person, **more), NO_LIMITS)
    chat.wait_for(held, job_id, partial=True)
    chat.end(chat.claim(held.id), state)
    return held.id


def test_what_was_refused_takes_its_place(moderation, store):
    said = (sentence("One.", "0"), sentence("Two.", "2"), sentence("Three.", "3"))
    kept_back = refused(RUDE, sentence("More.", "1"), instead=(1,))
    job_id = summarised(store, TALK, result(*said, refused=(kept_back,)))
    decide(moderation, only_case(moderation), verdict=Verdict.RELEASED)
    assert sentences(store, job_id) == ["One.", "Rude.", "More.", "Three."]


def test_what_a_moderator_wrote_takes_its_place_and_cites_the_same(moderation, store):
    kept_back = refused(RUDE, sentence("More.", "2", "1"), instead=(0,))
    job_id = summarised(store, TALK, result(sentence("One.", "0"), refused=(kept_back,)))
    decide(moderation, only_case(moderation), verdict=Verdict.EDITED, edited="They argued.")
    (new,) = store.result(job_id).summary.sentences
    assert (new.text, new.origin, new.speakers) == ("They argued.", "edited", ("Ana",))
    assert [each.id for each in new.citations] == ["1", "2"]
    assert only_case(moderation).said.edited == "They argued."


def test_a_withheld_summary_is_done_with_what_is_released(moderation, store):
    kept_back = refused(RUDE, action=FlagAction.WITHHELD)
    job_id = summarised(store, TALK, result(refused=(kept_back,)))
    assert store.job(job_id).state is JobState.WITHHELD
    decide(moderation, only_case(moderation), verdict=Verdict.RELEASED)
    assert store.job(job_id).state is JobState.DONE
    assert sentences(store, job_id) == ["Rude."]


@pytest.mark.parametrize("verdict", [Verdict.KEPT, Verdict.DISMISSED], ids=lambda each: each.value)
def test_other_verdicts_change_no_summary(moderation, store, chat, verdict):
    kept_back = refused(RUDE, instead=(0,))
    job_id = summarised(store, TALK, result(sentence("One.", "0"), refused=(kept_back,)))
    answered(chat, job_id)
    decide(moderation, only_case(moderation), verdict=verdict)
    assert sentences(store, job_id) == ["One."]
    assert chat.due("discord") == []


def test_several_things_refused_find_their_places_in_any_order(moderation, store):
    said = (sentence("One.", "0"), sentence("Two.", "2"), sentence("Three.", "3"))
    first = refused(sentence("A.", "1"), sentence("B.", "1"), instead=(0,))
    last = refused(sentence("C.", "1"), instead=(2,))
    job_id = summarised(store, TALK, result(*said, refused=(first, last)))
    found = sorted(cases(moderation), key=lambda case: case.subject)
    decide(moderation, found[0], verdict=Verdict.RELEASED)
    decide(moderation, found[1], verdict=Verdict.RELEASED)
    assert sentences(store, job_id) == ["A.", "B.", "Two.", "C."]


def test_several_things_released_by_one_click_find_their_places(moderation, store):
    said = (sentence("One.", "0"), sentence("Two.", "2"), sentence("Three.", "3"))
    first = refused(sentence("A.", "1"), sentence("B.", "1"), instead=(0,))
    last = refused(sentence("C.", "1"), instead=(2,))
    job_id = summarised(store, TALK, result(*said, refused=(first, last)))
    decide(moderation, *cases(moderation), verdict=Verdict.RELEASED)
    assert sentences(store, job_id) == ["A.", "B.", "Two.", "C."]


def test_it_finds_its_place_when_sentences_before_it_are_forgotten(moderation, store, chat):
    said = (sentence("One.", "0"), sentence("Two.", "2"), sentence("Three.", "3"))
    job_id = summarised(store, TALK, result(*said, refused=(refused(RUDE, instead=(1,)),)))
    chat.forget_messages("discord", ["0"])
    decide(moderation, only_case(moderation), verdict=Verdict.RELEASED)
    assert sentences(store, job_id) == ["Rude.", "Three."]


def test_nothing_is_released_where_nothing_was_written(moderation, store):
    summarised(store, TALK, result(refused=(refused(action=FlagAction.WITHHELD),)))
    with pytest.raises(InputError, match="no text to release"):
        decide(moderation, only_case(moderation), verdict=Verdict.RELEASED)
    assert only_case(moderation).open


def test_nothing_purged_is_released(moderation, store, clock):
    job_id = summarised(store, TALK, result(sentence("One.", "0"), refused=(refused(RUDE),)))
    clock.advance(days=40)
    store.purge_older_than(timedelta(days=30))
    with pytest.raises(InputError, match="no text to release"):
        decide(moderation, only_case(moderation), verdict=Verdict.RELEASED)
    assert store.job(job_id).state is JobState.DONE


# Who asked


def test_everybody_who_asked_waits_again_without_a_token(moderation, store, chat, clock):
    job_id = summarised(store, TALK, result(sentence("One.", "0"), refused=(refused(RUDE),)))
    for person, private in (("ana", True), ("ben", False)):
        answered(chat, job_id, person, private=private, key=f"key {person}")
    clock.advance(minutes=1)
    decide(moderation, only_case(moderation), verdict=Verdict.RELEASED)
    again = [chat.ask(each) for each in chat.due("discord")]
    assert {(ask.request.person, ask.request.private) for ask in again} == {
        ("ana", True),
        ("ben", False),
    }
    for ask in again:
        assert (ask.job_id, ask.state, ask.partial) == (job_id, AskState.WAITING, True)
        assert (ask.request.reply, ask.request.reply_until, ask.request.key) == ({}, None, None)
        assert (ask.posted, ask.shared, ask.tries) == ((), False, 0)
    assert chat.claim(again[0].id) is not None


def test_who_waits_already_is_not_answered_twice(moderation, store, chat):
    kept_back = (refused(sentence("A.", "1")), refused(sentence("B.", "1")))
    job_id = summarised(store, TALK, result(sentence("One.", "0"), refused=kept_back))
    answered(chat, job_id)
    for case in cases(moderation):
        decide(moderation, case, verdict=Verdict.RELEASED)
    assert len(chat.due("discord")) == 1
    (waits,) = chat.due("discord")
    chat.end(chat.claim(waits), AskState.ANSWERED)
    assert chat.due("discord") == []


def test_who_was_refused_is_not_answered_after_all(moderation, store, chat):
    job_id = summarised(store, TALK, result(sentence("One.", "0"), refused=(refused(RUDE),)))
    answered(chat, job_id, state=AskState.FAILED)
    decide(moderation, only_case(moderation), verdict=Verdict.RELEASED)
    assert chat.due("discord") == []


def test_who_asked_of_another_job_is_left_alone(moderation, store, chat):
    summarised(store, TALK, result(sentence("One.", "0"), refused=(refused(RUDE),)))
    answered(chat, done(store, talk("Ana: other"), result(sentence("Other.", "0"))))
    decide(moderation, only_case(moderation), verdict=Verdict.RELEASED)
    assert chat.due("discord") == []
