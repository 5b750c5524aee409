"""Samples summaries from the policy, and measures them: log-probabilities, values, rewards.

One base model serves as policy, as reference (its adapter disabled) and, under a value head, as
critic. Knows nothing of optimisation.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, fields
from typing import Any

import torch
from transformers import GenerationConfig

from worker.devices import fast_dtype
from worker.generators.seq2seq import real_tokens

Reward = Callable[[Sequence[str]], torch.Tensor]
"""Raw `nothate` logits [texts] of summaries."""


@dataclass
class Rollouts:
    """A batch of sampled summaries; all tensors but the first four are [rollouts, tokens]."""

    input_ids: torch.Tensor  # [rollouts, input tokens]
    attention_mask: torch.Tensor  # [rollouts, input tokens]
    decoder_input_ids: torch.Tensor  # [rollouts, tokens]; begins with the start token
    scores: torch.Tensor  # [rollouts]
    actions: torch.Tensor
    mask: torch.Tensor
    log_probs: torch.Tensor
    reference: torch.Tensor
    values: torch.Tensor

    def __len__(self) -> int:
        return len(self.input_ids)

    def __getitem__(self, rows: torch.Tensor) -> "Rollouts":
        return Rollouts(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    @property
    def kl(self) -> torch.Tensor:
        """Log π(a) − log π_ref(a), summed over each rollout's tokens [rollouts]."""
        return ((self.log_probs - self.reference) * self.mask).sum(1)


@dataclass(frozen=True)
class Sampling:
    """How summaries are sampled: from the whole distribution, at temperature 1.

    But for one thing they are the policy's own: of the first `shortest` tokens none is the end,
    though log-probabilities count the end among the choices.
    """

    longest: int = 64
    shortest: int = 5
    """As the study has it: an empty summary offends nobody."""


class Sampler:
    """Rolls a policy out on prompts."""

    def __init__(
        self, model: Any, tokenizer: Any, reward: Reward, how: Sampling, device: str, longest: int
    ) -> None:
        """`model` is TRL's wrapper of a PEFT model; prompts are cut to `longest` tokens."""
        self._model = model
        self._tokenizer = tokenizer
        self._reward = reward
        self._device = device
        self._longest = longest
        own = model.pretrained_model.generation_config
        self._eos, self._pad = own.eos_token_id, own.pad_token_id
        self._config = GenerationConfig(
            do_sample=True,
            top_k=0,
            top_p=1.0,
            temperature=1.0,
            min_new_tokens=how.shortest,
            max_new_tokens=how.longest,
            decoder_start_token_id=own.decoder_start_token_id,
            eos_token_id=self._eos,
            pad_token_id=self._pad,
        )

    @torch.no_grad()
    def roll_out(self, prompts: Sequence[str]) -> tuple[Rollouts, list[str]]:
        """One summary a prompt, and their texts."""
        inputs = self._tokenizer(
            list(prompts),
            padding=True,
            truncation=True,
            max_length=self._longest,
            return_tensors="pt",
        ).to(self._device)
        ids, attention = inputs["input_ids"], inputs["attention_mask"]
        with autocast(self._device):
            written = self._model.generate(
                input_ids=ids, attention_mask=attention, generation_config=self._config
            )  # [rollouts, 1 + tokens]
        actions, decoder_input = written[:, 1:], written[:, :-1]
        mask = real_tokens(actions, self._eos).float()
        texts = self._tokenizer.batch_decode(
            torch.where(mask.bool(), actions, self._pad), skip_special_tokens=True
        )
        log_probs, values = measure(self._model, ids, attention, decoder_input, actions)
        with self._model.pretrained_model.disable_adapter():
            reference, _ = measure(self._model, ids, attention, decoder_input, actions)
        scores = self._reward(texts).float().to(self._device)
        rolled = Rollouts(
            ids, attention, decoder_input, scores, actions, mask, log_probs, reference, values
        )
        return rolled, texts


def measure(
    model: Any,
    input_ids: torch.Tensor,
    attention_mask: torch.Tensor,
    decoder_input_ids: torch.Tensor,
    actions: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Log π(a_t | …) and V_t, each [rollouts, tokens]."""
    with autocast(input_ids.device.type):
        logits, _, values = model(
            input_ids=input_ids,
            attention_mask=attention_mask,
            decoder_input_ids=decoder_input_ids,
        )
    logits = logits.float()  # [rollouts, tokens, vocabulary]
    chosen = logits.gather(-1, actions.unsqueeze(-1)).squeeze(-1) - logits.logsumexp(-1)
    return chosen, values.float()


def autocast(device: str) -> Any:
    """bf16 where matrix units compute in it."""
    if fast_dtype(device) is torch.bfloat16:
        return torch.autocast(device, dtype=torch.bfloat16)
    return nullcontext()
