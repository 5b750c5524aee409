"""Tiny models that learn in seconds, and a made-up data folder in the formats of the real one."""

import csv
import gzip
import io
import json
import random
import tarfile

import pytest
import torch

from training.start import minilm_tokenizer
from worker.generators.pointer import PointerConfig, PointerSummariser

INSULTS = ("you {} fool", "shut up you {} clown", "what a {} loser you are", "{} idiot, go away")
TALK = ("the {} exam is on Monday", "bring the {} notes please", "I like the {} room")
WORDS = [
    "silly",
    "lazy",
    "big",
    "small",
    "green",
    "early",
    "late",
    "round",
    "noisy",
    "quiet",
    "old",
    "new",
]


LINES = (TALK, INSULTS)


def write_tsv(path, rows):
    with gzip.open(path, "wt", encoding="utf-8") as file:
        for row in rows:
            file.write("\t".join(map(str, row)) + "\n")


def write_bias_templates(folder):
    folder.mkdir()
    slot = "{type|%s_connotation|%s}"
    identity = slot % ("identity", "neutral")
    rows = [
        ("am_hate_adj", "nontoxic", f"I am {identity}"),
        ("am_hate_adj", "toxic", f"I hate {identity}"),
        ("you_are", "toxic", f"You are a {slot % ('adjective', 'toxic')} {identity}"),
    ]
    with (folder / "en.sentence_templates.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("template", "toxicity", "phrase"), *rows])
    words = [
        ("identity", "age", "neutral", "old"), ("identity", "age", "neutral", "young"),
        ("adjective", "", "toxic", "nasty"),
    ]  # fmt: skip
    with (folder / "en.words.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("type", "subtype", "connotation", "word"), *words])


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    for name in ("toxicity", "dialogsum", "irc/dev"):
        (folder / name).mkdir(parents=True)
    chooser = random.Random(0)

    def say(templates):
        return chooser.choice(templates).format(" ".join(chooser.choices(WORDS, k=2)))

    with gzip.open(folder / "toxicity/davidson.csv.gz", "wt", newline="") as file:
        rows = csv.DictWriter(file, ["", "count", "class", "tweet"])
        rows.writeheader()
        for number in range(400):
            kind = number % 4
            text = say(TALK if kind == 2 else INSULTS)
            rows.writerow({"": number, "class": min(kind, 2) if kind < 3 else 1, "tweet": text})
    with gzip.open(folder / "toxicity/toxic_spans.train.csv.gz", "wt", newline="") as file:
        rows = csv.DictWriter(file, ["spans", "text"])
        rows.writeheader()
        for _ in range(100):
            clean, bad = say(TALK), say(INSULTS)
            text = f"{clean.capitalize()}. {bad.capitalize()}."
            start = len(clean) + 2
            rows.writerow({"spans": list(range(start, start + len(bad))), "text": text})
        rows.writerow({"spans": [], "text": "A post that nobody found toxic."})
    write_tsv(
        folder / "toxicity/olid.train.tsv.gz", [(n % 2, say(LINES[n % 2])) for n in range(60)]
    )
    write_tsv(
        folder / "toxicity/hateval.train.tsv.gz", [(n % 2, say(LINES[n % 2])) for n in range(60)]
    )
    write_tsv(
        folder / "toxicity/germeval2018.train.tsv.gz",
        [(f"Du {n} Dummkopf|LBR| Schluss", "OFFENSE", "INSULT") for n in range(20)]
        + [(f"Die Klausur ist am {n}.", "OTHER", "OTHER") for n in range(20)],
    )
    write_bias_templates(folder / "toxicity/templates")
    for split in ("train", "dev"):
        with gzip.open(folder / f"dialogsum/{split}.jsonl.gz", "wt") as file:
            for number in range(80):
                dialogue = f"#Person1#: {say(TALK)} {number}\n#Person2#: {say(TALK)} {number}"
                file.write(json.dumps({"dialogue": dialogue, "summary": say(TALK)}) + "\n")
    log = "\n".join(f"[12:{n % 60:02}] <ana> ben: {say(TALK)} {n}" for n in range(120))
    (folder / "irc/dev/2004-11-15.ascii.txt").write_text(log)
    with tarfile.open(folder / "irc/train.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("train/a.ascii.txt")
        member.size = len(log)
        archive.addfile(member, io.BytesIO(log.encode()))
    return folder


@pytest.fixture(scope="session")
def tokenizer():
    return minilm_tokenizer()


@pytest.fixture
def interrupted():
    """A progress that stops the run once so much of it is done."""

    def until(most):
        def told(_what, share):
            if share >= most:
                raise InterruptedError

        return told

    return until


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
