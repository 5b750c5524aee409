"""What a digest says, in which order, and that it says it in every language."""

import dataclasses
import string
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.digests.composing import Channel, Frame, Told, compose
from bot.digests.view import Kind, Link, Name, Own, Words
from bot.texts import ENGLISH, GERMAN
from bot.texts.counted import Counted
from bot.texts.digest_words import ENGLISH_DIGEST_WORDS, GERMAN_DIGEST_WORDS
from precis.conversation import Conversation
from precis.job import Citation, JobState, Style, SummarySentence
from tests.bot.digests.posters import line, lines, said

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
FRAME = Frame(key="d1", day=date(2026, 3, 10), zone=ZoneInfo("UTC"), style=Style.BRIEF)


def sentence(text, kind="said", topic=0, *, speakers=("Ana",), cites=("1",)):
    return SummarySentence(
        text=text,
        citations=tuple(Citation(id=each, permalink=f"https://c.example/{each}") for each in cites),
        speakers=speakers,
        origin="extracted",
        kind=kind,
        topic=topic,
    )


def told(*sentences, place="c1", people=("Ana",), **more):
    messages = tuple(said(n, who, "…", NOON) for n, who in enumerate(people, start=1))
    conversation = Conversation(source="discord", messages=messages)
    return Told(place=place, name=place, new=conversation, sentences=sentences, **more)


def composed(*channels, texts=ENGLISH, **more):
    return compose(channels, dataclasses.replace(FRAME, **more), texts)


DAY = told(
    sentence("", "topic", speakers=("Ana", "Ben")),
    sentence("Ana proposed Tuesday."),
    sentence("Ben agreed.", cites=("2", "3", "4")),
    sentence("Which room?", "question", speakers=("Ben",)),
    sentence("We meet on Tuesday.", "decision"),
    sentence("I'll book it.", "promise"),
    sentence("example.org", "link"),
    sentence("When is it due?", "open", None, speakers=("Cem",)),
    people=("Ana", "Ben"),
)


def test_a_topic_is_told_with_people_text_and_items_in_their_order():
    view = composed(Channel("c1", "study", (DAY,)))
    assert lines(view) == [
        "Digest for Tuesday, March 10",
        "2 messages · 2 people",
        "Ana and Ben · 12:00 ↗",
        "Ana proposed Tuesday. ↗ Ben agreed. ↗ 2",
        "❓ Open question: Which room? — Ben ↗",
        "✅ Decided: We meet on Tuesday. — Ana ↗",
        "🤝 Promised: I'll book it. — Ana ↗",
        "🔗 example.org — Ana ↗",
        "⏳ Still open: When is it due? — Cem ↗",
    ]


def test_a_quote_is_a_line_behind_the_name_of_who_said_it():
    day = told(
        sentence("Ana proposed Tuesday."), sentence("Ben: Tuesday it is.", speakers=("Ben",))
    )
    view = composed(Channel("c1", "study", (day,)))
    assert lines(view)[2:] == ["Ana proposed Tuesday. ↗", "Ben: Tuesday it is. ↗"]
    [quoted] = [each for part in view.sections for each in part.lines][1:]
    assert quoted.spans[:3] == (Name("Ben"), Own(": "), Words("Tuesday it is."))


def test_bullets_are_a_line_a_sentence_and_people_begin_with_who():
    bullets = lines(composed(Channel("c1", "study", (DAY,)), style=Style.BULLETS))
    assert "Ana proposed Tuesday. ↗" in bullets
    people = lines(composed(Channel("c1", "study", (DAY,)), style=Style.PEOPLE))
    assert "Ana proposed Tuesday. ↗" in people
    assert "Ana: Ben agreed. ↗ 2" in people


def test_what_people_said_and_their_names_are_never_the_bots_own_words():
    hostile = "@everyone [click](https://evil.example)"
    view = composed(
        Channel(
            "c1",
            hostile,
            (
                told(
                    sentence("", "topic", speakers=(hostile,)),
                    sentence(hostile),
                    sentence(hostile, "question", speakers=(hostile,)),
                ),
            ),
        ),
        Channel("c2", hostile),
    )
    spans = [s for part in view.sections for each in part.lines for s in each.spans]
    spans += [s for each in (*view.top, *view.overview) for s in each.spans]
    for span in spans:
        if hostile in str(span):
            assert isinstance(span, Words | Name) or type(span).__name__ == "Place"
    assert all("evil" not in span.text for span in spans if isinstance(span, Own))
    assert hostile not in view.title


def test_many_people_are_counted():
    many = tuple(f"P{n}" for n in range(9))
    view = composed(Channel("c1", "study", (told(sentence("", "topic", speakers=many)),)))
    assert lines(view)[2] == "P0, P1, P2, P3 and 5 others · 12:00 ↗"


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (JobState.WITHHELD, "What was said here isn't repeated: moderators see to it."),
        (JobState.FAILED, "This could not be summarised."),
        (JobState.DONE, "What this was about has been deleted."),
    ],
)
def test_where_there_is_no_summary_a_line_says_why(state, text):
    assert text in lines(composed(Channel("c1", "study", (told(state=state),))))


def test_late_partial_weekly_and_preview_are_said():
    place = told(sentence("x"), partial=True)
    late = composed(Channel("c1", "study", (place,)), late_since=NOON, zone=ZoneInfo("Asia/Tokyo"))
    assert "This was due at 21:00 and is late: Précis was not running then." in lines(late)
    assert "Only the latest messages were read in #c1: there were too many." in lines(late)
    assert composed(weekly=True).title == "Digest of the week to Tuesday, March 10"
    assert composed(preview=True).title == "Preview of the digest, Tuesday, March 10"


def test_the_overview_has_a_line_a_channel():
    view = composed(Channel("c1", "study", (DAY,)), Channel("c2", "quiet"))
    assert [line(each) for each in view.overview] == ["#study — 2 messages: Ana proposed Tuesday."]
    assert view.sections[0].lines[0].kind is Kind.CHANNEL


def test_links_are_those_of_citations_alone():
    bare = SummarySentence(
        text="x", citations=(Citation(id="1"),), speakers=(), origin="generated", topic=0
    )
    view = composed(Channel("c1", "study", (told(bare),)))
    assert not any(
        isinstance(s, Link) for part in view.sections for ln in part.lines for s in ln.spans
    )


def fields_in(text):
    forms = (text.one, text.other) if isinstance(text, Counted) else (text,)
    return {name for each in forms for _, name, _, _ in string.Formatter().parse(each) if name}


@pytest.mark.parametrize("name", [f.name for f in dataclasses.fields(ENGLISH_DIGEST_WORDS)])
def test_both_languages_fill_in_the_same(name):
    english, german = (getattr(w, name) for w in (ENGLISH_DIGEST_WORDS, GERMAN_DIGEST_WORDS))
    if isinstance(english, tuple):
        assert len(english) == len(german)
    else:
        assert fields_in(english) == fields_in(german)


def test_a_digest_in_german():
    view = composed(Channel("c1", "study", (DAY,)), texts=GERMAN)
    assert lines(view)[:3] == [
        "Überblick für Dienstag, 10. März",
        "2 Nachrichten · 2 Personen",
        "Ana und Ben · 12:00 ↗",
    ]
