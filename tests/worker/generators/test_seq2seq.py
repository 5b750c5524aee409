"""The real generator on tiny T5 models: loading, untied heads, adapters, beams, prompts."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer, T5Config, T5ForConditionalGeneration

from precis.errors import ModelError
from precis.hashing import sha256_of
from tests.conversations import conversation
from tests.measuring import Rise
from worker.embeddings import minilm_folder
from worker.generators.casing import Casing
from worker.generators.generator import Decoding
from worker.generators.profiles import Profile
from worker.generators.seq2seq import Seq2SeqGenerator, Written, load_pretrained, real_tokens
from worker.pipeline.passages import PassageMaker, Piece
from worker.pipeline.prompts import render
from worker.registry import AdapterManifest, write_manifest

TALK = conversation("Ana: who brings the notes?", "Ben: I do, on Monday.")
SUMMARY = "# person2 # brings the notes on monday."  # as the uncased tokenizer spells it


def passage(people=TALK, sentences=3):
    count = len(people.messages)
    maker = PassageMaker(people, np.eye(count, 384, dtype=np.float32), [True] * count)
    return maker.passage([Piece(i) for i in range(count)], sentences)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A tiny T5 with a head of its own, as FLAN-T5's, taught one summary by heart."""
    target = tmp_path_factory.mktemp("tiny-t5")
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt"):
        shutil.copy(minilm_folder() / name, target)
    tokenizer = AutoTokenizer.from_pretrained(target)
    torch.manual_seed(0)
    config = T5Config(
        vocab_size=30_522, d_model=48, d_kv=12, d_ff=96, num_layers=2, num_heads=4,
        tie_word_embeddings=False, decoder_start_token_id=0, pad_token_id=0,
        eos_token_id=tokenizer.sep_token_id, dropout_rate=0.0,
    )  # fmt: skip
    model = T5ForConditionalGeneration(config)
    model.lm_head.weight = torch.nn.Parameter(model.shared.weight.detach().clone())
    teach(model, tokenizer)
    save_untied(model, target)
    return target


def teach(model, tokenizer):
    inputs = tokenizer([render(passage().dialogue)], return_tensors="pt")
    labels = tokenizer([SUMMARY], return_tensors="pt", add_special_tokens=False)["input_ids"]
    labels = torch.cat([labels, torch.tensor([[tokenizer.sep_token_id]])], 1)
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(60):
        loss = model(**fit_for(inputs), labels=labels).loss
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss.item() < 0.05


def fit_for(inputs):
    return {name: inputs[name] for name in ("input_ids", "attention_mask")}


def save_untied(model, target):
    weights = {name: value.contiguous().clone() for name, value in model.state_dict().items()}
    assert not torch.equal(weights["lm_head.weight"], weights["shared.weight"])
    for copy in ("encoder.embed_tokens.weight", "decoder.embed_tokens.weight"):
        weights.pop(copy, None)
    save_file(weights, target / "model.safetensors", metadata={"format": "pt"})
    model.config.save_pretrained(target)
    model.generation_config.save_pretrained(target)


@pytest.fixture(scope="module")
def profile(folder):
    return Profile("tiny", model=str(folder), beams=4, candidates=4, no_repeat_ngram=0,
                   max_new_tokens=24)  # fmt: skip


@pytest.fixture(scope="module")
def generator(profile):
    return Seq2SeqGenerator(profile)


def texts(drafts):
    return [" ".join(sentence.text for sentence in draft) for draft in drafts]


def test_a_head_of_its_own_is_loaded_untied(profile, folder):
    _, model = load_pretrained(profile)
    saved = load_file(folder / "model.safetensors")
    assert torch.equal(model.lm_head.weight, saved["lm_head.weight"])
    assert torch.equal(model.shared.weight, saved["shared.weight"])
    assert model.lm_head.weight.data_ptr() != model.shared.weight.data_ptr()


def test_the_learned_summary_comes_first(generator):
    [drafts] = generator.generate([passage()], Decoding())
    assert texts(drafts)[0] == SUMMARY
    assert all(sentence.sources == () for draft in drafts for sentence in draft)


def test_the_tokens_it_writes_are_counted_and_padding_is_not(generator):
    tokens = Rise("precis_generated_tokens_total")
    generator.generate([passage()], Decoding())
    alone = tokens.by
    assert alone > 0
    generator.generate([passage(), passage()], Decoding())
    assert tokens.by == 3 * alone


def test_candidates_are_distinct(generator):
    [drafts] = generator.generate([passage()], Decoding())
    assert 1 < len(drafts) == len(set(texts(drafts))) <= 4


def test_a_batch_gives_what_each_gives_alone(generator):
    other = passage(conversation("Cy: " + "a much longer line about the exam " * 9, "Di: ok"))
    together = generator.generate([passage(), other, passage()], Decoding())
    assert texts(together[0])[0] == texts(together[2])[0] == SUMMARY
    assert len(together) == 3


def test_sampling_gives_another_try(generator):
    torch.manual_seed(1)
    [drafts] = generator.generate([passage()], Decoding(sample=True))
    assert drafts


def test_no_more_sentences_than_there_is_room_for(generator):
    [drafts] = generator.generate([passage(sentences=1)], Decoding())
    assert all(len(draft) == 1 for draft in drafts)


def test_the_window_leaves_room_for_the_prompt(generator, profile):
    window = generator.window(0)
    frame = generator._count([render("")])[0]
    assert window.tokens == profile.window - frame
    assert window.count(["hello there"]) == [4]


def test_worked_examples_reach_the_model(generator):
    plain, few = (generator.generate([passage()], Decoding(shots=n)) for n in (0, 3))
    assert texts(plain[0]) != texts(few[0])


@pytest.fixture(scope="module")
def adapter(profile, tmp_path_factory):
    """A LoRA adapter with random, non-zero weights, and a manifest that vouches for them."""
    _, model = load_pretrained(profile)
    torch.manual_seed(2)
    peft = get_peft_model(model, LoraConfig(r=4, lora_alpha=64, target_modules=["q", "v"],
                                            init_lora_weights=False))  # fmt: skip
    target = tmp_path_factory.mktemp("adapters") / "detoxified"
    peft.save_pretrained(target)
    vouch(target, profile)
    return target


def vouch(folder, profile):
    manifest = AdapterManifest(
        name=folder.name,
        method="lora",
        profile=profile.name,
        base=profile.model,
        base_sha256=sha256_of(Path(profile.model) / "model.safetensors"),
        data={},
        settings={},
        metrics={},
        seed=2,
        versions={},
        sha256=sha256_of(folder / "adapter_model.safetensors"),
        created=datetime(2026, 11, 24, tzinfo=UTC),
    )
    write_manifest(folder, manifest)


def test_an_adapter_is_merged_and_named(profile, adapter, monkeypatch):
    from peft import PeftModel  # noqa: PLC0415

    monkeypatch.setattr("worker.generators.seq2seq.fast_dtype", lambda _device: torch.float32)
    merged = Seq2SeqGenerator(profile, adapter=adapter)
    assert merged.adapter == "detoxified"
    tokenizer, base = load_pretrained(profile)
    apart = PeftModel.from_pretrained(base, str(adapter)).eval()
    inputs = fit_for(tokenizer([render(passage().dialogue)], return_tensors="pt"))
    start = torch.zeros(1, 1, dtype=torch.long)
    with torch.inference_mode():
        expected = apart(**inputs, decoder_input_ids=start).logits
        got = merged._model(**inputs, decoder_input_ids=start).logits
    assert torch.allclose(got, expected, atol=1e-3)
    assert not any("lora" in name for name, _ in merged._model.named_parameters())


def test_a_pickled_adapter_is_refused(profile, adapter, tmp_path):
    copied = Path(shutil.copytree(adapter, tmp_path / "a"))
    (copied / "adapter_model.safetensors").rename(copied / "adapter_model.bin")
    with pytest.raises(ModelError, match="safetensors"):
        Seq2SeqGenerator(profile, adapter=copied)


def test_an_adapter_of_another_model_is_refused(profile, adapter, tmp_path):
    copied = Path(shutil.copytree(adapter, tmp_path / "a"))
    weights = load_file(copied / "adapter_model.safetensors")
    save_file(
        {
            name: torch.zeros(value.shape[0] + 1, *value.shape[1:])
            for name, value in weights.items()
        },
        copied / "adapter_model.safetensors",
    )
    with pytest.raises(ModelError, match="doesn't fit"):
        Seq2SeqGenerator(profile, adapter=copied)


def test_a_model_that_cannot_be_had_is_one_line(profile, tmp_path):
    missing = replace(profile, model=str(tmp_path / "nothing"))
    with pytest.raises(ModelError, match="--profile embedded") as caught:
        Seq2SeqGenerator(missing)
    assert "\n" not in str(caught.value)


def test_a_pickled_model_is_refused(profile, folder, tmp_path):
    copied = Path(shutil.copytree(folder, tmp_path / "model"))
    torch.save(load_file(copied / "model.safetensors"), copied / "pytorch_model.bin")
    (copied / "model.safetensors").unlink()
    with pytest.raises(ModelError):
        Seq2SeqGenerator(replace(profile, model=str(copied)))


def test_what_was_learnt_by_heart_is_sure_and_what_is_unlikely_is_not(profile):
    careful = replace(profile, least_confidence=-0.5, beams=4, candidates=4)
    [drafts] = Seq2SeqGenerator(careful).generate([passage()], Decoding())
    assert drafts[0][0].sure
    assert not drafts[-1][0].sure
    [drafts] = Seq2SeqGenerator(profile).generate([passage()], Decoding())
    assert all(sentence.sure for draft in drafts for sentence in draft)


def test_a_sentence_with_a_word_that_is_none_is_not_sure(profile, folder, tmp_path):
    cased = Path(shutil.copytree(folder, tmp_path / "cased"))
    Casing({word: word for word in ("who", "brings", "the", "i", "do", "on")}).save(cased)
    spelling = Seq2SeqGenerator(replace(profile, model=str(cased)))
    written = [Written("They bring the bigergies. They bring the notes.", 0.0)]
    [draft] = spelling._drafts(written, passage())
    assert [(s.text, s.sure) for s in draft] == [
        ("They bring the bigergies.", False), ("They bring the notes.", True),
    ]  # fmt: skip


def test_a_model_that_writes_case_itself_is_not_asked_for_its_words(generator):
    [draft] = generator._drafts([Written("They bring the bigergies.", 0.0)], passage())
    assert [sentence.sure for sentence in draft] == [True]


def test_confidence_is_the_mean_log_probability_of_the_tokens(profile):
    generator = Seq2SeqGenerator(replace(profile, least_confidence=-9.0))
    inputs = generator._tokenizer([render(passage().dialogue)], return_tensors="pt")
    output = generator._model.generate(**fit_for(inputs), max_new_tokens=12, do_sample=False)
    labels = output[:, 1:].masked_fill(output[:, 1:] == 0, -100)
    loss = generator._model(**fit_for(inputs), labels=labels).loss
    mask = real_tokens(output[:, 1:], generator._model.generation_config.eos_token_id)
    [found] = generator._confidences(fit_for(inputs), output, mask, 1)
    assert found == pytest.approx(-loss.item(), abs=0.02)


def test_the_likeliest_sample_comes_first(profile):
    sampled = replace(profile, least_confidence=-9.0, temperature=3.0, top_p=1.0)
    generator = Seq2SeqGenerator(sampled)
    torch.manual_seed(0)
    inputs = [generator._tokenizer([render(passage().dialogue)])["input_ids"][0]]
    [written] = generator._write(inputs, Decoding(sample=True))
    confidences = [each.confidence for each in written]
    assert confidences == sorted(confidences, reverse=True)
    assert len(set(confidences)) > 1
