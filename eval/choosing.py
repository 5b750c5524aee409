"""Picks a system by name and options, as the worker would load it. Knows nothing of metrics."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from eval.cache import Cached
from eval.fingerprints import folder_digest
from eval.generated import Generated
from eval.systems import LEAD, LONGEST, Extractive, System
from precis.errors import ModelError
from precis.settings import Settings
from worker.gate.loading import load_scorer
from worker.generators.loading import serving_adapter
from worker.generators.profiles import profile_named
from worker.pipeline.prompts import Shots
from worker.registry import check_adapter

SystemName = Literal["generated", "lead-3", "longest-3", "extractive"]
SYSTEMS: tuple[SystemName, ...] = get_args(SystemName)
CACHE = "eval-cache"
"""Folder in PRECIS_HOME."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What to evaluate."""

    system: SystemName = "generated"
    profile: str | None = None
    """None: the settings' own."""
    adapter: Path | None = None
    """None: the one that the worker would load."""
    no_adapter: bool = False
    shots: Shots = 0
    grounding: bool = True
    seed: int = 0
    cached: bool = True


def choose_system(choice: Choice, settings: Settings, device: str = "cpu") -> System:
    """The system, its summaries kept in PRECIS_HOME if it is slow enough to be worth it.

    Raises InputError for an unknown profile, ModelError for an adapter that isn't there, is damaged
    or pickled, or was trained for another profile or base.
    """
    if choice.system == "lead-3":
        return LEAD()
    if choice.system == "longest-3":
        return LONGEST()
    system: System
    if choice.system == "extractive":
        system = Extractive(device)
    else:
        system = _generated(choice, settings, device)
    return Cached(system, settings.home / CACHE) if choice.cached else system


def _generated(choice: Choice, settings: Settings, device: str) -> Generated:
    profile = profile_named(choice.profile or settings.profile, settings.models)
    adapter = choice.adapter
    if choice.no_adapter or profile.model is None:
        adapter = None
    elif adapter is None:
        adapter = serving_adapter(settings, profile)
    elif not adapter.is_dir():
        raise ModelError(f"no adapter folder {adapter}; give an existing one, or --no-adapter")
    else:
        check_adapter(adapter, profile)
    system = Generated(
        profile,
        adapter=adapter,
        shots=choice.shots,
        device=device,
        seed=choice.seed,
    )
    if choice.grounding:
        system = replace(
            system, gate=lambda: load_scorer(settings, device), gate_name=_gate_name(settings)
        )
    return system


def _gate_name(settings: Settings) -> str:
    """Names the gate and its thresholds without loading it."""
    embedded = settings.gate == "embedded"
    which = folder_digest(settings.models / "gate") if embedded else ""
    changed = [f"{label}={limit:g}" for label, limit in sorted(settings.thresholds.items())]
    return " ".join([settings.gate, which, *changed]).strip()
