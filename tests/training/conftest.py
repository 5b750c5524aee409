"""Tiny models that learn in seconds."""

import pytest
import torch

from training.start import minilm_tokenizer
from worker.generators.pointer import PointerConfig, PointerSummariser


@pytest.fixture(scope="session")
def tokenizer():
    return minilm_tokenizer()


@pytest.fixture
def tiny_pointer(tokenizer):
    """A pointer model of random weights, two layers deep."""
    torch.manual_seed(0)
    config = PointerConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        decoder_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        dropout=0.0,
        bos_token_id=tokenizer.cls_token_id,
        decoder_start_token_id=tokenizer.cls_token_id,
        eos_token_id=tokenizer.sep_token_id,
    )
    return PointerSummariser(config)
