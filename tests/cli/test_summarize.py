"""`precis summarize` as people run it: a process, files, exit codes."""

import json
import os
from pathlib import Path

import pytest

from tests.cli.calling import EXAMPLES, ROOT, called, precis

IRC = Path(os.environ.get("PRECIS_DATA", ROOT.parent / "shared" / "data")) / "irc" / "dev"


def summary_of(*arguments):
    run = called("summarize", *arguments, "--json")
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.slow
def test_the_example_is_summarised_with_everything_the_readme_promises():
    shown = precis("summarize", EXAMPLES / "study-group.json")
    assert shown.returncode == 0, shown.stderr
    for part in ("Summary", "Who said what", "Messages behind it", "Flags", "Model", "Time"):
        assert part in shown.stdout
    assert "https://discord.com/channels/" in shown.stdout
    assert "\x1b" not in shown.stdout, "colours only on a terminal"
    assert "noted" in shown.stdout, "the example holds messages for the gate"


def test_json_has_the_documented_shape():
    answer = summary_of(EXAMPLES / "study-group.json")
    conversation = answer["conversation"]
    assert conversation["messages"] == 67
    assert conversation["from"] < conversation["to"]
    assert {"Leo", "Leo (2)"} <= set(conversation["participants"])
    for sentence in answer["summary"]["sentences"]:
        assert {"text", "citations", "speakers", "origin"} == set(sentence)
        assert all(set(citation) == {"id", "permalink"} for citation in sentence["citations"])
    for flag in answer["flags"]:
        assert {"target", "label", "scores", "threshold", "action"} == set(flag)
    assert {"profile", "generator", "adapter", "gate"} == set(answer["model"])
    assert answer["timings"]["total"] > 0
    assert len(answer["job_id"]) == 32


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("irc-weechat.log", []),
        ("dialogue.txt", ["--style", "people"]),
        ("dialogsum.txt", ["--style", "bullets"]),
        ("slack-export", ["--channel", "paper-club"]),
    ],
)
def test_every_example_is_summarised(name, options):
    assert summary_of(EXAMPLES / name, *options)["summary"]["sentences"]


@pytest.mark.slow
@pytest.mark.skipif(not IRC.is_dir(), reason="needs the public data")
def test_a_real_log_with_several_conversations_at_once():
    log = IRC / "2004-11-15_03.ascii.txt"
    answer = summary_of(log, "--last", "80")
    lines = log.read_text().splitlines()
    sentences = answer["summary"]["sentences"]
    assert 0 < len(sentences) <= 12
    for sentence in sentences:
        assert set(sentence["speakers"]) <= set(answer["conversation"]["participants"])
        for citation in sentence["citations"]:
            nick = lines[int(citation["id"]) - 1].split("<", 1)[1].split(">", 1)[0]
            # One of them renames himself from _timello, and is one person all along.
            assert nick.strip("_") in sentence["speakers"]


def test_an_empty_window_says_so_and_is_no_error():
    run = called("summarize", EXAMPLES / "study-group.json", "--since", "2030-01-01")
    assert run.returncode == 0
    assert run.stdout.startswith("Nothing to summarise: no messages in this window")
    assert summary_of(EXAMPLES / "study-group.json", "--since", "2030-01-01")["summary"] is None


def test_windows_narrow_the_conversation():
    last = summary_of(EXAMPLES / "study-group.json", "--last", "10")
    assert last["conversation"]["messages"] == 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.json"], "missing.json"),
        ([EXAMPLES / "study-group.json", "--since", "soon"], "--since 'soon'"),
        ([EXAMPLES / "study-group.json", "--last", "0"], "--last 0"),
        ([EXAMPLES / "study-group.json", "--profile", "gpt-9"], "flan-t5-base"),
        ([EXAMPLES / "slack-export"], "--channel"),
        ([EXAMPLES / "study-group.json", "--format", "telegram"], "discord"),
        ([EXAMPLES / "study-group.json", "--shots", "2"], "--shots"),
    ],
)
def test_bad_usage_is_one_line_and_exit_code_2(arguments, message):
    run = called("summarize", *arguments)
    assert run.returncode == 2
    assert message in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PRECIS_RETENTION_DAYS", "soon"),
        ("PRECIS_TIMEZONE", "Mars/Olympus"),
        ("PRECIS_STORE", "mysql://root:hunter2@host/name"),
        ("PRECIS_GATE", "perspective"),
        ("PRECIS_THRESHOLDS", '{"rudeness": 0.5}'),
    ],
)
def test_a_wrong_setting_is_one_line_without_its_secret(name, value):
    run = called("summarize", EXAMPLES / "dialogue.txt", **{name: value})
    assert run.returncode in (1, 2)
    line = run.stderr.strip().splitlines()[-1]
    assert line.startswith("precis: ")
    assert "hunter2" not in run.stderr
    assert "Traceback" not in run.stderr


def test_a_model_that_cannot_be_had_says_what_to_do(tmp_path):
    run = precis(
        "summarize", EXAMPLES / "dialogue.txt", "--profile", "flan-t5-base",
        HF_HUB_OFFLINE="1", HF_HOME=str(tmp_path),
    )  # fmt: skip
    assert run.returncode == 1
    line = run.stderr.strip().splitlines()[-1]
    assert line.startswith("precis: model google/flan-t5-base can't be loaded")
    assert "--profile embedded" in line


def test_a_withheld_summary_is_said(tmp_path):
    talk = tmp_path / "talk.txt"
    talk.write_text("Zed: you are such a stupid idiot, shut up\nYan: shut up you stupid moron\n")
    run = called("summarize", talk)
    assert run.returncode == 0
    assert "withheld" in run.stdout
    assert "moron" not in run.stdout


def test_damaged_records_are_counted(tmp_path):
    export = json.loads((EXAMPLES / "study-group.json").read_text())
    export["messages"] = export["messages"][:12]
    del export["messages"][5]["author"]
    damaged = tmp_path / "export.json"
    damaged.write_text(json.dumps(export))
    assert summary_of(damaged)["conversation"]["skipped"] == 1
    assert "1 damaged record skipped" in called("summarize", damaged).stdout


def test_markup_in_messages_is_printed_as_it_is(tmp_path):
    talk = tmp_path / "talk.txt"
    talk.write_text(
        "Ana: see [bold red]the notes[/] and [link=http://x.example]this[/link]\nBen: ok\n"
    )
    assert "[bold red]the notes[/]" in called("summarize", talk).stdout


def test_help_has_examples_and_needs_no_models():
    run = called("summarize", "--help")
    assert "precis summarize export.json --last 200" in run.stdout
    assert run.returncode == 0
