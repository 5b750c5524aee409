"""Model profiles: which generator, with which weights and decoding, by name.

Knows nothing of how a model is run (`worker.generators.seq2seq`).
"""

from dataclasses import dataclass

from precis.errors import InputError
from worker.pipeline.prompts import Template


@dataclass(frozen=True, slots=True)
class Profile:
    """A generator's settings."""

    name: str
    model: str | None
    """Hub id or local folder of a sequence-to-sequence model; None: extractive."""
    revision: str | None = None
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
    lora_targets: tuple[str, ...] = ("q", "v")
    """Modules that LoRA adapts: T5's query and value, as in the study."""


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("embedded", model=None),
        Profile(
            "flan-t5-base",
            model="google/flan-t5-base",
            revision="7bcac572ce56db69c1ea7c8af255c5d7c9672fc2",
        ),
    )
}


def profile_named(name: str) -> Profile:
    """The profile; raises InputError, listing the profiles, if there is none of that name."""
    try:
        return PROFILES[name]
    except KeyError:
        known = ", ".join(PROFILES)
        raise InputError(f"no model profile {name[:50]!r}; use one of: {known}") from None
