"""What becomes of any text and any name, wherever it was written."""

import unicodedata

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from precis.conversation import MAX_TEXT, Attachment
from precis.normalisation import (
    NAMELESS,
    attachment,
    clean_name,
    clean_text,
    discord_text,
    is_command,
    slack_text,
    with_marks,
)

FAMILY = "👩\u200d👩\u200d👧\u200d👦"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"

unpleasant = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("#*_~`|<>@:!/\\[]()&;^ \n\u200c\u200d\u202e\u2066\ufeff\ufdd0\ufdd1\ufdd2"),
        st.sampled_from(["\ud800", "\U000e0041", "क", "्", "ی", "👩", "\u0301"]),
    ),
    max_size=80,
)
pieces = st.lists(
    st.sampled_from(
        ["#", "Person", "1", "www.", "http://", "a.b", "@", "<@12>", "*", "_", "`", "```", " ", "x"]
    ),
    max_size=30,
).map("".join)


@given(unpleasant | pieces)
def test_nothing_invisible_or_deceiving_is_left(text):
    for clean in (clean_text(text), clean_name(text), discord_text(text), slack_text(text)):
        assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in clean)
        assert not regex.search(r"[\u202a-\u202e\u2066-\u2069\ufeff\u200b]", clean)
        assert not regex.search(r"\p{Noncharacter_Code_Point}", clean)
        assert clean == clean.strip()
        assert "  " not in clean


@given(unpleasant | pieces)
@example("#Person#Person1##")
@example("www.www.example.org")
@example("WWW.:A0://.")
def test_cleaning_what_is_clean_changes_nothing(text):
    once = clean_text(text)
    assert clean_text(once) == once
    name = clean_name(text)
    assert clean_name(name) == name


@given(unpleasant | pieces)
def test_no_text_can_be_taken_for_a_placeholder_of_the_pipeline(text):
    for clean in (clean_text(text), clean_name(text), discord_text(text), slack_text(text)):
        assert not regex.search(r"#Person[0-9]+#", clean)


@given(unpleasant, st.integers(min_value=8, max_value=40))
def test_a_text_is_never_longer_than_its_limit(text, limit):
    assert len(clean_text(text, limit)) <= limit


@pytest.mark.parametrize(
    "text",
    [
        "שלום עולם",
        "مرحبا بالعالم",
        "می\u200cخواهم",  # Persian needs the non-joiner
        "क्\u200dष",  # and Hindi the joiner
        FAMILY,
        ENGLAND,
        "👍🏽 ❤️\u200d🔥 🇵🇹",
        "Việt Nam, Ελλάδα, 日本語, ไทย",
        "q\u0307\u0323",  # marks that compose to nothing shorter
    ],
)
def test_every_script_and_emoji_is_kept(text):
    assert clean_text(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("e\u0301", "é"),
        ("a\u200cb\u200dc", "abc"),
        ("abc\u202edef\u202c", "abcdef"),
        ("hid\U000e0041\U000e0042den", "hidden"),
        ("bell\x07 \x1b[31mred", "bell red"),
        ("half \ud83d a pair", "half a pair"),
        ("two\n\tlines\u2028here", "two lines here"),
    ],
)
def test_hidden_characters_go(text, clean):
    assert clean_text(text) == clean


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("see https://docs.python.org/3/x?y=1#z.", "see [docs.python.org]."),
        ("(https://www.example.org/a)", "([example.org])"),
        ("https://en.wikipedia.example/wiki/A_(b) is it", "[en.wikipedia.example] is it"),
        ("https://user:secret@host.example:8080/x", "[host.example]"),
        ("www.example.org/x, yes", "[example.org], yes"),
        ("not.a.link and 10:30", "not.a.link and 10:30"),
        ("https://", "[link]"),
    ],
)
def test_a_link_is_kept_as_its_host(text, clean):
    assert clean_text(text) == clean


def test_a_long_text_is_cut_between_graphemes():
    clean = clean_text(FAMILY * 10, limit=20)
    assert clean == FAMILY * 2 + "…"


def test_a_grapheme_without_end_is_cut():
    assert len(clean_text("a" + "\u0316" * 100_000)) == MAX_TEXT


@pytest.mark.parametrize("name", ["", " ", "\u3164", "\u200b\u200b", "\u2800", "\u202e"])
def test_who_has_no_visible_name_is_someone(name):
    assert clean_name(name) == NAMELESS


def test_a_name_like_a_placeholder_loses_its_signs():
    assert clean_name("#Person1#") == "Person1"
    assert clean_text("ask #Person_2# or # person 3 #") == "ask Person_2 or person 3"


@pytest.mark.parametrize("text", ["!help", "/poll pizza", "!rank @Ana", "/me-too"])
def test_a_command_is_known(text):
    assert is_command(text)


@pytest.mark.parametrize(
    "text", ["/etc/fstab is broken", "/home is full", "!!! wow", "! no", "a /poll", "", "/ or \\"]
)
def test_a_sentence_is_no_command(text):
    assert not is_command(text)


def test_attachments_become_marks():
    files = [attachment("cat.PNG"), attachment("dog.jpg"), attachment("notes.pdf")]
    assert with_marks("look", files, ["Wave"]) == "look [image] [file: notes.pdf] [sticker: Wave]"
    assert with_marks("", [attachment("voice.ogg")]) == "[audio]"
    assert attachment("../../etc/x.txt") == Attachment(kind="file", name="x.txt")


@pytest.mark.parametrize(
    "text",
    ["#" * 50_000, "_a " * 15_000, "`" * 50_000, "<" * 50_000, "> " * 25_000, "www." * 10_000],
)
@pytest.mark.timeout(120)
def test_hostile_text_takes_no_more_time_than_other_text(text):
    for normalise in (clean_text, clean_name, discord_text, slack_text):
        normalise(text)


@pytest.mark.parametrize(
    ("coloured", "plain"),
    [
        ("see \x1b[31mred\x1b[0m", "see red"),
        ("\x1b]0;title\x07hello", "hello"),
        ("\x0304,01red\x03 and \x02bold\x0f", "red and bold"),
        ("\x1b half", "half"),
    ],
)
def test_colour_codes_go_with_all_their_parts(coloured, plain):
    assert clean_text(coloured) == plain
