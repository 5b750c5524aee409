"""What clicks on cards do, and for whom: all that they bring may be forged or out of date."""

import asyncio

import pytest

from bot.moderation.deciding import Given, RefusedError
from bot.moderation.desk import Abilities, Shown, Who
from bot.platform import PlatformDownError
from bot.texts import ENGLISH
from precis.moderation import MOST_NOTE, Effect, EffectState, Verdict
from tests.bot.moderation.desks import MOD, READER, REFUSED, Action
from tests.conversations import message
from tests.precis.store.chats import talk
from tests.precis.store.moderating import refused, result, sentence, summarised, watch

WORDS = ENGLISH.moderation
OTHER = Who("s1", "other")


def flagged(scene, *numbers, author="Ana"):
    """Toxic messages of somebody's, on their card."""
    said = [message(number, author, f"xylophone {number}") for number in numbers]
    watch(scene.cases, scene.jobs, said, toxic=[each.id for each in said])
    return scene.card()


def withheld(scene):
    """A summary that says one thing in the place of another."""
    conversation = talk("Ana: one", "Ben: two")
    instead = refused(sentence("Ana is a xylophone.", "0"), instead=(0,))
    job_id = summarised(
        scene.jobs, conversation, result(sentence("Ben: two", "1"), refused=(instead,))
    )
    return job_id, scene.card()


def refusal(scene, who, action, **more):
    with pytest.raises(RefusedError) as found:
        asyncio.run(scene.act(who, action, **more))
    return str(found.value)


def verdicts(scene):
    return [case.verdict for case in scene.card().cases]


@pytest.mark.parametrize("action", Action)
def test_only_moderators_of_the_place_do_anything(scene, action):
    flagged(scene, 1)
    said = refusal(scene, READER, action, given=Given("a note"))
    assert said == WORDS.not_moderator.format(place="#c1")
    assert verdicts(scene) == [None]
    assert scene.desk.done == []


def test_who_moderates_another_channel_alone_may_not(scene):
    flagged(scene, 1)
    scene.desk.moderators = {("s1", "mod", "c2")}
    assert refusal(scene, MOD, Action.KEEP) == WORDS.not_moderator.format(place="#c1")


def test_who_is_no_moderator_any_more_may_not(scene):
    flagged(scene, 1, 2)
    asyncio.run(scene.act(MOD, Action.KEEP, seen=1))
    scene.desk.moderators.clear()
    refusal(scene, MOD, Action.KEEP)
    assert verdicts(scene) == [Verdict.KEPT, None]


def test_whom_the_settings_name_may(scene):
    flagged(scene, 1)
    scene.settings(moderators=("reader",))
    assert asyncio.run(scene.act(READER, Action.DISMISS)) == WORDS.done.format(count=1)
    assert verdicts(scene) == [Verdict.DISMISSED]


def test_who_could_not_read_a_place_is_not_shown_what_was_written_there(scene):
    flagged(scene, 1)
    scene.desk.unread = {("mod", "c1")}
    said = refusal(scene, MOD, Action.SHOW)
    assert said == ENGLISH.person_cannot_view.format(place="#c1")
    assert asyncio.run(scene.act(MOD, Action.KEEP)) == WORDS.done.format(count=1)


def test_nor_given_a_summary_of_it_to_edit(scene):
    withheld(scene)
    scene.desk.unread = {("mod", "c1")}
    with pytest.raises(RefusedError, match="can't read #c1"):
        asyncio.run(scene.moderation.editable(MOD, scene.card().id, 1))


@pytest.mark.parametrize("action", Action)
def test_a_moderator_of_another_server_may_not(scene, action):
    flagged(scene, 1)
    scene.desk.moderators.add(("s2", "mod"))
    there = Who("s2", "mod")
    assert refusal(scene, there, action, given=Given("a note")) == WORDS.elsewhere
    assert verdicts(scene) == [None]


def test_a_card_that_nobody_made_is_refused(scene):
    flagged(scene, 1)
    with pytest.raises(RefusedError, match=WORDS.elsewhere):
        asyncio.run(scene.moderation.act(MOD, Action.KEEP, "0" * 32, 1))


@pytest.mark.parametrize("action", [Action.RELEASE, Action.EDIT])
def test_a_forged_action_decides_nothing(scene, action):
    flagged(scene, 1)
    refusal(scene, MOD, action, given=Given("said so"))
    assert verdicts(scene) == [None]


@pytest.mark.parametrize("action", [Action.REMOVE, Action.TIME_OUT])
def test_a_summary_is_neither_removed_nor_timed_out(scene, action):
    withheld(scene)
    refusal(scene, MOD, action)
    assert verdicts(scene) == [None]
    assert scene.desk.done == []


@pytest.mark.parametrize("seen", [0, -1])
def test_what_saw_nothing_decides_nothing(scene, seen):
    flagged(scene, 1)
    assert refusal(scene, MOD, Action.KEEP, seen=seen) == WORDS.stale
    assert verdicts(scene) == [None]


def test_a_click_decides_what_it_has_seen_alone(scene):
    flagged(scene, 1)
    asyncio.run(scene.show())
    flagged(scene, 2)
    asyncio.run(scene.act(MOD, Action.KEEP, seen=1))
    assert verdicts(scene) == [Verdict.KEPT, None]
    said = refusal(scene, OTHER, Action.DISMISS, seen=1)
    assert said == WORDS.too_late.format(decided=WORDS.kept.format(person="@mod", when="then"))


def test_who_saw_another_text_does_not_decide_on_what_it_was_edited_to(scene):
    flagged(scene, 1)
    shown = asyncio.run(scene.act(MOD, Action.SHOW, seen=1))
    assert "xylophone 1" in shown.lines[0]
    worse = message(1, "Ana", "xylophone, and worse")
    watch(scene.cases, scene.jobs, [worse], toxic=["1"])
    assert refusal(scene, MOD, Action.DISMISS, seen=1) == WORDS.stale
    assert scene.cases.judged("discord", ["1"]) == {}
    asyncio.run(scene.act(MOD, Action.KEEP))
    assert verdicts(scene) == [Verdict.KEPT]


def test_what_is_edited_while_a_click_is_checked_is_not_decided(scene, monkeypatch):
    flagged(scene, 1)
    worse = message(1, "Ana", "xylophone, and worse")
    decide = scene.cases.decide

    def late(*asked):
        watch(scene.cases, scene.jobs, [worse], toxic=["1"])
        return decide(*asked)

    monkeypatch.setattr(scene.cases, "decide", late)
    assert asyncio.run(scene.act(MOD, Action.DISMISS)) == WORDS.stale
    assert verdicts(scene) == [None]


def test_what_is_flagged_again_as_it_was_is_decided_by_an_earlier_click(scene):
    flagged(scene, 1)
    flagged(scene, 1)
    asyncio.run(scene.act(MOD, Action.KEEP, seen=1))
    assert verdicts(scene) == [Verdict.KEPT]


def test_of_two_at_once_the_first_stands_and_the_second_is_told(scene):
    flagged(scene, 1, 2, 3)

    async def both():
        card = scene.card()
        clicks = [(MOD, Action.KEEP), (OTHER, Action.DISMISS)]
        acts = (scene.act(who, action, card=card) for who, action in clicks)
        return await asyncio.gather(*acts, return_exceptions=True)

    said = [str(each) for each in asyncio.run(both())]
    assert len(set(verdicts(scene))) == 1
    who, words = ("mod", WORDS.kept) if verdicts(scene)[0] is Verdict.KEPT else (
        "other", WORDS.dismissed)  # fmt: skip
    told = WORDS.too_late.format(decided=words.format(person=f"@{who}", when="then"))
    assert sorted(said) == sorted([WORDS.done.format(count=3), told])
    assert [entry.person for entry in scene.cases.log()] == [who] * 3


def test_a_text_is_shown_to_a_moderator_alone(scene):
    flagged(scene, 1, 2)
    shown = asyncio.run(scene.act(MOD, Action.SHOW, seen=1))
    assert shown == Shown(
        WORDS.shown_title, (WORDS.shown_message.format(when="then", text="xylophone 1"),)
    )


def test_what_a_summary_was_not_to_say_is_shown_with_what_it_says_instead(scene):
    withheld(scene)
    shown = asyncio.run(scene.act(MOD, Action.SHOW))
    assert shown.lines == (
        WORDS.shown_refused.format(text="Ana is a xylophone."),
        WORDS.shown_instead.format(text="Ben: two"),
    )


def test_what_is_forgotten_is_not_shown(scene):
    flagged(scene, 1)
    scene.context.chat.opt_out("discord", "ana")
    assert refusal(scene, MOD, Action.SHOW) == WORDS.nothing_to_show


def test_a_note_is_kept_and_logged(scene):
    flagged(scene, 1)
    said = asyncio.run(scene.act(MOD, Action.NOTE, given=Given("  talk to them ")))
    assert said == WORDS.noted
    assert scene.card().cases[0].note == "talk to them"
    assert [(each.action, each.person) for each in scene.cases.log()] == [("note", "mod")]


@pytest.mark.parametrize("note", ["", "  ", "x" * (MOST_NOTE + 1)])
def test_a_note_says_something_and_is_short(scene, note):
    flagged(scene, 1)
    said = refusal(scene, MOD, Action.NOTE, given=Given(note))
    assert said == WORDS.bad_note.format(most=MOST_NOTE)


def test_a_released_summary_says_what_it_was_not_to(scene):
    job_id, _ = withheld(scene)
    asyncio.run(scene.act(MOD, Action.RELEASE))
    said = [each.text for each in scene.jobs.result(job_id).summary.sentences]
    assert said == ["Ana is a xylophone."]


def test_an_edited_summary_says_a_moderators_words(scene):
    job_id, card = withheld(scene)
    begin = asyncio.run(scene.moderation.editable(MOD, card.id, card.seen))
    assert begin == "Ana is a xylophone."
    asyncio.run(scene.act(MOD, Action.EDIT, given=Given("Ana plays.")))
    said = scene.jobs.result(job_id).summary.sentences
    assert [(each.text, each.origin) for each in said] == [("Ana plays.", "edited")]


@pytest.mark.parametrize("text", [None, "  "])
def test_an_edit_says_something(scene, text):
    withheld(scene)
    refusal(scene, MOD, Action.EDIT, given=Given(text))
    assert verdicts(scene) == [None]


def test_what_is_decided_is_not_edited_any_more(scene):
    _, card = withheld(scene)
    asyncio.run(scene.act(MOD, Action.KEEP))
    with pytest.raises(RefusedError):
        asyncio.run(scene.moderation.editable(OTHER, card.id, card.seen))


def test_a_message_is_removed(scene):
    flagged(scene, 1, 2)
    asyncio.run(scene.act(MOD, Action.REMOVE))
    assert sorted(scene.desk.done) == [("remove", "1"), ("remove", "2")]
    assert {case.effect_state for case in scene.card().cases} == {EffectState.DONE}
    assert verdicts(scene) == [Verdict.REMOVED] * 2


def test_an_author_is_timed_out_once_for_several_messages(scene):
    flagged(scene, 1, 2, 3)
    asyncio.run(scene.act(MOD, Action.TIME_OUT, given=Given(minutes=60)))
    assert scene.desk.done == [("time out", "ana")]
    states = {(case.effect, case.effect_state) for case in scene.card().cases}
    assert states == {(Effect.TIME_OUT_HOUR, EffectState.DONE)}


@pytest.mark.parametrize("action", [Action.REMOVE, Action.TIME_OUT])
def test_where_the_bot_may_not_nothing_is_decided(scene, action):
    flagged(scene, 1)
    scene.desk.may_act = Abilities()
    said = refusal(scene, MOD, action)
    assert said in (WORDS.cannot_remove, WORDS.cannot_time_out)
    assert verdicts(scene) == [None]


def test_nobody_times_out_whom_they_could_not_themselves(scene):
    flagged(scene, 1)
    scene.desk.timers = {"other"}
    assert refusal(scene, MOD, Action.TIME_OUT) == WORDS.you_cannot_time_out
    assert verdicts(scene) == [None]
    asyncio.run(scene.act(OTHER, Action.TIME_OUT))
    assert scene.desk.done == [("time out", "ana")]


def test_after_a_decision_the_author_may_be_timed_out_once(scene):
    flagged(scene, 1)
    asyncio.run(scene.act(MOD, Action.KEEP))
    asyncio.run(scene.act(OTHER, Action.TIME_OUT))
    refusal(scene, MOD, Action.TIME_OUT)
    assert scene.desk.done == [("time out", "ana")]
    assert verdicts(scene) == [Verdict.KEPT]


def test_who_wrote_nothing_toxic_is_not_timed_out(scene):
    flagged(scene, 1)
    asyncio.run(scene.act(MOD, Action.DISMISS))
    refusal(scene, OTHER, Action.TIME_OUT)
    assert scene.desk.done == []


def test_what_the_platform_refuses_is_said(scene):
    flagged(scene, 1)
    scene.desk.effects_failing = [REFUSED]
    asyncio.run(scene.act(MOD, Action.REMOVE))
    assert scene.card().cases[0].effect_state is EffectState.REFUSED
    asyncio.run(scene.moderation._effects.carry_out())
    assert scene.desk.done == []


def test_what_fails_for_now_is_done_by_the_next_to_look(scene, monkeypatch):
    monkeypatch.setattr("precis.store.deciding_store.EFFECT_LEASE", scene.context.settings.lease)
    flagged(scene, 1)
    scene.desk.effects_failing = [PlatformDownError()]

    async def later():
        await scene.act(MOD, Action.REMOVE)
        assert scene.card().cases[0].effect_state is EffectState.DUE
        scene.leases_end()
        await scene.moderation._effects.carry_out()

    asyncio.run(later())
    assert scene.desk.done == [("remove", "1")]
    assert scene.card().cases[0].effect_state is EffectState.DONE
