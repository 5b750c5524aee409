"""Précis's own JSON lines."""

import io
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from precis.conversation import Attachment, Conversation, Message, Reaction
from precis.errors import InputError
from precis.normalisation import clean_name, clean_text
from precis.readers import load_conversation, write_jsonl

words = st.text(max_size=40).map(clean_text).filter(bool)
messages = st.builds(
    Message,
    id=st.uuids().map(str),
    author_id=st.sampled_from("abc"),
    author_name=st.text(max_size=20).map(clean_name),
    text=words,
    time=st.none() | st.just(datetime(2026, 1, 31, 14, 0, 0, 5, tzinfo=UTC)),
    reply_to=st.none() | st.just("1"),
    edited=st.booleans(),
    attachments=st.sampled_from([(), (Attachment(kind="image", name="x.png"),)]),
    reactions=st.sampled_from([(), (Reaction(emoji="👍", count=2),)]),
)


@given(
    st.lists(messages, max_size=5, unique_by=lambda m: m.id).filter(
        lambda m: len({x.time for x in m}) < 2
    )
)
def test_what_is_written_is_read_again(tmp_path_factory, found):
    conversation = Conversation(source="discord", channel="exam", messages=tuple(found))
    text = io.StringIO()
    write_jsonl(conversation, text)
    path = tmp_path_factory.mktemp("jsonl") / "talk.jsonl"
    path.write_bytes(text.getvalue().encode())
    assert load_conversation(path).conversation == conversation


LINE = '{"id": "%s", "author_id": "7", "author_name": "Ana", "text": "hi"}\n'


def test_the_header_may_be_left_out(write):
    loaded = load_conversation(write(LINE % 1 + LINE % 2))
    assert loaded.conversation.source == "jsonl"
    assert [m.id for m in loaded.conversation.messages] == ["1", "2"]


def test_damaged_lines_are_skipped_and_named(write):
    loaded = load_conversation(
        write(
            '{"precis": 1}\n'
            + LINE % 1
            + '{"id": "2", "author_id": "7", "text": "secret"}\n'
            + '{"id": "3", "auth\n'
            + '{"id": "4", "author_id": "7", "author_name": "Ana", "text": "x", "time": "secret"}\n'
            + '{"id": "5", "author_id": "7", "author_name": "Ana", "text": "x", "mood": "secret"}\n'
        )
    )
    assert loaded.skipped == 4
    assert loaded.problems[:2] == ("line 3: no author_name", "line 4: not valid JSON")
    assert loaded.problems[3] == "line 6: a field that Précis doesn't know"
    assert "secret" not in " ".join(loaded.problems)


def test_bots_go_and_text_is_cleaned(write):
    bot = '{"id": "1", "author_id": "b", "author_name": "Bot", "text": "hi", "is_bot": true}\n'
    text = '{"id": "2", "author_id": "7", "author_name": "A\\u202ena", "text": "a\\n\\u0007b"}\n'
    (message,) = load_conversation(write(bot + text)).conversation.messages
    assert (message.author_name, message.text) == ("Ana", "a b")


def test_a_later_version_is_refused(write):
    with pytest.raises(InputError, match=r"version 2 .* update Précis"):
        load_conversation(write('{"precis": 2}\n' + LINE % 1))


def test_a_wrong_header_is_refused(write):
    with pytest.raises(InputError, match="line 1: source"):
        load_conversation(write('{"precis": 1, "source": ""}\n' + LINE % 1))


def test_escape_sequences_in_the_header_are_taken_out(tmp_path):
    path = tmp_path / "a.jsonl"
    header = {"precis": 1, "source": "x\x1b[31m", "channel": "ex\x1b]0;pwned\x07am"}
    line = {"id": "1", "author_id": "a", "author_name": "Ana", "text": "hi"}
    path.write_text(json.dumps(header) + "\n" + json.dumps(line) + "\n")
    talk = load_conversation(path).conversation
    assert "\x1b" not in talk.source + talk.channel
