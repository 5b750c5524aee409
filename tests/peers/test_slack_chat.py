"""The stand-in's chat.* methods and its Block Kit, tried with the real slack_sdk."""

import asyncio

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient


@pytest.fixture
def ask(lenient_slack, team):
    """`ask(method, **json)` as the app."""

    def asked(method, **sent):
        async def there():
            client = AsyncWebClient(token=team.token, base_url=lenient_slack.api)
            return await client.api_call(method, json=sent)

        return asyncio.run(there())

    return asked


@pytest.fixture
def refusal(ask):
    def refused(method, **sent):
        with pytest.raises(SlackApiError) as error:
            ask(method, **sent)
        return error.value.response

    return refused


def _section(text="hello", **more):
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def _button(label="Yes", action_id="yes", **more):
    text = {"type": "plain_text", "text": label}
    return {"type": "button", "text": text, "action_id": action_id, **more}


def test_a_message_is_posted_changed_and_deleted(slack, team, hall, mia, ask):
    sent = ask("chat.postMessage", channel=hall.id, text="thinking", blocks=[_section("…")])
    [message] = hall.messages_by_bot
    assert message.ts == sent["ts"]
    assert message.shown == "…"
    ask("chat.update", channel=hall.id, ts=sent["ts"], text="done", blocks=[_section("Done.")])
    assert (message.text, message.shown) == ("done", "Done.")
    assert message.edited is None
    ask("chat.update", channel=hall.id, ts=sent["ts"], text="plain")
    assert message.blocks == []
    assert message.edited is not None
    ask("chat.delete", channel=hall.id, ts=sent["ts"])
    assert hall.visible_to(mia) == []
    kinds = [event.subtype for event in slack.events]
    assert kinds == [None, "message_changed", "message_changed", "message_deleted"]


def test_others_messages_are_not_the_bots_to_change(slack, team, hall, mia, refusal):
    said = hall.post(mia, "mine")
    where = {"channel": hall.id, "ts": said.ts}
    assert refusal("chat.update", text="x", **where)["error"] == "cant_update_message"
    assert refusal("chat.delete", **where)["error"] == "cant_delete_message"
    nowhere = {"channel": hall.id, "ts": "1700000000.000000"}
    assert refusal("chat.update", text="x", **nowhere)["error"] == "message_not_found"
    assert refusal("chat.delete", **nowhere)["error"] == "message_not_found"


def test_an_ephemeral_message_is_seen_by_one(slack, hall, mia, noa, ask, refusal):
    sent = ask("chat.postEphemeral", channel=hall.id, user=mia.id, text="psst")
    [seen] = hall.visible_to(mia)
    assert seen.ephemeral
    assert seen.ts == sent["message_ts"]
    assert hall.visible_to(noa) == []
    assert hall.messages == []
    answer = refusal("chat.update", channel=hall.id, ts=seen.ts, text="x")
    assert answer["error"] == "message_not_found"
    assert slack.events == []


def test_where_the_bot_may_not_write(slack, team, hall, mia, refusal):
    far = team.add_channel("far", members=[mia], bot=False)
    board = team.add_channel("board", private=True, members=[mia], bot=False)
    old = team.add_channel("old", members=[mia])
    old.archive()
    outsider = team.add_user("otto")
    for channel, error in ((far, "not_in_channel"), (board, "channel_not_found")):
        assert refusal("chat.postMessage", channel=channel.id, text="x")["error"] == error
    assert refusal("chat.postMessage", channel=old.id, text="x")["error"] == "is_archived"
    sent = {"channel": hall.id, "user": outsider.id, "text": "x"}
    assert refusal("chat.postEphemeral", **sent)["error"] == "user_not_in_channel"
    lost = {"channel": hall.id, "thread_ts": "1700000000.000000", "text": "x"}
    assert refusal("chat.postMessage", **lost)["error"] == "thread_not_found"


def test_a_users_id_is_their_direct_messages(slack, team, mia, ask, refusal):
    sent = ask("chat.postMessage", channel=mia.id, text="for you")
    assert sent["channel"] == team.add_dm(mia).id
    slack.app.messages_tab = False
    answer = refusal("chat.postMessage", channel=mia.id, text="x")
    assert answer["error"] == "messages_tab_disabled"


def test_a_reply_stands_in_its_thread(slack, hall, mia, ask):
    parent = hall.post(mia, "a question")
    ask("chat.postMessage", channel=hall.id, thread_ts=parent.ts, text="an answer")
    assert [reply.text for reply in parent.replies] == ["an answer"]
    link = ask("chat.getPermalink", channel=hall.id, message_ts=parent.replies[0].ts)["permalink"]
    assert link == parent.replies[0].permalink
    assert f"?thread_ts={parent.ts}&cid={hall.id}" in link


def test_a_reply_to_a_reply_is_recorded(lenient_slack, hall, mia, ask):
    parent = hall.post(mia, "a question")
    reply = hall.post(mia, "more", thread=parent)
    ask("chat.postMessage", channel=hall.id, thread_ts=reply.ts, text="an answer")
    assert [violation.rule for violation in lenient_slack.violations] == ["reply to a reply"]


def test_a_deleted_parent_leaves_a_tombstone(slack, hall, mia, noa):
    parent = hall.post(mia, "a question")
    hall.post(noa, "an answer", thread=parent)
    parent.delete()
    assert hall.messages[0].subtype == "tombstone"
    assert slack.events[-1].subtype == "message_changed"
    assert slack.events[-1].body["event"]["previous_message"]["text"] == "a question"


def _context(count):
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": "c"}] * count}


def _actions(*buttons):
    return {"type": "actions", "elements": list(buttons)}


def _options(count):
    text = {"type": "plain_text", "text": "o"}
    return [{"text": text, "value": str(n)} for n in range(count)]


def _select(**more):
    return {"type": "static_select", "action_id": "s", **more}


_HEADER = {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}
_INVALID = [
    ([_section("x" * 3001)], "less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    ([_section("")], "more than 0 characters [json-pointer:/blocks/0/text/text]"),
    ([{"type": "section"}], "missing required field"),
    ([{"type": "section", "fields": [{"type": "mrkdwn", "text": "f"}] * 11}], "no more than 10"),
    ([{"type": "section", "text": "bare"}], "must provide an object"),
    ([_HEADER], "less than 151 characters"),
    ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "must be one of plain_text"),
    ([{"type": "divider"}] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    ([_context(11)], "no more than 10"),
    ([_context(0)], "no less than 1"),
    ([_actions(*(_button(action_id=f"b{n}") for n in range(26)))], "no more than 25"),
    ([_actions(_button("x" * 76))], "less than 76 characters"),
    ([_actions(_button(action_id="x" * 256))], "less than 256 characters"),
    ([_actions(_button(value="x" * 2001))], "less than 2001 characters"),
    ([_actions(_button(style="default"))], "must be one of danger, primary"),
    ([_actions(_button(), _button())], '`action_id` "yes" already exists'),
    ([_actions(_select(options=_options(101)))], "no more than 100"),
    ([_actions(_select())], "missing required field: options"),
    ([_actions(_select(options=_options(2), initial_option=_options(3)[2]))], "initial option"),
    ([_actions({"type": "plain_text_input", "action_id": "p"})], "unsupported type"),
    ([_section(block_id="a"), _section(block_id="a")], '`block_id` "a" already exists'),
    ([_section(colour="red")], "invalid additional property: colour"),
    ([{"type": "carousel"}], "unsupported type: carousel"),
    ([{"type": "image", "image_url": "https://x.invalid/i.png"}], "missing required field: alt"),
    ("text", "must provide an array"),
]  # fmt: skip


@pytest.mark.parametrize(("blocks", "words"), _INVALID)
def test_invalid_blocks_are_refused_with_their_place(lenient_slack, hall, refusal, blocks, words):
    sent = {"channel": hall.id, "text": "x"}
    answer = refusal("chat.postMessage", **sent, blocks={} if blocks == "text" else blocks)
    assert answer["error"] == "invalid_blocks"
    assert any(words in line for line in answer["response_metadata"]["messages"])
    assert [violation.rule for violation in lenient_slack.violations] == ["invalid blocks"]
    assert hall.messages == []


def test_all_kinds_of_blocks_that_are_right_pass(slack, hall, ask):
    confirm = {
        "title": {"type": "plain_text", "text": "Sure?"},
        "text": {"type": "mrkdwn", "text": "It goes *for good*."},
        "confirm": {"type": "plain_text", "text": "Yes"},
        "deny": {"type": "plain_text", "text": "No"},
    }
    chosen = _select(options=_options(3), initial_option=_options(1)[0])
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "x" * 150, "emoji": True}},
        _section("x" * 3000, accessory=_button(value="v", style="danger", confirm=confirm)),
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "f", "verbatim": True}] * 10},
        _context(10),
        {"type": "divider"},
        _actions(_button(), chosen, _button("More", "more", url="https://x.invalid")),
        {"type": "image", "image_url": "https://x.invalid/i.png", "alt_text": "a picture"},
    ]
    ask("chat.postMessage", channel=hall.id, text="x", blocks=blocks)
    message = hall.messages[0]
    assert [button["action_id"] for button in message.buttons] == ["yes", "yes", "more"]
    assert all(block["block_id"] for block in message.blocks)


def test_texts_have_their_lengths(lenient_slack, hall, ask, refusal):
    ts = ask("chat.postMessage", channel=hall.id, text="x" * 40_000)["ts"]
    where = {"channel": hall.id}
    assert refusal("chat.postMessage", **where, text="x" * 40_001)["error"] == "msg_too_long"
    assert refusal("chat.update", **where, ts=ts, text="x" * 4001)["error"] == "msg_too_long"
    assert refusal("chat.postMessage", **where)["error"] == "no_text"
    many = [_section("x" * 2800)] * 5
    answer = refusal("chat.postMessage", **where, text="x", blocks=many)
    assert answer["error"] == "msg_blocks_too_long"
    rules = [violation.rule for violation in lenient_slack.violations]
    assert rules == ["text too long", "text too long", "no text", "text too long"]


def test_unknown_methods_and_arguments_are_recorded(lenient_slack, hall, ask, refusal):
    ask("chat.postMessage", channel=hall.id, text="x", mood="good")
    assert refusal("chat.shout", text="x")["error"] == "unknown_method"
    assert refusal("chat.postMessage", text="x")["error"] == "invalid_arguments"
    rules = [(violation.rule, violation.where) for violation in lenient_slack.violations]
    assert rules == [
        ("unknown argument", "chat.postMessage"),
        ("unknown method", "chat.shout"),
        ("invalid arguments", "chat.postMessage"),
    ]
