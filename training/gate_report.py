"""Judges a trained gate on what it hasn't seen, and writes it to its folder with a model card.

Every source is judged by itself: figures of several in one say more of how they were mixed than of
the gate. Knows nothing of how the gate was trained.
"""

import platform
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import save_file

from eval.classification import auc_of
from precis.hashing import sha256_of
from training.gate import BASE, LANGUAGES, GateConfig, calibrate
from training.gate_card import model_card
from training.gate_data import ORDINARY, SOURCES, TEMPLATES, GateData
from training.gate_examples import Example
from training.gate_training import Probabilities, probabilities
from worker.bases.catalog import base_named
from worker.gate.folder import MANIFEST, WEIGHTS, GateManifest
from worker.gate.network import LABELS, GateNetwork

OPERATING_POINTS = {"few alarms": 0.001, "balanced": 0.003, "strict": 0.01}
"""How moderators choose in words: the share of ordinary messages that may be called toxic."""
JUDGED_BY = {"hateval": "identity_attack"}
"""Sources whose labels say something else than `toxicity`."""
THREATS = ("threats_person", "threats_group", "wishes_of_harm")
HARMLESS_VIOLENCE = (
    "violence_games", "violence_code", "violence_games_code", "violence_everyday",
    "violence_kitchen_nature", "violence_news", "hyperbole",
    "harmless_violence",
)  # fmt: skip
ORDINARY_PER_THREAT = 10

Network = tuple[GateNetwork, Any]
"""A network and its tokenizer."""


def judge(network: Network, config: GateConfig) -> tuple[dict[str, float], dict[str, Any]]:
    """Thresholds, calibrated on the validation split, and figures on the test split."""
    data = GateData(config.data, config.clean_lines, config.seed)
    ordinary = [e.text for e in data.split("validation") if e.source in ORDINARY]
    calibration = probabilities(*network, ordinary)
    thresholds = calibrate(calibration, config.false_positives)
    test = [example for example in data.split("test") if example.source not in ORDINARY]
    scores = probabilities(*network, [example.text for example in test])
    held_out = {
        source: probabilities(*network, lines) for source, lines in data.held_out_clean.items()
    }
    figures: dict[str, Any] = {
        "sources": by_source(scores, test, thresholds),
        "labels": {
            label: _decisions(
                scores[:, n], np.array([e.labels[n] for e in test]), thresholds[label]
            )
            for n, label in enumerate(LABELS)
        },
        "kinds": by_kind(scores, test, thresholds),
        "threats": threats(scores, test, held_out["dialogsum"], thresholds),
        "called_toxic": {
            source: {"texts": len(each), "share": _rounded(called(each, thresholds).mean())}
            for source, each in held_out.items()
        },
        "operating_points": {
            name: _operating_point(
                calibrate(calibration, share), scores, test, np.concatenate([*held_out.values()])
            )
            for name, share in OPERATING_POINTS.items()
        },
    }
    return thresholds, figures


def called(scores: Probabilities, thresholds: Mapping[str, float]) -> npt.NDArray[np.bool_]:
    """Which texts the gate calls toxic: those with any label at or over its threshold."""
    limits = np.array([thresholds[label] for label in LABELS])
    found: npt.NDArray[np.bool_] = np.any(scores >= limits, axis=1)
    return found


def by_source(
    scores: Probabilities, test: Sequence[Example], thresholds: Mapping[str, float]
) -> dict[str, dict[str, Any]]:
    """AUC, precision and recall of each data set, by the label that it has."""
    found = {}
    for source in dict.fromkeys(example.source for example in test):
        label = JUDGED_BY.get(source, "toxicity")
        n = LABELS.index(label)
        rows = [place for place, example in enumerate(test) if example.source == source]
        truth = np.array([test[place].labels[n] for place in rows])
        found[source] = {"label": label, **_figures(scores[rows, n], truth, thresholds[label])}
    return found


def by_kind(
    scores: Probabilities, test: Sequence[Example], thresholds: Mapping[str, float]
) -> dict[str, dict[str, Any]]:
    """The share of each kind of the project's own sentences that is called toxic."""
    flagged = called(scores, thresholds)
    found = {}
    kinds = {(e.language, e.kind): e.is_toxic for e in test if e.source == TEMPLATES}
    for (language, kind), toxic in sorted(kinds.items()):
        rows = [
            n
            for n, e in enumerate(test)
            if e.source == TEMPLATES and (e.language, e.kind) == (language, kind)
        ]
        found[f"{language}/{kind}"] = {
            "toxic": toxic, "sentences": len(rows), "called": _rounded(flagged[rows].mean()),
        }  # fmt: skip
    return found


def threats(
    scores: Probabilities,
    test: Sequence[Example],
    ordinary: Probabilities,
    thresholds: Mapping[str, float],
) -> dict[str, float]:
    """Recall and precision, with one harmless violence and ten ordinary lines for each threat.

    On templates that were held out, and DialogSum's dev lines.
    """
    flagged = called(scores, thresholds)
    ours = [(n, example.kind) for n, example in enumerate(test) if example.source == TEMPLATES]
    found = [flagged[n] for n, kind in ours if kind in THREATS]
    wrong = [flagged[n] for n, kind in ours if kind in HARMLESS_VIOLENCE]
    if not found or not wrong:
        return {"threats": len(found), "harmless": len(wrong)}
    recall, harmless = float(np.mean(found)), float(np.mean(wrong))
    alarms = harmless + ORDINARY_PER_THREAT * float(called(ordinary, thresholds).mean())
    precision = recall / (recall + alarms) if recall + alarms else 0.0
    return {
        "threats": len(found), "harmless": len(wrong),
        "recall": _rounded(recall), "precision": _rounded(precision),
    }  # fmt: skip


def _operating_point(
    thresholds: dict[str, float],
    scores: Probabilities,
    test: Sequence[Example],
    ordinary: Probabilities,
) -> dict[str, Any]:
    """Thresholds, and what they cost: on the abuse sets' and our own judged texts, and on chat."""
    judged = np.array([example.is_judged for example in test])
    truth = np.array([example.is_toxic for example in test])[judged]
    guess = called(scores, thresholds)[judged]
    return {
        "thresholds": thresholds,
        "precision": _rounded(truth[guess].mean() if guess.any() else 1.0),
        "recall": _rounded(guess[truth].mean() if truth.any() else 0.0),
        "ordinary": _rounded(called(ordinary, thresholds).mean()),
    }


def _figures(scores: Any, labels: Any, threshold: float) -> dict[str, float]:
    """AUC, and precision and recall at the threshold, over the examples whose label is known."""
    known = ~np.isnan(labels)
    auc = auc_of(scores[known], labels[known])
    return {**_decisions(scores, labels, threshold), "auc": _rounded(auc)}


def _decisions(scores: Any, labels: Any, threshold: float) -> dict[str, float]:
    known = ~np.isnan(labels)
    truth, guess = labels[known] == 1.0, scores[known] >= threshold
    return {
        "examples": int(known.sum()),
        "positives": int(truth.sum()),
        "precision": _rounded(truth[guess].mean() if guess.any() else 0.0),
        "recall": _rounded(guess[truth].mean() if truth.any() else 0.0),
    }


def save_gate(
    network: GateNetwork, config: GateConfig, thresholds: dict[str, float], figures: dict[str, Any]
) -> GateManifest:
    """Write weights (fp16 safetensors), manifest and model card to `config.output`."""
    folder = config.output
    write_network(network, folder)
    settings = {k: v for k, v in asdict(config).items() if k not in ("data", "output", "seed")}
    manifest = GateManifest(
        labels=LABELS,
        thresholds=thresholds,
        sha256=sha256_of(folder / WEIGHTS),
        base=BASE,
        base_sha256=base_named(BASE).weights_sha256,
        layers=config.layers,
        rank=config.rank,
        languages=LANGUAGES,
        data={name: sha256_of(config.data / name) for name in SOURCES},
        settings=settings,
        metrics=figures,
        seed=config.seed,
        versions=versions(),
    )
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n")
    (folder / "README.md").write_text(model_card(manifest))
    shutil.rmtree(folder / "checkpoint", ignore_errors=True)
    return manifest


def write_network(network: GateNetwork, folder: Path) -> None:
    """Write what was trained (fp16 safetensors) to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        name: each.detach().to(torch.float16).contiguous()
        for name, each in network.learned().items()
    }
    save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})


def versions() -> dict[str, str]:
    """Of Python and the libraries that a gate rests on."""
    libraries = ("torch", "transformers", "tokenizers", "peft")
    return {"python": platform.python_version(), **{name: version(name) for name in libraries}}


def _rounded(value: Any) -> float:
    return round(float(value), 4)
