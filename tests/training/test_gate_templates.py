"""The project's own sentences: slots, labels, splits, and templates that are wrong."""

import random

import pytest

from training.gate_data import template_examples
from training.gate_templates import FOLDER, load_slots, load_templates, make_sentences
from worker.gate.network import LABELS

SLOTS = """
name = ["Ben", "Ana"]
group = [{ plural = "cats", one = "a cat" }, { plural = "dogs", one = "a dog" }]
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "slots.toml").write_text(SLOTS)
    return tmp_path


def write(folder, templates, labels='["toxicity"]', unknown="[]"):
    (folder / "en" / "kind.toml").write_text(
        f'labels = {labels}\nunknown = {unknown}\ntemplates = """\n{templates}\n"""\n'
    )


def test_slots_are_filled_and_a_repeated_one_repeats_itself(folder):
    write(folder, "{Group.plural} like {group.one}, says {name}, and {group2.plural} don't.")
    texts = {sentence.text for sentence in make_sentences(50, folder=folder)}
    assert texts == {
        f"{one} like {same}, says {name}, and {other} don't."
        for one, same, other in (("Cats", "a cat", "dogs"), ("Dogs", "a dog", "cats"))
        for name in ("Ben", "Ana")
    }


def test_a_template_without_slots_makes_one_sentence(folder):
    write(folder, "hello")
    assert [sentence.text for sentence in make_sentences(8, folder=folder)] == ["hello"]


@pytest.mark.parametrize("slot", ["{place}", "{group}", "{name.plural}", "{group.two}"])
def test_a_slot_that_there_is_not_is_named(folder, slot):
    write(folder, f"see {slot}")
    with pytest.raises(ValueError, match="there is no slot"):
        load_templates(folder)


@pytest.mark.parametrize(("labels", "unknown"), [('["rude"]', "[]"), ('["threat"]', '["threat"]')])
def test_labels_are_the_gates_and_each_is_given_once(folder, labels, unknown):
    write(folder, "hello", labels, unknown)
    with pytest.raises(ValueError, match="labels must be"):
        load_templates(folder)


def test_every_template_of_ours_can_be_filled_and_stands_once():
    templates = load_templates()
    assert len(templates) > 2_000
    texts = [(template.language, template.text) for template in templates]
    assert len(set(texts)) == len(texts)
    chooser = random.Random(0)
    for template in templates:
        assert "{" not in template.fill(load_slots(FOLDER / template.language), chooser)


def test_sentences_are_the_same_for_a_seed():
    assert list(make_sentences(2, seed=1)) == list(make_sentences(2, seed=1))
    assert list(make_sentences(2, seed=1)) != list(make_sentences(2, seed=2))


def test_sentences_of_one_template_are_in_one_split():
    splits = {}
    for example in template_examples():
        splits.setdefault((example.language, example.whole), set()).add(example.split)
    assert all(len(each) == 1 for each in splits.values())
    assert set().union(*splits.values()) == {"train", "validation", "test"}


def test_every_label_but_one_is_taught_and_each_language_has_both_sides():
    examples = list(template_examples())
    taught = {
        label for e in examples for label, each in zip(LABELS, e.labels, strict=True) if each == 1
    }
    assert taught == set(LABELS) - {"severe_toxicity"}
    assert {(e.language, e.is_toxic) for e in examples} == {
        (language, toxic) for language in ("en", "de") for toxic in (True, False)
    }
