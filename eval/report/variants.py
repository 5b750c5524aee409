"""Which systems a report compares: baselines, a profile's model, and its adapters.

Models are compared by their first drafts, for the worker's care (gate, grounding, quotes) would
hide what training changed; `served` is the one system with that care. Knows nothing of metrics.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from eval.choosing import Choice
from precis.errors import ModelError
from precis.settings import Settings
from worker.generators.loading import serving_adapter
from worker.generators.profiles import Profile, profiles_in
from worker.pipeline.prompts import Shots
from worker.registry import AdapterManifest, Registry

METHODS = {"lora": "LoRA", "prompt-tuning": "prompt tuning", "ppo": "PPO"}
SHOTS: dict[Shots, str] = {0: "zero-shot", 1: "one-shot", 3: "three-shot"}


@dataclass(frozen=True, slots=True)
class Variant:
    """One system of the report."""

    label: str
    choice: Choice
    kind: str = "baseline"
    """`baseline`, `model`, `served`, or an adapter's method."""
    promoted: bool = False
    start: "Variant | None" = None
    """The adapter that PPO went on from; None: the model alone."""

    @property
    def shown(self) -> str:
        return f"{self.label} (promoted)" if self.promoted else self.label


@dataclass(frozen=True, slots=True)
class Adapter:
    """A usable adapter of the registry."""

    folder: Path
    manifest: AdapterManifest
    promoted: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """All systems, in the order in which they are shown."""

    baselines: tuple[Variant, ...]
    models: tuple[Variant, ...] = ()
    """First drafts: the model alone, then each adapter."""
    before: Variant | None = None
    """The model alone."""
    after: tuple[Variant, ...] = ()
    """PPO adapters."""
    draft: Variant | None = None
    """First drafts of what serves."""
    served: Variant | None = None
    """What serves, as the worker runs it."""
    adapters: tuple[Adapter, ...] = ()
    notes: tuple[str, ...] = ()
    """What is missing, a line each."""

    @property
    def compared(self) -> tuple[Variant, ...]:
        return (*self.baselines, *self.models, *([self.served] if self.served else []))

    @property
    def heated(self) -> tuple[Variant, ...]:
        """What is held against insults: the model alone, what PPO went on from, PPO's adapters."""
        own = {each.choice for each in self.after}
        starts = {each.start.choice: each.start for each in self.after if each.start}
        before = [self.before] if self.before else []
        return (*before, *(v for choice, v in starts.items() if choice not in own), *self.after)

    def fast(self) -> "Plan":
        """Few systems with a model on either data: what serves; before and after one PPO."""
        after = sorted(self.after, key=lambda each: not each.promoted)[:1]
        return replace(
            self,
            models=(self.draft,) if self.draft else (),
            after=tuple(after),
            notes=(*self.notes, "A fast run: of the models, only the one that serves is shown."),
        )


def plan(settings: Settings, profile: Profile, seed: int = 0) -> Plan:
    """The systems of `profile`, whose model is located.

    An adapter that can't be used is a note, as is a model that isn't there.
    """
    baselines = _baselines(seed)
    missing = _missing_model(profile)
    if missing:
        return Plan(baselines, notes=(missing,))
    adapters, notes = _adapters(settings, profile)
    bare = Choice(profile=profile.name, no_adapter=True, grounding=False, seed=seed)
    alone, why = _alone(profile, bare)
    trained, unknown = _on_their_starts(adapters, [_trained(each, bare) for each in adapters])
    models = (*alone, *trained)
    draft, problem = _draft(settings, profile, models)
    served = _served(draft) if draft else None
    if draft and draft not in models:
        models = (*models, draft)
    return Plan(
        baselines=baselines,
        models=models,
        before=alone[0],
        after=tuple(each for each in trained if each.kind == "ppo"),
        draft=draft,
        served=served,
        adapters=adapters,
        notes=(*why, *notes, *unknown, *problem),
    )


def _baselines(seed: int) -> tuple[Variant, ...]:
    return tuple(
        Variant(name, Choice(system=name, seed=seed))
        for name in ("lead-3", "longest-3", "extractive")
    )


def _missing_model(profile: Profile) -> str | None:
    if profile.model is None:
        return f"Profile {profile.name} quotes and has no model; choose another with --profile."
    if profile.local and not Path(profile.model).is_dir():
        return (
            f"The model of profile {profile.name} isn't in the models folder; "
            "train it with precis train full."
        )
    return None


def _alone(profile: Profile, bare: Choice) -> tuple[tuple[Variant, ...], list[str]]:
    """The profile's model without adapters, and what is to be said of what is left out."""
    if profile.template == "dialogue":
        alone = (Variant("full fine-tuning (zero-shot)", bare, "model"),)
        return alone, [
            f"One and three shots are left out: the model of profile {profile.name} was trained "
            "on dialogues alone, so its prompt has no place for worked examples."
        ]
    shots = tuple(
        Variant(label, replace(bare, shots=number), "model") for number, label in SHOTS.items()
    )
    if profile.local:
        return (replace(shots[0], label="full fine-tuning (zero-shot)"), *shots[1:]), []
    return shots, [
        f"Full fine-tuning is left out: the model of profile {profile.name} is the pretrained "
        "one, which precis train full tunes."
    ]


def _adapters(settings: Settings, profile: Profile) -> tuple[tuple[Adapter, ...], list[str]]:
    registry = Registry(settings.models, profiles_in(settings.models))
    found: list[Adapter] = []
    notes: list[str] = []
    try:
        promoted = registry.serving().get(profile.name)
    except ModelError:
        promoted = None
        notes.append("The list of promoted adapters is damaged; promote an adapter again.")
    for name in registry.names():
        try:
            if registry.manifest(name).profile != profile.name:
                continue
            manifest = registry.check(name)
        except ModelError:
            notes.append(f"Adapter {name} can't be used; precis adapters show {name} tells why.")
            continue
        found.append(Adapter(registry.folder(name), manifest, name == promoted))
    if not found:
        notes.append(
            "There are no adapters of this profile; train some with precis train lora, "
            "prompt-tuning or ppo."
        )
    return tuple(sorted(found, key=_by_method)), notes


def _by_method(adapter: Adapter) -> tuple[int, str]:
    return list(METHODS).index(adapter.manifest.method), adapter.folder.name


def _trained(adapter: Adapter, bare: Choice) -> Variant:
    method = adapter.manifest.method
    return Variant(
        f"{METHODS[method]}: {adapter.folder.name}",
        replace(bare, no_adapter=False, adapter=adapter.folder),
        method,
        adapter.promoted,
    )


def _on_their_starts(
    adapters: Sequence[Adapter], trained: Sequence[Variant]
) -> tuple[tuple[Variant, ...], list[str]]:
    """PPO's adapters with what they went on from, known by its weights; what isn't here is told."""
    known = {a.manifest.sha256: v for a, v in zip(adapters, trained, strict=True)}
    found: list[Variant] = []
    notes: list[str] = []
    for adapter, variant in zip(adapters, trained, strict=True):
        weights = adapter.manifest.settings.get("start_sha256")
        found.append(replace(variant, start=known.get(str(weights))))
        if variant.kind == "ppo" and weights and not found[-1].start:
            notes.append(
                f"{variant.label} went on from an adapter that isn't in the registry; it is "
                "compared with the model alone."
            )
    return tuple(found), notes


def _draft(
    settings: Settings, profile: Profile, models: Sequence[Variant]
) -> tuple[Variant | None, list[str]]:
    """The variant that serves, which PRECIS_ADAPTER may take from outside the registry."""
    try:
        folder = serving_adapter(settings, profile)
    except ModelError:
        return None, ["The adapter that should serve can't be used; promote another one."]
    if folder is None:
        return models[0], []
    for each in models:
        if each.choice.adapter and each.choice.adapter.resolve() == folder.resolve():
            return each, []
    choice = replace(models[0].choice, no_adapter=False, adapter=folder)
    return Variant(f"adapter: {folder.name}", choice, "adapter"), []


def _served(draft: Variant) -> Variant:
    label = f"as served: {draft.label}, with gate and grounding"
    return Variant(label, replace(draft.choice, grounding=True), "served")
