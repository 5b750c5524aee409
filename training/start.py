"""What a run starts from: a model, MiniLM made into an encoder-decoder, or random weights.

Knows nothing of data or of optimisation.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModel, AutoModelForSeq2SeqLM, AutoTokenizer

from precis.errors import ModelError
from worker.embeddings import minilm_folder
from worker.generators.pointer import PointerConfig, PointerSummariser
from worker.generators.profiles import Profile

PEOPLE = 32  # placeholders with a token of their own: #Person1# … #Person32#
DECODER_FROM = (0, 2, 5)  # the encoder's layers that the decoder's start from


def placeholders() -> list[str]:
    return [f"#Person{number}#" for number in range(1, PEOPLE + 1)]


def minilm_tokenizer() -> Any:
    """MiniLM's tokenizer (uncased), with whole placeholders."""
    tokenizer = AutoTokenizer.from_pretrained(minilm_folder())
    tokenizer.add_tokens(placeholders(), special_tokens=False)
    tokenizer.model_max_length = 512
    return tokenizer


def minilm_summariser(layers: Sequence[int] = DECODER_FROM) -> tuple[Any, PointerSummariser]:
    """Tokenizer and model: MiniLM as encoder, its `layers` as decoder, new cross-attention.

    Cross-attention starts from the self-attention of the same layer, which already finds related
    words; a placeholder's embedding from that of "person", apart by a little noise.
    """
    tokenizer = minilm_tokenizer()
    encoder = AutoModel.from_pretrained(minilm_folder(), dtype=torch.float32)
    encoder.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    shape = encoder.config
    config = PointerConfig(
        vocab_size=len(tokenizer),
        hidden_size=shape.hidden_size,
        num_hidden_layers=shape.num_hidden_layers,
        decoder_layers=len(layers),
        num_attention_heads=shape.num_attention_heads,
        intermediate_size=shape.intermediate_size,
        max_position_embeddings=shape.max_position_embeddings,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.cls_token_id,
        decoder_start_token_id=tokenizer.cls_token_id,
        eos_token_id=tokenizer.sep_token_id,
    )
    model = PointerSummariser(config)
    weights = encoder.state_dict()
    with torch.no_grad():
        words = weights["embeddings.word_embeddings.weight"]
        person = words[tokenizer.convert_tokens_to_ids("person")]
        first = tokenizer.convert_tokens_to_ids(placeholders()[0])
        words[first:] = person + 0.02 * torch.randn(len(words) - first, len(person))
    _load(model.encoder, {k: v for k, v in weights.items() if not k.startswith("pooler.")})
    _load(model.decoder, _decoder_weights(weights, layers))
    model.tie_weights()
    return tokenizer, model


def _decoder_weights(
    weights: dict[str, torch.Tensor], layers: Sequence[int]
) -> dict[str, torch.Tensor]:
    chosen = {k: v for k, v in weights.items() if k.startswith("embeddings.")}
    for new, old in enumerate(layers):
        prefix = f"encoder.layer.{old}."
        for key, value in weights.items():
            if key.startswith(prefix):
                name = key.removeprefix(prefix)
                chosen[f"encoder.layer.{new}.{name}"] = value
                if name.startswith("attention."):
                    chosen[f"encoder.layer.{new}.cross{name}"] = value
    return chosen


def _load(module: torch.nn.Module, weights: dict[str, torch.Tensor]) -> None:
    missing, unexpected = module.load_state_dict(weights, strict=False)
    if missing or unexpected:
        raise ModelError(f"MiniLM's weights don't fit: {[*missing, *unexpected][:3]}")


def random_summariser(profile: Profile, folder: Path) -> Any:
    """The profile's architecture from its config alone, written to and loaded from `folder`.

    transformers 5 ties T5's `lm_head` to its embeddings unless a checkpoint holds both, as
    FLAN-T5's do; only a model that was loaded counts its parameters as the real one does.
    """
    config = architecture(profile)
    model = AutoModelForSeq2SeqLM.from_config(config)
    weights = {name: value.detach().clone() for name, value in model.state_dict().items()}
    if config.model_type == "t5":
        weights["lm_head.weight"].normal_()  # one like the embeddings would be tied to them again
        for copy in ("encoder.embed_tokens.weight", "decoder.embed_tokens.weight"):
            weights.pop(copy, None)
    config.save_pretrained(folder)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return AutoModelForSeq2SeqLM.from_pretrained(folder, dtype=torch.float32)


def architecture(profile: Profile) -> Any:
    """The configuration of the profile's model; FLAN-T5-base's is known here, without the hub."""
    if profile.model == "google/flan-t5-base":
        return AutoConfig.for_model("t5", **FLAN_T5_BASE)
    return AutoConfig.from_pretrained(profile.model)


FLAN_T5_BASE = {
    "d_ff": 2_048,
    "d_kv": 64,
    "d_model": 768,
    "decoder_start_token_id": 0,
    "dropout_rate": 0.1,
    "eos_token_id": 1,
    "feed_forward_proj": "gated-gelu",
    "layer_norm_epsilon": 1e-6,
    "num_decoder_layers": 12,
    "num_heads": 12,
    "num_layers": 12,
    "pad_token_id": 0,
    "relative_attention_max_distance": 128,
    "relative_attention_num_buckets": 32,
    "tie_word_embeddings": False,
    "vocab_size": 32_128,
}
"""`config.json` of google/flan-t5-base."""
