"""What other thresholds would have flagged, before they are saved; and what is noted of changes."""

import asyncio
from datetime import UTC, datetime

import pytest

from bot.managing import UnsavableError
from bot.texts import ENGLISH
from tests.bot.moderation.desks import MOD
from tests.conversations import message
from tests.precis.store.moderating import watch

WORDS = ENGLISH.moderation


def written(scene, *scores):
    now = datetime.now(UTC)
    said = [message(n, "Ana", "hello", time=now) for n in range(len(scores))]
    found = {each.id: {"toxicity": score} for each, score in zip(said, scores, strict=True)}
    watch(scene.cases, scene.jobs, said, scores=found)


def preview(scene, **changes):
    return asyncio.run(scene.moderation.preview("s1", changes))


def test_a_preview_says_what_would_have_been_flagged(scene):
    written(scene, 0.1, 0.6, 0.85, 0.9)
    found = preview(scene, thresholds={"toxicity": 0.5})
    assert found.text.splitlines() == [
        WORDS.preview.format(count=4, then=3, now=2),
        WORDS.preview_label.format(label="toxicity", count=3),
    ]
    assert found.changes == {"thresholds": {"toxicity": 0.5}}


def test_a_preview_of_one_channel(scene):
    written(scene, 0.85)
    elsewhere = preview(scene, channel_thresholds={"c2": {"toxicity": 0.99}})
    here = preview(scene, channel_thresholds={"c1": {"toxicity": 0.99}})
    assert elsewhere.text.startswith(WORDS.preview.format(count=1, then=1, now=1))
    assert here.text.startswith(WORDS.preview.format(count=1, then=0, now=1))


def test_where_nothing_was_scored_there_is_nothing_to_compare(scene):
    assert preview(scene, thresholds={"toxicity": 0.5}).text == WORDS.preview_none


def test_what_is_no_threshold_is_not_previewed(scene):
    with pytest.raises(UnsavableError):
        preview(scene, thresholds={"toxicity": 7.0})


def test_changed_thresholds_are_in_the_log(scene):
    before = scene.context.chat.server_settings("discord", "s1")
    after = scene.settings(thresholds={"toxicity": 0.5}, channel_thresholds={"c1": {"insult": 0.6}})
    asyncio.run(scene.moderation.settings_changed(MOD, before, after))
    logged = [(each.person, each.place, each.thresholds) for each in scene.cases.log()]
    assert logged == [("mod", None, {"toxicity": 0.5}), ("mod", "c1", {"insult": 0.6})]


def test_a_channel_that_is_newly_watched_is_watched_from_now_on(scene):
    before = scene.context.chat.server_settings("discord", "s1")
    after = scene.settings(watched=("c1", "c2"))
    asyncio.run(scene.moderation.settings_changed(MOD, before, after))
    assert set(scene.cases.watched_until("discord", "s1")) == {"c2"}
