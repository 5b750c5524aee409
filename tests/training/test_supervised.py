"""The three methods on a tiny model: they learn, resume, mask padding, keep what they must."""

import copy
import json
from dataclasses import replace

import pytest
import torch

from eval.dialogues import Dialogue
from eval.rouge import rouge
from training.checkpoints import latest
from training.supervised import Collator, Prompts, SupervisedConfig, prepared, train
from worker.generators.pointer import IGNORED
from worker.generators.profiles import Profile

PROFILE = Profile(
    "tiny", model="tiny", template="dialogue", lora_targets=("query", "value"), max_new_tokens=12
)
TALKS = [
    Dialogue(str(n), f"#Person1#: I like {what}.\n#Person2#: So do I.", (f"They like {what}.",))
    for n, what in enumerate(["tea", "long walks", "green soup with bread", "cats", "old books"])
]


def config(tmp_path, method="full", **more):
    chosen = SupervisedConfig(
        method, PROFILE, tmp_path, epochs=1, learning_rate=1e-2, batch=2, dev_examples=4,
        longest_summary=12,
    )  # fmt: skip
    return replace(chosen, **more)


def changed(before, model):
    after = model.state_dict()
    return {name for name, value in before.items() if not torch.equal(value, after[name])}


@pytest.mark.slow
def test_full_fine_tuning_learns(tiny_pointer, tokenizer, tmp_path):
    told = []
    _, metrics = train(
        config(tmp_path, epochs=12), tokenizer, tiny_pointer, (TALKS, TALKS),
        lambda what, share: told.append((what, share)),
    )  # fmt: skip
    assert metrics["rouge1"] > 0.5
    assert told[-1][1] == 1.0


def test_dev_rouge_is_of_each_dialogues_own_summary(tiny_pointer, tokenizer, tmp_path):
    model, metrics = train(config(tmp_path, epochs=6), tokenizer, tiny_pointer, (TALKS, TALKS[:4]))
    model.eval()
    texts = []
    for talk in TALKS[:4]:
        ids = tokenizer([talk.dialogue], return_tensors="pt")
        out = model.generate(
            input_ids=ids["input_ids"], attention_mask=ids["attention_mask"], max_length=12
        )
        texts += tokenizer.batch_decode(out, skip_special_tokens=True)
    own = rouge(texts, [talk.references for talk in TALKS[:4]])["rouge1"].mean()
    assert metrics["rouge1"] == pytest.approx(own, abs=0.02)


@pytest.mark.parametrize("method", ["lora", "prompt-tuning"])
def test_adapters_learn_and_leave_the_base_alone(tiny_pointer, tokenizer, tmp_path, method):
    before = {name: value.clone() for name, value in tiny_pointer.state_dict().items()}
    rate = 1e-1 if method == "lora" else 5.0
    chosen = config(tmp_path, method, epochs=8, learning_rate=rate)
    torch.manual_seed(chosen.seed)
    fresh = prepared(copy.deepcopy(tiny_pointer), chosen).eval()
    batch = Collator(tokenizer, copies=True)(list(Prompts(TALKS, tokenizer, chosen)))
    untaught = fresh(**batch).loss.item()
    first = fresh.prompt_encoder["default"].embedding.weight if method != "lora" else None
    model, metrics = train(chosen, tokenizer, tiny_pointer, (TALKS, TALKS))
    trained = {name for name, value in model.named_parameters() if value.requires_grad}
    assert trained
    assert all("lora_" in name or "prompt" in name for name in trained)
    base = model.unload() if method == "lora" else model.base_model
    assert not changed(before, base)
    if method == "lora":
        assert metrics["loss"] < untaught - 0.005
    else:  # a few steps of a prompt hardly show in a random model's loss
        assert not torch.equal(model.prompt_encoder["default"].embedding.weight, first)
    model.save_pretrained(tmp_path / "adapter")
    assert (tmp_path / "adapter" / "adapter_model.safetensors").is_file()


def test_a_run_goes_on_from_its_checkpoint(tiny_pointer, tokenizer, tmp_path, interrupted):
    chosen = config(tmp_path, epochs=4)
    steps = count_batches(tiny_pointer)
    with pytest.raises(InterruptedError):
        train(chosen, tokenizer, tiny_pointer, (TALKS, TALKS), interrupted(0.5))
    kept = int(latest(tmp_path / "checkpoints").name.removeprefix("checkpoint-"))
    assert 0 < kept < 12, "stopped half way of 4 epochs of 3 steps"
    before = len(steps)
    train(chosen, tokenizer, tiny_pointer, (TALKS, TALKS))
    [last] = (tmp_path / "checkpoints").glob("checkpoint-12")
    assert json.loads((last / "trainer_state.json").read_text())["global_step"] == 12
    assert len(steps) - before == 12 - kept, "nothing that was kept is done again"


def count_batches(model):
    """A list that grows with each batch that the model is trained on."""
    seen = []
    model.register_forward_pre_hook(lambda module, _: seen.append(1) if module.training else None)
    return seen


def test_padding_of_labels_carries_no_loss(tiny_pointer, tokenizer, tmp_path):
    rows = Prompts(TALKS, tokenizer, config(tmp_path))
    collate = Collator(tokenizer, copies=True)
    collate.training = False
    batch = collate([rows[0], rows[2]])
    lengths = (batch["labels"] != IGNORED).sum(1).tolist()
    assert lengths == [len(rows[0]["labels"]), len(rows[2]["labels"])]
    assert lengths[0] < batch["labels"].shape[1]
    tiny_pointer.eval()
    together = tiny_pointer(**batch).loss
    alone = [tiny_pointer(**collate([rows[n]])).loss for n in (0, 2)]
    expected = sum(loss * n for loss, n in zip(alone, lengths, strict=True)) / sum(lengths)
    assert together.item() == pytest.approx(expected.item(), rel=1e-4)


def test_people_get_other_numbers_in_dialogue_and_summary_alike(tokenizer, tmp_path):
    talk = Dialogue("a", "#Person1#: Hi.\n#Person2#: Hello.", ("#Person2# greets #Person1#.",))
    [row] = list(Prompts([talk], tokenizer, config(tmp_path)))
    batch = Collator(tokenizer, copies=False, renumber=1.0)([row])
    dialogue = tokenizer.convert_ids_to_tokens(batch["input_ids"][0].tolist())
    people = [word for word in dialogue if word.startswith("#person")]
    assert len(set(people)) == 2
    told = tokenizer.convert_ids_to_tokens(batch["labels"][0].tolist())
    assert [word for word in told if word.startswith("#person")] == people[::-1]


def test_lora_adapts_what_the_profile_names(tiny_pointer, tmp_path):
    model = prepared(tiny_pointer, config(tmp_path, "lora", rank=4))
    adapted = {name.split(".lora_")[0].rsplit(".", 1)[1] for name, _ in model.named_parameters()
               if "lora_" in name}  # fmt: skip
    assert adapted == {"query", "value"}
