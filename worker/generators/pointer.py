"""The embedded summariser: a small encoder-decoder that can copy words from its input.

Encoder and decoder are BERT stacks with one embedding table; the decoder starts from the encoder's
pretrained layers, with new cross-attention (Rothe et al., 2020, "Leveraging Pre-trained Checkpoints
for Sequence Generation Tasks"). Each output token is written or copied (See et al., 2017, "Get To
The Point: Summarization with Pointer-Generator Networks"):

    P(w) = p · softmax(h E^T + b)_w + (1 − p) · Σ_{i: x_i = w} a_i
    a = softmax(x̃ W h / √d)      where x̃_i is the encoder's state of input token x_i
    p = σ(u · [h; Σ a_i x̃_i])

A summariser of 30 million parameters can't remember names and numbers; it can copy them.
Registered with transformers' Auto classes on import. Knows nothing of chats or of training.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from transformers import (
    AutoConfig,
    AutoModelForSeq2SeqLM,
    BertConfig,
    BertModel,
    GenerationMixin,
    PreTrainedConfig,
    PreTrainedModel,
)
from transformers.modeling_outputs import Seq2SeqLMOutput

IGNORED = -100  # label of a position that carries no loss


class PointerConfig(PreTrainedConfig):  # type: ignore[misc]
    """Shape of both stacks, by BERT's names; the decoder may be shallower."""

    model_type = "precis-pointer"

    def __init__(  # noqa: PLR0913, PLR0917 - a transformers config takes its fields so
        self,
        vocab_size: int = 30_522,
        hidden_size: int = 384,
        num_hidden_layers: int = 6,
        decoder_layers: int = 6,
        num_attention_heads: int = 12,
        intermediate_size: int = 1_536,
        max_position_embeddings: int = 512,
        dropout: float = 0.1,
        attention_dropout: float = 0.0,
        label_smoothing: float = 0.1,
        **others: Any,
    ) -> None:
        self.vocab_size = vocab_size
        self.hidden_size = hidden_size
        self.num_hidden_layers = num_hidden_layers
        self.decoder_layers = decoder_layers
        self.num_attention_heads = num_attention_heads
        self.intermediate_size = intermediate_size
        self.max_position_embeddings = max_position_embeddings
        self.dropout = dropout
        self.attention_dropout = attention_dropout
        self.label_smoothing = label_smoothing
        others = {
            "pad_token_id": 0,
            "tie_word_embeddings": True,
            **others,
            "is_encoder_decoder": True,
        }
        super().__init__(**others)

    def stack(self, *, decoder: bool) -> BertConfig:
        """The BERT configuration of one of the two stacks."""
        return BertConfig(
            vocab_size=self.vocab_size,
            hidden_size=self.hidden_size,
            num_hidden_layers=self.decoder_layers if decoder else self.num_hidden_layers,
            num_attention_heads=self.num_attention_heads,
            intermediate_size=self.intermediate_size,
            max_position_embeddings=self.max_position_embeddings,
            hidden_dropout_prob=self.dropout,
            attention_probs_dropout_prob=self.attention_dropout,
            is_decoder=decoder,
            add_cross_attention=decoder,
            pad_token_id=self.pad_token_id,
            attn_implementation=self._attn_implementation,
        )


@dataclass
class PointerOutput(Seq2SeqLMOutput):  # type: ignore[misc]
    """`logits` [batch, tokens, vocabulary] are log-probabilities."""


class PointerSummariser(PreTrainedModel, GenerationMixin):  # type: ignore[misc]
    """See the module's docstring. Behaves as any of transformers' sequence-to-sequence models."""

    config_class = PointerConfig
    base_model_prefix = "model"
    main_input_name = "input_ids"
    _supports_sdpa = True
    _supports_attention_backend = True
    supports_gradient_checkpointing = True
    _tied_weights_keys = {  # noqa: RUF012 - transformers' own form
        "decoder.embeddings.word_embeddings.weight": "encoder.embeddings.word_embeddings.weight",
        "lm_head.weight": "encoder.embeddings.word_embeddings.weight",
    }

    def __init__(self, config: PointerConfig) -> None:
        super().__init__(config)
        self.encoder = BertModel(config.stack(decoder=False), add_pooling_layer=False)
        self.decoder = BertModel(config.stack(decoder=True), add_pooling_layer=False)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size)
        self.copy_attention = nn.Linear(config.hidden_size, config.hidden_size, bias=False)
        self.write_gate = nn.Linear(2 * config.hidden_size, 1)
        self._pad = int(config.pad_token_id)
        self.post_init()

    def get_encoder(self, *_: Any, **__: Any) -> BertModel:
        return self.encoder

    def get_decoder(self) -> BertModel:
        return self.decoder

    def get_input_embeddings(self) -> Any:
        return self.encoder.get_input_embeddings()

    def set_input_embeddings(self, value: nn.Module) -> None:
        self.encoder.set_input_embeddings(value)
        self.decoder.set_input_embeddings(value)

    def get_output_embeddings(self) -> nn.Linear:
        return self.lm_head

    def set_output_embeddings(self, value: nn.Linear) -> None:
        self.lm_head = value

    def forward(  # noqa: PLR0913, PLR0917 - transformers' own form
        self,
        input_ids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        decoder_input_ids: torch.Tensor | None = None,
        decoder_attention_mask: torch.Tensor | None = None,
        encoder_outputs: Any = None,
        past_key_values: Any = None,
        labels: torch.Tensor | None = None,
        inputs_embeds: torch.Tensor | None = None,
        use_cache: bool | None = None,
        decoder_source_ids: torch.Tensor | None = None,
        output_hidden_states: bool | None = None,
        **_: Any,
    ) -> PointerOutput:
        """One pass; `labels` [batch, tokens] (−100: no loss) give a loss, in training no logits.

        `decoder_source_ids` [batch, input tokens] are what words are copied from, where
        `input_ids` aren't given: in generation, and behind a tuned prompt.
        """
        source = input_ids if decoder_source_ids is None else decoder_source_ids
        if source is None:
            raise ValueError(
                "input_ids or decoder_source_ids must be given: words are copied from them"
            )
        if encoder_outputs is None:
            encoder_outputs = self.encoder(
                input_ids, attention_mask=attention_mask, inputs_embeds=inputs_embeds
            )
        states = encoder_outputs[0]  # [batch, input tokens, width]
        # A tuned prompt stands before the input and has no words: nothing to copy from there.
        ahead = states.shape[1] - source.shape[1]
        source = functional.pad(source, (ahead, 0), value=self._pad)
        if decoder_input_ids is None and labels is not None:
            decoder_input_ids = self.prepare_decoder_input_ids_from_labels(labels)
        decoded = self.decoder(
            decoder_input_ids,
            attention_mask=decoder_attention_mask,
            encoder_hidden_states=states,
            encoder_attention_mask=attention_mask,
            past_key_values=past_key_values,
            use_cache=bool(use_cache),
        )
        hidden = decoded.last_hidden_state  # [batch, tokens, width]
        copied, write = self._pointer(hidden, states, source)
        loss = logits = None
        if labels is not None:
            loss = self._loss(hidden, copied, write, source, labels)
        if labels is None or not self.training:
            logits = self._log_probabilities(hidden, copied, write, source)
        return PointerOutput(
            loss=loss,
            logits=logits,
            past_key_values=decoded.past_key_values,
            decoder_hidden_states=(hidden,) if output_hidden_states else None,
            encoder_last_hidden_state=states,
        )

    def _pointer(
        self, hidden: torch.Tensor, states: torch.Tensor, source: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Where to copy from [batch, tokens, input tokens], and the logit of writing [b, t]."""
        query = self.copy_attention(hidden)
        scores = (query @ states.transpose(1, 2)).float() * hidden.shape[-1] ** -0.5
        blank = (source == self._pad)[:, None, :]
        copied = scores.masked_fill(blank, torch.finfo(scores.dtype).min).softmax(-1)
        seen = copied.to(states.dtype) @ states
        write = self.write_gate(torch.cat([hidden, seen.to(hidden.dtype)], dim=-1)).squeeze(-1)
        return copied, write.float()

    def _log_probabilities(
        self,
        hidden: torch.Tensor,
        copied: torch.Tensor,
        write: torch.Tensor,
        source: torch.Tensor,
    ) -> torch.Tensor:
        written = self.lm_head(hidden).float().softmax(-1) * write.sigmoid().unsqueeze(-1)
        copied = copied * (-write).sigmoid().unsqueeze(-1)
        where = source[:, None, :].expand(-1, hidden.shape[1], -1)
        mixed: torch.Tensor = written.scatter_add(-1, where, copied)
        return mixed.clamp_min(1e-30).log()

    def _loss(
        self,
        hidden: torch.Tensor,
        copied: torch.Tensor,
        write: torch.Tensor,
        source: torch.Tensor,
        labels: torch.Tensor,
    ) -> torch.Tensor:
        """Mean negative log-likelihood, the written part smoothed over the vocabulary.

        Only positions with a label reach the vocabulary's layer, the dearest of the model.
        """
        real = labels != IGNORED
        wanted, hidden = labels[real], hidden[real]  # [positions], [positions, width]
        normaliser = self.lm_head(hidden).float().logsumexp(-1)
        words, bias = self.lm_head.weight, self.lm_head.bias
        chosen = (hidden.float() * words[wanted]).sum(-1) + bias[wanted] - normaliser
        same = source[:, None, :] == labels[:, :, None]  # [batch, tokens, input tokens]
        copy = (copied * same).sum(-1)[real].clamp_min(1e-12).log()
        write = write[real]
        likelihood = torch.logaddexp(
            functional.logsigmoid(write) + chosen, functional.logsigmoid(-write) + copy
        )
        loss: torch.Tensor = -likelihood.mean()
        if self.training and (share := self.config.label_smoothing):
            # The mean logit is the logit of the mean word: no second pass over the vocabulary.
            average = hidden.float() @ words.mean(0) + bias.mean()
            loss = (1 - share) * loss + share * (normaliser - average).mean()
        return loss

    def prepare_decoder_input_ids_from_labels(self, labels: torch.Tensor) -> torch.Tensor:
        """The labels moved right by one, after the start token."""
        moved = torch.full_like(labels, self._pad)
        moved[:, 1:] = labels[:, :-1].masked_fill(labels[:, :-1] == IGNORED, self._pad)
        moved[:, 0] = self.config.decoder_start_token_id
        return moved

    def generate(self, inputs: torch.Tensor | None = None, **kwargs: Any) -> Any:
        """As transformers' `generate`; carries the input's ids along, to copy from at each step."""
        ids = kwargs.pop("input_ids", None) if inputs is None else inputs
        return super().generate(ids, **{"decoder_source_ids": ids, **kwargs})


AutoConfig.register(PointerConfig.model_type, PointerConfig, exist_ok=True)
AutoModelForSeq2SeqLM.register(PointerConfig, PointerSummariser, exist_ok=True)
