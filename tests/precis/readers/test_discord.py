"""DiscordChatExporter's JSON."""

from datetime import UTC, datetime

import pytest

from precis.conversation import Attachment, Reaction
from precis.readers import load_conversation


def only(path):
    loaded = load_conversation(path)
    assert loaded.skipped == 0, loaded.problems
    (message,) = loaded.conversation.messages
    return message


def texts(path):
    return [m.text for m in load_conversation(path).conversation.messages]


def test_a_message_keeps_all_that_a_summary_needs(discord):
    message = only(
        discord(
            {
                "content": "look at **this**",
                "timestampEdited": "2026-01-31T15:00:00+00:00",
                "attachments": [{"id": "1", "fileName": "graph.png"}],
                "reactions": [
                    {"emoji": {"id": "", "name": "👍"}, "count": 3},
                    {"emoji": {"id": "55", "name": "pog"}, "count": 1},
                ],
            }
        )
    )
    assert message.text == "look at this [image]"
    assert message.author_id == "7"
    assert message.author_name == "Ana"
    assert message.time == datetime(2026, 1, 31, 14, 1, 0, 123000, tzinfo=UTC)
    assert message.permalink == "https://discord.com/channels/100/200/1001"
    assert message.edited
    assert message.attachments == (Attachment(kind="image", name="graph.png"),)
    assert message.reactions == (Reaction(emoji="👍", count=3), Reaction(emoji=":pog:", count=1))
    assert message.thread is None


def test_the_channel_has_its_name(discord):
    conversation = load_conversation(discord({})).conversation
    assert (conversation.source, conversation.channel) == ("discord", "exam")


def test_a_reply_names_what_it_answers(discord):
    assert only(discord({"type": "Reply", "reference": {"messageId": "9"}})).reply_to == "9"


def test_messages_of_a_thread_export_are_in_the_thread(discord):
    assert only(discord({}, type="GuildPublicThread")).thread == "200"


def test_mentions_are_names_whoever_resolved_them(discord):
    mentions = [{"id": "8", "name": "bo_1", "nickname": "Bo"}]
    assert only(discord({"content": "<@8>, @Bo and @bo_1", "mentions": mentions})).text == (
        "Bo, Bo and bo_1"
    )


def test_what_people_did_not_say_goes(discord):
    path = discord(
        {"type": "GuildMemberJoin", "content": "Joined the server."},
        {"type": "ChannelPinnedMessage", "content": "Pinned a message."},
        {"type": "ThreadCreated", "content": "Started a thread."},
        {"type": "20", "content": "used a slash command"},
        {"author": {"id": "1", "isBot": True}},
        {"content": "!rank"},
        {"content": ""},
        {"content": "\u200b"},
        {"content": "stays"},
    )
    assert texts(path) == ["stays"]
    assert load_conversation(path).skipped == 0


def test_a_sticker_is_a_message(discord):
    assert only(discord({"content": "", "stickers": [{"name": "Wave"}]})).text == "[sticker: Wave]"


def test_two_people_with_one_display_name_stay_two(discord):
    path = discord({}, {"author": {"id": "8", "name": "other"}})
    names = [p.name for p in load_conversation(path).conversation.participants]
    assert names == ["Ana", "Ana (2)"]


def test_an_export_in_reverse_order_is_put_right(discord):
    path = discord(
        {"timestamp": "2026-01-31T15:00:00Z", "content": "second"},
        {"timestamp": "2026-01-31T14:00:00Z", "content": "first"},
    )
    assert texts(path) == ["first", "second"]


def test_direct_messages_link_to_the_direct_channel(write):
    path = write(
        '{"guild": {"id": "0", "name": "Direct Messages"}, "channel": {"id": "5", "type":'
        ' "DirectTextChat", "name": "bo"}, "messages": [{"id": "6", "type": "Default", "timestamp":'
        ' "2026-01-31T14:00:00+00:00", "content": "hi", "author": {"id": "7", "name": "ana"}}]}'
    )
    assert only(path).permalink == "https://discord.com/channels/@me/5/6"


def test_a_damaged_record_is_skipped_and_named(discord):
    path = discord(
        {},
        {"author": {"id": ""}},
        {"timestamp": None},
        {"timestamp": "yesterday"},
        {"id": ""},
        {"content": "fine"},
    )
    loaded = load_conversation(path)
    assert len(loaded.conversation.messages) == 2
    assert loaded.skipped == 4
    assert loaded.problems == (
        "record 2: no author",
        "record 3: no time",
        "record 4: timestamp: not an ISO 8601 time",
        "record 5: no id",
    )


def test_records_before_a_cut_are_kept(discord):
    path = discord({}, {}, {})
    path.write_bytes(path.read_bytes()[:-200])
    loaded = load_conversation(path)
    assert len(loaded.conversation.messages) == 2
    assert loaded.skipped == 1
    assert loaded.problems[0].startswith("record 3: the file ends in the middle")


def test_records_before_broken_json_are_kept(discord):
    path = discord({}, {}, {})
    path.write_text(path.read_text().replace('"message 3"', "message 3"))
    loaded = load_conversation(path)
    assert len(loaded.conversation.messages) == 2
    assert loaded.problems == ("record 3: not valid JSON from here on",)


def test_records_before_a_nesting_bomb_are_kept(discord):
    path = discord({}, {})
    path.write_text(path.read_text().replace('"message 2"', "[" * 3_000_000))
    loaded = load_conversation(path)
    assert len(loaded.conversation.messages) == 1
    assert loaded.problems == ("record 2: nested over 100 levels deep",)


def test_brackets_in_texts_are_no_nesting(discord):
    brackets = '["\\' * 30_000
    path = discord({"content": brackets}, {"content": "next"})
    assert load_conversation(path).conversation.messages[1].text == "next"


def test_invalid_utf8_damages_its_record_only(discord):
    path = discord({}, {"content": "XX"}, {})
    path.write_bytes(path.read_bytes().replace(b"XX", b"caf\xe9"))
    loaded = load_conversation(path)
    assert len(loaded.conversation.messages) == 2
    assert loaded.problems == ("record 2: not valid UTF-8",)


@pytest.mark.parametrize(
    "damage",
    [
        {"timestamp": "0001-01-01T00:00:00+05:00"},
        {"timestamp": "9999-12-31T23:59:59-05:00"},
        {"id": "\x1b]0;title\x07"},
    ],
)
def test_a_time_out_of_range_or_an_id_of_control_characters_is_damage(discord, damage):
    loaded = load_conversation(discord(damage, {"content": "fine"}))
    assert [message.text for message in loaded.conversation.messages] == ["fine"]
    assert loaded.skipped == 1


def test_a_type_that_is_no_text_counts_as_the_usual_one(discord):
    loaded = load_conversation(discord({"type": ["x"]}, {"content": "fine"}))
    assert loaded.conversation.messages[-1].text == "fine"
