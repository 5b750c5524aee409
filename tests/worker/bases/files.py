"""Small files of the formats that bases come in, and packages that hold them."""

import dataclasses
import hashlib
import struct
import zipfile

import numpy as np

from worker.bases import e5
from worker.bases.catalog import Base

WIDTH, INNER, TYPES, POSITIONS = 32, 64, 2, 16
PIECES = [
    "<s>", "<pad>", "</s>", "<unk>", "▁", "▁good", "▁Good", "▁morning", "▁Grüße", "▁🎉", "g", "o",
    "d", "m", "r", "n", "i", "a", "b", "G", "ü", "ß", "e", "<mask>",
]  # fmt: skip
VOCABULARY = len(PIECES) + 3
RULES = {"\n": " ", "\t": " ", "\u200b": " ", "\x07": "", "ﬁ": "fi"}


def quartered(rng, count):
    """Blocks of four-bit numbers as bytes."""
    return b"".join(
        struct.pack("<e", float(rng.uniform(0.01, 0.1))) + rng.bytes(16) for _ in range(count // 32)
    )


def tensors(layers=1, seed=0):
    """Each tensor's kind, how many numbers it has, and its bytes, by its name in the file."""
    rng = np.random.default_rng(seed)

    def matrix(rows, columns):
        return 1, rows * columns, quartered(rng, rows * columns)

    def plain(count):
        return 0, count, rng.normal(size=count).astype("<f4").tobytes()

    made = {
        "emb.word": matrix(VOCABULARY, WIDTH),
        "emb.pos": plain(POSITIONS * WIDTH),
        "emb.type": plain(TYPES * WIDTH),
        "emb.ln.w": plain(WIDTH),
        "emb.ln.b": plain(WIDTH),
    }
    for layer in range(layers):
        for name in ("q", "k", "v", "ao"):
            made[f"l{layer}.{name}.w"] = matrix(WIDTH, WIDTH)
            made[f"l{layer}.{name}.b"] = plain(WIDTH)
        made[f"l{layer}.fi.w"] = matrix(INNER, WIDTH)
        made[f"l{layer}.fi.b"] = plain(INNER)
        made[f"l{layer}.fo.w"] = matrix(WIDTH, INNER)
        made[f"l{layer}.fo.b"] = plain(WIDTH)
        for name in ("aln", "oln"):
            made[f"l{layer}.{name}.w"] = plain(WIDTH)
            made[f"l{layer}.{name}.b"] = plain(WIDTH)
    return made


def e5_file(
    *,
    magic=b"E5S1",
    version=1,
    sizes=(WIDTH, 1, 2, INNER, VOCABULARY, POSITIONS, TYPES),
    epsilon=1e-12,
    block=32,
    pieces=PIECES,
    ids=(0, 2, 1, 3),
    rules=RULES,
    made=None,
):
    """A whole file of the format E5S1, as bytes."""
    texts = [each.encode() for each in pieces]
    offsets = np.cumsum([0, *map(len, texts)]).astype("<u4")
    scores = np.array([0.0, 0.0, 0.0, 0.0, *(-1.0 - n / 9 for n in range(len(texts) - 4))], "<f4")
    normalisation = b"".join(
        struct.pack(f"<IB{len(to)}I", ord(one), len(to), *map(ord, to)) for one, to in rules.items()
    )
    head = struct.pack("<4sI7ifi", magic, version, *sizes, epsilon, block)
    head += struct.pack("<5iQ", len(pieces), *ids, int(offsets[-1]))
    head += offsets.tobytes() + scores.tobytes() + b"".join(texts)
    head += struct.pack("<iI", len(rules), len(normalisation)) + normalisation
    made = tensors() if made is None else made
    at = len(head) + 4 + sum(2 + len(name) + 21 for name in made)
    directory, data = struct.pack("<i", len(made)), b""
    for name, (kind, count, content) in made.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, count, at + len(data), len(content))
        data += content
    return head + directory + data


def digest(content):
    return hashlib.sha256(content).hexdigest()


def wheel(folder, files, package="precis_tiny_base", version="1.0"):
    """Write a package's wheel for a platform that isn't ours; gives its path."""
    about = f"{package}-{version}.dist-info"
    path = folder / f"{package}-{version}-py3-none-manylinux2014_s390x.whl"
    contents = {
        **files,
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: false\n"
        "Tag: py3-none-manylinux2014_s390x\n",
        f"{about}/RECORD": "",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return path


def tiny_base(folder, **changes):
    """A base whose package lies in `folder`, as the catalogue would have it."""
    content = e5_file()
    path = wheel(folder, {"tiny/model.bin": content})
    source, converted = folder / "model.bin", folder / "converted"
    source.write_bytes(content)
    converted.mkdir(exist_ok=True)
    e5.convert(source, converted)
    base = Base(
        name="tiny",
        kind="encoder",
        purpose="is small",
        source="nobody/tiny",
        licence="MIT",
        package="precis-tiny-base",
        version="1.0",
        platform="manylinux2014_s390x",
        wheel_size=path.stat().st_size,
        wheel_sha256=digest(path.read_bytes()),
        file="tiny/model.bin",
        file_size=len(content),
        file_sha256=digest(content),
        convert=e5.convert,
        conversion=1,
        converted_size=100_000,
        weights_sha256=digest((converted / "model.safetensors").read_bytes()),
    )
    return dataclasses.replace(base, **changes)


def pip_variables(**variables):
    """What makes pip look where a test says, and nowhere else."""
    return {
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_NO_CACHE_DIR": "1",
        "PIP_RETRIES": "0",
        "PIP_FIND_LINKS": "",
        **variables,
    }
