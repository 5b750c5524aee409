"""The embedded gate's network: multilingual-e5-small under LoRA, the mean over its tokens, and one
logit for each label.

Only the lower layers of the encoder are kept: they know as much of this task, and compute it in two
thirds of the time (docs/experiments.md). Trained are the LoRA (Hu et al., 2021) and the head; the
encoder itself is fetched (`worker.bases`). Knows nothing of thresholds.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import torch
from torch import nn
from transformers import AutoModel

LABELS = ("toxicity", "severe_toxicity", "obscene", "identity_attack", "insult", "threat")
"""Detoxify's names for the labels of Jigsaw's first challenge."""

_TARGETS = ["query", "key", "value", "dense"]
_PREFIX = "encoder.base_model.model."
_DOWN, _UP = ".lora_A.default.weight", ".lora_B.default.weight"
"""How PEFT names what it trains."""


class GateNetwork(nn.Module):
    """Token ids to one logit a label."""

    def __init__(self, encoder: Any, labels: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(encoder.config.hidden_size, labels)

    @classmethod
    def to_train(cls, base: Path, layers: int, rank: int, labels: int = len(LABELS)) -> Self:
        """A new head, and a new LoRA that changes nothing yet, on a pretrained encoder's layers."""
        from peft import LoraConfig, get_peft_model  # noqa: PLC0415 - a second to import

        lora = LoraConfig(r=rank, lora_alpha=rank, target_modules=_TARGETS)
        return cls(get_peft_model(_encoder(base, layers), lora), labels)

    @classmethod
    def to_serve(
        cls,
        base: Path,
        layers: int,
        learned: Mapping[str, torch.Tensor],
        labels: int,
        dtype: torch.dtype,
    ) -> Self:
        """The LoRA merged into the encoder's weights, the encoder in `dtype`.

        Raises ValueError if what was learned is of another shape.
        """
        network = cls(_encoder(base, layers), labels)
        _merge(network.encoder, learned)
        with torch.no_grad():
            network.head.weight.copy_(learned["head.weight"])
            network.head.bias.copy_(learned["head.bias"])
        network.encoder.to(dtype)
        return network.eval()

    def learned(self) -> dict[str, torch.Tensor]:
        """Of a network that is trained: LoRA and head, by name."""
        return {name: each for name, each in self.named_parameters() if each.requires_grad}

    def load_learned(self, weights: Mapping[str, torch.Tensor]) -> None:
        """Take over what was trained. Raises ValueError if it is of another shape."""
        mine = self.learned()
        if {name: each.shape for name, each in mine.items()} != {
            name: each.shape for name, each in weights.items()
        }:
            raise ValueError("weights of another shape")
        with torch.no_grad():
            for name, each in mine.items():
                each.copy_(weights[name])

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Ids and mask [batch, tokens] to logits [batch, labels]."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)  # [batch, tokens, 1]
        pooled = (hidden * mask).sum(1) / mask.sum(1)  # [batch, dimension]
        logits: torch.Tensor = self.head(self.dropout(pooled.float()))
        return logits


def _encoder(base: Path, layers: int) -> Any:
    encoder = AutoModel.from_pretrained(base, add_pooling_layer=False, dtype="auto")
    encoder.encoder.layer = encoder.encoder.layer[:layers]
    encoder.config.num_hidden_layers = layers
    encoder.encoder.float()  # but not the vocabulary, which is five times as large
    return encoder


@torch.no_grad()
def _merge(encoder: Any, learned: Mapping[str, torch.Tensor]) -> None:
    """Add each LoRA's product to the weights that it is for: W + B A, its scale being 1."""
    merged = 0
    for name, down in learned.items():
        if name.startswith(_PREFIX) and name.endswith(_DOWN):
            up = learned[name.removesuffix(_DOWN) + _UP]
            module = encoder.get_submodule(name.removeprefix(_PREFIX).removesuffix(_DOWN))
            module.weight += up @ down
            merged += 1
    linear = sum(isinstance(module, nn.Linear) for module in encoder.modules())
    if merged != linear or len(learned) != 2 * merged + 2:
        raise ValueError("weights of another shape")
