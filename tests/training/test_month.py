"""A simulated month of decisions, on a small made-up data folder."""

import pytest

from training.gate_candidate import CandidateConfig
from training.gate_data import GateData
from training.month import Month, disguise, simulate

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def simulated(data, request, tmp_path_factory):
    month = Month(abusive=60, ordinary=60, reported=1.0, mistaken=0.3, judged=200)
    config = CandidateConfig(epochs=2, learning_rate=1e-4, fewest_replayed=100, batch_tokens=512)
    serving = request.config.rootpath / "models" / "gate"
    folder = tmp_path_factory.mktemp("month")
    return simulate(GateData(data, clean_lines=40), serving, folder, month, config)


def test_what_the_gate_flags_and_what_readers_report_is_decided_once(simulated):
    _, counts = simulated
    assert counts["toxic messages"] > 0
    assert counts["reported"] == counts["missed"]
    assert counts["decided"] >= counts["toxic messages"]
    assert 0 < counts["toxic"] + counts["harmless"] <= counts["decided"], "each text counts once"


def test_both_gates_are_judged_with_intervals_on_what_neither_learned(simulated):
    compared, _ = simulated
    assert compared.decided is not None
    assert compared.old is not None
    assert compared.decided.recall.candidate.low <= compared.decided.recall.candidate.mean
    assert compared.serving != compared.candidate


def test_only_telling_words_are_disguised():
    assert disguise("you idiot, sit on it", frozenset({"idiot"})) == "you 1d107, sit on it"
