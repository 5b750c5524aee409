"""Everything that the gate learns from and is judged by: abuse and ordinary talk, split by text.

The public data sets are read by `training.gate_sources`, the project's own sentences come from
`training.gate_templates`, and `training.weak_labels` completes labels by rules. Knows nothing of
models.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from precis.errors import InputError
from training import gate_sources
from training.gate_examples import CLEAN, UNKNOWN, Example, Split, words_of
from training.gate_templates import make_sentences
from training.weak_labels import telling_words, weak_labels
from worker.gate.network import LABELS

TEMPLATES = "templates"
"""The source of the project's own sentences."""
ORDINARY = ("dialogsum", "irc")
"""The sources of ordinary talk, which nobody judged; thresholds are set by it."""
SOURCES = (
    "toxicity/davidson.csv.gz",
    "toxicity/toxic_spans.train.csv.gz",
    "toxicity/olid.train.tsv.gz",
    "toxicity/hateval.train.tsv.gz",
    "toxicity/germeval2018.train.tsv.gz",
    "toxicity/templates/en.sentence_templates.csv",
    "toxicity/templates/en.words.csv",
    "dialogsum/train.jsonl.gz",
    "irc/train.tar.gz",
)
"""The files that are read, below the data folder."""


@dataclass(frozen=True)
class GateData:
    """The data sets under `folder`, and the project's own sentences."""

    folder: Path
    clean_lines: int = 15_000
    """Training lines of each of DialogSum and IRC."""
    seed: int = 0

    @cached_property
    def abuse(self) -> list[Example]:
        """The posts of the abuse sets, harmless ones among them, and the harmful templates."""
        posts = [post for post in self._posts() if post.text]
        judged = [replace(post, labels=weak_labels(post, self.swearing)) for post in posts]
        return judged + [example for example in self.sentences if example.is_toxic]

    @cached_property
    def sentences(self) -> list[Example]:
        """The project's own sentences."""
        return list(template_examples(self.seed))

    @cached_property
    def swearing(self) -> frozenset[str]:
        """Words that tell of abuse."""
        return telling_words(gate_sources.davidson(self._path("toxicity/davidson.csv.gz")))

    @cached_property
    def clean(self) -> list[Example]:
        """Ordinary talk; a line with a swear word is left out, since nobody judged it."""
        chooser = random.Random(self.seed)
        dialogues = self._path("dialogsum/train.jsonl.gz")
        lines = {
            "dialogsum": sorted(set(gate_sources.dialogsum_lines(dialogues))),
            "irc": sorted(set(gate_sources.irc_archive(self._path("irc/train.tar.gz")))),
        }
        chosen = [
            Example(text, CLEAN, source)
            for source, talk in lines.items()
            for text in chooser.sample(talk, min(self.clean_lines, len(talk)))
            if not self.swearing & set(words_of(text))
        ]
        return chosen + [example for example in self.sentences if not example.is_toxic]

    @cached_property
    def held_out_clean(self) -> dict[str, list[str]]:
        """Lines of the dev sets by source: the gate may call hardly any of them toxic."""
        logs = sorted((self.folder / "irc" / "dev").glob("*.ascii.txt"))
        return {
            "dialogsum": list(gate_sources.dialogsum_lines(self._path("dialogsum/dev.jsonl.gz"))),
            "irc": [
                line
                for log in logs
                for line in gate_sources.irc_texts(log.read_text(errors="replace"))
            ],
        }

    def split(self, name: Split) -> list[Example]:
        return [example for example in self.abuse + self.clean if example.split == name]

    def _posts(self) -> Iterator[Example]:
        yield from gate_sources.davidson(self._path("toxicity/davidson.csv.gz"))
        yield from gate_sources.toxic_spans(self._path("toxicity/toxic_spans.train.csv.gz"))
        yield from gate_sources.olid(self._path("toxicity/olid.train.tsv.gz"))
        yield from gate_sources.hateval(self._path("toxicity/hateval.train.tsv.gz"))
        yield from gate_sources.germeval(self._path("toxicity/germeval2018.train.tsv.gz"))
        templates = self._path("toxicity/templates/en.words.csv").parent
        chooser = random.Random(self.seed)
        sentences = list(gate_sources.bias_templates(templates))
        yield from chooser.sample(sentences, min(3_000, len(sentences)))

    def _path(self, name: str) -> Path:
        path = self.folder / name
        if not path.is_file():
            raise InputError(f"{self.folder} holds no {name}; give the data folder with --data")
        return path


def template_examples(seed: int = 0, each: int = 8) -> Iterator[Example]:
    """The project's own sentences, `each` of a template with slots."""
    for sentence in make_sentences(each, seed):
        template = sentence.template
        labels = tuple(
            UNKNOWN if label in template.unknown else float(label in template.positive)
            for label in LABELS
        )
        yield Example(
            sentence.text, labels, TEMPLATES, template.text, template.kind, template.language
        )
