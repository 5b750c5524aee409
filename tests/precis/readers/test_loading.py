"""From a path and a window to a conversation, and what is said where that can't be."""

import os
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from precis.errors import InputError
from precis.readers import FORMATS, load_conversation
from precis.window import Window

EXAMPLES = Path(__file__).parents[3] / "examples"


def ids(loaded):
    return [m.id for m in loaded.conversation.messages]


def chat(count):
    return "".join(f"[{n // 60:02}:{n % 60:02}] <ana> message {n}\n" for n in range(count))


def test_the_last_messages_are_kept(write):
    loaded = load_conversation(write(chat(100)), Window(last=3))
    assert ids(loaded) == ["98", "99", "100"]
    assert (loaded.total_read, loaded.left_out) == (100, 0)


def test_the_last_is_counted_after_the_other_conditions(write):
    until = datetime(2026, 1, 31, 0, 49, tzinfo=UTC)
    loaded = load_conversation(write(chat(100), "2026-01-31.log"), Window(until=until, last=2))
    assert ids(loaded) == ["49", "50"]


def test_of_too_many_messages_the_latest_are_kept_and_the_others_counted(write):
    loaded = load_conversation(write(chat(100)), max_messages=10)
    assert ids(loaded) == [str(n) for n in range(91, 101)]
    assert loaded.left_out == 90
    assert load_conversation(write(chat(100)), Window(last=30), max_messages=10).left_out == 20


def test_an_empty_window_can_be_explained(write):
    path = write(chat(100), "2026-01-31.log")
    loaded = load_conversation(path, Window(since=datetime(2026, 2, 2, tzinfo=UTC)))
    assert not loaded.conversation.messages
    assert loaded.why_empty() == (
        "no messages in this window; the conversation has 100 messages, "
        "from 2026-01-31 00:00 to 2026-01-31 01:39 UTC"
    )
    timeless = load_conversation(write("Ana: a\nBo: b\n"), Window(thread="9"))
    assert timeless.why_empty() == "no messages in this window; the conversation has 2 messages"


def test_a_conversation_of_bots_alone_is_empty_not_damaged(discord):
    loaded = load_conversation(discord({"author": {"id": "1", "isBot": True}}))
    assert loaded.why_empty() == "no messages by people in this conversation"


def test_times_are_refused_where_there_are_none(write):
    with pytest.raises(InputError, match="no times; use --last N"):
        load_conversation(write("Ana: a\nBo: b\n"), Window(since=datetime(2026, 1, 1, tzinfo=UTC)))


def test_of_a_message_that_comes_twice_the_later_version_is_kept(discord):
    loaded = load_conversation(
        discord({"id": "1", "content": "old"}, {"id": "2"}, {"id": "1", "content": "new"})
    )
    assert [(m.id, m.text) for m in loaded.conversation.messages] == [
        ("1", "new"),
        ("2", "message 2"),
    ]
    assert loaded.duplicates == 1


def test_a_file_of_one_channel_is_held_against_the_channel_asked_for(discord, write):
    assert load_conversation(discord({}), channel="#Exam").conversation.channel == "exam"
    with pytest.raises(InputError, match="of the channel exam, not other"):
        load_conversation(discord({}), channel="other")
    assert load_conversation(write("Ana: a\nBo: b\n"), channel="#x").conversation.channel == "x"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_other_encodings_of_unicode_are_read(write, encoding):
    path = write("Ana: olá 👋\nBo: שלום\n".encode(encoding))
    assert [m.text for m in load_conversation(path).conversation.messages] == ["olá 👋", "שלום"]


def test_windows_line_ends_are_read(write):
    path = write("Ana: a\r\nb\r\nBo: c\r\n")
    assert [m.text for m in load_conversation(path).conversation.messages] == ["a b", "c"]


def test_a_line_without_end_is_damaged_and_not_held(write):
    log = f"[10:00] <ana> hi\n[10:01] <ana> {'x' * 3_000_000}\n[10:02] <ana> bye\n"
    loaded = load_conversation(write(log))
    assert ids(loaded) == ["1", "3"]
    assert loaded.problems == ("line 2: over 1,000,000 characters long",)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"\x00\x01\x02" * 100, "not a text file"),
        (random.Random(1).randbytes(2_000), "not a text file"),
        (b"nothing that anybody said\n", "no format that Précis reads"),
        (b'{"some": "json"}', "no format that Précis reads"),
        (b"PK\x03\x04 but no zip", "a damaged or incomplete zip"),
        (b"PK\x05\x06" + b"\0" * 18, "no Slack export"),
    ],
)
def test_what_is_no_conversation_is_refused_in_one_line(write, content, reason):
    path = write(content)
    with pytest.raises(InputError) as refused:
        load_conversation(path)
    assert str(refused.value).startswith(f"{path}: {reason}")
    assert "\n" not in str(refused.value)


def test_a_file_of_damaged_records_alone_is_refused_with_the_first_of_them(discord):
    with pytest.raises(InputError, match=r"no message could be read \(record 1: no time\)"):
        load_conversation(discord({"timestamp": None}))


def test_a_path_that_leads_nowhere_is_one_line(tmp_path):
    for path in (tmp_path / "none", Path("a\0b"), tmp_path / ("x" * 300)):
        with pytest.raises(InputError, match=r"no such file|can't be read"):
            load_conversation(path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_a_file_that_may_not_be_read_is_one_line(write):
    path = write("Ana: a\n")
    path.chmod(0)
    with pytest.raises(InputError, match="check its permissions"):
        load_conversation(path)


@pytest.mark.timeout(120)
def test_what_has_no_end_is_not_read(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(InputError, match="not a file"):
            load_conversation(path)


def test_a_format_that_does_not_exist_is_refused_with_those_that_do(write):
    with pytest.raises(InputError, match="discord, jsonl, dialogsum, irc, plain"):
        load_conversation(write("Ana: a\n"), format="whatsapp")


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_wrong_format_is_refused_in_one_line(write, name):
    with pytest.raises(InputError) as refused:
        load_conversation(write("nothing that anybody said\n"), format=name)
    assert "\n" not in str(refused.value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    start=st.sampled_from(
        [
            b"",
            b"[10:00] <ana> hi\n",
            b"2026-01-31 10:00:00\tana\thi\n",
            b"--- Log opened Sat Jan 31 10:00:00 2026\n10:00 < ana> hi\n",
            b"Ana: hi\nBo: ho\n",
            b'{"precis": 1}\n',
            b'{"guild": {"id": "1"}, "channel": {"id": "2"}, "messages": [',
            b"\xff\xfe",
            b"PK\x03\x04",
        ]
    ),
    rest=st.binary(max_size=200)
    | st.text('[]{}",:<>#*= \n\t0123456789abPersonid\\', max_size=200).map(str.encode),
    name=st.sampled_from([None, *FORMATS]),
)
def test_no_bytes_raise_anything_but_an_input_error(write, start, rest, name):
    path = write(start + rest)
    try:
        load_conversation(path, format=name)
    except InputError as refused:
        assert "\n" not in str(refused)  # noqa: PT017


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(st.data())
def test_no_damage_raises_anything_but_an_input_error(write, data):
    whole = (EXAMPLES / "study-group.json").read_bytes()[:20_000]
    at = data.draw(st.integers(0, len(whole) - 1))
    path = write(whole[:at] + data.draw(st.binary(max_size=4)) + whole[at + 1 :])
    try:
        load_conversation(path)
    except InputError as refused:
        assert "\n" not in str(refused)  # noqa: PT017


def test_the_examples_are_read_without_damage():
    paths = ["study-group.json", "irc-weechat.log", "dialogue.txt", "dialogsum.txt"]
    loaded = [load_conversation(EXAMPLES / path) for path in paths]
    loaded += [
        load_conversation(EXAMPLES / "slack-export", channel=c) for c in ("paper-club", "general")
    ]
    assert [one.conversation.source for one in loaded] == [
        *("discord", "irc", "plain", "dialogsum", "slack", "slack")
    ]
    assert all(one.conversation.messages and not one.skipped for one in loaded)


def test_the_study_group_has_two_people_called_leo():
    names = load_conversation(EXAMPLES / "study-group.json").conversation.names.values()
    assert {"Leo", "Leo (2)"} <= set(names)
