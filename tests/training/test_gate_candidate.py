"""A candidate gate: trained from the serving one on decisions, and compared with it."""

import json
import random

import pytest

from precis.errors import InputError
from training.gate_candidate import CandidateConfig, note_figures, train_candidate
from training.gate_comparison import judge_gates
from training.gate_data import GateData
from training.gate_lessons import held_out, read_lessons, to_learn, to_replay
from worker.gate.embedded import EmbeddedScorer
from worker.gate.folder import read_manifest

pytestmark = pytest.mark.slow

SMALL = CandidateConfig(epochs=3, learning_rate=1e-4, fewest_replayed=200, batch_tokens=512)
FRUIT = ("banana", "papaya", "quince", "medlar", "lychee", "durian")
THINGS = ("train", "essay", "ladder", "window", "kettle", "jacket", "hammer", "teapot")


@pytest.fixture(scope="module")
def decisions(tmp_path_factory):
    """A server where people are called fruit, which the shipped gate has never heard of."""
    chooser = random.Random(0)
    path = tmp_path_factory.mktemp("export") / "gate.jsonl"
    with path.open("w") as lines:
        for number in range(240):
            thing, fruit = chooser.choice(THINGS), chooser.choice(FRUIT)
            toxic = number % 2 == 0
            said = f"#Person1# {thing}, {fruit} head {number}" if toxic else f"the {thing} {number}"
            labels = {"toxicity": 1, "insult": 1} if toxic else {"toxicity": 0, "insult": 0}
            lines.write(json.dumps({"text": said, "labels": labels, "source": "watched"}) + "\n")
    return path


@pytest.fixture(scope="module")
def serving(request):
    return request.config.rootpath / "models" / "gate"


@pytest.fixture(scope="module")
def candidate(serving, decisions, tmp_path_factory):
    output = tmp_path_factory.mktemp("candidate")
    return train_candidate(serving, None, decisions, SMALL, output)


def test_a_candidate_learns_what_moderators_decided_and_forgets_nothing(
    serving, candidate, decisions
):
    compared = judge_gates(serving, candidate, held_out(read_lessons(decisions), None), rounds=300)
    assert compared.decided is not None
    assert compared.old is not None
    assert compared.decided.recall.difference.low > 0
    assert compared.decided.auc.candidate.mean > 0.9
    assert compared.old.auc.difference.high > -0.02
    assert compared.serving != compared.candidate


def test_a_candidate_is_a_whole_gate_that_says_where_it_comes_from(serving, candidate, decisions):
    scorer, manifest = EmbeddedScorer(candidate), read_manifest(candidate)
    assert scorer.thresholds == manifest.thresholds
    assert read_manifest(serving).sha256[:8] in str(manifest.trained_from)
    learned = to_learn(read_lessons(decisions))
    assert sum(manifest.metrics["decisions"].values()) == len(learned) < 240
    card = (candidate / "README.md").read_text()
    assert not any(fruit in card for fruit in FRUIT), "what people wrote stays out of the card"


def test_figures_are_noted_beside_the_weights(candidate):
    note_figures(candidate, None, {"decided": {"auc": 0.9}})
    assert read_manifest(candidate).metrics["decided"] == {"auc": 0.9}
    assert "decisions" in read_manifest(candidate).metrics


def test_a_gate_compared_with_itself_is_no_better_and_no_worse(serving, decisions):
    compared = judge_gates(serving, serving, held_out(read_lessons(decisions), None), rounds=50)
    assert compared.decided is not None
    assert compared.called_toxic is not None
    for each in (compared.decided.auc, compared.decided.precision, compared.called_toxic):
        assert (each.difference.low, each.difference.high) == (0.0, 0.0)
    assert compared.old is not None
    assert compared.old.auc.serving.low < compared.old.auc.serving.high


def test_no_text_is_both_learned_and_judged_by(decisions, data):
    examples, old = read_lessons(decisions), GateData(data)
    kept = held_out(examples, old)
    learned = {e.text for e in to_learn(examples)} | {e.text for e in to_replay(old, 10_000)}
    assert learned.isdisjoint(e.text for e in (*kept.decided, *kept.old))
    assert len(kept.decided) > 20


def test_of_decisions_in_any_alphabet_some_are_held_out(tmp_path):
    path = tmp_path / "gate.jsonl"
    texts = [f"{a}{b}но" for a in "абвгдежзик" for b in "аеиоу"]
    texts += [f"{text.upper()}!" for text in texts]
    with path.open("w") as lines:
        for text in texts:
            lines.write(json.dumps({"text": text, "labels": {"toxicity": 0}}) + "\n")
    splits = [example.split for example in read_lessons(path)]
    assert 0.1 < sum(split != "train" for split in splits) / len(splits) < 0.4
    assert splits[:50] == splits[50:], "written otherwise, it is the same"


def test_names_are_read_as_the_gate_reads_them(decisions):
    assert read_lessons(decisions)[0].text.startswith("Person1 ")


def test_decisions_of_one_kind_teach_nothing(serving, decisions, tmp_path):
    one = tmp_path / "gate.jsonl"
    one.write_text("".join(line for line in decisions.open() if '"toxicity": 1' in line))
    with pytest.raises(InputError, match="one kind"):
        train_candidate(serving, None, one, SMALL, tmp_path / "gate")


@pytest.mark.parametrize("line", ['{"text": "x"}', "no json", "[1]", '{"text":"x","labels":7}'])
def test_a_file_of_other_things_is_refused_without_quoting_it(line, tmp_path):
    path = tmp_path / "gate.jsonl"
    path.write_text(line)
    with pytest.raises(InputError, match="export it anew") as refused:
        read_lessons(path)
    assert refused.value.__cause__ is None
