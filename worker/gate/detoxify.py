"""The gate of the deployed set-up: Detoxify, by name or from a local checkpoint.

Detoxify's own loader unpickles its checkpoints. Ours reads the same files with torch's restricted
loader, which takes tensors and plain containers and runs no code, and then builds Detoxify's model
from them. Knows nothing of what is done about a score.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from precis.errors import ModelError
from worker.gate.scorer import Scores
from worker.gate.windows import score_texts

MODELS = ("original", "unbiased", "multilingual")
DEFAULT_THRESHOLD = 0.5
WINDOW = 512  # tokens, special ones included; what BERT and RoBERTa read at once
_NAMES = {  # as Detoxify's own loader evens them out between models
    "toxic": "toxicity",
    "identity_hate": "identity_attack",
    "severe_toxic": "severe_toxicity",
}
_MANY_LANGUAGES = ("en", "fr", "es", "it", "pt", "tr", "ru")
"""Of the data of Detoxify's `multilingual`; the other models were trained on English alone."""
_REPORTED = 7  # of the unbiased models' labels; the others are groups of people, not toxicity


class DetoxifyScorer:
    """Scores texts with a Detoxify model."""

    def __init__(self, model: str, device: str = "cpu") -> None:
        """Load `model`, one of `MODELS`, or the checkpoint in a local folder.

        A folder holds one `*.ckpt` and the encoder's `config.json` and tokenizer. Raises
        ModelError if the model can't be had, or if its checkpoint holds more than tensors.
        """
        library = _library()
        folder = None if model in MODELS else Path(model)
        checkpoint = _local_checkpoint(folder) if folder else _download(library, model)
        loaded = _load(checkpoint)
        try:
            classes = loaded["config"]["dataset"]["args"]["classes"]
            network, self._tokenizer = library.get_model_and_tokenizer(
                **loaded["config"]["arch"]["args"],
                state_dict=loaded["state_dict"],
                huggingface_config_path=str(folder) if folder else None,
            )
        except (OSError, KeyError, TypeError, ValueError, RuntimeError, AttributeError) as error:
            raise ModelError(
                f"Detoxify's {checkpoint.name} can't be used ({type(error).__name__}): its encoder "
                "is not in the local cache and not to be had from the hub, or the checkpoint is "
                "of another kind; give a whole folder, or set PRECIS_GATE=embedded"
            ) from None
        self._labels = tuple(_NAMES.get(label, label) for label in classes)[:_REPORTED]
        self._network: Any = network.to(device).eval()
        self._device = device
        self.name = f"detoxify-{folder.name if folder else model}"
        many = model == "multilingual" or "xlm" in str(loaded["config"]["arch"]["args"]).casefold()
        self.languages = frozenset(_MANY_LANGUAGES if many else ("en",))
        self.thresholds: Mapping[str, float] = dict.fromkeys(self._labels, DEFAULT_THRESHOLD)

    def score(self, texts: Sequence[str]) -> list[Scores]:
        """Probabilities by label for each text; an empty text scores 0."""
        positions = getattr(self._network.config, "max_position_embeddings", WINDOW)
        room = min(WINDOW, positions - 2) - 2  # RoBERTa's positions start at 2
        return score_texts(texts, self._tokenizer, room, self._labels, self._logits, self._device)

    def _logits(self, inputs: Any) -> torch.Tensor:
        made: torch.Tensor = self._network(**inputs.to(self._device))[0]
        return made[:, : len(self._labels)]


def _library() -> Any:
    try:
        from detoxify import detoxify  # noqa: PLC0415 - an extra
    except ImportError:
        raise ModelError(
            "Detoxify is not installed; pip install 'precis-bot[detoxify]', "
            "or set PRECIS_GATE=embedded"
        ) from None
    return detoxify


def _local_checkpoint(folder: Path) -> Path:
    found = sorted(folder.glob("*.ckpt")) if folder.is_dir() else []
    if len(found) != 1:
        raise ModelError(
            f"no Detoxify checkpoint in {folder}: a folder with one *.ckpt, config.json and "
            f"tokenizer is needed; or use one of detoxify:{', detoxify:'.join(MODELS)}"
        )
    return found[0]


def _download(library: Any, model: str) -> Path:
    url: str = library.MODEL_URLS[model]
    target = Path(torch.hub.get_dir()) / "checkpoints" / url.rsplit("/", 1)[1]
    if not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        expected = target.stem.rsplit("-", 1)[1]  # the name ends in the digest's beginning
        try:
            torch.hub.download_url_to_file(url, str(target), hash_prefix=expected, progress=False)
        except (OSError, RuntimeError) as error:
            raise ModelError(
                f"Detoxify's {model} model can't be downloaded ({type(error).__name__}); connect "
                "once and try again, set PRECIS_GATE=detoxify:FOLDER or PRECIS_GATE=embedded"
            ) from None
    return target


def _load(checkpoint: Path) -> Any:
    try:
        return torch.load(checkpoint, map_location="cpu", weights_only=True)
    except Exception as error:  # noqa: BLE001 - torch raises whatever the bytes make it raise
        raise ModelError(
            f"the checkpoint {checkpoint.name} is damaged or holds more than tensors "
            f"({type(error).__name__}); it was not run; get another"
        ) from None
