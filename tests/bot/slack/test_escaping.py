"""Untrusted text is shown, and does nothing."""

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from bot.slack.escaping import escaped, escaped_name, fitting, plain
from precis.normalisation.plain_text import one_line
from tests.bot.slack.mrkdwn import alike, as_read, effects, effects_in_plain

HOSTILE = [
    "<!here> <!channel> <!everyone>",
    "<@U1> <@U1|ana> <#C1> <#C1|general> <!subteam^S1|@tutors>",
    "@here @channel @everyone @ana",
    "＠here",
    "#general",
    "<https://evil.example|click me>",
    "<https://evil.example>",
    "https://evil.example http://evil.example slack://open steam://run/1",
    "evil.example www.evil.example EVIL.COM/x?y=z evil.example.4chan.org",
    "evil。example evil．com",
    "192.0.2.1",
    "ana@evil.example mailto:ana@evil.example",
    "mailto:root",
    "<!date^0^{date}^https://evil.example|today>",
    "*bold*",
    "(*bold*)",
    "＊bold＊",
    "_italic_",
    "＿italic＿",
    "~struck~",
    "*_~all~_*",
    "中*文*字",
    "`code`",
    "```\nfence\n```",
    "｀code｀",
    "> quote",
    ">>> quote",
    "&gt; quote",
    "＞ quote",
    "- list",
    "* list",
    "+ list",
    "12. list",
    "3) list",
    ":smile: :+1: :skin-tone-2: :100:",
    "10:100:30",
    ":チェックマーク_緑:",
    "a\nb\r\nc\u2028d\x0be",
    "&",
    "a \u202eb",
]
PIECES = st.sampled_from(
    ["@here", "<@U1>", "<!here>", "<https://x.y|", ">", "<", "&", "&gt;", "&lt;!here&gt;", "*",
     "_", "~", "`", "```", "＊", "＿", "｀", "＞", "https://", "www.", ".", "com", "a@b.de", ":",
     ":x:", "30", "#", "# ", "\n", "- ", "1. ", "|", "\\", "/", "x", "文", " ", "\u202e", "\u0300",
     "\u2060", "\u200b", "\u00ad", "👍", "1.2.3.4"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=30).map("".join))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_would_do_something(text):
    """So that the next test means something."""
    assert effects(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_does_nothing(text):
    assert effects(escaped(text, 600)) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_does_nothing_where_no_marks_are_read(text):
    assert effects_in_plain(plain(text, 600)) == []


@given(TEXTS)
@example("&lt;!here&gt;")
@example("*\u2060a*")
@example("1:2:3:4:")
@example("_a__b_")
@example("0._A")
def test_no_text_does_anything(text):
    assert effects(escaped(text, 600)) == []


@given(TEXTS)
@example("&lt;&amp;amp;")
def test_no_text_does_anything_where_no_marks_are_read(text):
    assert effects_in_plain(plain(text, 600)) == []


@given(TEXTS)
def test_what_is_shown_is_what_was_written(text):
    assert as_read(escaped(text, 600)) == alike(one_line(text, 600))


@given(TEXTS)
def test_what_is_shown_where_no_marks_are_read_is_what_was_written(text):
    assert plain(text, 600).replace("\u2060", "") == one_line(text, 600)


@pytest.mark.parametrize(
    "text",
    [
        "Ben: it's 3.5 x 4, isn't it?",
        "naïve – „déjà vu“ 👍🏽",
        "at 10:30, or 10:30pm",
        "snake_case and 2*3*4, a~b",
        "שלום",
        "नमस्ते",
        "C# – 100 %",
        "•",
        "-",
    ],
)
def test_ordinary_text_is_left_alone(text):
    assert escaped(text, 600) == text
    assert plain(text, 600) == text


def test_what_is_shown_of_marks_looks_like_them():
    assert escaped("*a* _b_ ~c~ `d`", 600) == "∗a∗ ˍbˍ ∼c∼ ˋdˋ"


def test_entities_are_written_once():
    assert escaped("a < b && c > d", 600) == "a &lt; b &amp;&amp; c &gt; d"


def test_where_no_marks_are_read_no_mark_is_changed():
    assert plain("flan-t5_base *v2*", 100) == "flan-t5_base *v2*"


@pytest.mark.parametrize("mark", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_what_turns_text_round_goes(mark):
    assert escaped(f"abc{mark}def", 600) == "abcdef"


@pytest.mark.parametrize("mark", ["\u200b", "\u2060", "\ufeff", "\u00ad", "\x00", "\x1b[31m"])
def test_what_cannot_be_seen_goes(mark):
    assert escaped(f"a{mark}b", 600) == "ab"


def test_zalgo_is_thinned_out():
    zalgo = "Z" + "\u0335\u0321\u034d\u0316" * 20 + "a" + "\u0301"
    shown = escaped(zalgo, 600)
    assert max(len(marks) for marks in regex.findall(r"\p{M}*", shown)) == 3
    assert shown.endswith("á")


def test_a_word_of_4000_characters_is_cut():
    shown = escaped("x" * 4_000, 600)
    assert len(shown) == 600
    assert shown.endswith("…")


@pytest.mark.parametrize("grapheme", ["👨‍👩‍👧‍👦", "🇩🇪", "👍🏽", "é́", "한", "क्षि"])
def test_a_cut_never_goes_through_a_grapheme(grapheme):
    text = grapheme * 200
    for limit in range(50, 60):
        shown = escaped(text, limit).removesuffix("…")
        assert shown == grapheme * regex.findall(r"\X", shown).count(grapheme)


@given(TEXTS, st.integers(2, 50))
def test_no_more_than_asked_for_is_shown(text, limit):
    assert len(as_read(escaped(text, limit))) <= limit


@pytest.mark.parametrize("text", ["&" * 4_000, ".a" * 2_000, "@" * 4_000, "x" * 4_000])
def test_a_text_is_cut_until_its_escapes_fit_too(text):
    shown = fitting(lambda limit: escaped(text, limit), 600, 500)
    assert 400 < len(shown) <= 500
    assert effects(shown) == []


def test_what_fits_is_not_cut():
    assert fitting(lambda limit: escaped("a & b", limit), 600, 9) == "a &amp; b"


def test_a_name_is_short_and_harmless():
    name = escaped_name("*Ana*\n<!here> " + "x" * 300)
    assert effects(name) == []
    assert len(as_read(name)) <= 80


@pytest.mark.parametrize("name", ["", "\u200b", "\u3164", "   "])
def test_a_name_that_cannot_be_seen_is_someones(name):
    assert escaped_name(name) == "someone"
