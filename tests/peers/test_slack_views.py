"""The stand-in's modals and home tabs, tried with the real slack_bolt: updated, pushed, closed."""

import asyncio

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from tests.peers.slack_client import Bot, running
from tests.peers.slack_server import UnavailableError
from tests.services import wait_until


def _plain(text):
    return {"type": "plain_text", "text": text}


def _modal(callback_id, *blocks, **more):
    submit = {"submit": _plain("Save")} if any(b["type"] == "input" for b in blocks) else {}
    return {
        "type": "modal", "callback_id": callback_id, "title": _plain(callback_id),
        "blocks": list(blocks), **submit, **more,
    }  # fmt: skip


def _input(name, element, **more):
    inside = {"action_id": name, **element}
    return {
        "type": "input", "block_id": name, "label": _plain(name), "element": inside, **more,
    }  # fmt: skip


def _option(value):
    return {"text": _plain(value.upper()), "value": value}


OPTIONS = [_option("a"), _option("b")]
FORM = _modal(
    "form",
    _input("pick", {"type": "static_select", "options": OPTIONS, "initial_option": OPTIONS[0]}),
    _input("boxes", {"type": "checkboxes", "options": OPTIONS}, optional=True),
    _input("days", {"type": "number_input", "is_decimal_allowed": False, "max_value": "30"}),
    _input("where", {"type": "conversations_select"}, optional=True),
    notify_on_close=True,
)
DONE = {"type": "section", "text": _plain("done")}


def _setup(bot):
    bot.closed, bot.states, bot.answer = [], [], None

    @bot.app.shortcut("form")
    async def opened(ack, client, body):
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @bot.app.view("form")
    async def saved(ack, view):
        bot.states.append(view["state"]["values"])
        await (ack() if bot.answer is None else ack(**bot.answer))

    @bot.app.view_closed("form")
    async def closed(ack, body):
        await ack()
        bot.closed.append(body["view"]["id"])


@pytest.fixture
def bot(lenient_slack, team):
    with running(Bot(lenient_slack, _setup)) as started:
        yield started


@pytest.fixture
def view(lenient_slack, bot, mia):
    return lenient_slack.global_shortcut(mia, "form").wait_for_view()


def test_a_state_holds_what_was_entered_and_what_was_there(slack, bot, view, hall, mia):
    assert view.values == {"pick": "a", "boxes": [], "days": None, "where": None}
    slack.submit(mia, view, boxes=["a", "B"], days=7, where=hall).wait_for_ack()
    state = bot.states[0]
    assert state["pick"]["pick"]["selected_option"] == OPTIONS[0]
    assert [one["value"] for one in state["boxes"]["boxes"]["selected_options"]] == ["a", "b"]
    assert state["days"]["days"] == {"type": "number_input", "value": "7"}
    assert state["where"]["where"]["selected_conversation"] == hall.id


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"days": "many"}, "takes a number"),
        ({"days": "1.5"}, "takes a whole number"),
        ({"days": "31"}, "takes None to 30"),
        ({"days": "1", "pick": "c"}, "has no option 'c'"),
        ({"days": "1", "mood": "good"}, "has no input 'mood'"),
    ],
)
def test_slack_sends_no_modal_with_wrong_values(slack, view, mia, values, words):
    with pytest.raises(UnavailableError, match=words):
        slack.submit(mia, view, values)


def test_a_view_is_seen_by_one_person(slack, view, mia, noa):
    with pytest.raises(UnavailableError, match="does not see"):
        slack.submit(noa, view, days=1)


def test_a_submission_may_show_something_else(slack, bot, view, mia):
    bot.answer = {"response_action": "update", "view": _modal("done", DONE)}
    use = slack.submit(mia, view, days=1).wait_for_ack()
    assert use.view is view
    assert view.text == "done\ndone"
    assert not view.closed


def test_views_are_pushed_and_cleared(slack, bot, view, mia):
    bot.answer = {"response_action": "push", "view": FORM}
    second = slack.submit(mia, view, days=1).wait_for_ack().view
    assert second.previous is view
    bot.answer = {"response_action": "clear"}
    slack.submit(mia, second, days=1).wait_for_ack()
    assert view.closed
    assert second.closed


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"nowhere": "x"}},
        {"response_action": "shout"},
    ],
)
def test_wrong_acknowledgements_are_recorded(lenient_slack, bot, view, mia, answer):
    bot.answer = answer
    use = lenient_slack.submit(mia, view, days=1)
    wait_until(lambda: use.acknowledged or lenient_slack.violations)
    wait_until(lambda: lenient_slack.violations)
    assert lenient_slack.violations[0].rule == "wrong acknowledgement"
    assert use.errors == {}


def test_a_closed_modal_is_told_where_wanted(slack, bot, view, mia):
    slack.close_view(mia, view).wait_for_ack()
    assert bot.closed == [view.id]
    with pytest.raises(UnavailableError, match="does not see"):
        slack.submit(mia, view, days=1)


def test_an_update_is_refused_with_an_old_hash(slack, bot, team, view):
    client = bot.client(team.token)
    sent = {"view_id": view.id, "view": _modal("new", DONE)}
    with pytest.raises(SlackApiError, match="hash_conflict"):
        bot.do(lambda: client.views_update(hash="old", **sent))
    bot.do(lambda: client.views_update(hash=view.hash, **sent))
    assert view.title == "new"
    with pytest.raises(SlackApiError, match="not_found"):
        bot.do(lambda: client.views_update(view_id="V0", view=sent["view"]))


def test_a_choice_in_a_message_is_told(slack, bot, team, hall, mia):
    menu = {"type": "static_select", "action_id": "kind", "options": OPTIONS}
    blocks = [{"type": "actions", "elements": [menu]}]
    chosen = []

    async def heard(ack, action):
        await ack()
        chosen.append(action["selected_option"]["value"])

    bot.app.action("kind")(heard)
    sent = {"channel": hall.id, "text": "?", "blocks": blocks}
    bot.do(lambda: bot.client(team.token).chat_postMessage(**sent))
    slack.click(mia, hall.messages[0], "kind", "b").wait_for_ack()
    assert chosen == ["b"]


def test_an_address_is_good_once_and_for_ten_connections(slack, team):
    async def connect():
        headers = {"Authorization": f"Bearer {slack.app_token}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            kept, last = [], None
            for _ in range(11):
                async with session.post(f"{slack.api}apps.connections.open") as answer:
                    url = (await answer.json())["url"]
                kept.append(await session.ws_connect(url))
                last = await kept[-1].receive_json()
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(url)
            return last

    last = asyncio.run(connect())
    assert (last["type"], last["reason"]) == ("disconnect", "too_many_websockets")
