"""Writes a vocabulary as a fast tokenizer, as XLM-RoBERTa has one.

Text is normalised (NFKC; line breaks are spaces), cut at spaces, and split into the pieces whose
log-probabilities add up to most; `<s>` and `</s>` frame it. Case is kept. Knows nothing of files in
which a vocabulary comes.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
)

SPECIAL = ("<s>", "</s>", "<pad>", "<unk>")
MASK = "<mask>"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The tokenizer's pieces, and what it makes of characters before it looks for them."""

    pieces: list[tuple[str, float]]
    """Text and log-probability, by id."""
    begin: int
    end: int
    pad: int
    unknown: int
    removed: str
    """Characters that are dropped."""
    spaces: str
    """Characters that become a space."""


def write_tokenizer(vocabulary: Vocabulary, longest: int, folder: Path) -> None:
    """Write `tokenizer.json` and `tokenizer_config.json`; a text has at most `longest` tokens."""
    tokenizer = Tokenizer(models.Unigram(vocabulary.pieces, vocabulary.unknown, False))
    steps = [
        normalizers.Replace(Regex(_any_of(characters)), by)
        for characters, by in ((vocabulary.removed, ""), (vocabulary.spaces, " "))
        if characters
    ]
    tokenizer.normalizer = normalizers.Sequence(
        [*steps, normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", vocabulary.begin), ("</s>", vocabulary.end)],
    )
    special = [AddedToken(each, normalized=False) for each in SPECIAL]
    masked = tokenizer.token_to_id(MASK) is not None
    if masked:
        special.append(AddedToken(MASK, lstrip=True, normalized=False))
    tokenizer.add_special_tokens(special)
    (folder / "tokenizer.json").write_text(tokenizer.to_str(), encoding="utf-8")
    config: dict[str, str | int] = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": longest,
        "bos_token": "<s>",
        "cls_token": "<s>",
        "eos_token": "</s>",
        "sep_token": "</s>",
        "pad_token": "<pad>",
        "unk_token": "<unk>",
    }
    if masked:
        config["mask_token"] = MASK
    (folder / "tokenizer_config.json").write_text(
        json.dumps(config, indent=2) + "\n", encoding="utf-8"
    )


def _any_of(characters: str) -> str:
    """A regular expression for one or other of them."""
    return "[" + "".join(rf"\x{{{ord(each):x}}}" for each in characters) + "]"
