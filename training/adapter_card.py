"""The card of an adapter of our own, made from its manifest. Knows nothing of training."""

from training.card_table import table
from worker.registry import AdapterManifest

_CARD = """\
# The adapter {name}

{what}

- Base: `{base}`{revision}. Method: {method}, seed {seed}; made by `precis train {method}`.
- Files: `adapter_model.safetensors` (sha256 {sha256}…), `adapter_config.json`, `manifest.json`.
- `precis adapters show {name}` prints all of this, `precis eval` measures it, and
  `precis eval report` compares it with its base.

## Data

{data}

{source}

## Settings

{settings}
"""

_WHAT = {
    "ppo": """\
A LoRA that detoxifies: trained with PPO against a hate-speech reward, on dialogues in which people
insult each other. It says what the base says, with less of what offends. What it writes still
passes the gate before anybody reads it.""",
    "lora": "A LoRA, trained on dialogues and people's summaries of them.",
    "prompt-tuning": "A tuned prompt, trained on dialogues and people's summaries of them.",
}

_SOURCES = {
    "ppo": """\
The dialogues are DialogSum's training split (Chen et al., 2021; CC BY-NC-SA 4.0) with abusive
posts mixed in by `precis train insults`: Davidson et al., 2017 (MIT) and Civil Comments (CC0;
Pavlopoulos et al., 2021). The reward is a classifier that the same posts trained (`precis train
reward`), or the hub's `facebook/roberta-hate-speech-dynabench-r4-target` where it could be had.
DialogSum is licensed for non-commercial use and under share-alike: use these weights accordingly.
None of the data is part of this repository.""",
}


def adapter_card(manifest: AdapterManifest) -> str:
    """Markdown."""
    return _CARD.format(
        name=manifest.name,
        what=_WHAT[manifest.method],
        base=manifest.base,
        revision=f" at revision `{manifest.revision}`" if manifest.revision else "",
        method=manifest.method,
        seed=manifest.seed,
        sha256=manifest.sha256[:16],
        data=table("data set", manifest.data),
        source=_SOURCES.get(manifest.method, "Its licence is that of the data it was trained on."),
        settings=table("setting", manifest.settings),
    )
