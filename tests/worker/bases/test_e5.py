"""A file of four-bit weights becomes what transformers loads; a damaged one becomes one line."""

import struct
from contextlib import suppress

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file
from transformers import AutoModel, AutoTokenizer

from precis.errors import ModelError
from tests.worker.bases.files import PIECES, VOCABULARY, e5_file, tensors
from worker.bases.e5 import convert, dequantise


@pytest.fixture
def converted(tmp_path):
    """Converts the file's bytes; gives the folder."""

    def call(content):
        (tmp_path / "tiny.bin").write_bytes(content)
        folder = tmp_path / "converted"
        folder.mkdir(exist_ok=True)
        convert(tmp_path / "tiny.bin", folder)
        return folder

    return call


def test_every_weight_of_a_converted_file_loads_and_the_model_runs(converted):
    folder = converted(e5_file())
    model, loading = AutoModel.from_pretrained(
        folder, add_pooling_layer=False, dtype=torch.float32, output_loading_info=True
    )
    assert not any(loading.values()), loading
    assert model.config.layer_norm_eps == 1e-12
    assert model.config.vocab_size == VOCABULARY
    tokenizer = AutoTokenizer.from_pretrained(folder)
    hidden = model(**tokenizer("good morning", return_tensors="pt")).last_hidden_state
    assert hidden.shape == (1, 4, 32)
    assert hidden.isfinite().all()


def test_plain_numbers_are_the_file_s_and_matrices_have_the_right_rows(converted):
    made = tensors()
    weights = load_file(converted(e5_file(made=made)) / "model.safetensors")
    (*bias,) = struct.unpack("<32f", made["l0.q.b"][2])
    stored = weights["encoder.layer.0.attention.self.query.bias"]
    assert torch.equal(stored, torch.tensor(bias).half())
    inner = weights["encoder.layer.0.intermediate.dense.weight"]
    assert inner.shape == (64, 32)
    last_row = made["l0.fi.w"][2][-18:]
    assert torch.equal(inner[-1], torch.from_numpy(dequantise(last_row)).half())


def test_a_block_is_a_scale_sixteen_low_halves_and_sixteen_high_ones():
    halves = bytes(low | (15 - low) << 4 for low in range(16))
    numbers = dequantise(struct.pack("<e", 0.5) + halves)
    assert numbers.tolist() == [0.5 * (n - 8) for n in [*range(16), *reversed(range(16))]]


def test_text_comes_back_with_its_case_umlauts_and_emoji(converted):
    tokenizer = AutoTokenizer.from_pretrained(converted(e5_file()))
    ids = tokenizer("Good Grüße 🎉 good")["input_ids"]
    pieces = ["<s>", "▁Good", "▁Grüße", "▁🎉", "▁good", "</s>"]
    assert ids == [PIECES.index(each) for each in pieces]
    assert tokenizer.decode(ids, skip_special_tokens=True) == "Good Grüße 🎉 good"


def test_line_breaks_are_spaces_and_control_characters_are_nothing(converted):
    tokenizer = AutoTokenizer.from_pretrained(converted(e5_file()))
    plain = tokenizer("good morning")["input_ids"]
    for text in ("good\nmorning", "good \t\n morning", "good\u200bmorning", "go\x07od morning"):
        assert tokenizer(text)["input_ids"] == plain, text


def test_special_tokens_have_the_file_s_ids(converted):
    tokenizer = AutoTokenizer.from_pretrained(converted(e5_file()))
    assert (tokenizer.bos_token_id, tokenizer.eos_token_id) == (0, 2)
    assert (tokenizer.pad_token_id, tokenizer.unk_token_id) == (1, 3)
    assert tokenizer.mask_token_id == PIECES.index("<mask>")
    assert tokenizer("x")["input_ids"] == [0, PIECES.index("▁"), 3, 2]
    both = tokenizer(["good morning", "good"], padding=True)["input_ids"]
    assert both[1][3:] == [1]


def changed_tensor(name, entry):
    return e5_file(made={**tensors(), name: entry})


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "ends too early"),
        (e5_file(magic=b"GGUF"), "not version 1 of the format E5S1"),
        (e5_file(version=2), "not version 1"),
        (e5_file(sizes=(1 << 20, 1, 2, 64, VOCABULARY, 16, 2)), "width is not from 1 to"),
        (e5_file(sizes=(32, 0, 2, 64, VOCABULARY, 16, 2)), "layers is not from 1 to"),
        (e5_file(sizes=(32, 1, 5, 64, VOCABULARY, 16, 2)), "don't fit each other"),
        (e5_file(sizes=(32, 2, 2, 64, VOCABULARY, 16, 2)), "other tensors"),
        (e5_file(sizes=(32, 1, 2, 64, VOCABULARY + 1, 16, 2)), "emb.word has another size"),
        (e5_file(epsilon=float("nan")), "epsilon"),
        (e5_file(block=64), "don't fit each other"),
        (e5_file(pieces=[*PIECES, "a", "b", "c", "d"]), "more pieces than its vocabulary"),
        (e5_file(pieces=[*PIECES, "good", "good"]), "occurs twice"),
        (e5_file(pieces=[*PIECES, ""]), "overlap"),
        (e5_file(ids=(0, 2, 1, 1)), "special tokens"),
        (e5_file(ids=(0, 2, 1, 999)), "special tokens"),
        (e5_file(ids=(0, 2, 1, 5)), "special tokens"),
        (changed_tensor("l0.q.b", (0, 31, b"\0" * 124)), "l0.q.b has another size"),
        (changed_tensor("l0.q.b", (0, 32, struct.pack("<f", 1e9) * 32)), "too large"),
        (changed_tensor("l0.q.b", (0, 32, struct.pack("<f", float("nan")) * 32)), "no numbers"),
        (changed_tensor("l0.x.b", (0, 32, b"\0" * 128)), "other tensors"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_right_is_refused_in_one_line(converted, content, why):
    with pytest.raises(ModelError, match=why) as refused:
        converted(content)
    assert "\n" not in str(refused.value)


def test_a_file_cut_anywhere_is_refused_in_one_line(converted):
    whole = e5_file()
    for end in [*range(0, 400, 7), *range(400, len(whole) - 1, 499), len(whole) - 1]:
        with pytest.raises(ModelError, match="damaged"):
            converted(whole[:end])


@given(st.data())
def test_no_change_of_bytes_makes_anything_but_a_model_or_a_refusal(tmp_path_factory, data):
    content = bytearray(e5_file())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, 2_000))  # all but weights
        content[at] = data.draw(st.integers(0, 255))
    folder = tmp_path_factory.mktemp("fuzzed")
    (folder / "tiny.bin").write_bytes(content)
    with suppress(ModelError):
        convert(folder / "tiny.bin", folder)
