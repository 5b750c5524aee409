"""What moderators decided holds against the gate; what it refused is found in any order."""

from datetime import timedelta

import pytest

from precis.conversation import Conversation
from precis.job import FlagAction, JobRequest, Style
from precis.settings import load_settings
from tests.conversations import conversation, message
from tests.worker.pipeline.test_summarise import INSULT
from worker.generators.generator import DraftSentence
from worker.pipeline.summarise import Pipeline
from worker.summariser import Deadline

INSULTS = conversation(f"Zed: {INSULT}", f"Yan: {INSULT}!")


@pytest.fixture(scope="module")
def quoting():
    made = Pipeline(load_settings(profile="extractive"))
    yield made
    made.close()


def summarised(pipeline, people, **request):
    return pipeline.summarise(JobRequest(**request), people, Deadline(timedelta(hours=1)))


def test_what_moderators_dismissed_is_quoted(quoting):
    result = summarised(quoting, INSULTS, judged={"0": False})
    assert [s.text for s in result.summary.sentences] == [f"Zed: {INSULT}"]
    assert [(f.target, f.action) for f in result.flags] == [("1", FlagAction.NOTED)]
    assert result.refused == ()


def test_undecided_insults_alone_are_a_case_without_a_sentence(quoting):
    result = summarised(quoting, INSULTS)
    [refused] = result.refused
    assert (refused.flag.action, refused.sentences) == (FlagAction.WITHHELD, ())


def test_what_moderators_have_decided_makes_no_case_of_the_summary(quoting):
    result = summarised(quoting, INSULTS, judged={"0": True, "1": True})
    assert (result.summary, result.refused) == (None, ())
    assert [f.action for f in result.flags] == [FlagAction.WITHHELD], "why nothing is said"


def test_one_undecided_insult_makes_a_case_of_it(quoting):
    result = summarised(quoting, INSULTS, judged={"0": True})
    assert len(result.refused) == 1


PEOPLE = (
    ("Ana", "The revision session for the exam is on Thursday at six in room 204."),
    ("Ben", "Thursday at six suits me, I will bring the printed notes for the exam."),
)
LATER = (
    ("Ben", "The pizza place by the lake has a table for eight on Sunday evening."),
    ("Ana", "A table on Sunday evening is fine, I would like the pizza with mushrooms."),
)
TALKS = Conversation(
    source="test",
    messages=tuple(
        message(10 * day + n, author, text, minute=day * 1440 + n)
        for day, said in enumerate((PEOPLE, LATER, PEOPLE))
        for n, (author, text) in enumerate(said)
    ),
)


class Topical:
    """Writes a clean sentence of each passage, by its speaker; of one of them a rude one before."""

    name, adapter, origin = "topical", None, "generated"

    def window(self, shots):
        return None

    def generate(self, passages, decoding):
        return [self._drafts(passage) for passage in passages]

    def _drafts(self, passage):
        if "pizza" in passage.turns[0].text:
            rude = f"#Person1#, {INSULT}, has a table for eight on Sunday evening."
            clean = "#Person1# has a table for eight on Sunday evening."
            return [(DraftSentence(rude),), (DraftSentence(clean),)]
        notes = "Thursday at six" if passage.turns[0].message == 0 else "Thursday"
        return [(DraftSentence(f"#Person1# has the revision session for the exam on {notes}."),)]


@pytest.mark.parametrize(("style", "at"), [(Style.BRIEF, 1), (Style.PEOPLE, 2)])
def test_what_took_its_place_is_found_however_the_summary_is_ordered(style, at, monkeypatch):
    monkeypatch.setattr("worker.pipeline.models.load_generator", lambda *_: Topical())
    pipeline = Pipeline(load_settings())
    try:
        result = summarised(pipeline, TALKS, style=style)
    finally:
        pipeline.close()
    [refused] = result.refused
    assert refused.instead == (at,)
    assert result.summary.sentences[at].text == "Ben has a table for eight on Sunday evening."
    assert INSULT in refused.sentences[0].text


class Numbering(Topical):
    """Writes a rude sentence, and one of somebody who isn't there."""

    def _drafts(self, passage):
        return [(DraftSentence(f"#Person1#, {INSULT}."), DraftSentence("#Person9# has the notes."))]


def test_a_sentence_of_nobody_is_not_shown_to_moderators(monkeypatch):
    monkeypatch.setattr("worker.pipeline.models.load_generator", lambda *_: Numbering())
    pipeline = Pipeline(load_settings())
    try:
        result = summarised(pipeline, conversation(*(f"{a}: {t}" for a, t in PEOPLE)))
    finally:
        pipeline.close()
    [refused] = result.refused
    assert [sentence.text for sentence in refused.sentences] == [f"Ana, {INSULT}."]
