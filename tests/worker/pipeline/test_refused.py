"""What the gate keeps from being said reaches moderators; what they decided holds against it."""

from datetime import timedelta

import pytest

from precis.job import FlagAction, JobRequest
from precis.settings import load_settings
from tests.worker.pipeline.test_summarise import INSULT, TALK, Written
from worker.pipeline.summarise import Pipeline
from worker.summariser import Deadline

CLEAN = "#Person1# announces a revision session on Thursday."
RUDE = f"#Person1#, {INSULT}."


@pytest.fixture
def written(monkeypatch):
    """A pipeline whose generator writes given texts, behind the real gate."""
    made = []

    def build(*texts):
        monkeypatch.setattr("worker.pipeline.models.load_generator", lambda *_: Written(*texts))
        made.append(Pipeline(load_settings()))
        return made[-1]

    yield build
    for pipeline in made:
        pipeline.close()


@pytest.fixture(scope="module")
def quoting():
    made = Pipeline(load_settings(profile="extractive"))
    yield made
    made.close()


def summarised(pipeline, **request):
    return pipeline.summarise(JobRequest(**request), TALK, Deadline(timedelta(hours=1)))


def test_what_was_refused_comes_with_names_citations_and_what_took_its_place(written):
    result = summarised(written(RUDE, CLEAN))
    [refused] = result.refused
    assert refused.flag.action is FlagAction.CHANGED
    [sentence] = refused.sentences
    assert sentence.text.startswith("Ana,")
    assert "#Person" not in sentence.text
    assert sentence.citations
    assert [result.summary.sentences[n].text for n in refused.instead] == [
        "Ana announces a revision session on Thursday."
    ]


def test_what_was_refused_is_in_no_dump(written):
    result = summarised(written(RUDE, CLEAN))
    for dumped in (result.model_dump_json(), repr(result), str(result.model_dump())):
        assert "moron" not in dumped
    assert set(result.model_dump()) == {"summary", "flags", "model", "timings"}


def test_nothing_is_refused_of_what_is_clean(written):
    assert summarised(written(CLEAN)).refused == ()


def test_every_message_has_its_scores(quoting):
    result = summarised(quoting)
    assert set(result.scores) == {message.id for message in TALK.messages}
    assert result.scores["2"]["toxicity"] >= result.thresholds["toxicity"]
    assert result.own_thresholds == result.thresholds


def test_a_servers_thresholds_are_in_force_and_the_gates_own_are_told(quoting):
    result = summarised(quoting, thresholds={"toxicity": 0.99})
    assert result.thresholds["toxicity"] == 0.99
    assert result.own_thresholds["toxicity"] != 0.99


def test_what_moderators_dismissed_is_neither_flagged_nor_kept_from_quotes(quoting):
    flagged = {flag.target for flag in summarised(quoting).flags}
    assert "2" in flagged
    result = summarised(quoting, judged={"2": False})
    assert "2" not in {flag.target for flag in result.flags}


def test_what_moderators_kept_is_never_quoted(quoting):
    cited = {c.id for s in summarised(quoting).summary.sentences for c in s.citations}
    kept = dict.fromkeys(cited, True)
    result = summarised(quoting, judged=kept)
    quoted = result.summary.sentences if result.summary else ()
    assert not cited & {c.id for s in quoted for c in s.citations}
    assert not set(kept) & {flag.target for flag in result.flags}


def test_scores_alone_are_those_of_a_summary(quoting):
    request = JobRequest(task="score", thresholds={"toxicity": 0.9, "unknown": 0.1})
    scored = quoting.score(request, TALK, Deadline(timedelta(hours=1)))
    result = summarised(quoting)
    assert scored.scores.keys() == result.scores.keys()
    assert scored.scores["2"]["toxicity"] == pytest.approx(result.scores["2"]["toxicity"], abs=0.02)
    assert scored.thresholds["toxicity"] == 0.9
    assert "unknown" not in scored.thresholds
    assert scored.gate == result.model.gate
