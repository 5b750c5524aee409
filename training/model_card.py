"""The card of a model of our own, made from its manifest. Knows nothing of how it was trained."""

from training.card_table import table
from training.saving import ModelManifest

_EMBEDDED = """\
# The embedded summariser

Writes abstractive summaries of chat on a CPU: the model of Précis's `embedded` profile, trained
here because no pretrained summariser is small enough to ship.

- Architecture (`worker/generators/pointer.py`): all-MiniLM-L6-v2 (Apache-2.0) as encoder, three
  layers that start from its layers as decoder, new cross-attention (Rothe et al., 2020), and a
  pointer that copies words from the dialogue (See et al., 2017); 30.1 M parameters in fp16.
- People travel as `#Person1#` … `#Person32#`, each a token of its own. The vocabulary is
  uncased: `casing.json` gives words their case and spelling back
  (`worker/generators/casing.py`).
- Files: `model.safetensors` (sha256 {sha256}…), tokenizer, `casing.json`, `manifest.json`.
- Trained from `{start}` by `precis train full --profile embedded --start minilm`, seed {seed}.

## Data

DialogSum, train split (Chen et al., 2021; CC BY-NC-SA 4.0; digest `{train}`): 12,460 English
dialogues, nearly all of two people. It is licensed for non-commercial use and under
share-alike: use these weights accordingly, or retrain without it. None of the data is part of
this repository.

## Figures

{figures}

Of DialogSum's dev dialogues 100 of 500 share over half their 6-grams with a training dialogue,
as the data set was published; figures on dev flatter every trained model a little.

## What it is bad at

It is small. It knows English small talk and errands; technical talk is told in vaguer words or
wrongly. It confuses who did what to whom, and joins halves of two sentences into one that
nobody said. That is why the worker checks each sentence (names, numbers, subject, support by a
message) and quotes the chat where a sentence fails. It reads at most 384 word pieces at once.

## Settings

{settings}
"""

_CARD = """\
# A summariser for the profile {profile}

All weights of `{start}`, fine-tuned on dialogues and people's summaries of them by
`precis train full --profile {profile}`, seed {seed}.

- Files: `model.safetensors` (fp16, sha256 {sha256}…), tokenizer, `manifest.json`.
- Measure it by `precis eval` before it serves: nothing is known of it but what stands here.
- Its licence is that of `{start}` and of the data that it was trained on.

## Data

{data}

## Figures

{figures}

## Settings

{settings}
"""


def model_card(manifest: ModelManifest) -> str:
    """Markdown; of the model that ships, what is known of it besides its manifest."""
    ours = (manifest.profile, manifest.method, manifest.start) == ("embedded", "full", "minilm")
    figures = manifest.metrics or {"none": "yet"}
    return (_EMBEDDED if ours else _CARD).format(
        profile=manifest.profile,
        data=table("data set", manifest.data),
        sha256=manifest.sha256[:16],
        start=manifest.start,
        seed=manifest.seed,
        train=manifest.data.get("train", "unknown"),
        figures=table("figure", figures),
        settings=table("setting", manifest.settings),
    )
