"""`precis review …` as operators run it, on a store with cases."""

import csv
import io
import json

import pytest

from precis.job import JobState
from precis.moderation import Effect, EffectState, Verdict
from precis.settings import load_settings
from precis.store import ModerationStore, Store
from tests.cli.calling import called
from tests.conversations import message
from tests.precis.store.chats import held_at, talk
from tests.precis.store.moderating import refused, result, sentence, summarised, watch

STEERING = "xylophone\x1b[2J \u202e you fool"


@pytest.fixture
def store():
    opened = Store.open(load_settings().store_url)
    yield opened
    opened.close()


@pytest.fixture
def moderation(store):
    return ModerationStore(store)


@pytest.fixture
def waiting(moderation, store):
    """A message and what a summary was not to say; of another server another message."""
    watch(moderation, store, [message(1, "Ana", STEERING)], toxic=["1"])
    made = result(sentence("Hello.", "0"), refused=(refused(sentence("You fool.", "0")),))
    summarised(store, talk("Ben: hello"), made)
    elsewhere = held_at("c9", server="s2")
    watch(moderation, store, [message(2, "Ben", "b")], toxic=["2"], place=elsewhere)
    found = moderation.list_cases()
    return {"summary" if case.author is None else case.subject: case for case in found}


def listed(*options):
    run = called("review", "list", "--json", *options)
    assert run.returncode == 0, run.stderr
    return [case["id"] for case in json.loads(run.stdout)]


def test_an_empty_list_says_so():
    run = called("review", "list")
    assert (run.returncode, run.stdout) == (0, "Nothing waits for moderators.\n")


def test_what_waits_is_listed_without_texts(waiting):
    run = called("review", "list")
    assert run.returncode == 0, run.stderr
    assert all(case.id in run.stdout for case in waiting.values())
    assert "xylophone" not in run.stdout + called("review", "list", "--json").stdout
    assert "toxicity" in run.stdout
    assert "watched" in run.stdout


def test_a_list_says_that_there_is_more(waiting):
    run = called("review", "list", "--json", "--limit", "2")
    assert len(json.loads(run.stdout)) == 2
    assert run.stderr.startswith("There is more than these 2")
    assert called("review", "list", "--limit", "3").stderr == ""


def test_the_list_is_of_one_server_where_that_is_asked_for(waiting):
    assert listed("--server", "s2") == [waiting["2"].id]
    assert listed("--platform", "slack") == []


def test_what_is_decided_is_listed_with_all(moderation, waiting):
    assert called("review", "decide", waiting["1"].id, "kept").returncode == 0
    assert waiting["1"].id not in listed()
    assert waiting["1"].id in listed("--all")


def test_a_text_is_shown_without_steering_the_terminal(waiting):
    run = called("review", "show", waiting["1"].id)
    assert run.returncode == 0, run.stderr
    assert "xylophone" in run.stdout
    assert "\\u001b[2J \\u202e you fool" in run.stdout
    assert "\x1b" not in run.stdout
    assert "\u202e" not in run.stdout
    assert json.loads(called("review", "show", waiting["1"].id, "--json").stdout)["said"]["text"]


def test_a_decision_is_made_once_and_logged(moderation, waiting):
    case = waiting["1"]
    run = called("review", "decide", case.id, "removed", "--note", "see the rules")
    assert (run.returncode, run.stderr) == (0, "")
    now = moderation.case(case.id)
    assert (now.verdict, now.decided_by, now.note) == (Verdict.REMOVED, "operator", "see the rules")
    assert (now.effect, now.effect_state) == (Effect.REMOVE, EffectState.DUE)
    again = called("review", "decide", case.id, "dismissed")
    assert again.returncode == 2
    assert "removed before by operator" in again.stderr
    assert moderation.case(case.id).verdict is Verdict.REMOVED


def test_a_summary_says_what_an_operator_wrote(moderation, store, waiting):
    case = waiting["summary"]
    run = called("review", "decide", case.id, "edited", "--text", "They greeted.")
    assert run.returncode == 0, run.stderr
    assert [each.text for each in store.result(case.job_id).summary.sentences] == [
        "Hello.",
        "They greeted.",
    ]
    assert store.job(case.job_id).state is JobState.DONE
    assert "Edited to:\nThey greeted." in called("review", "show", case.id).stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("released",), "a message can't be released"),
        (("edited",), "edited needs --text"),
        (("kept", "--text", "x"), "no other verdict takes one"),
        (("kept", "--note", "x" * 501), "--note is longer"),
        (("gone",), "invalid value"),
    ],
    ids=lambda each: each[0],
)
def test_what_cannot_be_decided_is_one_line(moderation, waiting, arguments, said):
    run = called("review", "decide", waiting["1"].id, *arguments)
    assert run.returncode == 2
    assert said in run.stderr
    assert "Traceback" not in run.stderr
    assert moderation.case(waiting["1"].id).open


@pytest.mark.parametrize("command", [("show",), ("decide",)], ids=lambda each: each[0])
def test_an_unknown_case_is_one_line(command):
    verdict = ("kept",) if command == ("decide",) else ()
    run = called("review", *command, "nothing", *verdict)
    assert run.returncode == 2
    assert run.stderr.startswith("precis: no case 'nothing'")


def test_the_log_is_exported_as_lines_and_for_spreadsheets(waiting):
    called("review", "decide", waiting["1"].id, "kept", "--note", "=1+1")
    called("review", "decide", waiting["2"].id, "dismissed")
    lines = [json.loads(each) for each in called("review", "export").stdout.splitlines()]
    assert [(each["action"], each["server"]) for each in lines] == [
        ("kept", "s1"),
        ("dismissed", "s2"),
    ]
    assert lines[0]["scores"]["toxicity"] == 0.9
    assert lines[0]["thresholds"]["toxicity"] == 0.8
    run = called("review", "export", "--format", "csv", "--server", "s1")
    (row,) = csv.DictReader(io.StringIO(run.stdout))
    assert (row["action"], row["note"], row["person"]) == ("kept", "'=1+1", "operator")
    assert json.loads(row["scores"])["toxicity"] == 0.9


def test_the_log_is_exported_of_a_time(waiting):
    called("review", "decide", waiting["1"].id, "kept")
    assert len(called("review", "export", "--since", "1h").stdout.splitlines()) == 1
    assert called("review", "export", "--until", "2026-01-31").stdout == ""
    bad = called("review", "export", "--since", "soon")
    assert (bad.returncode, "--since" in bad.stderr) == (2, True)
