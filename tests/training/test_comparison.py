"""The supervised methods side by side, on a tiny model."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from eval.report.learning import methods_section
from tests.training.test_supervised import TALKS
from training.comparison import METHODS_FILE, Comparison
from training.insults import write_dialogues
from training.runs import EMBEDDED, Data
from worker.generators.profiles import Profile


@pytest.fixture
def comparison(tiny_pointer, tokenizer, tmp_path, monkeypatch):
    for settings in EMBEDDED.values():  # a model that knows nothing never ends a summary
        monkeypatch.setitem(settings, "longest_summary", 8)
    folder = tmp_path / "models" / "tiny"
    tiny_pointer.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    profile = Profile(
        "tiny", model=str(folder), local=True, template="dialogue", beams=2, candidates=1,
        max_new_tokens=8, lora_targets=("query", "value"),
    )  # fmt: skip
    talks = tmp_path / "talks.jsonl"
    write_dialogues(TALKS, talks)
    output = tmp_path / "compared"
    output.mkdir()
    return Comparison(profile, Data(str(talks), str(talks)), output)


@pytest.mark.slow
def test_all_methods_are_judged_alike_and_the_report_shows_them(comparison):
    made = comparison.run(lambda _what, _share: None)
    rows = made["rows"]
    assert [row["method"].partition(":")[0] for row in rows] == [
        "none", "full fine-tuning", "LoRA", "prompt tuning",
    ]  # fmt: skip
    none, full, lora, prompt = (row["trainable"] for row in rows)
    assert none == 0
    assert prompt < lora < full
    assert made["budget"] == {
        "data": "talks.jsonl", "dialogues": len(TALKS), "epochs": 1.0, "judged on": len(TALKS),
    }  # fmt: skip
    assert json.loads((comparison.output / METHODS_FILE).read_text()) == made
    section = methods_section(comparison.output)
    assert "prompt tuning" in str(section.blocks)


@pytest.mark.slow
def test_a_method_that_is_done_is_not_trained_again(comparison, monkeypatch):
    first = comparison.run(lambda _what, _share: None)

    def refuse(*_arguments, **_options):
        raise AssertionError("trained again")

    monkeypatch.setattr("training.comparison.run_supervised", refuse)
    assert comparison.run(lambda _what, _share: None) == first
    moved = comparison.output / "elsewhere.jsonl"
    shutil.copy(comparison.data.train, moved)
    again = replace(comparison, data=Data(str(moved), str(moved)))
    assert again.run(lambda _what, _share: None)["rows"] == first["rows"], "the same data"
    write_dialogues(TALKS[:3], Path(comparison.data.train))
    with pytest.raises(AssertionError, match="trained again"):
        comparison.run(lambda _what, _share: None)
