"""The reward of PPO: how sure a classifier is that a summary is no hate speech.

The study's is the hub's `facebook/roberta-hate-speech-dynabench-r4-target` (Vidgen et al., 2021).
Where it can't be had, `precis train reward` trains one of the same shape: the gate's encoder under
a `nothate`/`hate` head, on the gate's abusive posts and ordinary lines. Both are loaded by the same
code, and the reward is the raw `nothate` logit.

1. Data: `training.gate_data`; `hate` is its gold toxicity. 2. Model: transformers'
`BertForSequenceClassification`, its encoder from the gate. 3. Loss: cross-entropy. 4. Loop:
transformers' trainer. 5. Report: accuracy and AUC on the test split.
"""

import hashlib
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

from eval.classification import auc_of
from precis.errors import ModelError
from precis.hashing import sha256_of
from training.checkpoints import claim, finish, latest, weights_named
from training.gate_data import GateData
from training.gate_examples import Example
from training.processes import refuse_several
from worker.devices import fast_dtype
from worker.embeddings import batches_by_length
from worker.gate.embedded import EmbeddedScorer, load_network
from worker.gate.folder import MANIFEST, WEIGHTS

HUB_REWARD = "facebook/roberta-hate-speech-dynabench-r4-target"
LABELS = ("nothate", "hate")
GATE_KIND = "precis-gate"
BATCH_TOKENS = 8_192
MAX_TOKENS = 128


@dataclass(frozen=True)
class RewardConfig:
    data: Path
    """Folder that holds `toxicity/`, `dialogsum/` and `irc/`."""
    gate: Path
    """The gate whose encoder is the start."""
    output: Path
    epochs: float = 1
    learning_rate: float = 5e-5
    batch: int = 64
    longest: int = 64
    examples: int | None = None
    seed: int = 0
    device: str = "cpu"


class RewardModel:
    """Texts to raw `nothate` logits."""

    def __init__(self, source: str | Path = HUB_REWARD, device: str = "cpu") -> None:
        """Load a hub id or a local folder. Raises ModelError in one line."""
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(source)
            model = AutoModelForSequenceClassification.from_pretrained(source, use_safetensors=True)
        except (OSError, ValueError) as error:
            raise ModelError(
                f"reward model {source} can't be loaded ({type(error).__name__}); connect once "
                "and try again, or train one: precis train reward"
            ) from None
        names = {str(name).lower(): int(index) for index, name in model.config.id2label.items()}
        if "nothate" not in names:
            raise ModelError(f"reward model {source} has no label nothate; use another one")
        self.name = _named(source)
        """What it is: a hub's id, or a local folder's by the digest of its weights."""
        self._nothate = names["nothate"]
        self._model = model.to(device=device, dtype=fast_dtype(device)).eval()
        self._device = device

    @torch.inference_mode()
    def __call__(self, texts: Sequence[str]) -> torch.Tensor:
        """Logits [texts], fp32, on the CPU."""
        ids = self._tokenizer(list(texts), truncation=True, max_length=MAX_TOKENS)["input_ids"]
        logits = torch.zeros(len(texts))
        for batch in batches_by_length([len(each) for each in ids], BATCH_TOKENS):
            inputs = self._tokenizer.pad(
                {"input_ids": [ids[index] for index in batch]}, return_tensors="pt"
            ).to(self._device)
            logits[batch] = self._model(**inputs).logits[:, self._nothate].float().cpu()
        return logits


class GateReward:
    """Texts to the logit of being clean, by a gate: for where there's no data for a reward.

    Of its labels the worst counts. Unlike a reward of its own, what it learns to please is what it
    will be judged by; so a gate that is to judge should be another one.
    """

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        """Load the gate of `folder`. Raises ModelError in one line."""
        self._gate = EmbeddedScorer(folder, device)
        self.name = self._gate.name

    def __call__(self, texts: Sequence[str]) -> torch.Tensor:
        """Logits [texts], fp32, on the CPU."""
        scored = self._gate.score(list(texts))
        worst = torch.tensor([max(each.values()) for each in scored], dtype=torch.float32)
        return -torch.logit(worst, eps=1e-4)


def reward_in(source: str | Path, device: str = "cpu") -> RewardModel | GateReward:
    """The reward of a hub id or a folder, whose own may also be a gate's."""
    folder = Path(source)
    return GateReward(folder, device) if is_gate(folder) else RewardModel(source, device)


def is_gate(folder: Path) -> bool:
    """Whether a folder holds a gate; whether it is whole, it says when it is loaded."""
    try:
        return bool(json.loads((folder / MANIFEST).read_bytes()).get("kind") == GATE_KIND)
    except (OSError, ValueError, AttributeError):
        return False


def _named(source: str | Path) -> str:
    weights = Path(source) / WEIGHTS
    return f"local@{sha256_of(weights)[:16]}" if weights.is_file() else str(source)


def train_reward(
    config: RewardConfig,
    progress: Callable[[str, float], None] = lambda _what, _share: None,
    also: Sequence[Example] = (),
) -> dict[str, float]:
    """Train, or resume; writes the classifier to `output` and returns the test split's figures.

    `also`: examples to train on beside the data's.
    """
    refuse_several("the reward")
    random.seed(config.seed)
    torch.manual_seed(config.seed)
    start, tokenizer = _start(config.gate)
    data = GateData(config.data, seed=config.seed)
    examples = [example for example in data.split("train") if example.is_judged]
    random.shuffle(examples)
    examples = [*examples[: config.examples], *also]
    found = [example for example in data.split("test") if example.is_judged]
    test = random.sample(found, min(2_000, len(found)))
    checkpoints = config.output / "checkpoints"
    claim(checkpoints, _key(config, examples, test))
    trainer = Trainer(
        model=start,
        args=_arguments(config),
        train_dataset=_rows(examples, tokenizer, config.longest),
        eval_dataset=_rows(test, tokenizer, config.longest),
        data_collator=DataCollatorWithPadding(tokenizer),
        compute_metrics=_figures,
        callbacks=[_Told(progress)],
    )
    trainer.remove_callback(PrinterCallback)  # stdout is for what the command says
    kept = latest(checkpoints)
    trainer.train(resume_from_checkpoint=str(kept) if kept else None)
    metrics = trainer.evaluate()
    trainer.model.to(torch.bfloat16).save_pretrained(config.output)
    tokenizer.save_pretrained(config.output)
    finish(checkpoints)
    return {k.removeprefix("eval_"): float(v) for k, v in metrics.items() if k in _KEPT}


_KEPT = ("eval_accuracy", "eval_auc", "eval_loss")


def _key(
    config: RewardConfig, examples: Sequence[Example], test: Sequence[Example]
) -> dict[str, Any]:
    """What two runs must share for one to go on where the other stopped."""
    chosen = asdict(config)
    settings = {k: chosen[k] for k in chosen if k not in ("data", "gate", "output", "device")}
    texts = json.dumps([[each.text, each.is_toxic] for each in (*examples, *test)])
    data = hashlib.sha256(texts.encode()).hexdigest()[:16]
    return {**settings, "data": data, "gate": weights_named(config.gate)}


def _start(gate: Path) -> tuple[Any, Any]:
    """A classifier on the gate's encoder, and its tokenizer; the vocabulary is not trained."""
    if not (gate / WEIGHTS).is_file():
        raise ModelError(f"no gate in {gate}; train it first: precis train gate")
    network, tokenizer, _ = load_network(gate)
    encoder = network.encoder.merge_and_unload()
    config = encoder.config
    config.num_labels = len(LABELS)
    config.id2label = dict(enumerate(LABELS))
    config.label2id = {label: index for index, label in enumerate(LABELS)}
    model = AutoModelForSequenceClassification.from_config(config).float()
    model.base_model.load_state_dict(encoder.state_dict(), strict=False)  # it has a pooler besides
    for parameter in model.base_model.embeddings.word_embeddings.parameters():
        parameter.requires_grad = False
    return model, tokenizer


def _rows(examples: Sequence[Example], tokenizer: Any, longest: int) -> list[dict[str, Any]]:
    texts = [example.text for example in examples]
    ids = tokenizer(texts, truncation=True, max_length=longest)["input_ids"]
    return [
        {"input_ids": each, "labels": int(example.is_toxic)}
        for each, example in zip(ids, examples, strict=True)
    ]


def _arguments(config: RewardConfig) -> TrainingArguments:
    return TrainingArguments(
        output_dir=str(config.output / "checkpoints"),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch,
        per_device_eval_batch_size=4 * config.batch,
        learning_rate=config.learning_rate,
        warmup_steps=0.06,
        weight_decay=0.01,
        train_sampling_strategy="group_by_length",
        bf16=fast_dtype(config.device) is torch.bfloat16,
        use_cpu=config.device == "cpu",
        save_strategy="epoch",
        save_total_limit=1,
        logging_steps=10,
        report_to=["tensorboard"],
        disable_tqdm=True,
        dataloader_pin_memory=config.device != "cpu",
        seed=config.seed,
    )


def _figures(prediction: Any) -> dict[str, float]:
    hate = prediction.predictions[:, 1] - prediction.predictions[:, 0]
    wanted = prediction.label_ids
    return {
        "accuracy": float(np.mean((hate > 0) == wanted)),
        "auc": auc_of(hate, wanted),
    }


class _Told(TrainerCallback):  # type: ignore[misc]
    def __init__(self, progress: Callable[[str, float], None]) -> None:
        self._progress = progress

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        if "loss" in (logs or {}) and state.max_steps:
            self._progress(f"loss {float(logs['loss']):.3f}", state.global_step / state.max_steps)
