"""The texts of cases go as all chat text does, and what nobody decided ends with them."""

from datetime import timedelta

import pytest

from precis.conversation import Conversation
from precis.job import FlagAction, JobRequest
from precis.moderation import Decision, Source, Verdict
from precis.store.tables import metadata
from tests.conversations import message
from tests.precis.store.chats import LEASE, at_once, held_at, sentences, tables_with, talk
from tests.precis.store.moderating import (
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
TALK = talk("Ana: hello", "Ben: hi", "Chen: bye")

FORGET = {
    "deleted": lambda chat: chat.forget_messages("discord", ["1"]),
    "opted out": lambda chat: chat.opt_out("discord", "ana"),
    "had deleted": lambda chat: chat.forget_person("discord", "ana"),
    "channel gone": lambda chat: chat.forget_place("discord", "s1", "c1"),
}
HOWS = pytest.mark.parametrize("how", FORGET, ids=str)


@HOWS
def test_an_open_case_ends_with_its_message(moderation, store, chat, clock, how):
    watch(moderation, store, [RUDE, message(2, "Ben", "trombone")], toxic=["1"])
    before = moderation.card(only_case(moderation).card_id).version
    clock.advance(minutes=1)
    FORGET[how](chat)
    case = only_case(moderation)
    assert (case.verdict, case.decided_by, case.decided_at) == (Verdict.GONE, None, clock.now)
    assert (case.said, case.subject, case.scores["toxicity"]) == (None, "1", 0.9)
    assert moderation.card(case.card_id).version == before + 1
    assert tables_with(store, "xylophone") == set()
    assert list(moderation.log()) == [], "nobody decided it"


@HOWS
def test_a_decided_case_loses_its_text(moderation, store, chat, how):
    watch(moderation, store, [RUDE], toxic=["1"])
    decide(moderation, only_case(moderation), verdict=Verdict.KEPT)
    FORGET[how](chat)
    case = only_case(moderation)
    assert (case.verdict, case.decided_by, case.said) == (Verdict.KEPT, "mod", None)
    assert moderation.judged("discord", ["1"]) == {"1": True}, "the decision stands"


@pytest.mark.parametrize(
    ("how", "kept"),
    [("deleted", True), ("channel gone", True), ("opted out", False), ("had deleted", False)],
)
def test_what_moderators_removed_is_kept_for_whoever_asks_why(moderation, store, chat, how, kept):
    watch(moderation, store, [RUDE], toxic=["1"])
    decide(moderation, only_case(moderation), verdict=Verdict.REMOVED)
    FORGET[how](chat)
    assert (only_case(moderation).said is not None) == kept
    assert (tables_with(store, "xylophone") == {"cases"}) == kept


def test_others_cases_stay(moderation, store, chat):
    watch(moderation, store, [RUDE], toxic=["1"])
    watch(moderation, store, [message(2, "Ben", "b")], toxic=["2"], place=held_at("c2"))
    chat.forget_messages("slack", ["1"])
    chat.forget_messages("discord", ["7"])
    chat.opt_out("slack", "ana")
    chat.forget_place("discord", "s2", "c1")
    chat.forget_place("discord", "s1", "c9")
    assert [(case.open, case.said is not None) for case in cases(moderation)] == [(True, True)] * 2


def test_a_card_whose_cases_are_all_gone_takes_no_more(moderation, store, chat):
    watch(moderation, store, [RUDE], toxic=["1"])
    old = only_case(moderation).card_id
    chat.forget_messages("discord", ["1"])
    watch(moderation, store, [message(2, "Ana", "again")], toxic=["2"])
    (newer,) = [case for case in cases(moderation) if case.open]
    assert newer.card_id != old


def test_a_card_with_another_open_case_takes_more(moderation, store, chat):
    both = [RUDE, message(2, "Ana", "and again")]
    watch(moderation, store, both, toxic=["1", "2"])
    chat.forget_messages("discord", ["1"])
    watch(moderation, store, [message(3, "Ana", "once more")], toxic=["3"])
    assert len({case.card_id for case in cases(moderation)}) == 1


def test_who_is_read_again_may_be_a_case_again(moderation, store, chat):
    watch(moderation, store, [RUDE], toxic=["1"])
    chat.opt_out("discord", "ana")
    chat.opt_in("discord", "ana")
    watch(moderation, store, [RUDE], toxic=["1"])
    assert sorted((case.edition, case.open) for case in cases(moderation)) == [
        (0, False),
        (1, True),
    ]


def test_a_thread_is_forgotten_with_its_channel(moderation, store, chat):
    there = held_at("t1", parent="c1")
    watch(moderation, store, [RUDE], toxic=["1"], place=there)
    chat.forget_place("discord", "s1", "c1")
    assert only_case(moderation).verdict is Verdict.GONE
    assert moderation.watched_until("discord", "s1") == {}


def test_texts_of_cases_are_counted_and_known(moderation, store, chat):
    watch(moderation, store, [RUDE], toxic=["1"])
    assert chat.stored_of("discord", "ana").messages == 1
    assert chat.known_places("discord", "s1") == ["c1"]
    assert chat.known_servers("discord") == ["s1"]
    assert chat.forget_written("discord", "ana") == 1
    assert chat.stored_of("discord", "ana").messages == 0
    assert chat.known_places("discord", "s1") == []


def test_many_cases_of_a_channel_all_go(moderation, store, chat):
    many = [message(n, f"P{n}", "fool") for n in range(450)]
    watch(moderation, store, many, toxic=[each.id for each in many])
    chat.forget_place("discord", "s1", "c1")
    found = cases(moderation, limit=1_000)
    assert len(found) == 450
    assert {case.verdict for case in found} == {Verdict.GONE}


@pytest.mark.both_stores
def test_who_decides_and_who_deletes_at_once_leave_no_text_of_a_kept_case(moderation, store, chat):
    watch(moderation, store, [RUDE], toxic=["1"])
    case = only_case(moderation)
    at_once(
        lambda: decide(moderation, case, verdict=Verdict.KEPT),
        lambda: chat.forget_messages("discord", ["1"]),
        lambda: chat.forget_written("discord", "ana"),
    )
    assert only_case(moderation).said is None
    assert only_case(moderation).verdict in (Verdict.KEPT, Verdict.GONE)


@pytest.mark.both_stores
def test_a_job_that_ends_and_who_deletes_at_once_leave_no_text(moderation, store, chat):
    fields = JobRequest(task="score", queue="watch", frontend="discord")
    said = [Conversation(source="discord", messages=(RUDE,)) for _ in range(3)]
    jobs = [moderation.take(fields, each, held_at("c1"), timedelta(minutes=2)) for each in said]
    at_once(
        *(lambda each=each: score(store, each, {"1": {"toxicity": 0.9}}) for each in jobs),
        lambda: chat.forget_messages("discord", ["1"]),
    )
    assert tables_with(store, "xylophone") == set()
    assert not any(case.open for case in cases(moderation))


# What summaries were not to say


def held_back(store, *quotes, said=(), **more):
    made = result(*said, refused=(refused(*quotes, **more),))
    return summarised(store, TALK, made)


def test_what_was_refused_goes_with_the_only_message_it_rests_on(moderation, store, chat):
    held_back(store, sentence("xylophone", "0"), said=(sentence("Hi.", "1"),))
    chat.forget_messages("discord", ["0"])
    case = only_case(moderation)
    assert (case.verdict, case.said) == (Verdict.GONE, None)
    assert tables_with(store, "xylophone") == set()


def test_of_what_was_refused_goes_what_rests_on_it(moderation, store, chat):
    held_back(store, sentence("xylophone", "0"), sentence("No.", "1"))
    chat.opt_out("discord", "ana")
    case = only_case(moderation)
    assert (case.open, case.said.text, len(case.said.sentences)) == (True, "No.", 1)


def test_what_a_moderator_wrote_goes_with_what_it_rests_on(moderation, store, chat):
    job_id = held_back(store, sentence("No.", "0"), sentence("Nor this.", "1"))
    decide(moderation, only_case(moderation), verdict=Verdict.EDITED, edited="xylophone")
    chat.forget_messages("discord", ["0"])
    assert tables_with(store, "xylophone") == set()
    assert sentences(store, job_id) == []
    assert only_case(moderation).verdict is Verdict.EDITED


def test_of_a_job_that_ends_nothing_forgotten_is_kept_for_moderators(moderation, store, chat):
    job_id, _ = store.submit_or_join(JobRequest(frontend="discord"), TALK, place=held_at("c1"))
    held = store.claim(job_id, "worker", LEASE, 3)
    chat.forget_messages("discord", ["0"])
    made = result(
        sentence("Hi.", "0"),
        sentence("Ho.", "1"),
        sentence("Ha.", "2"),
        refused=(
            refused(sentence("xylophone", "0"), instead=(0,)),
            refused(sentence("No.", "1"), instead=(2,)),
        ),
        flags=(noted("0"), noted("2")),
    )
    assert store.finish(held, made)
    assert tables_with(store, "xylophone") == set()
    by_subject = {case.subject: case for case in cases(moderation)}
    assert set(by_subject) == {"2", f"{job_id}:1"}
    decide(moderation, by_subject[f"{job_id}:1"], verdict=Verdict.RELEASED)
    assert sentences(store, job_id) == ["Ho.", "No."]


def test_a_reported_summary_goes_with_what_it_quotes_alone(moderation, store, chat):
    about = summarised(store, TALK, result(sentence("xylophone", "0")))
    said = message(9, "Precis", "xylophone")
    watch(moderation, store, [said], reported_by="ben", about=about)
    chat.forget_messages("discord", ["2"])
    assert only_case(moderation).open
    chat.forget_messages("discord", ["0"])
    assert only_case(moderation).verdict is Verdict.GONE
    assert tables_with(store, "xylophone") == set()


def test_what_was_refused_goes_with_its_channel(moderation, store, chat):
    held_back(store, sentence("xylophone", "0"), action=FlagAction.WITHHELD)
    chat.forget_place("discord", "s1", "c1")
    assert only_case(moderation).verdict is Verdict.GONE
    assert tables_with(store, "xylophone") == set()


# Reports


def test_who_reported_something_is_forgotten_but_that_it_was_reported_is_not(
    moderation, store, chat
):
    watch(moderation, store, [RUDE], reported_by="reporter")
    waits = JobRequest(task="score", queue="watch", frontend="discord", reported_by="reporter")
    moderation.take(waits, TALK, held_at("c1"), timedelta(minutes=2))
    chat.forget_person("slack", "reporter")
    assert moderation.has_reported("discord", "1", "reporter")
    chat.forget_person("discord", "reporter")
    assert tables_with(store, "reporter") == set()
    case = only_case(moderation)
    assert (case.reports, case.sources, case.open) == (1, (Source.REPORTED,), True)


# Servers


def test_a_server_takes_all_its_cases_and_their_log(moderation, store, chat):
    many = [message(n, f"P{n}", "xylophone") for n in range(250)]
    watch(moderation, store, many, toxic=[each.id for each in many])
    watch(moderation, store, [RUDE], reported_by="ben")
    moderation.claim_day("discord", "s1", "2026-01-31")
    decide(moderation, cases(moderation)[0])
    elsewhere = held_at("c9", server="s2")
    watch(moderation, store, [message(900, "Ben", "trombone")], toxic=["900"], place=elsewhere)
    decision = Decision(person="mod", verdict=Verdict.KEPT)
    moderation.decide("discord", "s2", [cases(moderation, server="s2")[0].id], decision)

    chat.forget_server("discord", "s1")
    assert cases(moderation, server="s1") == []
    assert [entry.server for entry in moderation.log()] == ["s2"]
    assert cases(moderation, server="s2")[0].said.text == "trombone"
    assert chat.known_servers("discord") == ["s2"]
    chat.forget_server("discord", "s2")
    assert chat.known_servers("discord") == []
    left = {table.name for table in metadata.sorted_tables if count(store, table)}
    assert left.isdisjoint({"cases", "cards", "reports", "audit", "scored", "watched", "days"})


def count(store, table):
    with store.database.reading() as connection:
        return len(connection.execute(table.select()).all())


# Age


def test_texts_go_with_age_and_open_cases_stay_open(moderation, store, clock):
    watch(moderation, store, [RUDE], toxic=["1"])
    clock.advance(days=20)
    watch(moderation, store, [message(2, "Ben", "trombone")], toxic=["2"])
    decide(moderation, *cases(moderation), verdict=Verdict.REMOVED)
    watch(moderation, store, [message(3, "Chen", "drum")], toxic=["3"])
    clock.advance(days=20)
    assert store.purge_older_than(timedelta(days=30)).cases == 1
    by_subject = {case.subject: case for case in cases(moderation)}
    assert {subject: case.said is not None for subject, case in by_subject.items()} == {
        "1": False, "2": True, "3": True,
    }  # fmt: skip
    clock.advance(days=20)
    assert store.purge_older_than(timedelta(days=30)).cases == 2
    assert [case.subject for case in cases(moderation) if case.open] == ["3"]
    assert store.purge_older_than(timedelta(days=30)).cases == 0


def test_texts_met_in_a_summary_go_with_it(moderation, store, clock):
    made = result(
        sentence("Hi.", "0"), flags=(noted("1"),), refused=(refused(sentence("No.", "0")),)
    )
    summarised(store, TALK, made)
    before = {case.card_id: moderation.card(case.card_id).version for case in cases(moderation)}
    clock.advance(days=31)
    store.purge_older_than(timedelta(days=30))
    assert [(case.said, case.open) for case in cases(moderation)] == [(None, True)] * 2
    assert all(moderation.card(each).version > version for each, version in before.items())


def test_what_only_scored_leaves_nothing_after_a_day_unless_it_is_a_case(moderation, store, clock):
    harmless = [watch(moderation, store, [message(n, "Ana", "hi")]) for n in range(205)]
    kept = watch(moderation, store, [RUDE], toxic=["1"])
    store.purge_older_than(timedelta(days=30))
    assert store.job(harmless[0]).id == harmless[0]
    clock.advance(days=1, minutes=1)
    store.purge_older_than(timedelta(days=30))
    assert sum(store.count_jobs().values()) == 1
    assert store.job(kept).id == kept


def test_a_job_that_failed_to_score_keeps_no_text(moderation, store):
    fields = JobRequest(task="score", queue="watch", frontend="discord")
    job_id = moderation.take(fields, talk("Ana: xylophone"), held_at("c1"), timedelta(minutes=2))
    store.fail(store.claim(job_id, "worker", LEASE, 3), "out of order")
    store.purge_older_than(timedelta(days=30))
    assert tables_with(store, "xylophone") == set()


def test_scores_are_kept_for_a_week_of_previews(moderation, store, clock):
    watch(moderation, store, [message(1, "Ana", "hi", time=clock.now)])
    clock.advance(days=7, hours=23)
    store.purge_older_than(timedelta(days=30))
    assert tables_with(store, "'toxicity': 0.1") == {"scored"}
    clock.advance(hours=2)
    store.purge_older_than(timedelta(days=30))
    assert tables_with(store, "'toxicity': 0.1") == set()
