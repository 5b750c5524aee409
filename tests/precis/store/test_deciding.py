"""The first decision of a case stands, is logged with its scores, and overrides the gate."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from precis.errors import InputError, StoreError
from precis.moderation import Decision, Effect, EffectState, Verdict
from precis.store.tables import audit
from tests.conversations import message
from tests.precis.store.chats import at_once, held_at, talk
from tests.precis.store.moderating import (
    LIMITS,
    cases,
    decide,
    only_case,
    refused,
    result,
    sentence,
    summarised,
    watch,
)

RUDE = message(1, "Ana", "xylophone you fool")


@pytest.fixture
def case(moderation, store):
    watch(moderation, store, [RUDE], toxic=["1"])
    return only_case(moderation)


@pytest.fixture
def of_summary(moderation, store):
    made = result(sentence("Hello.", "0"), refused=(refused(sentence("Fool.", "0")),))
    summarised(store, talk("Ana: hello"), made)
    return only_case(moderation)


def logged(moderation, **which):
    return [(entry.person, entry.action) for entry in moderation.log(**which)]


def test_a_decision_ends_a_case(moderation, case, clock):
    clock.advance(minutes=5)
    decided = decide(moderation, case, verdict=Verdict.KEPT, note="see the rules")
    now = moderation.case(case.id)
    assert decided.cases == (now,)
    assert decided.before == ()
    assert (now.verdict, now.decided_by, now.decided_at) == (Verdict.KEPT, "mod", clock.now)
    assert (now.note, now.effect, now.said.text) == ("see the rules", None, RUDE.text)


def test_the_first_decision_stands(moderation, case):
    decide(moderation, case, verdict=Verdict.KEPT, person="first")
    later = decide(moderation, case, verdict=Verdict.DISMISSED, person="second")
    assert (later.cases, [each.decided_by for each in later.before]) == ((), ["first"])
    assert logged(moderation) == [("first", "kept")]


@pytest.mark.both_stores
def test_of_many_who_decide_at_once_one_decides(moderation, case):
    people = [f"m{n}" for n in range(6)]
    verdicts = [Verdict.KEPT, Verdict.DISMISSED] * 3
    outcomes = at_once(
        *(
            lambda each=each, verdict=verdict: decide(
                moderation, case, person=each, verdict=verdict
            )
            for each, verdict in zip(people, verdicts, strict=True)
        )
    )
    (won,) = [outcome for outcome in outcomes if outcome.cases]
    first = won.cases[0].decided_by
    told = {outcome.before[0].decided_by for outcome in outcomes if outcome.before}
    assert told == {first}
    assert [person for person, _ in logged(moderation)] == [first]


def test_several_cases_are_decided_as_far_as_they_are_open(moderation, store, case):
    watch(moderation, store, [message(2, "Ana", "again")], toxic=["2"])
    first, second = moderation.card(case.card_id).cases
    decide(moderation, first)
    both = decide(moderation, first, second, verdict=Verdict.DISMISSED, person="other")
    assert [each.subject for each in both.cases] == ["2"]
    assert [each.subject for each in both.before] == ["1"]


@pytest.mark.parametrize("where", [("discord", "s2"), ("slack", "s1")], ids=str)
def test_a_case_of_another_server_is_passed_over(moderation, case, where):
    decision = Decision(person="mod", verdict=Verdict.KEPT)
    assert moderation.decide(*where, [case.id], decision).cases == ()
    moderation.add_note(*where, [case.id], "mod", "a note")
    assert moderation.case(case.id) == case
    assert logged(moderation) == []


@pytest.mark.parametrize(
    "verdict", [Verdict.RELEASED, Verdict.GONE, Verdict.EDITED], ids=lambda each: each.value
)
def test_a_message_knows_no_verdict_of_summaries(moderation, case, verdict):
    with pytest.raises(InputError, match="message can't be"):
        decide(moderation, case, verdict=verdict)
    assert moderation.case(case.id).open


@pytest.mark.parametrize(
    "verdict", [Verdict.REMOVED, Verdict.TIMED_OUT, Verdict.GONE], ids=lambda each: each.value
)
def test_a_summary_knows_no_verdict_of_messages(moderation, of_summary, verdict):
    with pytest.raises(InputError, match="summary can't be"):
        decide(moderation, of_summary, verdict=verdict)


@pytest.mark.parametrize(
    "fields",
    [{"verdict": Verdict.EDITED}, {"verdict": Verdict.KEPT, "edited": "Better."}],
    ids=str,
)
def test_a_text_belongs_to_an_edit(moderation, of_summary, fields):
    with pytest.raises(InputError, match="needs a text"):
        decide(moderation, of_summary, **fields)


def test_a_refused_verdict_decides_nothing_beside_it(moderation, store, case):
    made = result(sentence("Hello.", "0"), refused=(refused(sentence("Fool.", "0")),))
    summarised(store, talk("Ben: hello"), made)
    with pytest.raises(InputError):
        decide(moderation, *cases(moderation), verdict=Verdict.REMOVED)
    assert all(each.open for each in cases(moderation))


def test_who_comes_late_to_what_is_gone_is_told_so(moderation, chat, of_summary):
    chat.forget_written("discord", "ana")
    late = decide(moderation, of_summary, verdict=Verdict.RELEASED)
    assert [each.verdict for each in late.before] == [Verdict.GONE]


# The log


def test_the_log_keeps_the_scores_and_thresholds_of_then(moderation, case, clock):
    decide(moderation, case, verdict=Verdict.REMOVED, note="spam", effect=Effect.REMOVE)
    (entry,) = moderation.log()
    assert (entry.platform, entry.server, entry.place) == ("discord", "s1", "c1")
    assert (entry.case_id, entry.subject, entry.at) == (case.id, "1", clock.now)
    assert (entry.label, entry.scores["toxicity"]) == ("toxicity", 0.9)
    assert (entry.thresholds, entry.gate, entry.note) == (LIMITS, "g", "spam")


@pytest.mark.parametrize(
    "statement", [update(audit).values(person="someone else"), update(audit).values(note="no")]
)
def test_no_line_of_the_log_is_ever_changed(moderation, store, case, statement):
    decide(moderation, case)
    with pytest.raises(StoreError), store.database.writing() as connection:
        connection.execute(statement)
    assert logged(moderation) == [("mod", "kept")]


def test_the_log_goes_with_its_server_alone(moderation, store, case, chat):
    decide(moderation, case)
    chat.forget_person("discord", "ana")
    chat.forget_person("discord", "mod")
    store.purge(store.now() + timedelta(days=1))
    assert logged(moderation) == [("mod", "kept")]
    with store.database.writing() as connection:
        connection.execute(delete(audit).where(audit.c.server == "s1"))
    assert logged(moderation) == []


def test_the_log_is_read_by_platform_server_and_time(moderation, clock):
    for minute, (platform, server) in enumerate(
        [("discord", "s1"), ("discord", "s2"), ("slack", "s1")]
    ):
        clock.advance(minutes=1)
        moderation.log_thresholds(platform, server, f"m{minute}", {"toxicity": 0.7}, "c1")
    assert logged(moderation, platform="discord") == [("m0", "thresholds"), ("m1", "thresholds")]
    assert logged(moderation, server="s1") == [("m0", "thresholds"), ("m2", "thresholds")]
    last_minute = clock.now - timedelta(minutes=1)
    assert logged(moderation, since=last_minute, until=clock.now) == [("m1", "thresholds")]
    entry = next(moderation.log())
    assert (entry.case_id, entry.place, entry.thresholds) == (None, "c1", {"toxicity": 0.7})


def test_a_long_log_is_read_whole_and_in_order(moderation, clock):
    for n in range(3):
        moderation.log_thresholds("discord", "s1", f"m{n}", {}, None)
    with moderation._database.writing() as connection:
        rows = [
            {"platform": "discord", "server": "s1", "person": f"n{n}", "action": "note",
             "at": clock.now, "scores": {}, "thresholds": {}}
            for n in range(1_200)
        ]  # fmt: skip
        connection.execute(audit.insert(), rows)
    found = [entry.id for entry in moderation.log()]
    assert len(found) == 1_203
    assert found == sorted(found)


# Notes and effects


def test_a_note_is_shown_and_each_is_logged(moderation, case):
    before = moderation.card(case.card_id).version
    for words in ("first", "second"):
        moderation.add_note("discord", "s1", [case.id], "mod", words)
    assert moderation.case(case.id).note == "second"
    assert moderation.case(case.id).open
    assert [entry.note for entry in moderation.log()] == ["first", "second"]
    assert moderation.card(case.card_id).version > before


def test_an_effect_is_due_until_it_is_done(moderation, case):
    decide(moderation, case, verdict=Verdict.REMOVED, effect=Effect.REMOVE)
    assert moderation.effects_due("discord") == [case.id]
    assert moderation.effects_due("slack") == []
    assert moderation.take_effect(case.id).effect is Effect.REMOVE
    moderation.end_effect(case.id, "mod", done=True)
    assert moderation.case(case.id).effect_state is EffectState.DONE
    assert moderation.effects_due("discord") == []
    assert moderation.take_effect(case.id) is None
    assert logged(moderation) == [("mod", "removed"), ("mod", "effect_done")]


@pytest.mark.both_stores
def test_an_effect_that_was_left_is_taken_again_after_a_while(moderation, case, clock):
    decide(moderation, case, verdict=Verdict.REMOVED, effect=Effect.REMOVE)
    taken = at_once(*(lambda: moderation.take_effect(case.id),) * 4)
    assert sum(each is not None for each in taken) == 1
    assert moderation.effects_due("discord") == []
    clock.advance(seconds=61)
    assert moderation.effects_due("discord") == [case.id]
    assert moderation.take_effect(case.id) is not None


def test_what_the_bot_may_not_is_shown_on_the_card(moderation, case):
    decide(moderation, case, verdict=Verdict.REMOVED, effect=Effect.REMOVE)
    before = moderation.card(case.card_id).version
    moderation.end_effect(case.id, "mod", done=False)
    moderation.end_effect(case.id, "mod", done=True)
    assert moderation.case(case.id).effect_state is EffectState.REFUSED
    assert moderation.card(case.card_id).version == before + 1


def test_a_time_out_comes_after_a_decision_and_once(moderation, case):
    def time_out():
        return moderation.add_effect("discord", "s1", [case.id], "mod", Effect.TIME_OUT_DAY)

    assert time_out() == (), "an open case is decided first"
    decide(moderation, case)
    assert [each.id for each in time_out()] == [case.id]
    assert time_out() == (), "it is due already"
    assert moderation.case(case.id).verdict is Verdict.KEPT
    assert logged(moderation) == [("mod", "kept"), ("mod", "effect_time_out_day")]


# What moderators decided of messages


@pytest.mark.parametrize(
    ("verdict", "toxic"),
    [(Verdict.KEPT, True), (Verdict.REMOVED, True), (Verdict.TIMED_OUT, True),
     (Verdict.DISMISSED, False)],
)  # fmt: skip
def test_the_moderators_word_is_known_of_a_message(moderation, case, verdict, toxic):
    assert moderation.judged("discord", ["1", "2"]) == {}
    decide(moderation, case, verdict=verdict)
    assert moderation.judged("discord", ["1", "2"]) == {"1": toxic}
    assert moderation.judged("slack", ["1"]) == {}


def test_a_summarys_verdict_says_nothing_of_messages(moderation, of_summary):
    decide(moderation, of_summary)
    assert moderation.judged("discord", [of_summary.subject, "0"]) == {}


def test_what_was_edited_waits_to_be_judged_anew(moderation, store, case):
    decide(moderation, case, verdict=Verdict.DISMISSED)
    watch(moderation, store, [RUDE.model_copy(update={"text": "trombone"})], toxic=["1"])
    assert moderation.judged("discord", ["1"]) == {}
    (newer,) = [each for each in cases(moderation) if each.open]
    decide(moderation, newer, verdict=Verdict.KEPT)
    assert moderation.judged("discord", ["1"]) == {"1": True}


def test_what_says_something_else_now_is_not_judged(moderation, case):
    decide(moderation, case, verdict=Verdict.DISMISSED)
    assert moderation.judged("discord", ["1"], texts={"1": RUDE.text}) == {"1": False}
    assert moderation.judged("discord", ["1"], texts={"1": "trombone"}) == {}


def test_thousands_of_messages_are_looked_up_at_once(moderation, case):
    decide(moderation, case)
    assert moderation.judged("discord", [str(n) for n in range(5_000)]) == {"1": True}


# The list


def test_what_waits_is_listed_in_order_and_by_pages(moderation, store, clock):
    for n, (place, score) in enumerate([("c2", 0.85), ("c1", 0.95), ("c3", 0.81)]):
        clock.advance(minutes=1)
        watch(moderation, store, [message(n, f"P{n}", "x")], place=held_at(place),
              scores={str(n): {"toxicity": score}})  # fmt: skip

    def listed(order="oldest", **more):
        found, total = moderation.open_cases("discord", "s1", order, **more)
        return [case.subject for case in found], total

    assert listed() == (["0", "1", "2"], 3)
    assert listed("severity") == (["1", "0", "2"], 3)
    assert listed("channel") == (["1", "0", "2"], 3)
    assert listed(offset=2, limit=2) == (["2"], 3)
    assert listed(place="c2") == (["0"], 1)
    decide(moderation, only_of(moderation, "1"))
    assert listed() == (["0", "2"], 2)
    assert moderation.open_cases("discord", "s2") == ([], 0)


def test_a_channels_list_has_its_threads(moderation, store):
    watch(moderation, store, [RUDE], toxic=["1"], place=held_at("t1", parent="c1"))
    assert moderation.open_cases("discord", "s1", place="c1")[1] == 1
    assert moderation.open_cases("discord", "s1", place="t1")[1] == 1


def only_of(moderation, subject):
    (case,) = [case for case in cases(moderation) if case.subject == subject]
    return case
