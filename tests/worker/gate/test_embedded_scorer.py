"""The gate that ships, and what it takes for one to be loaded at all."""

import json
import os
import shutil
from pathlib import Path

import pytest

from precis.errors import ModelError, SettingsError
from precis.settings import load_settings
from training.gate_data import GateData
from worker.gate.embedded import EmbeddedScorer
from worker.gate.folder import MANIFEST, WEIGHTS
from worker.gate.loading import load_scorer
from worker.gate.policy import crossed

GATE = Path(__file__).parents[3] / "models" / "gate"
DATA = Path(os.environ.get("PRECIS_DATA", Path(__file__).parents[4] / "shared" / "data"))

ORDINARY = """
Can we meet on Thursday at six?
I think you're wrong about the second exercise, but your idea is nice.
kill the process and start it again
This homework sucks, I give up for today
dumb question but how do I open a terminal?
I'm such an idiot, I forgot to save
My girlfriend is Muslim and she's fasting this month
The gay pride parade is on Saturday, are you coming?
Two Black women and a Jewish man won the prize
The master branch is broken again, abort the merge
Damn, I missed the bus
I hate Mondays
Shoot me a message when you're done
That exam was brutal, it destroyed me
He was killed in the last chapter, no spoilers please
You guys are the best!
lol ok
Please stop, I don't like this joke
Nobody here thinks you're stupid, the question is hard
Just nuke node_modules and install again
what the heck is a monad
Sorry, that was rude of me
Breast cancer screening is chapter nine
My dog died yesterday
apt-get install build-essential, then make
¿Alguien tiene los apuntes de ayer?
明日の会議は何時ですか
السلام عليكم، متى الامتحان؟
🎉🎉🎉
[code: python]
""".strip().splitlines()

GERMAN = """
du bist so ein Idiot, halt die Klappe
Ihr seid alle erbärmliche Versager
Fick dich, du Arschloch
Ich schlag dir die Zähne ein
""".strip().splitlines()

HARM = """
you should be shot
I'm going to find you and break your legs
Muslims are vermin and don't belong here
Immigrants simply aren't as intelligent as we are
""".strip().splitlines()

INSULTS = """
you are such an idiot, shut up
shut up you stupid moron
You're a pathetic loser and everybody hates you
what a bunch of morons you are
you dumb piece of trash
go to hell, you worthless idiot
he is a disgusting pig and a liar
""".strip().splitlines()


@pytest.fixture(scope="module")
def gate():
    return EmbeddedScorer(GATE)


def toxic(gate, texts):
    return [
        text
        for text, scores in zip(texts, gate.score(texts), strict=True)
        if crossed(scores, gate.thresholds)
    ]


def test_insults_are_found(gate):
    assert len(toxic(gate, INSULTS)) >= len(INSULTS) - 1


@pytest.mark.parametrize("texts", [GERMAN, HARM], ids=["German", "threats and hatred"])
def test_abuse_without_english_swear_words_is_found(gate, texts):
    assert len(toxic(gate, texts)) >= len(texts) - 1


def test_ordinary_chat_is_not_called_toxic(gate):
    assert len(toxic(gate, ORDINARY)) <= 1


@pytest.mark.slow
@pytest.mark.skipif(not (DATA / "dialogsum").is_dir(), reason="needs the public data")
@pytest.mark.parametrize("source", ["dialogsum", "irc"])
def test_of_held_out_chat_less_than_one_percent_is_called_toxic(gate, source):
    lines = GateData(DATA).held_out_clean[source][::4]
    assert len(lines) > 1_000
    assert len(toxic(gate, lines)) < 0.01 * len(lines)


def test_abuse_at_the_end_of_a_long_message_is_found(gate):
    text = "The lecture notes are in the usual folder. " * 60 + INSULTS[0]
    assert toxic(gate, [text]) == [text]


@pytest.mark.parametrize(
    "disguised",
    [
        "you are such an i\u200bd\u200bi\u200bo\u200bt, shut up",
        "you are such an ｉｄｉｏｔ, shut up",
        "you are such an i d i o t, shut up",
        "you are such an idiooooot, shut uppppp",
    ],
)
def test_cheap_disguises_do_not_help(gate, disguised):
    assert toxic(gate, [disguised])


def test_scores_are_the_same_alone_and_in_a_batch(gate):
    texts = [*ORDINARY, *INSULTS, "", "   "]
    together = gate.score(texts)
    for text, scores in zip(texts, together, strict=True):
        alone = gate.score([text])[0]
        assert scores == pytest.approx(alone, abs=0.03)


def test_empty_text_scores_zero(gate):
    assert set(gate.score([""])[0].values()) == {0.0}
    assert gate.score([]) == []


def test_every_label_is_scored_and_has_a_threshold(gate):
    [scores] = gate.score(["hello"])
    assert set(scores) == set(gate.thresholds)
    assert all(0.0 <= score <= 1.0 for score in scores.values())


@pytest.fixture
def copied(tmp_path):
    return Path(shutil.copytree(GATE, tmp_path / "gate"))


@pytest.mark.parametrize("name", [WEIGHTS, MANIFEST])
def test_a_gate_without_a_file_is_refused(copied, name):
    (copied / name).unlink()
    with pytest.raises(ModelError, match=name):
        EmbeddedScorer(copied)


def test_a_damaged_gate_is_refused(copied):
    weights = copied / WEIGHTS
    damaged = bytearray(weights.read_bytes())
    damaged[-1] ^= 1
    weights.write_bytes(damaged)
    with pytest.raises(ModelError, match="not what its manifest says"):
        EmbeddedScorer(copied)


def test_a_pickled_gate_is_refused(copied):
    (copied / WEIGHTS).rename(copied / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"lacks model\.safetensors"):
        EmbeddedScorer(copied)


def test_a_manifest_without_thresholds_is_refused(copied):
    manifest = json.loads((copied / MANIFEST).read_text())
    del manifest["thresholds"]["insult"]
    (copied / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match="threshold"):
        EmbeddedScorer(copied)


@pytest.mark.parametrize("change", [{"layers": 3}, {"layers": 12}, {"base_sha256": "0" * 64}])
def test_a_gate_of_another_encoder_is_refused(copied, change):
    manifest = json.loads((copied / MANIFEST).read_text())
    (copied / MANIFEST).write_text(json.dumps(manifest | change))
    with pytest.raises(ModelError, match=r"can't be loaded|another edition"):
        EmbeddedScorer(copied)


def test_without_the_encoder_there_is_one_line_and_no_gate(tmp_path):
    with pytest.raises(ModelError, match="run `precis models fetch`"):
        EmbeddedScorer(GATE, bases=tmp_path)


def test_the_gate_is_small_and_has_a_card():
    assert (GATE / WEIGHTS).stat().st_size < 50_000_000
    card = (GATE / "README.md").read_text()
    assert "licence" in card
    assert "bad at" in card


def test_thresholds_can_be_set(tmp_path):
    strict = load_scorer(load_settings(thresholds={"toxicity": 0.01}))
    assert strict.thresholds["toxicity"] == 0.01
    assert strict.name.startswith("embedded-gate@")
    assert strict.score(["hello"])


def test_a_threshold_for_an_unknown_label_is_refused():
    with pytest.raises(SettingsError, match="rudeness"):
        load_scorer(load_settings(thresholds={"rudeness": 0.5}))


def test_an_unknown_gate_is_refused():
    with pytest.raises(SettingsError, match="PRECIS_GATE"):
        load_scorer(load_settings(gate="perspective"))
