"""What people write behind `/summarize`, read."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.slack.arguments import Arguments, Link, UnclearError, parse
from precis.job import Style

NOW = datetime(2026, 3, 10, 11, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
TS = "1700000000.000100"
LINK = f"https://study.slack.com/archives/C1/p1700000000000200?thread_ts={TS}&cid=C1"
THREAD = Link("C1", TS, "study.slack.com")


def read(text):
    return parse(text, now=NOW, zone=PARIS)


def at(*moment):
    return datetime(*moment, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", Arguments()),
        ("200", Arguments(last=200)),
        ("1,000", Arguments(last=1000)),
        ("2h", Arguments(since=at(2026, 3, 10, 9))),
        ("2 hours", Arguments(since=at(2026, 3, 10, 9))),
        ("1d12h", Arguments(since=at(2026, 3, 8, 23))),
        ("yesterday", Arguments(since=at(2026, 3, 8, 23))),
        ("2026-01-31", Arguments(since=at(2026, 1, 30, 23))),
        ("9:05", Arguments(since=at(2026, 3, 10, 8, 5))),
        ("yesterday 14:00", Arguments(since=at(2026, 3, 9, 13))),
        ("14:00 2026-01-31", Arguments(since=at(2026, 1, 31, 13))),
        ("bullets", Arguments(style=Style.BULLETS)),
        ("people", Arguments(style=Style.PEOPLE)),
        ("brief", Arguments(style=Style.BRIEF)),
        ("public", Arguments(public=True)),
        ("private", Arguments(public=False)),
        (LINK, Arguments(link=THREAD)),
        ("https://study.slack.com/archives/C1/p1700000000000100", Arguments(link=THREAD)),
        (
            "https://study.slack.com/archives/C1",
            Arguments(link=Link("C1", None, "study.slack.com")),
        ),
        ("<#C1|algebra>", Arguments(link=Link("C1"))),
    ],
)
def test_a_word_says_what_is_wanted(text, wanted):
    assert read(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "bullets public 200 2h",
        "2h, 200, public, bullets",
        "PUBLIC Bullets last 200 since 2h please",
    ],
)
def test_words_come_in_any_order(text):
    wanted = Arguments(since=at(2026, 3, 10, 9), last=200, style=Style.BULLETS, public=True)
    assert read(text) == wanted


@pytest.mark.parametrize(
    "text", ["“200”", "„200“", "«200»", "‘200’", '"200"', "`200`", "２００", "\u00a0200\u00a0"]
)
def test_quotes_and_digits_of_all_kinds_are_read(text):
    assert read(text) == Arguments(last=200)


@pytest.mark.parametrize(
    "text",
    [
        f"<{LINK}>",
        f"<{LINK}|the thread>",
        LINK.replace("&", "&amp;"),
        f"<{LINK.replace('&', '&amp;')}>",
        f"“{LINK}”",
    ],
)
def test_links_are_read_as_slack_sends_them(text):
    assert read(f"public {text} bullets") == Arguments(
        link=THREAD, style=Style.BULLETS, public=True
    )


@pytest.mark.parametrize(
    "text",
    [
        "foo",
        "0",
        "10001",
        "-5",
        "200 300",
        "2h 3h",
        "yesterday today",
        "14:00 15:00",
        "2026-02-31",
        "2026-02-31 14:00",
        "bullets people",
        "public private",
        f"{LINK} {LINK}",
        "https://example.org/archives",
        "https://study.slack.com/files/F1",
        "https://[study.slack.com/archives/C1",
        f"{LINK.replace(TS, 'now')}",
        "2h" + " " * 1_000,
        "99999999999h",
        "<@U1>",
    ],
)
def test_what_cannot_be_read_is_unclear(text):
    with pytest.raises(UnclearError):
        read(text)
