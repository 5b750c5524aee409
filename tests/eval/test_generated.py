"""Systems with a model, on a tiny T5 that knows one summary by heart."""

# ruff: noqa: F811 - fixtures come from the generator's own tests

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from eval.cache import Cached
from eval.choosing import Choice, choose_system
from eval.generated import Generated
from precis.errors import InputError, ModelError
from tests.eval.talks import TALK, dialogue, silent
from tests.worker.generators.test_seq2seq import adapter, folder, profile  # noqa: F401 - fixtures
from worker.gate.loading import load_scorer
from worker.generators.generator import DraftSentence
from worker.generators.profiles import Profile

KNOWN = dialogue("#Person1#: who brings the notes?", "#Person2#: I do, on Monday.")
LEARNT = "#Person2# brings the notes on monday."


@pytest.fixture(autouse=True)
def _profiles(monkeypatch, profile):
    monkeypatch.setattr("worker.generators.profiles.PROFILES", {
        "tiny": profile, "embedded": Profile("embedded", model=None),
    })  # fmt: skip


def test_the_learnt_summary_is_generated_with_the_numbers_of_the_data(profile):
    turned = dialogue("#Person4#: who brings the notes?", "#Person2#: I do, on Monday.")
    known, other = Generated(profile).summaries([KNOWN, turned], silent)
    assert known.text == LEARNT
    assert {sentence.origin for sentence in known.sentences} == {"generated"}
    assert other.text == LEARNT, "the second to appear is the data's #Person2#"


class NoNotes:
    """A gate that minds one word."""

    name = "no notes"
    thresholds = {"toxicity": 0.5}  # noqa: RUF012

    def score(self, texts):
        return [{"toxicity": float("notes" in text)} for text in texts]


class Lenient:
    """A gate that minds nothing."""

    name = "lenient"
    thresholds = {"toxicity": 0.5}  # noqa: RUF012

    def score(self, texts):
        return [{"toxicity": 0.0} for _ in texts]


def test_with_grounding_what_the_gate_refuses_gives_way_to_quotes(profile):
    careful = Generated(profile, gate=NoNotes, gate_name="no notes")
    [summary] = careful.summaries([KNOWN], silent)
    assert [(s.text, s.origin) for s in summary.sentences] == [
        ("#Person2#: I do, on Monday.", "extracted")
    ]


def test_with_the_shipped_gate_a_clean_grounded_summary_stays(settings):
    careful = choose_system(Choice(profile="tiny", cached=False), settings)
    [summary] = careful.summaries([KNOWN], silent)
    assert summary.text == LEARNT
    assert {sentence.origin for sentence in summary.sentences} == {"generated"}


def test_a_refusing_gate_lets_quotes_or_nothing_through(profile, settings):
    class Refusing:
        name = "refusing"
        thresholds = {"toxicity": 0.0}  # noqa: RUF012

        def score(self, texts):
            return [{"toxicity": 1.0} for _ in texts]

    system = Generated(profile, gate=Refusing, gate_name="refusing")
    assert system.summaries([KNOWN], silent)[0].text == ""


def test_the_gate_judges_what_readers_see(profile):
    seen = []

    class Listening:
        name = "listening"
        thresholds = {"toxicity": 0.5}  # noqa: RUF012

        def score(self, texts):
            seen.extend(texts)
            return [{"toxicity": 0.0} for _ in texts]

    Generated(profile, gate=Listening, gate_name="listening").summaries([KNOWN], silent)
    assert "Person2 brings the notes on monday." in seen


def test_a_dialogue_longer_than_the_window_is_read_in_parts(profile):
    narrow = replace(profile, window=48)
    long = dialogue(*KNOWN.dialogue.splitlines() * 4)
    [summary] = Generated(narrow).summaries([long], silent)
    assert len(summary.sentences) > 1
    assert Generated(narrow).summaries([dialogue("nobody speaks")], silent)[0].text == ""


class Sampler:
    """Writes what is not grounded at first, then one of several sentences that are."""

    origin = "generated"
    verbs = "brings takes carries fetches gets has finds shows reads wants".split()  # noqa: SIM905

    def window(self, shots):
        return None

    def generate(self, passages, decoding):
        return [[(DraftSentence(self._text(decoding.sample)),)] for _ in passages]

    def _text(self, sample):
        verb = self.verbs[int(torch.randint(len(self.verbs), (1,)))]
        return f"Somebody {verb} the notes." if sample else "Theodore leaves."


def test_a_second_try_is_the_same_whatever_is_summarised_with_it(profile):
    lines = KNOWN.dialogue.splitlines()
    talks = [dialogue(*lines, f"#Person1#: Thank you{'!' * n}") for n in range(6)]

    def said(dialogues, seed=0):
        system = Generated(profile, gate=Lenient, gate_name="lenient", seed=seed)
        system.__dict__["_generator"] = Sampler()
        return [summary.text for summary in system.summaries(dialogues, silent)]

    together = said(talks)
    assert len(set(together)) > 1
    assert said(talks[::-1])[::-1] == together
    assert [said([each])[0] for each in talks] == together
    assert said(talks, seed=1) != together


def test_a_cached_run_loads_no_model(profile, settings, monkeypatch):
    choice = Choice(profile="tiny")
    first = choose_system(choice, settings).summaries([KNOWN], silent)
    monkeypatch.setattr("worker.generators.seq2seq.load_pretrained", None)
    again = choose_system(choice, settings)
    assert isinstance(again, Cached)
    assert again.summaries([KNOWN], silent) == first


def test_whatever_changes_a_summary_changes_the_settings(
    profile,
    adapter,
    settings,
    tmp_path,
):
    other = Path(shutil.copytree(profile.model, tmp_path / "other"))
    weights = load_file(other / "model.safetensors")
    save_file({name: value + 1 for name, value in weights.items()}, other / "model.safetensors")
    moved = shutil.copytree(profile.model, tmp_path / Path(profile.model).name)
    base = Generated(profile).settings
    assert Generated(replace(profile, model=str(moved))).settings == base
    gate = lambda: load_scorer(settings)  # noqa: E731
    changed = [
        Generated(replace(profile, model=str(other))),
        Generated(replace(profile, beams=2)),
        Generated(profile, adapter=adapter),
        Generated(profile, shots=1),
        Generated(profile, gate=gate, gate_name="one"),
        Generated(profile, gate=gate, gate_name="two"),
        Generated(profile, gate=gate, gate_name="two", seed=1),
    ]
    every = [base, *(system.settings for system in changed)]
    assert all(a != b for index, a in enumerate(every) for b in every[:index])


def test_the_workers_adapter_is_the_default(adapter, settings):
    serving = settings.model_copy(update={"adapter": adapter})
    names = [
        choose_system(Choice(profile="tiny", **options), serving).settings["adapter"]
        for options in ({}, {"no_adapter": True}, {"adapter": adapter})
    ]
    assert names == ["detoxified", None, "detoxified"]


def test_a_profile_without_a_model_quotes(settings):
    [summary] = choose_system(Choice(profile="embedded"), settings).summaries([TALK], silent)
    assert {sentence.origin for sentence in summary.sentences} == {"extracted"}


def test_wrong_names_are_one_line(settings, tmp_path):
    with pytest.raises(InputError, match="no model profile"):
        choose_system(Choice(profile="none"), settings)
    with pytest.raises(ModelError, match="no adapter folder"):
        choose_system(Choice(profile="tiny", adapter=tmp_path / "none"), settings)
