"""Trains a candidate for the gate from the serving one, on what moderators decided.

1. Data: the decisions (`training.gate_lessons`), and old examples replayed beside them, several
   for each, so that what the gate knows isn't forgotten. 2. Model: the serving gate's weights.
3. Loss: the serving gate's (`training.gate.masked_loss`). 4. Loop: AdamW at a third of the rate,
   warm-up and decay. 5. Thresholds: calibrated as the serving gate's were, on ordinary talk.

Whether it is any better is `training.gate_comparison`'s to say. Differs from `training.gate`:
starts from a gate rather than from MiniLM, and takes minutes, so there are no checkpoints.
"""

import math
import random
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from transformers import AutoTokenizer, get_linear_schedule_with_warmup

from precis.errors import InputError
from precis.hashing import sha256_of
from training.gate import (
    batches,
    calibrate,
    encode,
    gate_optimiser,
    masked_loss,
    pad,
    probabilities,
    seed_everything,
)
from training.gate_data import Example, GateData
from training.gate_lessons import ordinary_lines, read_lessons, to_learn, to_replay
from training.gate_report import versions, write_network
from worker.embeddings import minilm_folder
from worker.gate.folder import MANIFEST, WEIGHTS, GateManifest, read_manifest
from worker.gate.network import LABELS, GateNetwork

Progress = Callable[[str, float], None]
"""Told what is being done, and the share of it that is done."""


@dataclass(frozen=True)
class CandidateConfig:
    """Settings of a run; docs/experiments.md says how they were found."""

    epochs: int = 2
    """Passes over decisions and replayed examples."""
    learning_rate: float = 3e-5
    """Peak; of the head ten times as much. A third of the serving gate's: it is to be moved."""
    batch_tokens: int = 3_072
    """Padded tokens a batch."""
    longest: int = 96
    """Tokens of an example; a longer text is cut."""
    warmup: float = 0.06
    """Share of the steps."""
    weight_decay: float = 0.01
    replayed: int = 3
    """Old examples for each decision."""
    fewest_replayed: int = 2_000
    """However few the decisions are."""
    repeated: int = 4
    """How often a decision is met in a pass, at most; less where decisions are many."""
    false_positives: float = 0.003
    """Share of ordinary validation lines that the thresholds let be called toxic."""
    seed: int = 0


def train_candidate(
    serving: Path,
    old: GateData | None,
    new: Path,
    config: CandidateConfig,
    output: Path,
    progress: Progress = lambda _what, _share: None,
) -> Path:
    """Train on `new` (a gate.jsonl) from the gate in `serving`; writes a gate to `output`.

    Without `old` data the project's own sentences are replayed. Raises InputError for decisions
    that aren't of both kinds, ModelError for a serving gate that can't be read.
    """
    network, manifest = _serving(serving)
    seed_everything(config.seed)
    lessons = to_learn(read_lessons(new))
    if len({example.is_toxic for example in lessons}) < 2:
        raise InputError(f"{new.name} lacks decisions of one kind; toxic and harmless are needed")
    _train(network, _mixed(lessons, old, config), config, progress)
    progress("setting thresholds", 1.0)
    thresholds = calibrate(
        probabilities(network, ordinary_lines(old, config.seed)), config.false_positives
    )
    write_network(network, output)
    made = GateManifest(
        labels=LABELS,
        thresholds=thresholds,
        sha256=sha256_of(output / WEIGHTS),
        base=f"{manifest.base}; from embedded-gate@{manifest.sha256[:8]}",
        data={**manifest.data, "decisions": sha256_of(new)},
        settings=asdict(config),
        metrics={"decisions": _counts(lessons)},
        seed=config.seed,
        versions=versions(),
    )
    note_figures(output, made, {})
    return output


def note_figures(folder: Path, manifest: GateManifest | None, figures: dict[str, Any]) -> None:
    """Write a candidate's manifest and card, with what it was found to be worth.

    `manifest`: None for the one that is there.
    """
    manifest = manifest or read_manifest(folder)
    manifest = manifest.model_copy(update={"metrics": {**manifest.metrics, **figures}})
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n")
    decided = manifest.metrics["decisions"]
    (folder / "README.md").write_text(
        "# A gate that learned from moderators\n\n"
        f"Base: {manifest.base}. Trained on {decided['toxic']} decisions that a text is toxic and "
        f"{decided['harmless']} that it is harmless, beside old examples; the files hold none of "
        "the texts. Settings, digests and figures: `manifest.json`.\n"
    )


def _serving(folder: Path) -> tuple[GateNetwork, GateManifest]:
    manifest = read_manifest(folder)
    if manifest.labels != LABELS:
        raise InputError(f"the gate in {folder} has other labels than precis train gate gives it")
    network = GateNetwork.empty(folder, len(LABELS))
    network.load_state_dict({k: v.float() for k, v in load_file(folder / WEIGHTS).items()})
    return network, manifest


def _mixed(lessons: list[Example], old: GateData | None, config: CandidateConfig) -> list[Example]:
    """Decisions, repeated where they are few, and replayed examples, in random order.

    Most of what is decided is toxic, since the gate had flagged it. Old harmless examples even
    that out: else the candidate would just find everything more toxic.
    """
    count = max(config.fewest_replayed, config.replayed * len(lessons))
    wanted = math.ceil(count / (max(1, config.replayed) * len(lessons)))
    repeated = lessons * max(1, min(config.repeated, wanted))
    toxic = sum(example.is_toxic for example in repeated)
    missing = (len(repeated) + count) / 2 - toxic
    share = min(1.0, max(0.0, missing / max(1, count)))
    mixed = repeated + to_replay(old, count, share, config.seed)
    random.Random(config.seed).shuffle(mixed)
    return mixed


def _train(
    network: GateNetwork, examples: list[Example], config: CandidateConfig, progress: Progress
) -> None:
    tokenizer = AutoTokenizer.from_pretrained(minilm_folder())
    data = encode(examples, tokenizer, config.longest)
    optimiser = gate_optimiser(network, config.learning_rate, config.weight_decay)
    steps = config.epochs * len(list(batches(data, config.batch_tokens, config.seed, 0)))
    schedule = get_linear_schedule_with_warmup(optimiser, int(config.warmup * steps), steps)
    network.train()
    done = 0
    for epoch in range(config.epochs):
        for batch in batches(data, config.batch_tokens, config.seed, epoch):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = network(*pad([data.ids[i] for i in batch]))  # [batch, labels]
            loss = masked_loss(logits.float(), data.labels[batch])
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            done += 1
            progress(f"gate, loss {loss.item():.3f}", min(1.0, done / steps))
    network.eval()


def _counts(lessons: list[Example]) -> dict[str, int]:
    toxic = sum(example.is_toxic for example in lessons)
    return {"toxic": toxic, "harmless": len(lessons) - toxic}
