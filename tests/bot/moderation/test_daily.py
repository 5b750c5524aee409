"""The daily line: once a server and day, and only where there is something to tell."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.frontend import Frontend
from bot.moderation.daily import Daily, lines
from bot.platform import PlatformDownError
from bot.texts import ENGLISH
from precis.moderation import Day, LabelDecisions
from precis.suggesting import suggest
from tests.bot.moderation.desks import CHANNEL, MOD, NO_DESK, Action
from tests.conversations import message
from tests.precis.store.moderating import watch

WORDS = ENGLISH.moderation


def flag(scene, number=1):
    said = message(number, "Ana", "xylophone")
    watch(scene.cases, scene.jobs, [said], toxic=[said.id])


def morning(hour=10):
    """That hour of today or of tomorrow, whichever comes within a day from now."""
    now = datetime.now(UTC)
    at = now.replace(hour=hour, minute=0)
    return at if at >= now else at + timedelta(days=1)


def tell(scene, when=None, frontend=None):
    context = (frontend or scene.frontend).context
    asyncio.run(Daily(context, scene.desk, lambda: when or morning()).tell())


def test_a_day_is_told_once_though_several_bots_look(scene):
    flag(scene)
    context = scene.context
    other = Frontend(scene.platform, context.settings, context.jobs, None, desk=scene.desk)
    tell(scene)
    tell(scene)
    tell(scene, frontend=other)
    other.context.blocking.close()
    ((channel, text, _),) = scene.desk.lines
    assert channel == CHANNEL
    assert text == WORDS.daily.format(opened=1, closed=0, waiting=1)


def test_the_next_day_is_told_anew(scene):
    flag(scene)
    tell(scene)
    tell(scene, morning() + timedelta(days=1))
    assert [text for _, text, _ in scene.desk.lines] == [
        WORDS.daily.format(opened=1, closed=0, waiting=1),
        WORDS.daily.format(opened=0, closed=0, waiting=1),
    ]


def test_nothing_is_told_before_nine(scene):
    flag(scene)
    tell(scene, morning(8))
    assert scene.desk.lines == []


def test_where_nothing_happened_and_nothing_waits_nothing_is_told(scene):
    flag(scene)
    asyncio.run(scene.act(MOD, Action.KEEP))
    tell(scene, morning() + timedelta(days=3))
    assert scene.desk.lines == []


def test_without_a_channel_nothing_is_told(scene):
    scene.settings(moderators_channel=None)
    flag(scene)
    tell(scene)
    assert scene.desk.lines == []


@pytest.mark.parametrize("failing", [NO_DESK, PlatformDownError()])
def test_what_could_not_be_told_is_told_later(scene, failing):
    flag(scene)
    scene.desk.failing = failing
    tell(scene)
    scene.desk.failing = None
    tell(scene)
    assert len(scene.desk.lines) == 1


def test_the_gates_precision_is_told_by_label(scene):
    flag(scene)
    asyncio.run(scene.act(MOD, Action.DISMISS))
    tell(scene)
    ((_, text, _),) = scene.desk.lines
    assert text.splitlines()[1] == WORDS.daily_label.format(
        label="toxicity", right=0, decided=1, share=0.0
    )


def test_a_threshold_is_suggested_where_decisions_support_it_with_its_numbers():
    toxic = tuple(0.9 + number / 1_000 for number in range(40))
    decided = LabelDecisions(label="insult", toxic=toxic, harmless=(0.71,) * 20, threshold=0.7)
    day = Day(opened=1, closed=1, waiting=0, labels=(decided,))
    told = list(lines(day, ENGLISH))
    suggestion = suggest(decided)
    assert told[2] == WORDS.daily_suggestion.format(
        label="insult", threshold=suggestion.suggested, now=0.7, toxic=40, harmless=0, missed=0
    )


def test_too_few_decisions_suggest_nothing():
    few = LabelDecisions(label="insult", toxic=(0.9,), harmless=(0.71,), threshold=0.7)
    assert len(lines(Day(opened=1, closed=1, waiting=0, labels=(few,)), ENGLISH)) == 2
