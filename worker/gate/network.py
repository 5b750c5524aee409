"""The embedded gate's network: MiniLM, the mean over its tokens, one logit a label.

Also how a text is folded before it is scored, which training must do in the same way. Knows
nothing of thresholds.
"""

import re
import unicodedata
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoConfig, AutoModel

LABELS = ("toxicity", "severe_toxicity", "obscene", "identity_attack", "insult", "threat")
"""Detoxify's names for the labels of Jigsaw's first challenge."""

_HIDDEN = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufe0f\ufeff]")
_STRETCHED = re.compile(r"(\w)\1{2,}")
_SPACED_OUT = re.compile(r"\b(?:\w[ .\-_*]){3,}\w\b")


def fold(text: str) -> str:
    """Undo cheap disguises: look-alike forms, invisible characters, stretching, spacing out."""
    plain = _HIDDEN.sub("", unicodedata.normalize("NFKC", text))
    plain = _SPACED_OUT.sub(lambda match: re.sub(r"[ .\-_*]", "", match[0]), plain)
    return _STRETCHED.sub(r"\1\1", plain)


class GateNetwork(nn.Module):
    """Token ids to one logit a label."""

    def __init__(self, encoder: Any, labels: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(encoder.config.hidden_size, labels)

    @classmethod
    def from_pretrained(cls, folder: Path, labels: int) -> "GateNetwork":
        """A pretrained encoder under a new head."""
        encoder = AutoModel.from_pretrained(folder, add_pooling_layer=False, dtype=torch.float32)
        return cls(encoder, labels)

    @classmethod
    def empty(cls, folder: Path, labels: int) -> "GateNetwork":
        """The architecture of `folder`'s config.json, its weights still to be loaded."""
        config = AutoConfig.from_pretrained(folder)
        encoder = AutoModel.from_config(config, add_pooling_layer=False)
        return cls(encoder, labels)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Ids and mask [batch, tokens] to logits [batch, labels]."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1)  # [batch, tokens, 1]
        pooled = (hidden * mask).sum(1) / mask.sum(1)  # [batch, dimension]
        logits: torch.Tensor = self.head(self.dropout(pooled))
        return logits
