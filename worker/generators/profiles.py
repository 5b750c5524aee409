"""Model profiles: which generator, with which weights and decoding, by name.

Knows nothing of how a model is run (`worker.generators.seq2seq`).
"""

from dataclasses import dataclass, replace
from pathlib import Path

from precis.errors import InputError
from worker.pipeline.prompts import Template


@dataclass(frozen=True, slots=True)
class Profile:
    """A generator's settings."""

    name: str
    model: str | None
    """Hub id or local folder of a sequence-to-sequence model; None: extractive."""
    revision: str | None = None
    local: bool = False
    """Whether `model` is a folder under PRECIS_MODELS."""
    template: Template = "instruction"
    window: int = 512
    """Input tokens for instruction and dialogue, without worked examples."""
    beams: int = 4
    candidates: int = 4
    """Drafts a passage, for the gate to choose from."""
    max_new_tokens: int = 128
    no_repeat_ngram: int = 3
    temperature: float = 0.9
    """Of the sampled second try."""
    top_p: float = 0.92
    least_confidence: float | None = None
    """Mean log-probability of a draft's tokens below which it isn't said; None: not asked.

    Printed by `python -m training.grounding DATA --drafts DATA`: what share of first drafts pass.
    """
    lora_targets: tuple[str, ...] = ("q", "v")
    """Modules that LoRA adapts: T5's query and value, as in the study."""


PROFILES = {
    profile.name: profile
    for profile in (
        Profile(
            "embedded",
            model="embedded",
            local=True,
            template="dialogue",
            window=384,
            max_new_tokens=80,
            least_confidence=-0.7,
            lora_targets=("query", "value"),
        ),
        Profile("extractive", model=None),
        Profile(
            "flan-t5-base",
            model="google/flan-t5-base",
            revision="7bcac572ce56db69c1ea7c8af255c5d7c9672fc2",
        ),
    )
}


def profiles_in(models: Path) -> dict[str, Profile]:
    """The profiles, the local ones with the path of their folder under `models`."""
    return {
        name: replace(each, model=str(models / (each.model or ""))) if each.local else each
        for name, each in PROFILES.items()
    }


def profile_named(name: str, models: Path | None = None) -> Profile:
    """The profile, located under `models`; raises InputError, listing the profiles, for others."""
    try:
        return (profiles_in(models) if models else PROFILES)[name]
    except KeyError:
        known = ", ".join(PROFILES)
        raise InputError(f"no model profile {name[:50]!r}; use one of: {known}") from None
