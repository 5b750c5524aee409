"""`precis train …` as people run it, on a tiny model of a few dialogues."""

import gzip
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification
from typer.testing import CliRunner

from cli.training import app
from eval.dialogues import Dialogue
from precis.errors import PrecisError
from training.insults import write_dialogues
from training.runs import EMBEDDED
from training.start import minilm_tokenizer
from worker.generators.pointer import PointerConfig, PointerSummariser
from worker.generators.profiles import PROFILES

ROOT = Path(__file__).parents[2]
TALKS = [
    Dialogue(str(n), f"#Person1#: I like {what}.\n#Person2#: So do I.", (f"They like {what}.",))
    for n, what in enumerate(["tea", "long walks", "green soup", "cats", "old books"])
]


@pytest.fixture(scope="module")
def tokenizer():
    return minilm_tokenizer()


@pytest.fixture
def models(tokenizer, tmp_path, monkeypatch):
    """A models folder whose embedded model is tiny."""
    torch.manual_seed(0)
    config = PointerConfig(
        vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=1, decoder_layers=1,
        num_attention_heads=2, intermediate_size=16, dropout=0.0,
        bos_token_id=tokenizer.cls_token_id, decoder_start_token_id=tokenizer.cls_token_id,
        eos_token_id=tokenizer.sep_token_id,
    )  # fmt: skip
    folder = tmp_path / "models"
    PointerSummariser(config).save_pretrained(folder / "embedded")
    tokenizer.save_pretrained(folder / "embedded")
    small = replace(PROFILES["embedded"], max_new_tokens=8, beams=2, candidates=1)
    monkeypatch.setitem(PROFILES, "embedded", small)
    monkeypatch.setenv("PRECIS_MODELS", str(folder))
    for settings in EMBEDDED.values():  # a model that knows nothing never ends a summary
        monkeypatch.setitem(settings, "longest_summary", 8)
    return folder


@pytest.fixture
def talks(tmp_path):
    write_dialogues(TALKS, tmp_path / "talks.jsonl")
    write_dialogues(TALKS[:2], tmp_path / "dev.jsonl")
    return ("--data", str(tmp_path / "talks.jsonl"), "--dev", str(tmp_path / "dev.jsonl"))


@pytest.fixture
def reward(tokenizer, tmp_path):
    model = BertForSequenceClassification(
        BertConfig(
            vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
            intermediate_size=16, id2label={0: "nothate", 1: "hate"},
            label2id={"nothate": 0, "hate": 1},
        )
    )  # fmt: skip
    model.save_pretrained(tmp_path / "reward")
    tokenizer.save_pretrained(tmp_path / "reward")
    return tmp_path / "reward"


def train(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments])


def figures(*arguments):
    run = train(*arguments, "--json")
    assert run.exit_code == 0, f"{run.output} {run.exception!r}"
    return json.loads(run.stdout)


def manifest(folder):
    return json.loads((folder / "manifest.json").read_text())


def assert_one_line(run, told):
    assert isinstance(run.exception, PrecisError), f"{run.output} {run.exception!r}"
    assert told in str(run.exception)
    assert "\n" not in str(run.exception)


def test_loras_options_reach_the_run(models, talks):
    told = figures(
        "lora", *talks, "--name", "own", "--epochs", 1, "--batch", 2, "--learning-rate", 0.01,
        "--rank", 4, "--alpha", 8, "--dropout", 0.1, "--accumulate", 2, "--examples", 4,
        "--seed", 3,
    )  # fmt: skip
    assert 0 <= told["rouge1"] <= 1
    made = manifest(models / "adapters" / "own")
    wanted = {"epochs": 1.0, "batch": 2, "learning_rate": 0.01, "rank": 4, "alpha": 8,
              "dropout": 0.1, "accumulate": 2}  # fmt: skip
    assert {name: made["settings"][name] for name in wanted} == wanted
    assert (made["seed"], made["metrics"]) == (3, told)


def test_prompt_tunings_options_reach_the_run(models, talks):
    figures("prompt-tuning", *talks, "--epochs", 1, "--virtual-tokens", 3)
    made = manifest(models / "adapters" / "embedded-prompt-tuning")
    assert made["settings"]["virtual_tokens"] == 3


def test_full_writes_where_it_is_told(models, talks, tmp_path):
    told = figures("full", *talks, "--epochs", 1, "--output", tmp_path / "own")
    assert manifest(tmp_path / "own")["metrics"] == told


def test_ppos_options_reach_the_run(models, talks, reward):
    told = figures(
        "ppo", *talks[:2], "--reward", reward, "--steps", 1, "--batch", 4, "--mini-batch", 2,
        "--beta", 0.1, "--target-kl", 3, "--longest", 64, "--learning-rate", 0.001,
    )  # fmt: skip
    assert told["step"] == 0
    assert told["beta"] == pytest.approx(0.1)
    settings = manifest(models / "adapters" / "embedded-ppo")["settings"]
    wanted = {"steps": 1, "batch": 4, "mini_batch": 2, "beta": 0.1, "target_kl": 3.0,
              "longest": 64, "learning_rate": 0.001}  # fmt: skip
    assert {name: settings[name] for name in wanted} == wanted


@pytest.mark.slow
def test_methods_are_compared(models, talks, tmp_path):
    told = figures("compare", *talks, "--output", tmp_path / "compared", "--examples", 4)
    assert len(told["rows"]) == 4
    assert told["budget"]["dialogues"] == 4
    assert told == json.loads((tmp_path / "compared" / "methods.json").read_text())


def trainable(*arguments):
    run = train(*arguments, "--dry-run")
    assert run.exit_code == 0, f"{run.output} {run.exception!r}"
    [line] = run.stdout.splitlines()
    return int(line.split()[0].replace(",", ""))


def test_a_dry_run_counts_what_the_options_ask(models):
    assert trainable("lora", "--rank", 4) == 2 * trainable("lora", "--rank", 2)
    assert trainable("lora", "--rank", 4, "--random-init") == trainable("lora", "--rank", 4)
    three = trainable("prompt-tuning", "--virtual-tokens", 3)
    assert trainable("prompt-tuning", "--virtual-tokens", 6) == 2 * three
    assert trainable("full", "--start", "minilm") > 10 * trainable("full")
    assert trainable("ppo") == trainable("lora") + 17  # hidden size and bias of the value head


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["lora"], "no data"),
        (["ppo"], "no data"),
        (["compare"], "no data"),
        (["compare", "--data", "x.jsonl"], "--dev"),
        (["lora", "--data", "talks.jsonl"], "--dev"),
        (["full", "--data", "/none.jsonl.gz"], "--dev"),
        (["lora", "--profile", "none", "--dry-run"], "no model profile"),
        (["lora", "--profile", "extractive", "--dry-run"], "no model to train"),
        (["ppo", "--profile", "extractive", "--dry-run", "--random-init"], "no model to train"),
        (["compare", "--profile", "extractive", "--data", "x", "--dev", "y"], "no model to train"),
        (["full", "--start", "/none", "--dry-run"], "no model folder"),
        (["full", "--start", "/none", "--dry-run", "--random-init"], "no model folder"),
        (["lora", "--data", "/none.jsonl", "--dev", "/none.jsonl"], "no data file"),
        (["lora", "--data", "x", "--dev", "y", "--name", "A B"], "can't be an adapter's name"),
        (["ppo", "--data", "x", "--adapter", "/none"], "can't be read"),
    ],
)
def test_bad_usage_is_one_line(models, command, told):
    assert_one_line(train(*command), told)


def test_a_penalty_that_aims_at_nothing_is_bad_usage(models):
    assert train("ppo", "--data", "x", "--target-kl", 0).exit_code == 2


def test_a_damaged_archive_is_one_line(models, tmp_path):
    whole = bytearray(gzip.compress(b'{"dialogue": "hello", "summary": "x"}\n' * 200))
    whole[12:20] = b"\xff" * 8
    (tmp_path / "bad.jsonl.gz").write_bytes(whole)
    file = str(tmp_path / "bad.jsonl.gz")
    assert_one_line(train("lora", "--data", file, "--dev", file), "bad.jsonl.gz can't be read")


@pytest.mark.slow
def test_two_processes_train_one_adapter_and_one_of_them_writes_it(models, talks, tmp_path):
    """On two CPU processes with gloo; what it proves for several GPUs is all but NCCL."""
    command = ("-m", "cli", "train", "lora", *talks, "--epochs", "1", "--batch", "1", "--json")
    launch = ("-m", "torch.distributed.run", "--nproc-per-node", "2", "--standalone")
    run = subprocess.run(
        [sys.executable, *launch, *command],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert manifest(models / "adapters" / "embedded-lora")["metrics"] == told
    assert not list((tmp_path / "home").rglob("checkpoint-*"))
