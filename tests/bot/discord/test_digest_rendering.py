"""A digest as embeds: what is shown, harmless whatever people write, within Discord's limits."""

import re
from datetime import UTC, datetime, timedelta

import pytest

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
from bot.discord.digest_rendering import below, packed, rendered, rows, thread_name, top
from tests.bot.discord.markdown import as_read, effects

URL = "https://discord.com/channels/1/2/3"
AT = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def whole(view):
    """All of a digest as one embed; None where it is longer."""
    parts = rows(view)
    return parts[0] if len(parts) == 1 else None


def line(*spans, kind=Kind.LINE):
    return Line(kind, spans)


def section(*texts, heading="A topic"):
    said = [line(Words(each), kind=Kind.ITEM) for each in texts]
    return Section((line(Own(heading), kind=Kind.TOPIC), *said))


def view(*sections, overview=(), title="Digest of Monday, 2 November", top=()):
    lines = (line(Own(title), kind=Kind.TITLE), line(Own("12 messages")), *top)
    return DigestView("k" * 32, title, lines, overview, sections)


def test_each_kind_of_line_and_span_as_discord_shows_it():
    spans = (Moment(AT), Own(" "), Name("Ana"), Own(": "), Words("yes"), Own(" "), Link(URL, "↗"))
    assert rendered(line(*spans)) == f"<t:{int(AT.timestamp())}:t> **Ana**: yes [↗]({URL})"
    assert rendered(line(Place("22", "algebra"), kind=Kind.CHANNEL)) == "### <#22>"
    assert rendered(line(Own("Exam"), kind=Kind.TOPIC)) == "**Exam**"
    assert rendered(line(Own("late"), kind=Kind.NOTE)) == "-# late"
    assert rendered(line(Own("❓ Asked: "), Words("x"), kind=Kind.ITEM)) == "❓ Asked: x"
    assert rendered(line(Words("x"), Own(" y", strong=True), kind=Kind.ITEM)) == "• x **y**"


def test_of_more_than_a_day_moments_have_their_dates():
    moments = [line(Moment(AT + timedelta(days=days)), Own(" x")) for days in (0, 3)]
    stamp = int(AT.timestamp())
    assert f"<t:{stamp}:t>" in whole(view(Section(tuple(moments[:1])))).description
    assert f"<t:{stamp}:f>" in whole(view(Section(tuple(moments)))).description


def test_a_heading_is_bold_as_a_whole_and_once():
    spans = (Name("Ana"), Own(" and ", strong=True), Words("*x*"))
    assert rendered(line(*spans, kind=Kind.TOPIC)) == r"**Ana and \*x\***"


def test_a_line_of_nothing_is_none():
    assert rendered(line(Link("https://evil.example", "↗"), kind=Kind.ITEM)) == ""
    made = view(Section((line(Words("\u200b")), line(Words("x")))))
    assert whole(made).description == "12 messages\n\nx"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example",
        f"{URL}) [x](https://evil.example",
        "https://discord.com/invite/x",
        f"{URL}\n",
        "javascript:alert(1)",
    ],
)
def test_no_link_but_discords_own_to_a_message(url):
    assert rendered(line(Words("x"), Own(" "), Link(url, "↗"))) == "x"


@pytest.mark.parametrize(
    "text",
    [
        "@everyone @here <@1> <@&2> <#3>",
        "**b** __u__ ~~s~~ ||spoiler|| `code` *i*",
        "[x](https://evil.example) https://evil.example discord.gg/x",
        "# heading",
        "- list",
        "1. list",
        "> quote",
        "-# small",
        "a\nb\r\nc",
        "<t:1:R> <a:x:1> </summarize:1>",
        "\u202eabc\u0301\u0301\u0301\u0301\u0301",
        "\\",
    ],
)
@pytest.mark.parametrize("kind", [Kind.LINE, Kind.ITEM, Kind.TOPIC, Kind.CHANNEL])
def test_what_people_write_and_are_called_does_nothing(text, kind):
    bare = rendered(line(Words("x"), kind=kind))
    assert effects(rendered(line(Words(text), kind=kind))) == effects(bare)
    named = rendered(line(Name(text), Own(" said"), kind=kind))
    assert effects(named) == effects(rendered(line(Name("x"), Own(" said"), kind=kind)))


def test_a_place_that_is_none_is_left_out():
    assert rendered(line(Own("In "), Place("22> @everyone", "x"))) == "In"


def test_a_digest_that_fits_is_one_embed_without_its_overview():
    made = view(section("One.", "Two."), overview=(line(Own("overview")),))
    embed = whole(made)
    assert embed.title == "Digest of Monday, 2 November"
    assert embed.description == "12 messages\n\n**A topic**\n• One.\n• Two."
    assert rows(made) == [embed]


def test_a_long_one_is_its_overview_and_its_sections_below():
    made = view(
        *(section("x" * 500, heading=f"T{n}") for n in range(10)), overview=(line(Own("o")),)
    )
    assert whole(made) is None
    assert top(made).description == "12 messages\no"
    parts = below(made)
    assert len(parts) == 2
    assert all(part.title is None and len(part.description) <= 4_000 for part in parts)
    headings = re.findall(r"T\d", "\n".join(part.description for part in parts))
    assert headings == [f"T{n}" for n in range(10)]
    assert parts[1].description.startswith("**T"), "sections are kept together"
    assert [each.title for each in rows(made)] == [made.title, None]


def test_a_section_longer_than_a_message_is_divided_between_lines():
    lines = [f"{n:03} " + "x" * 400 for n in range(30)]
    parts = below(view(section(*lines)))
    assert [part.description[:6] for part in parts] == ["**A to", "• 009 ", "• 018 ", "• 027 "]
    assert sum(part.description.count("\n") + 1 for part in parts) == 31
    assert all(len(part) <= 6_000 for part in parts)


def test_no_heading_ends_a_message():
    blocks = [[("x" * 3_990, False), ("head", True), ("y" * 20, False)]]
    assert packed(blocks) == ["x" * 3_990, "head\n" + "y" * 20]


def test_lines_longer_than_a_message_are_shortened():
    huge = line(*(span for _ in range(12) for span in (Words("*" * 5_000), Own(" · "))))
    text = rendered(huge)
    assert len(text) <= 4_000
    assert as_read(text).count("·") == 12
    assert effects(text) == []
    names = line(*(Name("n" * 80) for _ in range(200)), kind=Kind.ITEM)
    assert 3_000 < len(rendered(names)) <= 4_000
    assert rendered(names).endswith("…")


def test_the_longest_titles_and_overviews_fit():
    long = view(
        *(section("x" * 600) for _ in range(20)),
        title="*" * 300,
        overview=tuple(line(Own("o" * 300)) for _ in range(25)),
    )
    assert len(top(long).title) <= 256
    assert len(top(long).description) <= 4_096
    assert len(thread_name(long)) <= 100
    assert thread_name(view(title=" ")) == "…"
