"""Writes what a run has trained: a model folder or a PEFT folder, safetensors and a manifest.

Knows nothing of how it was trained.
"""

import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from pydantic import AwareDatetime
from transformers import GenerationConfig

from precis.frozen import Frozen
from precis.hashing import sha256_of
from training.adapter_card import adapter_card
from worker.generators.casing import Casing
from worker.generators.profiles import Profile
from worker.registry import WEIGHTS, AdapterManifest, write_manifest

MODEL_WEIGHTS = "model.safetensors"
MODEL_MANIFEST = "manifest.json"


class ModelManifest(Frozen):
    """What a whole model of our own is, and where it comes from."""

    profile: str
    method: str
    start: str
    """What its weights were before training."""
    data: dict[str, str]
    """Data sets by name, each with its digest."""
    settings: dict[str, Any]
    metrics: dict[str, Any]
    seed: int
    versions: dict[str, str]
    sha256: str
    created: AwareDatetime


def save_model(
    folder: Path,
    trained: tuple[Any, Any],
    casing: Casing | None,
    facts: Mapping[str, Any],
) -> ModelManifest:
    """Write model (fp16) and tokenizer to `folder`; `facts` are the manifest's own fields."""
    tokenizer, model = trained
    folder.mkdir(parents=True, exist_ok=True)
    own = model.generation_config
    model.generation_config = GenerationConfig(  # how to decode is the profile's to say
        decoder_start_token_id=own.decoder_start_token_id,
        eos_token_id=own.eos_token_id,
        pad_token_id=own.pad_token_id,
    )
    model.to(torch.float16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    if casing is not None:
        casing.save(folder)
    manifest = ModelManifest(
        sha256=sha256_of(folder / MODEL_WEIGHTS), versions=versions(), created=_now(), **facts
    )
    (folder / MODEL_MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n")
    return manifest


def save_adapter(
    folder: Path, model: Any, profile: Profile, facts: Mapping[str, Any]
) -> AdapterManifest:
    """Write a PEFT model's adapter to `folder`, ready for the registry.

    A local base is named by its folder alone: where it lies differs from machine to machine.
    """
    base = Path(profile.model or "")
    named = base.name if profile.local else profile.model
    for each in model.peft_config.values():
        each.base_model_name_or_path = named
        each.revision = profile.revision
    folder.mkdir(parents=True, exist_ok=True)
    # What is adapted is never an embedding; PEFT would look for the base on the hub to make sure.
    model.save_pretrained(folder, safe_serialization=True, save_embedding_layers=False)
    manifest = AdapterManifest(
        profile=profile.name,
        base=str(named),
        revision=profile.revision,
        base_sha256=sha256_of(base / MODEL_WEIGHTS) if profile.local else None,
        sha256=sha256_of(folder / WEIGHTS),
        versions=versions(),
        created=_now(),
        **facts,
    )
    write_manifest(folder, manifest)
    (folder / "README.md").write_text(adapter_card(manifest), encoding="utf-8")
    return manifest


def settings_of(config: Any) -> dict[str, Any]:
    """A run's settings as a manifest keeps them: no paths, no profile's own."""
    kept = {k: v for k, v in asdict(config).items() if k not in ("profile", "output", "seed")}
    return {k: str(v) if isinstance(v, Path) else v for k, v in kept.items()}


def versions() -> dict[str, str]:
    libraries = ("torch", "transformers", "peft", "trl", "tokenizers")
    return {"python": platform.python_version(), **{name: version(name) for name in libraries}}


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
