"""What a conversation promises."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from precis.conversation import Conversation, Message, Reaction, name_participants

SECRET = "the cake is in the cellar"


def message(id_="1", author_id="7", name="Ana", **fields):
    return Message(**{"id": id_, "author_id": author_id, "author_name": name, "text": "x"} | fields)


def conversation(*messages):
    return Conversation(source="plain", messages=messages)


def test_namesakes_stay_two_people():
    talk = conversation(
        message("1", "7", "Leo"), message("2", "8", "Leo"), message("3", "7", "Leo")
    )
    assert [(p.id, p.name) for p in talk.participants] == [("7", "Leo"), ("8", "Leo (2)")]
    assert talk.names == {"7": "Leo", "8": "Leo (2)"}


def test_who_is_renamed_goes_by_the_last_name():
    talk = conversation(message("1", "7", "Ana"), message("2", "7", "Ana away"))
    assert talk.names == {"7": "Ana away"}


def test_a_number_that_somebody_has_as_a_name_is_not_given_again():
    named = name_participants([("1", "Leo"), ("2", "Leo (2)"), ("3", "Leo")])
    assert [p.name for p in named] == ["Leo", "Leo (2)", "Leo (3)"]


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(["Leo", "Leo (2)", "Leo (3)"])))
)
def test_names_of_participants_are_unique(authors):
    named = name_participants(authors)
    assert len({p.name for p in named}) == len(named) == len({p.id for p in named})


def test_times_are_in_utc():
    moment = datetime(2026, 1, 31, 14, tzinfo=timezone(timedelta(hours=2)))
    assert message(time=moment).time == datetime(2026, 1, 31, 12, tzinfo=UTC)
    with pytest.raises(ValidationError):
        message(time=datetime(2026, 1, 31, 14))  # noqa: DTZ001


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": ""},
        {"author_id": ""},
        {"author_name": "  "},
        {"permalink": "javascript:alert(1)"},
        {"unknown": 1},
        {"text": SECRET * 10_000},
        {"reactions": ({"emoji": "x", "count": 0},)},
    ],
)
def test_a_wrong_field_is_refused_without_repeating_it(wrong):
    with pytest.raises(ValidationError) as refused:
        message(**({"text": SECRET} | wrong))
    assert SECRET not in str(refused.value)


def test_a_message_can_not_be_changed():
    with pytest.raises(ValidationError):
        message().text = "y"


def test_the_digest_is_of_what_a_summary_depends_on():
    plain = conversation(message())
    assert conversation(message(reactions=(Reaction(emoji="👍", count=1),))).digest == plain.digest
    assert conversation(message(text="y")).digest != plain.digest
    assert conversation(message(), message("2")).digest != plain.digest


def test_times_of_a_conversation_without_times_are_unknown():
    assert conversation(message()).first_time is None
    assert conversation().last_time is None
