"""The gate's model card, written from its manifest so that card and figures can't part ways."""

from collections.abc import Iterator
from typing import Any

from worker.bases.catalog import base_named
from worker.gate.folder import GateManifest

_HEAD = """\
# The embedded gate

Scores a chat message or a sentence of a summary for toxicity, with the labels of Detoxify's
`original` model. It is the gate of Précis's embedded set-up: small enough for a CPU, trained here.
The deployed set-up uses Detoxify `unbiased` instead (`PRECIS_GATE=detoxify:unbiased`).

- Architecture: the lower {layers} layers of {base} ({source}, {licence}) under a LoRA of rank {rank},
  the mean over the tokens, a linear layer. `precis models fetch` brings the encoder.
- Languages: {languages}. What is said in another language is not judged.
- Files: `model.safetensors` (LoRA and head, fp16), `manifest.json` (thresholds, digests, settings,
  figures).
- Retrain: `precis train gate --data PATH`, which writes this page too.

## Data

| source | what it teaches | licence |
| --- | --- | --- |
| Davidson et al., 2017 (t-davidson/hate-speech-and-offensive-language) | 24,783 posts: hate speech, offensive, neither | MIT |
| SemEval-2021 task 5 (ipavlopoulos/toxic_spans), Civil Comments | 7,939 posts with toxic spans, whole and by sentence | CC0 |
| OLID (Zampieri et al., 2019) | 13,240 posts: offensive or not | for research; see the original |
| HatEval (Basile et al., 2019) | 10,000 posts: hateful towards women or immigrants, or not | for research; see the original |
| GermEval 2018 (Wiegand et al., 2018) | 5,009 German posts: profanity, insult, abuse, other | free with citation |
| unintended-ml-bias-analysis (Dixon et al., 2018) | harmless and toxic sentences about groups of people, from templates | Apache-2.0 |
| DialogSum, train (Chen et al., 2021) | ordinary talk | CC BY-NC-SA 4.0 |
| Ubuntu IRC, train (Kummerfeld et al., 2019) | ordinary technical chat | CC BY 4.0 |
| sentences of this project (`training/gate_templates/`) | threats and harmless violence, hatred without swear words and its denial, insults and their report, homework, names, swearing at things; English and German | Apache-2.0 |

DialogSum is licensed for non-commercial use and under share-alike, OLID and HatEval for research:
use these weights accordingly, or retrain without them. None of the data sets is part of this
repository.

| label | what teaches it |
| --- | --- |
| `toxicity` | people's judgements (all sets), and templates |
| `identity_attack` | people's judgements (Davidson, HatEval, GermEval, Dixon), and templates |
| `threat` | templates |
| `insult` | people's judgements (GermEval), templates, and rules |
| `obscene` | people's judgements (GermEval), templates, and rules |
| `severe_toxicity` | rules alone: **weak** |

The rules are those of `training/weak_labels.py`. Where nothing speaks, a label is masked from the loss.
"""  # noqa: E501 - Markdown tables have long lines

_FLAWS = """\
## What it is bad at

- **Context.** It reads one text at a time. Sarcasm, threats between the lines, dog whistles and
  pile-ons of harmless words pass; friends who swear at each other are flagged.
- **Swearing.** The posts of Davidson et al. were judged offensive for single swear words, so a
  friendly sentence with a strong one may be flagged.
- **Written sentences.** Threats are taught by templates that one author wrote; people threaten in
  more ways than these.
- **Disguises.** Look-alike characters, invisible characters, stretched and spaced-out letters and
  digits for letters are undone before scoring; other misspellings may pass.

It decides nothing for good: what it flags goes before moderators, and thresholds can be set
(`PRECIS_THRESHOLDS`).
"""


def model_card(manifest: GateManifest) -> str:
    """The card, in Markdown."""
    base = base_named(manifest.base)
    head = _HEAD.format(
        layers=manifest.layers,
        rank=manifest.rank,
        base=base.name,
        source=base.source,
        licence=base.licence,
        languages=", ".join(manifest.languages),
    )
    return "\n".join([head, *_figures(manifest.metrics, manifest.thresholds), "", _FLAWS])


def _figures(metrics: dict[str, Any], thresholds: dict[str, float]) -> Iterator[str]:
    yield from (
        "## Figures",
        "",
        "On the test split (a tenth, by a hash of the post or of the template), at the default",
        "thresholds, which were calibrated on the validation split. Every source by itself:",
        "",
        "| source | label | positives | AUC | precision | recall |",
        "| --- | --- | --- | --- | --- | --- |",
    )
    for source, each in metrics["sources"].items():
        positives, decisions = _shown(each)
        yield f"| {source} | `{each['label']}` | {positives} | {each['auc']:.3f} | {decisions} |"
    yield from ("", "| label | threshold | positives | precision | recall |")
    yield "| --- | --- | --- | --- | --- |"
    for label, each in metrics["labels"].items():
        positives, decisions = _shown(each)
        yield f"| `{label}` | {thresholds[label]:.2f} | {positives} | {decisions} |"
    threats = metrics["threats"]
    if "recall" in threats:
        yield from (
            "",
            f"Threats ({threats['threats']} sentences of templates that were held out), with one",
            f"harmless violence ({threats['harmless']} such sentences) and ten ordinary lines to",
            f"each: recall {threats['recall']:.3f}, precision {threats['precision']:.3f}.",
        )
    yield from ("", "Ordinary talk of the development sets, called toxic:", "")
    yield from ("| source | texts | called toxic |", "| --- | --- | --- |")
    for source, each in metrics["called_toxic"].items():
        yield f"| {source} | {each['texts']} | {100 * each['share']:.2f} % |"
    yield from (
        "",
        "## Operating points",
        "",
        "Precision and recall are on the judged texts of the test split.",
        "",
        "| choice | ordinary talk called toxic | precision | recall |",
        "| --- | --- | --- | --- |",
    )
    for name, point in metrics["operating_points"].items():
        shown = f"{point['precision']:.3f} | {point['recall']:.3f} |"
        yield f"| {name} | {100 * point['ordinary']:.2f} % | {shown}"
    yield from ("", "## By kind of sentence", "", "Held-out templates, called toxic:", "")
    yield from ("| kind | is toxic | sentences | called toxic |", "| --- | --- | --- | --- |")
    for kind, each in metrics["kinds"].items():
        toxic = "yes" if each["toxic"] else "no"
        yield f"| {kind} | {toxic} | {each['sentences']} | {100 * each['called']:.0f} % |"


def _shown(each: dict[str, float]) -> tuple[str, str]:
    """How many positives there are, and how well they are decided."""
    return (
        f"{each['positives']} of {each['examples']}",
        f"{each['precision']:.3f} | {each['recall']:.3f}",
    )
