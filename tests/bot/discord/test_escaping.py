"""Untrusted text is shown, and does nothing."""

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from bot.discord.escaping import escaped, escaped_name, plain
from tests.bot.discord.markdown import as_read, effects

HOSTILE = [
    "@everyone @here <@1> <@!1> <@&1> <#1>",
    "[click](https://evil.example) [a](<https://evil.example>)",
    "https://evil.example http://evil.example steam://run/1 discord://x",
    "discord.gg/abc DISCORD.com/invite/abc discordapp.com/invite/abc",
    "```py\nimport os\n``` `code` ``more``",
    "# heading",
    "## heading",
    "-# small",
    "> quote",
    ">>> quote",
    "- list",
    "* list",
    "+ list",
    "12. list",
    "3) list",
    "**bold** __under__ *it* _it_ ~~no~~ ***all*** ||spoiler||",
    "<:party:1> <a:party:1> <t:0:R> </ban:1> <id:customize>",
    "a\nb\r\nc\u2028d\x0be",
    "\\\\*it*",
]
PIECES = st.sampled_from(
    ["@everyone", "<@1>", "](", "[", "```", "`", "*", "_", "~~", "||", "\\", "https://", "# ",
     "-# ", "\n", ">", "- ", "1. ", "discord.gg/", "<t:0>", ":", "/", "x", " ", "\u202e", "\u0300",
     "👍"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=30).map("".join))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_would_do_something(text):
    """So that the next test means something."""
    assert effects(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_does_nothing(text):
    assert effects(escaped(text, 600)) == []


@given(TEXTS)
@example("\\" * 3 + "`")
@example("\\\n# x")
@example("1\u0300. x")
def test_no_text_does_anything(text):
    assert effects(escaped(text, 600)) == []


@given(TEXTS)
def test_what_is_shown_is_what_was_written(text):
    assert as_read(escaped(text, 600)) == plain(text, 600)


@pytest.mark.parametrize(
    "text", ["Ben: it's 3.5 x 4, isn't it?", "naïve – „déjà vu“ 👍🏽", "שלום", "नमस्ते", "- ", "•"]
)
def test_ordinary_text_is_left_alone(text):
    assert escaped(text, 600) == text.strip()


def test_a_bullet_that_is_no_markup_gets_no_backslash():
    assert escaped("• point", 600) == "• point"


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


def test_a_script_keeps_the_marks_that_it_needs():
    word = "שָּׁלוֹם"
    assert regex.sub(r"\P{M}", "", escaped(word, 600)) != ""
    assert escaped("ཧཱུྃ", 600) == "ཧཱུྃ"


def test_a_word_of_4000_characters_is_cut():
    shown = escaped("x" * 4_000, 600)
    assert len(shown) == 600
    assert shown.endswith("…")


def test_4000_characters_of_markup_are_at_most_doubled():
    assert len(escaped("*" * 4_000, 600)) <= 1_200


@pytest.mark.parametrize("grapheme", ["👨‍👩‍👧‍👦", "🇩🇪", "👍🏽", "é́", "한", "क्षि"])
def test_a_cut_never_goes_through_a_grapheme(grapheme):
    text = grapheme * 200
    for limit in range(50, 60):
        shown = escaped(text, limit).removesuffix("…")
        assert shown == grapheme * regex.findall(r"\X", shown).count(grapheme)


@given(TEXTS, st.integers(2, 50))
def test_no_more_than_asked_for_is_shown(text, limit):
    assert len(as_read(escaped(text, limit))) <= limit


def test_a_name_is_short_and_harmless():
    name = escaped_name("**Ana**\n@everyone " + "x" * 300)
    assert effects(name) == []
    assert len(as_read(name)) <= 80


@pytest.mark.parametrize("name", ["", "\u200b", "\u3164", "   "])
def test_a_name_that_cannot_be_seen_is_someones(name):
    assert escaped_name(name) == "someone"


def test_where_no_markdown_is_read_none_is_escaped():
    assert plain("flan-t5_base *v2*\n", 100) == "flan-t5_base *v2*"
