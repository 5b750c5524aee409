"""What moderators are told in numbers: previews of thresholds, decisions by label, the day."""

from datetime import timedelta

from precis.ask import ServerSettings
from precis.moderation import Verdict
from tests.conversations import message
from tests.precis.store.chats import held_at, talk
from tests.precis.store.moderating import (
    LIMITS,
    cases,
    decide,
    noted,
    result,
    sentence,
    summarised,
    watch,
)

DAY = timedelta(days=1)


def scored(moderation, store, clock, scores, place="c1", parent=None, first=0):
    """Messages of now with these scores by toxicity, in order."""
    said = [message(first + n, f"P{n}", "x", time=clock.now) for n in range(len(scores))]
    by_id = {each.id: {"toxicity": s, "insult": 0.0} for each, s in zip(said, scores, strict=True)}
    watch(moderation, store, said, scores=by_id, place=held_at(place, parent=parent))


def previewed(moderation, clock, then, now=None, server="s1"):
    found = moderation.preview(
        "discord", server, now or ServerSettings(), then, clock.now - 7 * DAY
    )
    return found.messages, found.now, found.then, found.by_label


def test_a_preview_counts_what_other_thresholds_would_have_flagged(moderation, store, clock):
    scored(moderation, store, clock, [0.95, 0.85, 0.8, 0.6, 0.5])
    then = ServerSettings(thresholds={"toxicity": 0.6})
    assert previewed(moderation, clock, then) == (5, 3, 4, {"toxicity": 4})
    then = ServerSettings(thresholds={"toxicity": 0.9})
    assert previewed(moderation, clock, then) == (5, 3, 1, {"toxicity": 1})
    assert previewed(moderation, clock, then, now=then) == (5, 1, 1, {"toxicity": 1})
    assert previewed(moderation, clock, then, server="s2") == (0, 0, 0, {})


def test_a_preview_knows_channels_thresholds_and_their_threads(moderation, store, clock):
    scored(moderation, store, clock, [0.5], place="c1")
    scored(moderation, store, clock, [0.5], place="t2", parent="c2", first=1)
    then = ServerSettings(channel_thresholds={"c2": {"toxicity": 0.4}})
    assert previewed(moderation, clock, then)[2] == 1


def test_a_preview_looks_back_only_so_far_and_at_each_message_once(moderation, store, clock):
    scored(moderation, store, clock, [0.9, 0.9])
    scored(moderation, store, clock, [0.9, 0.1])
    assert previewed(moderation, clock, ServerSettings())[:2] == (2, 1), "its latest scores"
    clock.advance(days=7, minutes=1)
    scored(moderation, store, clock, [0.9], first=7)
    assert previewed(moderation, clock, ServerSettings())[:2] == (1, 1)


def test_messages_of_summaries_count_for_previews(moderation, store, clock):
    said = talk("Ana: hi", "Ben: x")
    said = said.model_copy(
        update={"messages": tuple(m.model_copy(update={"time": clock.now}) for m in said.messages)}
    )
    scores = {"0": {"toxicity": 0.1}, "1": {"toxicity": 0.85}, "9": {"toxicity": 1.0}}
    summarised(store, said, result(sentence("Hi.", "0"), flags=(noted("1"),), scores=scores))
    assert previewed(moderation, clock, ServerSettings())[:2] == (2, 1), "9 isn't stored"


def test_what_is_long_past_is_not_kept_for_previews(moderation, store, clock):
    old = message(1, "Ana", "x", time=clock.now - 9 * DAY)
    watch(moderation, store, [old])
    found = moderation.preview("discord", "s1", ServerSettings(), ServerSettings(),
                               clock.now - 99 * DAY)  # fmt: skip
    assert found.messages == 0


def test_a_deleted_messages_scores_go(moderation, store, chat, clock):
    scored(moderation, store, clock, [0.9, 0.9])
    chat.forget_messages("discord", ["1"])
    assert previewed(moderation, clock, ServerSettings())[0] == 1


def test_decisions_are_told_by_label_with_their_scores(moderation, store, clock):
    scores = {
        "0": {"toxicity": 0.9, "insult": 0.75},
        "1": {"toxicity": 0.85, "insult": 0.1},
        "2": {"toxicity": 0.1, "insult": 0.8},
        "3": {"toxicity": 0.95, "insult": 0.1},
    }
    said = [message(n, f"P{n}", "x") for n in range(4)]
    watch(moderation, store, said, scores=scores)
    by_subject = {case.subject: case for case in cases(moderation)}
    for subject, verdict in (("0", Verdict.KEPT), ("1", Verdict.DISMISSED), ("2", Verdict.REMOVED)):
        decide(moderation, by_subject[subject], verdict=verdict)
    insult, toxicity = moderation.decisions("discord", "s1", clock.now)
    assert (insult.label, insult.toxic, insult.harmless) == ("insult", (0.75, 0.8), ())
    assert (toxicity.toxic, toxicity.harmless) == ((0.9,), (0.85,))
    assert (toxicity.precision, insult.precision) == (0.5, 1.0)
    assert toxicity.threshold == LIMITS["toxicity"]
    clock.advance(seconds=1)
    assert moderation.decisions("discord", "s1", clock.now) == ()
    assert moderation.decisions("discord", "s2", clock.now - DAY) == ()


def test_what_is_gone_was_not_decided(moderation, store, chat, clock):
    watch(moderation, store, [message(1, "Ana", "x")], toxic=["1"])
    chat.forget_messages("discord", ["1"])
    assert moderation.decisions("discord", "s1", clock.now) == ()


def test_the_day_tells_what_came_and_went_and_waits(moderation, store, clock):
    start = clock.now
    said = [message(n, f"P{n}", "x") for n in range(3)]
    watch(moderation, store, said, toxic=["0", "1", "2"])
    clock.advance(hours=25)
    watch(moderation, store, [message(9, "Ana", "x")], toxic=["9"])
    by_subject = {case.subject: case for case in cases(moderation)}
    decide(moderation, by_subject["0"], by_subject["9"])
    day = moderation.day("discord", "s1", start + DAY, start + 2 * DAY)
    assert (day.opened, day.closed, day.waiting) == (1, 2, 2)
    (toxicity,) = day.labels
    assert toxicity.toxic == (0.9, 0.9)
    before = moderation.day("discord", "s1", start, start + DAY)
    assert (before.opened, before.closed) == (3, 0)
