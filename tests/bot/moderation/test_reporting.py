"""What readers report reaches the moderators: each thing once a person, and nobody floods them."""

import asyncio

import pytest

from bot.moderation.desk import Who
from bot.platform import Refusal
from bot.texts import ENGLISH
from precis.job import WATCH_QUEUE
from precis.moderation import Kind, Source
from tests.bot.moderation.desks import READER, at
from tests.conversations import message
from tests.precis.store.chats import (
    NO_LIMITS,
    done,
    held_at,
    request,
    summary_of,
    tables_with,
    talk,
)
from tests.precis.store.moderating import only_case, score

WORDS = ENGLISH.moderation
SAID = message(1, "Ana", "xylophone")
HARMLESS = {"toxicity": 0.1, "insult": 0.1}


def report(scene, said=SAID, who=READER, place=None):
    return asyncio.run(scene.moderation.report_message(who, place or at(), said))


def scored(scene):
    """End the job that was sent last."""
    job_id, queue = scene.context.sender.sent[-1]
    assert queue == WATCH_QUEUE
    (found,) = [each.id for each in scene.jobs.conversation(job_id).messages]
    assert score(scene.jobs, job_id, {found: HARMLESS})


def asked(scene, person="ana"):
    """An ask whose job is done; both ids."""
    job_id = done(scene.jobs, talk("Ana: one"), summary_of(["0"]), held_at("c1"))
    held = scene.context.chat.begin(request(person), NO_LIMITS)
    scene.context.chat.wait_for(held, job_id)
    return held.id, job_id


def summary_reported(scene, ask_id, who=READER):
    return asyncio.run(scene.moderation.report_summary(who, ask_id))


def test_a_reported_message_is_a_case_whatever_its_scores(scene):
    assert report(scene) == WORDS.reported
    scored(scene)
    case = only_case(scene.cases)
    assert (case.sources, case.reports, case.said.text) == ((Source.REPORTED,), 1, "xylophone")


def test_who_reports_twice_counts_once(scene):
    report(scene)
    scored(scene)
    assert report(scene) == WORDS.reported_before
    assert report(scene, who=Who("s1", "other")) == WORDS.reported
    scored(scene)
    assert only_case(scene.cases).reports == 2


def test_ones_own_is_not_reported(scene):
    assert report(scene, who=Who("s1", "ana")) == WORDS.report_own
    assert scene.context.sender.sent == []


def test_a_report_moves_no_watermark(scene):
    report(scene)
    assert scene.cases.watched_until("discord", "s1") == {}


def test_where_nobody_is_told_a_reporter_knows(scene):
    scene.settings(moderators_channel=None)
    assert report(scene) == WORDS.no_moderators
    scored(scene)
    assert only_case(scene.cases).open


def test_who_opted_out_is_reported_without_text(scene):
    scene.context.chat.opt_out("discord", "ana")
    assert report(scene) == WORDS.reported
    scored(scene)
    assert only_case(scene.cases).said is None
    assert tables_with(scene.jobs, "xylophone") == set()


@pytest.mark.parametrize("forbidden", ["c1", "category"])
def test_nothing_is_kept_of_what_is_never_read(scene, forbidden):
    scene.platform.within["c1"] = ("c1", "category")
    scene.settings(never_read=(forbidden,))
    assert report(scene) == ENGLISH.never_read.format(place="…")
    assert tables_with(scene.jobs, "xylophone") == set()


def test_nobody_floods_the_moderators(scene):
    most = scene.context.limits.person
    for number in range(most):
        assert report(scene, message(number, "Ana", "hello")) == WORDS.reported
    begin, _ = ENGLISH.too_many_person.split("{wait}")
    assert report(scene, message(most, "Ana", "hello")).startswith(begin)
    assert len(scene.context.sender.sent) == most
    asks = scene.context.chat.begin(request("reader"), scene.context.limits)
    assert asks.ask.request.person == "reader"  # questions are counted apart


def test_a_reported_summary_is_a_case(scene):
    ask_id, job_id = asked(scene)
    assert summary_reported(scene, ask_id) == WORDS.reported
    scored(scene)
    case = only_case(scene.cases)
    assert (case.kind, case.job_id, case.said.text) == (Kind.SUMMARY, job_id, "Sentence 0.")
    assert summary_reported(scene, ask_id) == WORDS.reported_before


def test_who_may_not_read_its_source_reports_no_summary(scene):
    ask_id, _ = asked(scene)
    scene.platform.refusals["reader"] = Refusal.PERSON_CANNOT_VIEW
    said = summary_reported(scene, ask_id)
    assert said == ENGLISH.person_cannot_view.format(place="#c1")
    assert scene.context.sender.sent == []


@pytest.mark.parametrize("forged", ["0" * 32, "theirs"])
def test_a_forged_id_reports_nothing(scene, forged):
    ask_id, _ = asked(scene)
    who = READER if forged != "theirs" else Who("s2", "reader")
    assert summary_reported(scene, ask_id if forged == "theirs" else forged, who) == ENGLISH.gone
    assert scene.context.sender.sent == []
