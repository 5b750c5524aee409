"""`precis eval` as people run it, on three dialogues."""

import gzip
import json

import pytest
from typer.testing import CliRunner

from cli.evaluation import app
from precis.errors import PrecisError
from tests.eval.talks import TALK, dialogue, write_jsonl

TALKS = [
    TALK,
    dialogue("#Person1#: Lunch at noon?", "#Person2#: Yes.", summary="They meet for lunch."),
    dialogue("#Person1#: You are a stupid idiot!", "#Person2#: Calm down, please."),
]


@pytest.fixture
def data(tmp_path):
    return write_jsonl(tmp_path / "three.jsonl", TALKS)


def evaluate(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments])


def figures(*arguments):
    run = evaluate(*arguments, "--json", "-")
    assert run.exit_code == 0, run.output
    return json.loads(run.stdout)


def test_rouge_of_quotes_as_json(data):
    report = figures("rouge", "--data", data, "--system", "extractive")
    assert report["system"]["system"] == "extractive"
    assert report["data"]["source"] == "three.jsonl"
    assert report["data"]["dialogues"] == 3
    for kind in ("rouge1", "rouge2", "rougeL", "rougeLsum"):
        each = report["figures"][kind]
        assert 0 <= each["low"] <= each["mean"] <= each["high"] <= 1
    assert report["figures"]["rouge1"]["mean"] > 0


def test_a_table_for_people_and_a_file_for_programs(data, tmp_path):
    file = tmp_path / "out" / "lead.json"
    run = evaluate("rouge", "--data", data, "--system", "lead-3", "--json", file)
    assert run.exit_code == 0, run.output
    assert "lead-3 on 3 dialogues" in run.stdout
    shown = f"{json.loads(file.read_text())['figures']['rouge1']['mean']:.3f}"
    assert f"ROUGE-1     {shown}" in run.stdout


def test_toxicity_finds_the_insult_that_lead_repeats(data):
    report = figures("toxicity", "--data", data, "--system", "lead-3")["figures"]
    assert report["texts"] == 3
    assert report["toxic"]["mean"] == pytest.approx(1 / 3)
    assert {"mean", "std", "threshold", "over"} == set(report["labels"]["toxicity"])


def test_the_default_is_what_the_worker_does_and_the_gate_keeps_the_insult_out(data):
    report = figures("toxicity", "--data", data)
    assert report["system"]["profile"] == "embedded"
    assert report["figures"]["toxic"]["mean"] == 0.0


def test_quotes_are_faithful(data):
    report = figures("faithfulness", "--data", data, "--system", "longest-3")["figures"]
    assert report["strange"]["mean"] == 0.0
    assert report["supported"]["mean"] == 1.0
    assert report["copied"]["4"]["mean"] == 1.0
    assert report["generated"] == 0.0


def test_speed_counts_every_dialogue(data):
    report = figures("speed", "--data", data, "--system", "extractive")["figures"]
    assert (report["singles"], report["batched"]) == (3, 3)
    assert report["single_rate"] > 0
    assert report["peak_memory"] > 50 * 2**20


def test_every_command_prints_a_table(data):
    for command, told in (
        ("toxicity", "identity_attack"), ("faithfulness", "copied 2-grams"),
        ("speed", "in batches"),
    ):  # fmt: skip
        run = evaluate(command, "--data", data, "--system", "lead-3")
        assert run.exit_code == 0, run.output
        assert told in run.stdout


def test_a_limit_draws_by_the_seed_from_a_zipped_file_too(tmp_path):
    many = [dialogue(f"#Person1#: Talk number {n}.", "#Person2#: Yes.") for n in range(40)]
    plain = write_jsonl(tmp_path / "many.jsonl", many)
    zipped = tmp_path / "many.jsonl.gz"
    zipped.write_bytes(gzip.compress(plain.read_bytes()))
    first, again, other = (
        figures("rouge", "--data", file, "--system", "lead-3", "--limit", 5, "--seed", seed)["data"]
        for file, seed in ((plain, 1), (zipped, 1), (plain, 2))
    )
    assert first["dialogues"] == 5
    assert first["digest"] == again["digest"] != other["digest"]


def test_summaries_are_kept_unless_told_otherwise(data, tmp_path):
    kept = tmp_path / "home" / "eval-cache"
    figures("rouge", "--data", data, "--system", "extractive", "--no-cache")
    assert not kept.exists()
    figures("rouge", "--data", data, "--system", "extractive")
    [file] = kept.iterdir()
    assert len(file.read_text().splitlines()) == 3


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "no data file"),
        ("", "holds no dialogues"),
        ('{"dialogue": "#Person1#: hello"}\n', "record 1"),
        ('{"dialogue": "#Person1#: hello", "summary": "x"}\nnot json\n', "can't be read"),
        ("[1]\n", "not an object"),
    ],
)
def test_bad_data_is_one_line(tmp_path, content, told):
    file = tmp_path / "bad.jsonl"
    if content is not None:
        file.write_text(content)
    run = evaluate("rouge", "--data", file)
    assert_one_line(run, told)
    assert "hello" not in str(run.exception)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--profile", "none"], "no model profile"),
        (["--adapter", "here", "--no-adapter"], "contradict"),
        (["--system", "lead-3", "--json", "/proc/none/file"], "can't be written"),
    ],
)
def test_wrong_options_are_one_line(data, options, told):
    assert_one_line(evaluate("rouge", "--data", data, *options), told)


def test_an_unknown_system_is_bad_usage(data):
    assert evaluate("rouge", "--data", data, "--system", "magic").exit_code == 2


def test_a_missing_library_says_what_to_install(data, monkeypatch):
    def missing(*_arguments, **_options):
        raise ModuleNotFoundError(name="rouge_score")

    monkeypatch.setattr("eval.overlap.rouge_figures", missing)
    assert_one_line(evaluate("rouge", "--data", data, "--system", "lead-3"), "precis-bot[train]")


def assert_one_line(run, told):
    assert isinstance(run.exception, PrecisError), run.output
    assert told in str(run.exception)
    assert "\n" not in str(run.exception)
