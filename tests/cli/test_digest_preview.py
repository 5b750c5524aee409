"""`precis digest preview` as people run it, and how a digest is printed."""

import json
from contextlib import contextmanager
from datetime import UTC, date, datetime
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console
from typer.testing import CliRunner

from bot.digests.view import (
    DigestView,
    Kind,
    Line,
    Link,
    Moment,
    Name,
    Own,
    Place,
    Section,
    Words,
)
from cli.digest_sources import last_day, load, source_of
from cli.digest_view import print_digest
from cli.main import app
from precis.errors import InputError
from precis.settings import load_settings
from tests.cli.calling import EXAMPLES, precis
from tests.worker.summarisers import Quick
from worker.serving import embedded_worker

DAY = EXAMPLES / "study-group-day"
UTC_ZONE = ZoneInfo("UTC")


@pytest.mark.slow
def test_the_day_of_the_study_group_is_printed():
    run = precis("digest", "preview", DAY, PRECIS_PROFILE="extractive")
    assert run.returncode == 0, run.stderr
    lines = run.stdout.splitlines()
    assert lines[0] == "Digest for Tuesday, May 12"
    assert lines[1] == "101 messages · 7 people · 1 thread · 4 channels"
    channels = [line for line in lines if line.startswith("#")]
    assert channels == [
        "#exam-prep · 54 messages",
        "#project-bikes · 28 messages",
        "#off-topic · 18 messages",
        "#announcements · 1 message",
    ]
    assert "  Thread #sheet 5: normal forms" in lines
    assert lines[-1] == "  Quiet: #reading-list"
    for part in (
        "❓ Open question: Does anybody know whether we may bring a handwritten cheat sheet",
        "✅ Decided: Let's go with the 2023 paper, nobody has looked at that one yet. — Amara",
        "🤝 Promised: I'll upload a corrected version tonight. — Kofi",
        "🔗 sheet5-sasha.pdf: my solution for 1 to 4",
        "Amara, Felix, Ines and Kofi · 08:41",
    ):
        assert part in run.stdout
    assert "moron" not in run.stdout, "the gate keeps it from being quoted"
    assert "\x1b" not in run.stdout, "colours only on a terminal"
    assert "↗" not in run.stdout, "links only where they can be followed"


@pytest.fixture
def _quick(monkeypatch):
    """A worker behind the command that answers at once."""

    @contextmanager
    def app_to_ask(settings, store, steps):
        with embedded_worker(settings, store, Quick()) as celery:
            yield celery

    monkeypatch.setattr("cli.digest_previewing.app_to_ask", app_to_ask)


@pytest.mark.usefixtures("_quick")
def test_json_is_one_object_of_the_day_that_is_asked_for():
    files = [str(DAY / name) for name in ("reading-list.json", "off-topic.json")]
    options = ["--day", "2026-05-10", "--zone", "Europe/Berlin", "--json"]
    result = CliRunner().invoke(app, ["digest", "preview", *files, *options])
    assert result.exception is None
    shown = json.loads(result.stdout)
    assert (shown["day"], shown["zone"]) == ("2026-05-10", "Europe/Berlin")
    [place] = shown["places"]
    assert (place["channel"], place["thread_of"], place["messages"]) == ("reading-list", None, 2)
    assert place["participants"] == ["Yuki", "Amara"]
    assert (place["state"], place["flags"]) == ("done", [])
    assert place["summary"]["sentences"][0]["text"] == "A summary."


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.json"], "nowhere.json: no such file; check the path"),
        (["EMPTY"], "a folder without conversations"),
        ([DAY, "--day", "tomorrow"], "--day: no date; write one such as 2026-05-12"),
        ([DAY, "--day", "2026-01-01"], "nothing was said on 2026-01-01"),
        ([DAY, "--zone", "Mars/Base"], "is no time zone"),
        ([EXAMPLES / "README.md"], "no format that Précis reads"),
    ],
)
def test_what_cannot_be_used_is_one_line(arguments, said, tmp_path):
    wanted = [str(tmp_path if each == "EMPTY" else each) for each in arguments]
    result = CliRunner().invoke(app, ["digest", "preview", *wanted])
    assert isinstance(result.exception, InputError)
    assert said in str(result.exception)
    assert "\n" not in str(result.exception)


def loaded(*paths):
    return dict(load(paths, load_settings(), UTC_ZONE))


def test_a_slack_export_is_a_channel_each():
    found = loaded(EXAMPLES / "slack-export")
    assert sorted(each.conversation.channel for each in found.values()) == ["general", "paper-club"]


def test_a_thread_knows_its_channel():
    [(path, thread)] = loaded(DAY / "sheet-5.json").items()
    [(other, channel)] = loaded(DAY / "exam-prep.json").items()
    day = date(2026, 5, 12)
    assert source_of(path, thread, day, UTC_ZONE).parent == channel.place != ""
    assert source_of(other, channel, day, UTC_ZONE).parent == ""


def test_the_last_day_is_that_of_the_place():
    found = loaded(DAY / "reading-list.json").values()
    assert last_day(found, UTC_ZONE) == date(2026, 5, 10)
    assert last_day(found, ZoneInfo("Asia/Tokyo")) == date(2026, 5, 11)


def test_a_conversation_without_times_is_of_any_day():
    [(path, talk)] = loaded(EXAMPLES / "dialogue.txt").items()
    assert len(source_of(path, talk, date(2000, 1, 1), UTC_ZONE).new.messages) == talk.total_read


STEERING = "bold\x1b[2J \u202e[red]no markup[/red]"


def printed(*lines, terminal=False):
    out = StringIO()
    colours = "standard" if terminal else None
    console = Console(file=out, force_terminal=terminal, width=100, color_system=colours)
    view = DigestView("k", "t", (Line(Kind.TITLE, (Own("Title", strong=True),)),), (),
                      (Section(lines),))  # fmt: skip
    print_digest(view, date(2026, 5, 12), ZoneInfo("Europe/Berlin"), console)
    return out.getvalue()


def test_what_people_wrote_steers_no_terminal():
    shown = printed(
        Line(Kind.CHANNEL, (Place("c", STEERING),)),
        Line(Kind.LINE, (Name(STEERING), Own(": "), Words(STEERING))),
    )
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert shown.count("[red]no markup[/red]") == 3


def test_links_are_the_terminals_own_and_none_elsewhere():
    line = Line(Kind.ITEM, (Own("❓ "), Words("Who?"), Own(" "), Link("https://c.example/1", "↗")))
    assert "https://c.example/1" in printed(line, terminal=True)
    assert printed(line).endswith("    ❓ Who?\n")
    evil = Line(Kind.LINE, (Words("x"), Link("javascript:alert(1)", "↗")))
    assert "javascript" not in printed(evil, terminal=True)


def test_moments_are_of_the_place_and_have_a_date_on_other_days():
    at = datetime(2026, 5, 12, 21, 30, tzinfo=UTC)
    assert "23:30" in printed(Line(Kind.TOPIC, (Moment(at),)))
    before = datetime(2026, 5, 11, 8, 0, tzinfo=UTC)
    assert "2026-05-11 10:00" in printed(Line(Kind.TOPIC, (Moment(before),)))


def test_a_long_item_hangs_below_its_mark():
    shown = printed(Line(Kind.ITEM, (Words("word " * 40),)))
    _, _, first, second, *_ = shown.splitlines()
    assert first.startswith("    • word")
    assert second.startswith("      word")
    assert max(map(len, shown.splitlines())) <= 100
