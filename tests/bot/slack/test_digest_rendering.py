"""Digests as Slack's blocks: harmless, within its limits."""

import json
import re
from datetime import UTC, datetime

import pytest

from bot.digests.view import DigestView, Kind, Line, Link, Moment, Name, Own, Place, Section, Words
from bot.slack.digest_blocks import below_digest
from bot.slack.digest_rendering import MOST_TOGETHER, contents, rendered
from bot.texts import ENGLISH
from tests.bot.slack.digest_views import HOSTILE, TITLE, digest, hostile, long
from tests.bot.slack.mrkdwn import as_read, effects, effects_in_plain
from tests.peers.slack import blocks as block_kit

URL = "https://study.slack.com/"
LINK = f"{URL}archives/C1/p1700000000000100"
BELOW = below_digest(ENGLISH)


def line(*spans, kind=Kind.LINE):
    return rendered(Line(kind, spans), URL)


def parts(view, **options):
    made = contents(view, URL, BELOW, **options)
    for part in made:
        assert block_kit.complaints_of(part.blocks, "message") == []
        assert not block_kit.too_long(part.blocks)
        assert part.text
    return made


def texts(part):
    """What sections and notes say."""
    for block in part.blocks:
        if block["type"] == "section":
            yield block["text"]
        elif block["type"] == "context":
            yield from block["elements"]


def all_text(part):
    return "\n".join(each["text"] for each in texts(part))


def test_spans_are_slacks_own():
    at = datetime(2026, 3, 30, 16, 5, tzinfo=UTC)
    assert line(Place("C1", "algebra")) == "<#C1>"
    assert line(Place("C1:1700000000.000100", "a thread")) == "<#C1>"
    assert line(Link(LINK, "↗")) == f"<{LINK}|↗>"
    assert line(Moment(at)).startswith(f"<!date^{int(at.timestamp())}^")
    assert line(Name("Ana"), Own(" said")) == "*Ana* said"
    assert line(Own(" strong ", strong=True), Words("x")) == "*strong* x"
    assert line(Own("a < b & c")) == "a &lt; b &amp; c"
    assert line(Name("Ana"), kind=Kind.TOPIC) == "*Ana*"
    assert line(Words("x"), kind=Kind.ITEM) == "• x"
    assert line(Words(" ")) == ""


@pytest.mark.parametrize(
    "url",
    [
        "https://other.slack.com/archives/C1/p1700000000000100",
        "https://evil.example/archives/C1/p1700000000000100",
        f"{LINK}|<!channel>",
        f"{LINK}> <@U1>",
        "javascript:alert(1)",
    ],
)
def test_links_are_of_the_workspaces_messages_alone(url):
    assert line(Own("said "), Link(url, "↗")) == "said"


def test_what_people_write_does_nothing():
    for part in parts(hostile()) + parts(hostile(), divided=True):
        shown = list(texts(part))
        assert all(each["verbatim"] for each in shown)
        for said in [*(each["text"] for each in shown), part.text]:
            for each in said.split("\n"):
                bare = re.sub(r"^• |\*(?=\S)(.*?)(?<=\S)\*", r"\1", each)
                assert effects(bare) == [], each


def test_what_people_write_is_still_read():
    said = as_read(line(Words(HOSTILE)))
    assert "*b* _i_ ~s~ `c`" in said
    assert "<!channel>" in said


def test_untrusted_texts_that_meet_make_nothing_of_each_other():
    assert effects(line(Words("mail @"), Words("channel"))) == []
    assert effects(line(Words("see evil."), Words("example"))) == []


def test_a_title_is_plain():
    view = DigestView("k", HOSTILE, (), (), ())
    [part] = parts(view)
    assert effects_in_plain(part.blocks[0]["text"]["text"]) == []


def test_a_short_digest_is_one_message():
    [part] = parts(digest(3))
    assert part.blocks[0]["text"]["text"] == TITLE
    assert all(f"{number} said" in all_text(part) for number in range(3))
    assert "all of it" not in all_text(part)
    assert part.blocks[-1] == BELOW[0]
    assert part.text.startswith(f"{TITLE}\n12 messages")


def test_a_long_one_is_an_overview_and_a_thread():
    first, *others = parts(long())
    assert "all of it" in all_text(first)
    assert "0 said" not in all_text(first)
    assert first.blocks[-1] == BELOW[0]
    assert len(others) > 1
    said = [number for part in others for number in re.findall(r"(\d+) said", all_text(part))]
    assert said == [str(number) for number in range(40)]
    for part in others:
        assert len(json.dumps(part.blocks, ensure_ascii=False)) > MOST_TOGETHER // 2 or (
            part is others[-1]
        )


def test_what_is_to_be_divided_is():
    first, *others = parts(digest(2), divided=True)
    assert "0 said" not in all_text(first)
    assert "0 said" in all_text(others[0])


def test_many_short_sections_keep_to_the_number_of_blocks():
    view = digest(120, 20)
    first, *others = parts(view)
    assert len(others) == 3
    assert all("Topic" in all_text(each) for each in others)
    assert "Topic" not in all_text(first)


def test_a_heading_is_never_left_behind():
    lines = tuple(
        each
        for number in range(12)
        for each in (
            Line(Kind.TOPIC, (Own(f"Topic {number}"),)),
            Line(Kind.ITEM, (Words("x" * 500),)),
        )
    )
    view = DigestView("k", TITLE, (), (), (Section(lines),) * 3)
    for part in parts(view):
        for each in texts(part):
            assert not each["text"].split("\n")[-1].startswith("*Topic")


def test_a_line_too_long_is_shortened():
    said = line(*(Words("&" * 600) for _ in range(20)))
    assert len(said) <= 3_000
    many = line(*(each for n in range(200) for each in (Name("n" * 60), Own(", "))))
    assert len(many) <= 3_000
    assert many.endswith("…")


def test_a_top_too_long_is_shortened():
    lines = tuple(Line(Kind.LINE, (Words("x" * 550),)) for _ in range(60))
    first, *_ = parts(DigestView("k", TITLE, lines, lines, digest(1).sections))
    assert all_text(first).endswith("…")
    assert first.blocks[-1] == BELOW[0]


def test_a_channel_begins_with_a_line_above():
    heading = Line(Kind.CHANNEL, (Place("C1", "algebra"), Own(" · 3 messages")))
    section = Section((heading, Line(Kind.LINE, (Words("x"),))))
    [part] = parts(DigestView("k", TITLE, (), (), (section, section)))
    assert [each["type"] for each in part.blocks] == [
        "header", "divider", "section", "divider", "section", "actions",
    ]  # fmt: skip
    assert part.blocks[2]["text"]["text"] == "*<#C1> · 3 messages*\nx"
