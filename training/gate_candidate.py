"""Trains a candidate for the gate from the serving one, on what moderators decided.

1. Data: the decisions (`training.gate_lessons`), and old examples replayed beside them, several
for each, so that what the gate knows isn't forgotten. 2. Model: the serving gate's weights.
3. Loop and loss: `training.gate_training`, at a sixth of the rate. 4. Thresholds: calibrated as the
serving gate's were, on ordinary talk.

Whether it is any better is `training.gate_comparison`'s to say. Differs from `training.gate`:
starts from a gate rather than from a new LoRA, and takes minutes, so there are no checkpoints.
"""

import math
import random
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from precis.errors import InputError
from precis.hashing import sha256_of
from training.gate import calibrate
from training.gate_data import GateData
from training.gate_examples import Example
from training.gate_lessons import ordinary_lines, read_lessons, to_learn, to_replay
from training.gate_report import versions, write_network
from training.gate_training import Progress, probabilities, seed_everything, train_network
from worker.gate.embedded import load_network
from worker.gate.folder import MANIFEST, WEIGHTS, GateManifest, read_manifest
from worker.gate.network import LABELS


@dataclass(frozen=True)
class CandidateConfig:
    """Settings of a run; docs/experiments.md says how they were found."""

    epochs: int = 2
    """Passes over decisions and replayed examples."""
    learning_rate: float = 1e-4
    """Peak; of the head ten times as much. A sixth of the serving gate's: it is to be moved."""
    batch_tokens: int = 2_048
    """Padded tokens a batch."""
    longest: int = 80
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
    network, tokenizer, manifest = load_network(serving)
    if manifest.labels != LABELS:
        raise InputError(f"the gate in {serving} has other labels than precis train gate gives it")
    seed_everything(config.seed)
    lessons = to_learn(read_lessons(new))
    if len({example.is_toxic for example in lessons}) < 2:
        raise InputError(f"{new.name} lacks decisions of one kind; toxic and harmless are needed")
    examples, telling = _mixed(lessons, old, config), old.swearing if old else ()
    train_network(network, tokenizer, examples, config, telling, progress)
    progress("setting thresholds", 1.0)
    ordinary = probabilities(network, tokenizer, ordinary_lines(old, config.seed))
    thresholds = calibrate(ordinary, config.false_positives)
    write_network(network, output)
    made = manifest.model_copy(
        update={
            "thresholds": thresholds,
            "sha256": sha256_of(output / WEIGHTS),
            "trained_from": f"embedded-gate@{manifest.sha256[:8]}",
            "data": {**manifest.data, "decisions": sha256_of(new)},
            "settings": asdict(config),
            "metrics": {"decisions": _counts(lessons)},
            "seed": config.seed,
            "versions": versions(),
        }
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
        f"Trained from {manifest.trained_from}, on {decided['toxic']} decisions that a text is "
        f"toxic and {decided['harmless']} that it is harmless, beside old examples; the files hold "
        "none of the texts. Settings, digests and figures: `manifest.json`.\n"
    )


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


def _counts(lessons: list[Example]) -> dict[str, int]:
    toxic = sum(example.is_toxic for example in lessons)
    return {"toxic": toxic, "harmless": len(lessons) - toxic}
