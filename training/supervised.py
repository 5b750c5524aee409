"""Full fine-tuning, LoRA and prompt tuning on dialogues, with transformers' trainer and PEFT.

1. Start: `training.start`, or a profile's model. 2. Method: all weights; LoRA (Hu et al., 2021);
or soft prompts (Lester et al., 2021). 3. Data: `eval.dialogues`, prompts as the worker renders
them. 4. Loss: cross-entropy of the summary's tokens; padding is masked by −100 (the study's
notebook left padding in its labels, so its loss was mostly of padding). 5. Dev: loss and ROUGE
of greedy summaries; the best checkpoint by ROUGE-Lsum is kept. 6. Output: a model folder (full)
or a PEFT folder, both safetensors, with `manifest.json`.

Command: `precis train full|lora|prompt-tuning`. Resumes from the last checkpoint in
`output/checkpoints`, which must be of the same run (`training.checkpoints`). Under `accelerate
launch` several devices train together and one process writes; that is tested on two CPU processes
with gloo (`tests/cli/test_training.py`), not on several GPUs with NCCL.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from peft import (
    LoraConfig,
    PeftConfig,
    PromptTuningConfig,
    PromptTuningInit,
    TaskType,
    get_peft_model,
)
from transformers import (
    EarlyStoppingCallback,
    PrinterCallback,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
    TrainerCallback,
)

from eval.dialogues import Dialogue
from eval.rouge import rouge
from training.checkpoints import latest
from training.processes import world_size
from training.start import placeholders
from worker.devices import fast_dtype
from worker.generators.pointer import IGNORED
from worker.generators.profiles import Profile
from worker.pipeline.prompts import render

Method = Literal["full", "lora", "prompt-tuning"]
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class SupervisedConfig:
    """Settings of a run.

    From the study are what `METHODS` says, and LoRA's rank, alpha and dropout; the rest are ours.
    """

    method: Method
    profile: Profile
    output: Path
    epochs: float = 5
    learning_rate: float = 1e-5
    encoder_rate: float = 1.0
    """Learning rate of the encoder, as a share of the rest's."""
    weight_decay: float = 0.01
    warmup: float = 0.0
    """Share of the steps."""
    schedule: str = "linear"
    batch: int = 16
    """Dialogues a step, on each device."""
    accumulate: int = 1
    """Batches a step."""
    rank: int = 32
    alpha: int = 32
    dropout: float = 0.05
    virtual_tokens: int = 20
    longest: int = 512
    """Tokens of a prompt; a longer one is cut."""
    longest_summary: int = 128
    renumber: float = 0.0
    """Share of training dialogues whose people get other numbers, so that all are learnt."""
    evaluations: int = 1
    """Evaluations and checkpoints an epoch."""
    dev_examples: int = 200
    """Dev dialogues that are summarised at each."""
    patience: int | None = None
    """Stop after so many evaluations without a better ROUGE-Lsum."""
    seed: int = 0
    device: str = "cpu"


METHODS: dict[Method, dict[str, Any]] = {
    "full": {"learning_rate": 1e-5, "weight_decay": 0.01},
    "lora": {"learning_rate": 1e-3, "weight_decay": 0.01},
    "prompt-tuning": {"learning_rate": 3e-1, "weight_decay": 1e-5},
}
"""The study's rates and weight decay; prompt tuning's are Lester et al.'s, with AdamW."""


class Prompts(torch.utils.data.Dataset[dict[str, Any]]):
    """Tokenised dialogues, each `input_ids` and `labels`."""

    def __init__(
        self, dialogues: Sequence[Dialogue], tokenizer: Any, config: SupervisedConfig
    ) -> None:
        prompts = [render(each.dialogue, config.profile.template) for each in dialogues]
        self._inputs = tokenizer(prompts, truncation=True, max_length=config.longest)["input_ids"]
        summaries = tokenizer(
            text_target=[each.summary for each in dialogues],
            truncation=True,
            max_length=config.longest_summary,
        )["input_ids"]
        # BERT's tokenizer opens with [CLS], which is the decoder's start and not to be predicted.
        start = tokenizer.cls_token_id
        self._labels = [ids[1:] if ids[0] == start else ids for ids in summaries]

    def __len__(self) -> int:
        return len(self._inputs)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {"input_ids": self._inputs[index], "labels": self._labels[index]}


class Collator:
    """Pads a batch; labels' padding is −100, which the loss leaves out."""

    def __init__(self, tokenizer: Any, *, copies: bool, renumber: float = 0.0) -> None:
        self._pad = tokenizer.pad_token_id
        self._copies = copies
        self._renumber = renumber
        known = [tokenizer.convert_tokens_to_ids(each) for each in placeholders()]
        self._people = [n for n in known if n is not None and n != tokenizer.unk_token_id]
        self.training = True

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
        chosen = [self._renumbered(row) for row in rows]
        inputs = _padded([row["input_ids"] for row in chosen], self._pad)
        batch = {
            "input_ids": inputs,
            "attention_mask": (inputs != self._pad).long(),
            "labels": _padded([row["labels"] for row in chosen], IGNORED),
        }
        return {**batch, "decoder_source_ids": inputs} if self._copies else batch

    def _renumbered(self, row: dict[str, Any]) -> dict[str, Any]:
        if not (self.training and self._people) or random.random() >= self._renumber:
            return row
        present = [n for n in dict.fromkeys(row["input_ids"]) if n in self._people]
        room = self._people[: random.choice((4, 8, len(self._people)))]
        if len(present) > len(room):
            return row
        other = dict(zip(present, random.sample(room, len(present)), strict=True))
        return {key: [other.get(n, n) for n in ids] for key, ids in row.items()}


def train(
    config: SupervisedConfig,
    tokenizer: Any,
    model: Any,
    data: tuple[Sequence[Dialogue], Sequence[Dialogue]],
    progress: Progress = lambda _what, _share: None,
) -> tuple[Any, dict[str, float]]:
    """Train `model` on `data` (train, dev); returns it at its best and the dev metrics."""
    random.seed(config.seed)
    torch.manual_seed(config.seed)
    model = prepared(model, config)
    copies = model.config.model_type == "precis-pointer"
    collator = Collator(tokenizer, copies=copies, renumber=config.renumber)
    trainer = _Trainer(
        model=model,
        args=_arguments(config, len(data[0])),
        data_collator=collator,
        train_dataset=Prompts(data[0], tokenizer, config),
        eval_dataset=Prompts(data[1][: config.dev_examples], tokenizer, config),
        processing_class=tokenizer,
        compute_metrics=_Rouge(tokenizer, data[1][: config.dev_examples]),
        optimizers=(_optimiser(model, config), None),
        callbacks=[_Told(progress), *_stopping(config)],
    )
    trainer.remove_callback(PrinterCallback)  # stdout is for what the command says
    kept = latest(checkpoints_of(config))
    trainer.train(resume_from_checkpoint=str(kept) if kept else None)
    metrics = trainer.evaluate()
    figures = {k.removeprefix("eval_"): round(float(v), 5) for k, v in metrics.items()}
    return trainer.accelerator.unwrap_model(trainer.model), figures


def prepared(model: Any, config: SupervisedConfig) -> Any:
    """`model` with what `config.method` trains of it."""
    if config.method == "full":
        return model
    adapter: PeftConfig
    if config.method == "lora":
        adapter = LoraConfig(
            task_type=TaskType.SEQ_2_SEQ_LM,
            r=config.rank,
            lora_alpha=config.alpha,
            lora_dropout=config.dropout,
            target_modules=list(config.profile.lora_targets),
            base_model_name_or_path=config.profile.model,
        )
    else:
        adapter = PromptTuningConfig(
            task_type=TaskType.SEQ_2_SEQ_LM,
            num_virtual_tokens=config.virtual_tokens,
            prompt_tuning_init=PromptTuningInit.RANDOM,
            num_transformer_submodules=1,  # the prompt stands before the encoder's input only
            base_model_name_or_path=config.profile.model,
        )
    return get_peft_model(model, adapter)


def _arguments(config: SupervisedConfig, examples: int) -> Seq2SeqTrainingArguments:
    steps = max(1, examples // (config.batch * config.accumulate * world_size()))
    every = max(1, steps // config.evaluations)
    return Seq2SeqTrainingArguments(
        output_dir=str(checkpoints_of(config)),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch,
        per_device_eval_batch_size=4 * config.batch,
        gradient_accumulation_steps=config.accumulate,
        learning_rate=config.learning_rate,
        weight_decay=config.weight_decay,
        warmup_steps=config.warmup,
        lr_scheduler_type=config.schedule,
        bf16=fast_dtype(config.device) is torch.bfloat16,
        use_cpu=config.device == "cpu",
        train_sampling_strategy="group_by_length",
        eval_strategy="steps",
        eval_steps=every,
        save_strategy="steps",
        save_steps=every,
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="rougeLsum",
        greater_is_better=True,
        predict_with_generate=True,
        generation_max_length=config.longest_summary,
        generation_num_beams=1,
        logging_steps=10,
        report_to=["tensorboard"],
        disable_tqdm=True,
        remove_unused_columns=False,
        label_names=["labels"],
        dataloader_pin_memory=config.device != "cpu",
        seed=config.seed,
    )


def checkpoints_of(config: SupervisedConfig) -> Path:
    """Where the run's checkpoints and its logs are."""
    return config.output / "checkpoints"


def _optimiser(model: Any, config: SupervisedConfig) -> torch.optim.Optimizer:
    """AdamW; biases and norms don't decay, and the encoder may learn more slowly."""
    groups: dict[tuple[bool, bool], list[torch.nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            slow = name.startswith("encoder.")
            groups.setdefault((slow, parameter.ndim > 1), []).append(parameter)
    return torch.optim.AdamW(
        [
            {
                "params": parameters,
                "lr": config.learning_rate * (config.encoder_rate if slow else 1.0),
                "weight_decay": config.weight_decay if decays else 0.0,
            }
            for (slow, decays), parameters in groups.items()
        ],
        lr=config.learning_rate,
        fused=True,
    )


def _stopping(config: SupervisedConfig) -> list[TrainerCallback]:
    return [EarlyStoppingCallback(config.patience)] if config.patience else []


class _Trainer(Seq2SeqTrainer):  # type: ignore[misc]
    """Judges dev dialogues in their order, their people with their own numbers."""

    def _get_eval_sampler(self, eval_dataset: Any) -> torch.utils.data.Sampler[int]:
        # The parent's would group by length, and ROUGE compare summaries of other dialogues.
        return torch.utils.data.SequentialSampler(eval_dataset)

    def evaluate(self, *arguments: Any, **options: Any) -> Any:
        self.data_collator.training = False
        try:
            return super().evaluate(*arguments, **options)
        finally:
            self.data_collator.training = True


class _Rouge:
    """ROUGE of the dev set's greedy summaries, and their length in words."""

    def __init__(self, tokenizer: Any, dialogues: Sequence[Dialogue]) -> None:
        self._tokenizer = tokenizer
        self._references = [each.references for each in dialogues]

    def __call__(self, prediction: Any) -> dict[str, float]:
        # Several processes fill their last batch up with the first dialogues again.
        written = prediction.predictions[: len(self._references)]
        ids = np.where(written < 0, self._tokenizer.pad_token_id, written)
        texts = self._tokenizer.batch_decode(ids, skip_special_tokens=True)
        scores = rouge(texts, self._references)
        means = {kind: float(each.mean()) for kind, each in scores.items()}
        return {**means, "words": float(np.mean([len(text.split()) for text in texts]))}


class _Told(TrainerCallback):  # type: ignore[misc]
    """Passes the trainer's progress on."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        told = {k: v for k, v in (logs or {}).items() if k in ("loss", "eval_rouge1", "eval_loss")}
        if told and state.max_steps:
            figures = ", ".join(f"{key} {value:.3f}" for key, value in told.items())
            self._progress(
                f"epoch {state.epoch:.2f}, {figures}", state.global_step / state.max_steps
            )


def _padded(rows: Sequence[Sequence[int]], blank: int) -> torch.Tensor:
    longest = max(len(row) for row in rows)
    return torch.tensor([[*row, *[blank] * (longest - len(row))] for row in rows])
