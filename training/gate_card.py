"""The gate's model card, written from its manifest so that card and figures can't part ways."""

from worker.gate.folder import GateManifest

_HEAD = """\
# The embedded gate

Scores a chat message or a sentence of a summary for toxicity, with the labels of Detoxify's
`original` model. It is the gate of Précis's embedded set-up: small enough for a CPU, trained here.
The deployed set-up uses Detoxify `unbiased` instead (`PRECIS_GATE=detoxify:unbiased`).

- Architecture: all-MiniLM-L6-v2 (Apache-2.0; 22.7 M parameters), mean over tokens, a linear layer.
  Base: {base}.
- Files: `model.safetensors` (fp16), tokenizer, `config.json`, `manifest.json` (thresholds, digests,
  settings, figures).
- Retrain: `precis train gate --data PATH`, which writes this page too.

## Data

| source | what it teaches | licence |
| --- | --- | --- |
| Davidson et al., 2017 (t-davidson/hate-speech-and-offensive-language) | 24,783 posts: hate speech, offensive, neither | MIT |
| SemEval-2021 task 5 (ipavlopoulos/toxic_spans), Civil Comments | 7,939 posts with toxic spans, whole and by sentence | CC0 |
| DialogSum, train (Chen et al., 2021) | ordinary talk | CC BY-NC-SA 4.0 |
| Ubuntu IRC, train (Kummerfeld et al., 2019) | ordinary technical chat | CC BY 4.0 |
| sentences of this project (`training/gate_neutral.py`) | groups of people mentioned in ordinary speech, mild words, violent verbs for harmless things | Apache-2.0 |

DialogSum is licensed for non-commercial use and under share-alike: use these weights accordingly,
or retrain without it. None of the data is part of this repository.

Gold labels exist for `toxicity` (all sources) and `identity_attack` (Davidson's hate speech).
`obscene`, `insult`, `threat` and `severe_toxicity` are **weak**: made by the rules of
`training.gate_data.weak_labels`, and masked from the loss where no rule speaks. Their figures
below say how well the rules were learned, not how well people would agree.
"""  # noqa: E501 - Markdown tables have long lines

_FLAWS = """\
## What it is bad at

- **Context.** It reads one text at a time. Sarcasm, threats between the lines, dog whistles and
  pile-ons of harmless words pass; friends who swear at each other are flagged.
- **Swearing.** The posts of Davidson et al. were judged offensive for single swear words, so a
  friendly sentence with a strong one is often flagged.
- **Quoting.** Somebody who reports an insult is often flagged as if they had made it.
- **Other languages.** All training text is English; abuse in other languages mostly passes.
- **Threats** were rare in the data ({threats} weak examples in the test split); hardly any
  is found as such.
- **Disguises.** Look-alike characters, invisible characters, stretched and spaced-out letters are
  undone before scoring; other misspellings may pass.

It decides nothing for good: what it flags goes before moderators, and thresholds can be set
(`PRECIS_THRESHOLDS`).
"""


def model_card(manifest: GateManifest) -> str:
    """The card, in Markdown."""
    labels = manifest.metrics["labels"]
    flaws = _FLAWS.format(threats=labels.get("threat", {}).get("positives", 0))
    return "\n".join([_HEAD.format(base=manifest.base), *_figures(manifest), "", flaws])


def _figures(manifest: GateManifest) -> list[str]:
    metrics = manifest.metrics
    gold = ("toxicity", "identity_attack")
    rows = [
        f"| `{label}`{'' if label in gold else ' (weak)'} | {manifest.thresholds[label]:.2f} | "
        f"{each['positives']} of {each['examples']} | {each['auc']:.3f} | "
        f"{each['precision']:.3f} | {each['recall']:.3f} |"
        for label, each in metrics["labels"].items()
    ]
    sources = [
        f"| {source} | {each['positives']} of {each['examples']} | {each['auc']:.3f} | "
        f"{each['precision']:.3f} | {each['recall']:.3f} |"
        for source, each in metrics["toxicity_by_source"].items()
    ]
    clean = [
        f"| {source} | {each['texts']} | {100 * each['share']:.2f} % |"
        for source, each in metrics["called_toxic"].items()
    ]
    decided = metrics["any_label"]
    return [
        "## Figures",
        "",
        "On the test split (a tenth, by a hash of the post), at the default thresholds, which were",
        "calibrated on the validation split:",
        "",
        "| label | threshold | positives | AUC | precision | recall |",
        "| --- | --- | --- | --- | --- | --- |",
        *rows,
        "",
        f"A text counts as toxic if any label is at or over its threshold: precision "
        f"{decided['precision']:.3f}, recall {decided['recall']:.3f}.",
        "",
        "`toxicity` by source of abuse (few of whose posts are clean, so precision is easy there):",
        "",
        "| source | positives | AUC | precision | recall |",
        "| --- | --- | --- | --- | --- |",
        *sources,
        "",
        "Ordinary texts called toxic, of sources or splits never trained on:",
        "",
        "| source | texts | called toxic |",
        "| --- | --- | --- |",
        *clean,
    ]
