"""What is flagged becomes a case, each thing once, and cases of one author are on one card."""

from datetime import timedelta

import pytest

from precis.job import FlagAction, JobRequest, JobState
from precis.moderation import MOST_ON_CARD, Kind, Source, Verdict
from tests.conversations import START, message
from tests.precis.store.chats import LEASE, at_once, done, held_at, talk
from tests.precis.store.moderating import (
    LIMITS,
    cases,
    decide,
    noted,
    only_case,
    refused,
    result,
    score,
    sentence,
    summarised,
    watch,
)

RUDE = message(1, "Ana", "xylophone you fool")
TALK = talk("Ana: hello", "Ben: xylophone", "Ana: bye")


def test_a_toxic_message_of_a_watched_place_is_a_case(moderation, store):
    there = held_at("t1", parent="c1")
    job_id = watch(moderation, store, [message(0, "Ben", "hi"), RUDE], toxic=["1"], place=there)
    case = only_case(moderation)
    assert (case.platform, case.server, case.place, case.parent) == ("discord", "s1", "t1", "c1")
    assert (case.kind, case.subject, case.job_id) == (Kind.MESSAGE, "1", job_id)
    assert (case.author, case.said_at) == ("ana", RUDE.time)
    assert (case.said.text, case.said.author_name) == ("xylophone you fool", "Ana")
    assert (case.label, case.gate, case.action) == ("toxicity", "g", FlagAction.NOTED)
    assert (case.scores["toxicity"], case.thresholds) == (0.9, LIMITS)
    assert (case.sources, case.open) == ((Source.WATCHED,), True)
    assert store.job(job_id).state is JobState.DONE


def test_the_texts_that_were_scored_go_as_they_are_scored(moderation, store):
    job_id = watch(moderation, store, [message(0, "Ben", "hi"), RUDE], toxic=["1"])
    assert store.conversation(job_id).messages == ()
    assert moderation.case(only_case(moderation).id).said.text == RUDE.text, "but the case has it"


def test_what_is_at_its_threshold_is_toxic_and_what_is_below_is_not(moderation, store):
    at, below = ({"toxicity": limit, "insult": 0.0} for limit in (0.8, 0.799))
    messages = [message(1, "Ana", "a"), message(2, "Ben", "b")]
    watch(moderation, store, messages, scores={"1": at, "2": below})
    assert [case.subject for case in cases(moderation)] == ["1"]


def test_a_lost_claim_makes_no_case(moderation, store, clock):
    job_id = moderation.take(
        JobRequest(task="score", queue="watch", frontend="discord"),
        talk("Ana: xylophone"), held_at("c1"), timedelta(minutes=2),
    )  # fmt: skip
    lost = store.claim(job_id, "first", LEASE, 3)
    clock.advance(minutes=5)
    assert score(store, job_id, {"0": {"toxicity": 0.9}})
    assert store.extend(lost, LEASE) is False
    assert len(cases(moderation)) == 1


def test_messages_met_in_a_summary_are_cases(moderation, store):
    job_id = summarised(store, TALK, result(sentence("Hello.", "0"), flags=(noted("1"),)))
    case = only_case(moderation)
    assert (case.sources, case.subject, case.job_id) == ((Source.MET,), "1", job_id)
    assert (case.said.text, case.thresholds) == ("xylophone", LIMITS)


def test_nothing_of_files_or_direct_messages_is_a_case(moderation, store):
    made = result(sentence("Hello.", "0"), flags=(noted("1"),), refused=(refused(sentence("No.")),))
    done(store, TALK, made)
    summarised(store, TALK, made, held_at("dm", server=None), style="bullets")
    assert cases(moderation) == []


def test_what_a_summary_was_not_to_say_is_a_case_of_its_own_card(moderation, store):
    kept_back = refused(sentence("You fool.", "1"), sentence("All of you.", "2"), instead=(0,))
    job_id = summarised(store, TALK, result(sentence("Hello.", "0"), refused=(kept_back,)))
    case = only_case(moderation)
    assert (case.kind, case.subject, case.job_id) == (Kind.SUMMARY, f"{job_id}:0", job_id)
    assert case.said.text == "You fool. All of you."
    assert (case.said.sentences, case.said.instead) == (kept_back.sentences, (0,))
    assert (case.author, case.sources, case.action) == (None, (Source.GATE,), FlagAction.EXTRACTED)


def test_a_withheld_summary_of_which_nothing_was_written_is_a_case_without_text(moderation, store):
    summarised(store, TALK, result(refused=(refused(action=FlagAction.WITHHELD),)))
    assert only_case(moderation).said is None


def test_each_thing_refused_has_a_card_of_its_own(moderation, store):
    summarised(store, TALK, result(refused=(refused(sentence("No.", "0")),) * 2))
    assert len({case.card_id for case in cases(moderation)}) == 2


def test_a_message_that_comes_up_in_several_ways_is_one_case(moderation, store):
    watch(moderation, store, [RUDE], toxic=["1"])
    said = (*talk("Ben: hi").messages, RUDE)
    conversation = TALK.model_copy(update={"messages": said})
    summarised(store, conversation, result(sentence("Hi.", "0"), flags=(noted("1"),)))
    watch(moderation, store, [RUDE], reported_by="ben", scores={"1": {"toxicity": 0.5}})
    case = only_case(moderation)
    assert case.sources == (Source.WATCHED, Source.MET, Source.REPORTED)
    assert (case.reports, case.scores["toxicity"]) == (1, 0.9)


@pytest.mark.both_stores
def test_two_jobs_that_end_at_once_make_one_case(moderation, store):
    watch(moderation, store, [message(7, "Ben", "hi")])  # the gate is known, and nobody waits there
    fields = JobRequest(task="score", queue="watch", frontend="discord")
    place = held_at("c1")
    jobs = [
        moderation.take(fields, talk("Ana: xylophone"), place, timedelta(minutes=2))
        for _ in range(4)
    ]
    scores = {"0": {"toxicity": 0.9}}
    ended = at_once(*(lambda each=each: score(store, each, scores) for each in jobs))
    assert ended == [True] * 4
    assert only_case(moderation).position == 1


@pytest.mark.both_stores
def test_many_jobs_that_end_at_once_share_one_card(moderation, store):
    watch(moderation, store, [message(7, "Ben", "hi")])
    fields = JobRequest(task="score", queue="watch", frontend="discord")
    said = [talk("Ana: xylophone", first=n) for n in range(6)]
    jobs = [moderation.take(fields, each, held_at("c1"), timedelta(minutes=2)) for each in said]
    at_once(
        *(
            lambda each=each, n=n: score(store, each, {str(n): {"toxicity": 0.9}})
            for n, each in enumerate(jobs)
        )
    )
    found = cases(moderation)
    assert len({case.card_id for case in found}) == 1
    assert sorted(case.position for case in found) == [1, 2, 3, 4, 5, 6]


# Reports


def test_what_is_reported_is_a_case_whatever_its_score(moderation, store):
    job_id = watch(moderation, store, [RUDE], reported_by="ben")
    case = only_case(moderation)
    assert (case.sources, case.reports, case.severity < 0) == ((Source.REPORTED,), 1, True)
    assert moderation.has_reported("discord", "1", "ben")
    assert store.job(job_id).request.reported_by is None, "it is in the case's reports alone"


def test_each_person_counts_once(moderation, store):
    for person in ("ben", "ben", "chen"):
        watch(moderation, store, [RUDE], reported_by=person)
    assert only_case(moderation).reports == 2


def test_a_reported_summary_is_a_case_of_its_job(moderation, store):
    about = summarised(store, TALK, result(sentence("Hello.", "0")))
    said = message(9, "Precis", "Hello.")
    watch(moderation, store, [said], reported_by="ben", about=about)
    case = only_case(moderation)
    assert (case.kind, case.job_id, case.said.text) == (Kind.SUMMARY, about, "Hello.")
    assert (case.sources, case.author) == ((Source.REPORTED,), None)


# Edits


def test_an_edit_renews_an_open_case(moderation, store):
    watch(moderation, store, [RUDE], toxic=["1"])
    before = moderation.card(only_case(moderation).card_id).version
    edited = RUDE.model_copy(update={"text": "trombone", "edited": True})
    watch(moderation, store, [edited], scores={"1": {"toxicity": 0.2, "insult": 0.75}})
    case = only_case(moderation)
    assert (case.said.text, case.label, case.edition) == ("trombone", "insult", 0)
    assert moderation.card(case.card_id).version > before


def test_an_edit_to_something_harmless_leaves_an_open_case_as_it_is(moderation, store):
    watch(moderation, store, [RUDE], toxic=["1"])
    watch(moderation, store, [RUDE.model_copy(update={"text": "never mind"})])
    assert only_case(moderation).said.text == RUDE.text


@pytest.mark.parametrize(
    ("text", "toxic", "editions"),
    [("trombone", ["1"], [0, 1]), (RUDE.text, ["1"], [0]), ("never mind", [], [0])],
    ids=["other and toxic", "the same", "other and harmless"],
)
def test_an_edit_after_a_decision_is_a_new_case_if_it_is_toxic(
    moderation, store, text, toxic, editions
):
    watch(moderation, store, [RUDE], toxic=["1"])
    decide(moderation, only_case(moderation), verdict=Verdict.DISMISSED)
    watch(moderation, store, [RUDE.model_copy(update={"text": text})], toxic=toxic)
    found = sorted(cases(moderation), key=lambda case: case.edition)
    assert [case.edition for case in found] == editions
    assert len({case.card_id for case in found}) == len(editions), "a closed card takes no more"


# Cards


def test_cases_of_an_author_in_a_channel_and_its_threads_share_a_card(moderation, store):
    watch(moderation, store, [RUDE], toxic=["1"])
    watch(moderation, store, [message(2, "Ana", "and you")], toxic=["2"],
          place=held_at("t1", parent="c1"))  # fmt: skip
    watch(moderation, store, [message(3, "Ben", "b")], toxic=["3"])
    watch(moderation, store, [message(4, "Ana", "c")], toxic=["4"], place=held_at("c2"))
    by_subject = {case.subject: case for case in cases(moderation)}
    assert by_subject["1"].card_id == by_subject["2"].card_id
    assert [by_subject[each].position for each in "12"] == [1, 2]
    assert len({case.card_id for case in by_subject.values()}) == 3


def test_a_full_card_is_followed_by_another(moderation, store):
    many = [message(n, "Ana", f"fool {n}") for n in range(MOST_ON_CARD + 1)]
    watch(moderation, store, many, toxic=[each.id for each in many])
    per_card = {}
    for case in cases(moderation):
        per_card.setdefault(case.card_id, []).append(case.position)
    assert sorted(len(each) for each in per_card.values()) == [1, MOST_ON_CARD]


def test_a_closed_card_is_followed_by_another(moderation, store):
    watch(moderation, store, [RUDE], toxic=["1"])
    decide(moderation, only_case(moderation))
    watch(moderation, store, [message(2, "Ana", "again")], toxic=["2"])
    assert len({case.card_id for case in cases(moderation)}) == 2


def test_a_message_deleted_meanwhile_is_no_case(moderation, store, chat):
    fields = JobRequest(task="score", queue="watch", frontend="discord")
    job_id = moderation.take(fields, talk("Ana: xylophone"), held_at("c1"), timedelta(minutes=2))
    chat.forget_messages("discord", ["0"])
    score(store, job_id, {"0": {"toxicity": 0.9}})
    assert cases(moderation) == []


# Watermarks


def test_a_place_is_watched_up_to_its_latest_message_and_never_back(moderation, store, clock):
    moderation.start_watching("discord", "s1", "c1", None)
    assert moderation.watched_until("discord", "s1") == {"c1": (clock.now, None)}
    later = clock.now + timedelta(hours=5)
    watch(moderation, store, [message(1, "Ana", "hi", time=later)])
    watch(moderation, store, [message(2, "Ana", "hi", time=START)])
    moderation.start_watching("discord", "s1", "c1", None)
    assert moderation.watched_until("discord", "s1") == {"c1": (later, None)}
    assert moderation.watched_until("discord", "s2") == {}


def test_a_report_moves_no_watermark(moderation, store):
    watch(moderation, store, [RUDE], reported_by="ben")
    assert moderation.watched_until("discord", "s1") == {}


def test_watching_ends_with_a_channels_threads(moderation):
    for place, parent in (("c1", None), ("t1", "c1"), ("c2", None)):
        moderation.start_watching("discord", "s1", place, parent)
    moderation.stop_watching("discord", "s1", ["c1"])
    assert set(moderation.watched_until("discord", "s1")) == {"c2"}


def test_a_long_conversation_is_scored_in_one_go(moderation, store):
    many = [message(n, "Ana", f"line {n}", minute=0) for n in range(10_000)]
    watch(moderation, store, many, toxic=["9999"])
    assert only_case(moderation).subject == "9999"
