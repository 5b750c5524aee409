"""Slack's messages, as the API and the events give them, as a conversation's."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.reading import heard, people_in
from precis.conversation import Attachment, Reaction

TS = "1700000000.000100"
PEOPLE = {"U1": "Ana", "U2": "Ben"}
DAMAGED = "\ufdd0"


def message(text="hi", **more):
    return {"type": "message", "user": "U1", "text": text, "ts": TS, "team": "T1"} | more


def read(fields, **more):
    known = {
        "team": "T1",
        "channel": "C1",
        "people": PEOPLE,
        "channels": {"C2": "exam"},
        "groups": {"S1": "tutors"},
        "workspace_url": "https://acme.slack.com/",
        "bot_user": "UBOT",
    }
    return heard(fields, **(known | more))


def plain(fields, **more):
    said = read(fields, **more).message
    return said.text if said else None


def rich(*elements, kind="rich_text_section"):
    return [{"type": "rich_text", "elements": [{"type": kind, "elements": list(elements)}]}]


def typed(text, **style):
    return {"type": "text", "text": text} | ({"style": style} if style else {})


def listed(*texts):
    sections = [{"type": "rich_text_section", "elements": [typed(text)]} for text in texts]
    return rich(*sections, kind="rich_text_list")


def test_a_message_keeps_all_that_a_summary_needs():
    fields = message(
        "<@U2> look in <#C2>",
        edited={"user": "U1", "ts": TS},
        files=[{"name": "notes.pdf", "mimetype": "application/pdf", "mode": "hosted"}],
        reactions=[{"name": "+1", "users": ["U2"], "count": 1}],
    )
    got = read(fields)
    assert (got.id, got.author_id) == ("T1/C1/1700000000.000100", "T1/U1")
    assert got.time == datetime(2023, 11, 14, 22, 13, 20, 100, tzinfo=UTC)
    said = got.message
    assert (said.id, said.author_id, said.time) == (got.id, got.author_id, got.time)
    assert said.author_name == "Ana"
    assert said.text == "Ben look in #exam [file: notes.pdf]"
    assert said.attachments == (Attachment(kind="file", name="notes.pdf"),)
    assert said.reactions == (Reaction(emoji=":+1:", count=1),)
    assert said.edited
    assert said.permalink == "https://acme.slack.com/archives/C1/p1700000000000100"
    assert (said.thread, said.reply_to) == (None, None)


def test_a_reply_is_in_its_thread_and_answers_its_first_message():
    said = read(message(thread_ts="1600000000.000001")).message
    assert said.thread == said.reply_to == "T1/C1/1600000000.000001"
    assert said.permalink == (
        "https://acme.slack.com/archives/C1/p1700000000000100?thread_ts=1600000000.000001&cid=C1"
    )


def test_a_threads_first_message_is_in_it_and_answers_none():
    said = read(message(thread_ts=TS, reply_count=3)).message
    assert (said.thread, said.reply_to) == (f"T1/C1/{TS}", None)
    assert "thread_ts" not in said.permalink


def test_a_reply_that_was_also_sent_to_the_channel_is_the_same_message():
    fields = message(thread_ts="1600000000.000001")
    broadcast = fields | {"subtype": "thread_broadcast", "root": message("root")}
    assert read(broadcast) == read(fields)


def test_the_same_message_in_two_workspaces_is_two():
    assert read(message(), team="T1").id != read(message(), team="T2").id


@pytest.mark.parametrize(
    ("fields", "author"),
    [
        ({"team": "T1"}, "T1/U1"),
        ({"team": "T2"}, "T2/U1"),
        ({"user_team": "T3", "team": "T2", "source_team": "T3"}, "T3/U1"),
        ({"team": None}, "T1/U1"),
    ],
)
def test_an_author_is_of_their_own_workspace(fields, author):
    got = read(message(**fields))
    assert got.author_id == got.message.author_id == author
    assert got.id == f"T1/C1/{TS}"


def test_a_name_that_the_workspace_doesnt_know_is_in_the_message():
    profile = {"display_name": "", "real_name": "Guest Name", "name": "guest"}
    assert read(message(user="U9", user_profile=profile)).message.author_name == "Guest Name"


def test_who_has_no_name_is_someone():
    assert read(message(user="U9")).message.author_name == "someone"


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("<@U1>, <@U9|zoe>, <@U9>", "Ana, zoe, someone"),
        ("<#C2> <#C9|lab> <#C9>", "#exam #lab #channel"),
        ("<!here> <!channel|channel> <!everyone>", "everyone everyone everyone"),
        ("<!subteam^S1> <!subteam^S9|@mods> <!subteam^S9>", "tutors mods a group"),
        ("<!date^1700000000^{date}|today>", "today"),
        ("<!date^1700000000^{date} at {time}>", "2023-11-14 22:13 UTC"),
        ("<!date^99999999999999999^{date}>", "[time]"),
        ("<https://x.example/a|label> <https://y.example/b>", "label [y.example]"),
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("*bold* _it_ `co_de` ```\nx\n```", "bold it co_de [code]"),
        ("&gt; quoted\nmine", "[quote] mine"),
        (":wave::skin-tone-3:", ":wave:"),
    ],
)
def test_markup_is_read(text, read_as):
    assert plain(message(text)) == read_as


@pytest.mark.parametrize(
    ("blocks", "read_as"),
    [
        (rich(typed("a "), typed("b", bold=True), typed(" *c* ")), "a b *c*"),
        (rich(typed("x_y_", code=True)), "x_y_"),
        (rich({"type": "user", "user_id": "U2"}, typed(" hi")), "Ben hi"),
        (rich({"type": "user", "user_id": "U9"}), "someone"),
        (rich({"type": "usergroup", "usergroup_id": "S1"}), "tutors"),
        (rich({"type": "usergroup", "usergroup_id": "S9"}), "a group"),
        (rich({"type": "channel", "channel_id": "C2"}), "#exam"),
        (rich({"type": "channel", "channel_id": "C9"}), "#channel"),
        (rich({"type": "broadcast", "range": "here"}), "everyone"),
        (rich({"type": "emoji", "name": "wave", "unicode": "1f44b"}), ":wave:"),
        (rich({"type": "link", "url": "https://www.x.example/a"}), "[x.example]"),
        (rich({"type": "link", "url": "https://x.example", "text": "the docs"}), "the docs"),
        (rich({"type": "link", "url": "https://x.example", "text": "http://z"}), "[x.example]"),
        (rich({"type": "link", "url": "mailto:a@b.example"}), "a@b.example"),
        (
            rich({"type": "date", "timestamp": 1700000000, "format": "{time}"}),
            "2023-11-14 22:13 UTC",
        ),
        (rich({"type": "date", "timestamp": 0, "format": "", "fallback": "noon"}), "noon"),
        (rich({"type": "color", "value": "#fff"}), "#fff"),
        (rich({"type": "not known yet", "text": "x"}), "x"),
        (listed("one", "two"), "• one • two"),
        (rich(typed("said"), kind="rich_text_quote") + rich(typed("mine")), "[quote] mine"),
        (rich(typed("x = 1"), kind="rich_text_preformatted") + rich(typed("so")), "[code] so"),
        ([*rich(typed("one")), {"type": "divider"}, *rich(typed("two"))], "one two"),
    ],
)
def test_rich_text_is_read_where_there_is_no_text(blocks, read_as):
    assert plain(message("", blocks=blocks)) == read_as


@pytest.mark.parametrize(
    "text", ["This content can't be displayed.", "This message contains interactive elements."]
)
def test_words_for_an_absent_text_are_none(text):
    assert plain(message(text, blocks=rich(typed("really")))) == "really"
    assert plain(message(text)) is None


def test_where_there_is_a_text_it_is_read():
    assert plain(message("text", blocks=rich(typed("blocks")))) == "text"


@pytest.mark.parametrize(
    "blocks", ["x", [1], [{"type": "rich_text", "elements": "x"}], rich({}), rich({"text": 1})]
)
def test_blocks_of_another_kind_say_nothing(blocks):
    assert plain(message("", blocks=blocks)) is None


def test_rich_text_of_any_depth_is_no_obstacle():
    nested = typed("deep")
    for _ in range(500):
        nested = {"type": "rich_text_list", "elements": [nested]}
    assert plain(message("", blocks=[{"type": "rich_text", "elements": [nested]}])) is not None


@pytest.mark.parametrize(
    ("file", "read_as"),
    [
        ({"name": "a.png", "mimetype": "image/png"}, "[image]"),
        ({"name": "a.m4a", "mimetype": "audio/mp4", "subtype": "slack_audio"}, "[audio]"),
        ({"name": "a.mov", "mimetype": "video/quicktime"}, "[video]"),
        ({"title": "notes.txt", "mimetype": "text/plain", "mode": "snippet"}, "[file: notes.txt]"),
        ({"id": "F1", "file_access": "check_file_info"}, "[file]"),
        ({"id": "F1", "mode": "tombstone"}, None),
        ({"id": "F1", "mode": "hidden_by_limit"}, None),
    ],
)
def test_a_message_may_be_only_a_file(file, read_as):
    assert plain(message("", files=[file], upload=True)) == read_as


def shared(text="the original", **more):
    return {"is_share": True, "author_id": "U2", "text": text, "ts": TS} | more


def test_a_forwarded_message_is_read():
    assert plain(message("", attachments=[shared("see <@U1>")])) == "see Ana"


def test_a_forwarded_message_of_blocks_is_read():
    inner = [{"team": "T1", "channel": "C2", "ts": TS, "message": {"blocks": rich(typed("deep"))}}]
    assert plain(message("", attachments=[shared("", message_blocks=inner)])) == "deep"


def test_a_forwarded_file_is_marked():
    file = {"name": "a.png", "mimetype": "image/png"}
    fields = message("", attachments=[shared("look", files=[file])])
    assert plain(fields) == "look [image]"


def test_what_one_says_of_what_one_forwards_goes_before_it():
    assert plain(message("my own words", attachments=[shared()])) == "my own words"


@pytest.mark.parametrize("kind", [{"is_msg_unfurl": True}, {"service_name": "YouTube"}])
def test_what_is_only_linked_to_is_not_read(kind):
    linked = {"text": "theirs", "fallback": "theirs"} | kind
    assert plain(message("", attachments=[linked])) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"subtype": "channel_join"},
        {"subtype": "channel_topic", "topic": "x"},
        {"subtype": "pinned_item"},
        {"subtype": "bot_message", "username": "poll", "bot_id": "B1"},
        {"bot_id": "B1", "app_id": "A1"},
        {"user": "USLACKBOT"},
        {"subtype": "tombstone", "user": "USLACKBOT", "text": "This message was deleted."},
        {"subtype": "message_deleted", "deleted_ts": TS},
        {"subtype": "message_changed", "message": {}},
        {"subtype": "huddle_thread"},
        {"hidden": True},
        {"is_ephemeral": True},
        {"user": None},
        {"type": "user_typing"},
        {"subtype": "yet to be invented"},
    ],
)
def test_what_nobody_wrote_is_heard_and_says_nothing(fields):
    got = read(message(**fields))
    assert (got.id, got.author_id, got.message) == (f"T1/C1/{TS}", None, None)


@pytest.mark.parametrize("subtype", ["me_message", "file_share", "thread_broadcast"])
def test_other_ways_to_say_something_are_read(subtype):
    assert plain(message("waves", subtype=subtype)) == "waves"


@pytest.mark.parametrize("text", ["!help", "/remind me", ""])
def test_who_wrote_what_says_nothing_is_known(text):
    got = read(message(text))
    assert (got.author_id, got.message) == ("T1/U1", None)


@pytest.mark.parametrize("text", ["<@UBOT>", " <@UBOT|precis> last 50", "<@UBOT> *since* 9:00"])
def test_what_is_asked_of_the_bot_is_nothing_that_anybody_wrote(text):
    got = read(message(text))
    assert (got.author_id, got.message) == (None, None)


def test_what_is_asked_of_the_bot_in_blocks_alone_is_nothing_that_anybody_wrote():
    blocks = rich(typed(" "), {"type": "user", "user_id": "UBOT"}, typed(" last 50"))
    assert read(message("", blocks=blocks)).author_id is None


@pytest.mark.parametrize("text", ["thanks <@UBOT>", "<@UBOT2> hi", "<@U2> hi"])
def test_what_only_mentions_somebody_is_read(text):
    assert read(message(text), people={"UBOT": "Précis"}).message is not None


@pytest.mark.parametrize("ts", [None, "", "x", "1700000000", "1" * 40])
def test_what_has_no_time_is_no_message(ts):
    with pytest.raises(ValueError, match=r"^not a Slack message's time$"):
        read(message(ts=ts))


@pytest.mark.parametrize(
    "fields",
    [{"text": DAMAGED}, {"user": f"U{DAMAGED}"}, {"subtype": DAMAGED}, {"user": "U" * 300}],
)
def test_a_damaged_message_says_nothing(fields):
    assert read(message(**fields)).message is None
    people_in(message(**fields))


def test_a_workspace_without_an_address_has_no_links():
    assert read(message(), workspace_url="").message.permalink is None


def test_the_people_of_a_message_are_who_wrote_it_and_who_it_names():
    inner = [{"message": {"blocks": rich({"type": "user", "user_id": "U5"})}}]
    fields = message(
        "<@U2> <@W3|x>",
        blocks=rich({"type": "user", "user_id": "U4"}),
        attachments=[shared("<@U6>", message_blocks=inner), {"text": "<@U7>"}],
    )
    assert people_in(fields) == {"U1", "U2", "W3", "U4", "U5", "U6"}


def test_nobody_is_looked_up_for_what_is_not_read():
    assert people_in(message("<@U2>", subtype="channel_join")) == set()
    assert people_in(message("<@U2>", bot_id="B1")) == set()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "text", "elements", "message", "blocks", "name", "user_id"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    ["type", "subtype", "user", "team", "text", "blocks", "files", "attachments", "reactions",
     "thread_ts", "user_profile", "edited", "bot_id", "hidden"]
)  # fmt: skip


@given(st.dictionaries(FIELDS, JSON))
def test_no_message_is_an_obstacle(fields):
    got = read(message() | fields)
    assert got.id == f"T1/C1/{TS}"
    people_in(message() | fields)
