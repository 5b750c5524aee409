"""Writes summaries with a sequence-to-sequence model of transformers, a PEFT adapter merged in.

Knows nothing of the gate, of names or of citations.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import torch
from peft import PeftModel
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, GenerationConfig

from precis.errors import ModelError
from precis.hashing import sha256_of
from precis.monitoring.metrics import TOKENS
from worker.devices import fast_dtype
from worker.embeddings import batches_by_length
from worker.generators.casing import Casing
from worker.generators.generator import Decoding, Draft, DraftSentence
from worker.generators.pointer import PointerConfig  # importing it makes its class known
from worker.generators.profiles import Profile
from worker.pipeline.packing import Window
from worker.pipeline.passages import Passage
from worker.pipeline.prompts import Shots, render
from worker.pipeline.sentences import split_sentences

BATCH_TOKENS = {"cpu": 8_192, "cuda": 65_536}  # padded input tokens a batch, times beams

# Less than this is better quoted than told: words of an exchange, and of one turn alone.
FEWEST_WORDS = 8
FEWEST_WORDS_ALONE = 30
LEAST_FAMILIAR = 0.6  # share of known words; English chat has 0.8 and more, German or French 0.3


class Seq2SeqGenerator:
    """Summaries written by a model such as FLAN-T5."""

    origin: Literal["generated", "extracted"] = "generated"

    def __init__(self, profile: Profile, device: str = "cpu", adapter: Path | None = None) -> None:
        """Load the model and merge `adapter`. Raises ModelError if either can't be had."""
        self._profile = profile
        self._device = device
        self.adapter = adapter.name if adapter else None
        self._tokenizer, model = load_pretrained(profile)
        self.name = _named(profile)
        self._casing = Casing.load(Path(profile.model or ""))
        self._whole = frozenset(self._tokenizer.get_vocab()) if self._casing else frozenset()
        # Words behind a tuned prompt are copied from the input alone.
        self._copies = model.config.model_type == PointerConfig.model_type
        if adapter is not None:
            model = with_adapter(model, adapter)
        self._model = model.to(device=device, dtype=fast_dtype(device)).eval()

    def window(self, shots: Shots) -> Window:
        """The profile's window less the instruction; worked examples come on top.

        T5 has no absolute positions, so a longer input is allowed, only slower.
        """
        frame = render("", self._profile.template, 0)
        return Window(self._profile.window - self._count([frame])[0], self._count)

    def generate(self, passages: Sequence[Passage], decoding: Decoding) -> list[list[Draft]]:
        """Distinct candidates of each passage, by beam score, or sampled.

        None where there is hardly anything clean to tell, or in a language it doesn't know.
        """
        written = self.written(passages, decoding)
        return [self._drafts(*pair) for pair in zip(written, passages, strict=True)]

    def written(self, passages: Sequence[Passage], decoding: Decoding) -> list[list["Written"]]:
        """The candidates of `generate` as they were written, with the model's confidence."""
        spelt: list[list[Written]] = [[] for _ in passages]
        fit = [index for index, passage in enumerate(passages) if self._can_tell(passage)]
        if not fit:
            return spelt
        template = self._profile.template
        prompts = [render(passages[n].dialogue, template, decoding.shots) for n in fit]
        encoded = dict(zip(fit, self._tokenizer(prompts)["input_ids"], strict=True))
        room = BATCH_TOKENS[self._device] // self._profile.beams
        for places in batches_by_length([len(ids) for ids in encoded.values()], room):
            batch = [fit[place] for place in places]
            written = self._write([encoded[index] for index in batch], decoding)
            for index, candidates in zip(batch, written, strict=True):
                spelt[index] = self._spelt(candidates, passages[index].dialogue)
        return spelt

    def _drafts(self, candidates: Sequence["Written"], passage: Passage) -> list[Draft]:
        least = self._profile.least_confidence
        distinct: dict[tuple[str, ...], Draft] = {}
        for each in candidates:
            likely = least is None or each.confidence >= least
            texts = tuple(split_sentences(each.text)[: passage.sentences])
            draft = tuple(
                DraftSentence(text, sure=likely and not self.invented(text, passage.dialogue))
                for text in texts
            )
            distinct.setdefault(texts, draft)
        return [draft for draft in distinct.values() if draft]

    def invented(self, text: str, dialogue: str) -> list[str]:
        """Words that are none; a model that writes case itself isn't asked for them."""
        return self._casing.invented(text, dialogue, self._whole) if self._casing else []

    def _count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, with the end of its line."""
        return [len(ids) for ids in self._tokenizer(list(texts))["input_ids"]]

    def _can_tell(self, passage: Passage) -> bool:
        clean = [turn.text for turn in passage.turns if turn.quotable]
        said = " ".join(clean)
        if len(said.split()) < (FEWEST_WORDS if len(clean) > 1 else FEWEST_WORDS_ALONE):
            return False
        return self._casing is None or self._casing.familiar(said) >= LEAST_FAMILIAR

    def _spelt(self, candidates: Sequence["Written"], dialogue: str) -> list["Written"]:
        """Candidates with their case, those without a word that is none first."""
        if self._casing is None:
            return list(candidates)
        casing = self._casing
        ordered = sorted(candidates, key=lambda each: bool(self.invented(each.text, dialogue)))
        return [replace(each, text=casing.restore(each.text, dialogue)) for each in ordered]

    @torch.inference_mode()
    def _write(self, encoded: list[list[int]], decoding: Decoding) -> list[list["Written"]]:
        inputs = self._tokenizer.pad({"input_ids": encoded}, return_tensors="pt").to(self._device)
        if self._copies:
            inputs["decoder_source_ids"] = inputs["input_ids"]
        output = self._model.generate(**inputs, generation_config=self._config(decoding))
        written_tokens = real_tokens(output[:, 1:], self._model.generation_config.eos_token_id)
        TOKENS.inc(int(written_tokens.sum()))
        texts = self._tokenizer.batch_decode(output, skip_special_tokens=True)
        each = len(texts) // len(encoded)
        confidences = self._confidences(inputs, output, written_tokens, each)
        written = [Written(*pair) for pair in zip(texts, confidences, strict=True)]
        parts = [written[start : start + each] for start in range(0, len(written), each)]
        if decoding.sample:  # beams come in order; samples don't
            parts = [sorted(part, key=lambda w: -w.confidence) for part in parts]
        return parts

    def _confidences(
        self, inputs: Any, output: torch.Tensor, mask: torch.Tensor, each: int
    ) -> list[float]:
        """Mean log-probability of every output's tokens; `each` outputs belong to an input.

        Asked of the model anew: of a sample, generation only knows what temperature made of it.
        """
        if self._profile.least_confidence is None:
            return [0.0] * len(output)
        actions = output[:, 1:]
        found = torch.zeros(len(output))
        inputs = self._read_once(inputs)
        for nth in range(each):  # a row an input at a time: logits are as large as the vocabulary
            rows = slice(nth, None, each)
            logits = self._model(**inputs, decoder_input_ids=output[rows, :-1]).logits
            chosen = logits.float().log_softmax(-1).gather(-1, actions[rows].unsqueeze(-1))
            kept = mask[rows].to(chosen.dtype)
            mean = (chosen.squeeze(-1) * kept).sum(1) / kept.sum(1).clamp_min(1)
            found[rows] = mean.cpu()
        return found.tolist()

    def _read_once(self, inputs: Any) -> Any:
        """The inputs with their encoding, which is most of a pass: all outputs share it."""
        if isinstance(self._model, PeftModel):  # a tuned prompt stands before the inputs
            return inputs
        ids, attention = inputs["input_ids"], inputs["attention_mask"]
        encoded = self._model.get_encoder()(input_ids=ids, attention_mask=attention)
        rest = {name: value for name, value in inputs.items() if name != "input_ids"}
        return {**rest, "encoder_outputs": encoded}

    def _config(self, decoding: Decoding) -> GenerationConfig:
        profile = self._profile
        how = (
            {"do_sample": True, "temperature": profile.temperature, "top_p": profile.top_p}
            if decoding.sample
            else {"num_beams": profile.beams, "early_stopping": True}
        )
        own = self._model.generation_config
        return GenerationConfig(
            **how,
            num_return_sequences=min(profile.candidates, profile.beams),
            max_length=None,
            max_new_tokens=profile.max_new_tokens,
            no_repeat_ngram_size=profile.no_repeat_ngram,
            max_time=decoding.seconds,
            decoder_start_token_id=own.decoder_start_token_id,
            eos_token_id=own.eos_token_id,
            pad_token_id=own.pad_token_id,
        )


@dataclass(frozen=True, slots=True)
class Written:
    """One candidate."""

    text: str
    confidence: float
    """Mean log-probability of its tokens; 0 where nobody asked."""


def real_tokens(written: torch.Tensor, end: int) -> torch.Tensor:
    """True at every token up to and with the first end token [texts, tokens]."""
    ended = (written == end).int().cumsum(1)
    return (ended == 0) | ((ended == 1) & (written == end))


def _named(profile: Profile) -> str:
    """The hub's id; a local model by its weights, for its folder may be changed."""
    if profile.model and Path(profile.model).is_dir():
        return f"{profile.name}@{sha256_of(Path(profile.model) / 'model.safetensors')[:8]}"
    return profile.model or profile.name


def load_pretrained(profile: Profile) -> tuple[Any, Any]:
    """The profile's tokenizer and model, in fp32. Raises ModelError in one line."""
    if profile.model is None:
        raise ModelError(f"profile {profile.name} has no model to load; use another profile")
    if profile.local and not (Path(profile.model) / "model.safetensors").is_file():
        raise ModelError(
            f"profile {profile.name} has no model in {profile.model}; set PRECIS_MODELS right, "
            "train it (precis train full), or use --profile extractive"
        )
    options: dict[str, Any] = {"revision": profile.revision} if profile.revision else {}
    try:
        tokenizer = AutoTokenizer.from_pretrained(profile.model, **options)
        model = AutoModelForSeq2SeqLM.from_pretrained(
            profile.model, use_safetensors=True, dtype=torch.float32, **options
        )
    except (OSError, ValueError) as error:
        raise ModelError(
            f"model {profile.model} can't be loaded ({type(error).__name__}): not in the local "
            "cache and not to be had from the hub; connect once and try again, or use "
            "--profile embedded"
        ) from None
    return tokenizer, model


def with_adapter(model: Any, adapter: Path) -> Any:
    """`model` with a PEFT adapter: LoRA merged into its weights, a tuned prompt before its input.

    Raises ModelError for a pickled or foreign one.
    """
    if not (adapter / "adapter_model.safetensors").is_file():
        raise ModelError(
            f"adapter {adapter.name} has no adapter_model.safetensors; "
            "save it with safetensors (pickled adapters are refused)"
        )
    try:
        with warnings.catch_warnings():
            # What the libraries have to say to each other is nothing to whoever wants a summary.
            warnings.simplefilter("ignore", FutureWarning)
            warnings.filterwarnings("ignore", message="Input and output embeddings")
            adapted = PeftModel.from_pretrained(model, str(adapter))
            tuned_prompt = adapted.active_peft_config.is_prompt_learning
            return adapted if tuned_prompt else adapted.merge_and_unload()
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise ModelError(
            f"adapter {adapter.name} doesn't fit the model ({type(error).__name__}); "
            "use one that was trained on it"
        ) from None
