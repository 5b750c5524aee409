"""The stand-in's Socket Mode, tried with the real slack_bolt: commands, clicks, connections."""

import asyncio
import threading
import time

import pytest

from tests.peers.slack_client import Bot, running
from tests.peers.slack_server import UnavailableError
from tests.services import wait_until

BUTTON = {
    "type": "actions",
    "elements": [
        {
            "type": "button",
            "action_id": "good",
            "value": "ask-1",
            "text": {"type": "plain_text", "text": "Good"},
        }
    ],
}
TEXT = {"type": "plain_text", "text": "x"}
MODAL = {
    "type": "modal",
    "callback_id": "settings",
    "private_metadata": "C1",
    "title": {"type": "plain_text", "text": "Settings"},
    "submit": {"type": "plain_text", "text": "Save"},
    "blocks": [
        {
            "type": "input",
            "block_id": "days",
            "label": {"type": "plain_text", "text": "Days"},
            "element": {"type": "plain_text_input", "action_id": "days", "max_length": 3},
        },
        {
            "type": "input",
            "block_id": "people",
            "optional": True,
            "label": {"type": "plain_text", "text": "People"},
            "element": {"type": "multi_users_select", "action_id": "people"},
        },
    ],
}


def _setup(bot):
    """A bot that echoes, opens a modal, and answers to a button."""

    @bot.app.command("/echo")
    async def echo(ack, respond, command):
        await ack()
        await respond(command["text"])

    @bot.app.command("/public")
    async def public(ack, respond):
        await ack({"response_type": "ephemeral", "text": "one moment"})
        await respond(response_type="in_channel", text="for all", blocks=[BUTTON])

    @bot.app.command("/settings")
    async def settings(ack, client, body):
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @bot.app.command("/silent")
    async def silent(ack):
        return None

    @bot.app.view("settings")
    async def saved(ack, view):
        state = view["state"]["values"]
        bot.saved = (state["days"]["days"]["value"], state["people"]["people"]["selected_users"])
        errors = {"days": "a number, please"}
        if bot.saved[0].isdigit():
            await ack()
        else:
            await ack(response_action="errors", errors=errors)

    @bot.app.action("good")
    async def good(ack, respond, action):
        await ack()
        await respond(replace_original=True, text=f"thanks for {action['value']}")

    @bot.app.action("refresh")
    async def refresh(ack):
        await ack()

    @bot.app.shortcut("explain")
    async def explain(ack, respond, shortcut):
        await ack()
        await respond(f"about {shortcut['message']['text']}")


@pytest.fixture
def bot(lenient_slack, team):
    with running(Bot(lenient_slack, _setup)) as started:
        yield started


def test_a_command_is_acknowledged_and_answered_to_the_person_alone(slack, bot, hall, mia, noa):
    use = slack.slash(mia, hall, "/echo", "hello")
    answer = use.wait_for_answer()
    assert answer.text == "hello"
    assert use.wait_for_ack().acknowledged_after < 3
    assert answer.ephemeral
    assert hall.visible_to(mia) == [answer]
    assert hall.visible_to(noa) == []
    assert not use.failed


def test_an_acknowledgement_may_answer_too(slack, bot, hall, mia, noa):
    use = slack.slash(mia, hall, "public")
    wait_until(lambda: len(use.messages) == 2)
    assert use.ack["text"] == "one moment"
    [seen] = hall.visible_to(noa)
    assert seen.text == "for all"
    assert seen.subtype == "bot_message"


def test_a_command_without_acknowledgement_fails_and_is_recorded(lenient_slack, bot, hall, mia):
    lenient_slack.set_ack_seconds(0.3)
    use = lenient_slack.slash(mia, hall, "/silent")
    wait_until(lambda: lenient_slack.violations)
    assert use.failed
    assert lenient_slack.violations[0].rule == "not acknowledged in time"
    assert lenient_slack.violations[0].where == "/silent"


def test_slack_offers_no_command_where_a_person_cannot_write(slack, team, hall, mia):
    stranger = slack.add_workspace("Partner").add_user("zoe")
    hall.add(stranger)
    with pytest.raises(UnavailableError, match="not installed"):
        slack.slash(stranger, hall, "/echo")
    with pytest.raises(UnavailableError, match="can't write"):
        slack.slash(team.add_user("otto"), hall, "/echo")
    lost = slack.slash(mia, hall, "/echo")
    assert not lost.delivered


def test_a_response_url_ends(slack, bot, hall, mia):
    old = slack.slash(mia, hall, "/echo", "once")
    old.wait_for_answer()
    old.expire()
    client = bot.do(lambda: _respond(old, text="again"))
    assert (client.status_code, client.body) == (404, '{"ok": false, "error": "expired_url"}')
    assert [message.text for message in old.messages] == ["once"]
    assert old.refused == ["expired_url"]
    later = slack.slash(mia, hall, "/echo", "once")
    later.wait_for_answer()
    slack.advance(31 * 60)
    assert bot.do(lambda: _respond(later, text="again")).status_code == 404


def test_a_response_url_is_used_up(lenient_slack, bot, hall, mia):
    use = lenient_slack.slash(mia, hall, "/echo", "1")
    use.wait_for_answer()
    statuses = [bot.do(lambda: _respond(use, text="more")).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 200, 404]
    assert len(use.messages) == 5
    assert [v.rule for v in lenient_slack.violations] == ["response_url used up"]


async def _respond(use, **sent):
    from slack_sdk.webhook.async_client import AsyncWebhookClient  # noqa: PLC0415

    return await AsyncWebhookClient(use.response_url).send(**sent)


def test_a_command_has_no_original_to_replace(slack, bot, hall, mia):
    use = slack.slash(mia, hall, "/echo", "first")
    use.wait_for_answer()
    bot.do(lambda: _respond(use, text="second", replace_original=True))
    assert [message.text for message in use.messages] == ["first", "second"]


def test_a_click_replaces_what_it_was_on(slack, bot, team, hall, mia, noa):
    slack.slash(mia, hall, "/public").wait_for_answer(2)
    [public] = hall.messages
    use = slack.click(noa, public, "Good")
    wait_until(lambda: public.text == "thanks for ask-1")
    assert use.wait_for_answer() is public
    with pytest.raises(UnavailableError, match="it has"):
        slack.click(noa, public, "good")


def test_an_ephemeral_message_is_replaced_and_deleted_by_its_click(slack, bot, team, hall, mia):
    sent = {"channel": hall.id, "user": mia.id, "text": "?", "blocks": [BUTTON]}
    bot.do(lambda: bot.client(team.token).chat_postEphemeral(**sent))
    [shown] = hall.visible_to(mia)
    use = slack.click(mia, shown, "good")
    wait_until(lambda: shown.text == "thanks for ask-1")
    assert "message" not in use.body
    assert use.body["container"]["is_ephemeral"]
    bot.do(lambda: _respond(use, delete_original=True))
    assert hall.visible_to(mia) == []


def test_only_who_sees_a_button_presses_it_unless_forged(slack, bot, team, hall, mia, noa):
    sent = {"channel": hall.id, "user": mia.id, "text": "?", "blocks": [BUTTON]}
    bot.do(lambda: bot.client(team.token).chat_postEphemeral(**sent))
    [shown] = hall.visible_to(mia)
    with pytest.raises(UnavailableError, match="does not see"):
        slack.click(noa, shown, "good")
    use = slack.click(noa, shown, "good", "ask-2", forged={"channel": {"id": "C0", "name": "x"}})
    use.wait_for_ack()
    assert use.body["actions"][0]["value"] == "ask-2"
    assert use.body["channel"]["id"] == "C0"


def test_a_shortcut_of_a_message(slack, bot, hall, mia):
    said = hall.post(mia, "the plan")
    use = slack.shortcut(mia, said, "explain")
    assert use.wait_for_answer().text == "about the plan"


def test_a_modal_is_opened_corrected_and_saved(slack, bot, hall, mia, noa):
    view = slack.slash(mia, hall, "/settings").wait_for_view()
    assert view.title == "Settings"
    with pytest.raises(UnavailableError, match="'Days' is required"):
        slack.submit(mia, view)
    with pytest.raises(UnavailableError, match="0 to 3 characters"):
        slack.submit(mia, view, days="1000")
    use = slack.submit(mia, view, {"Days": "few"}, people=[noa]).wait_for_ack()
    assert use.errors == {"days": "a number, please"}
    assert bot.saved == ("few", [noa.id])
    assert not view.closed
    slack.submit(mia, view, days="7").wait_for_ack()
    assert view.closed
    assert bot.saved == ("7", [noa.id])


def test_a_trigger_is_good_once_and_for_three_seconds(slack, bot, team, hall, mia):
    client = bot.client(team.token)
    use = slack.slash(mia, hall, "/settings")
    use.wait_for_view()
    again = {"trigger_id": use.trigger_id, "view": MODAL}
    with pytest.raises(Exception, match="exchanged_trigger_id"):
        bot.do(lambda: client.views_open(**again))
    late = slack.slash(mia, hall, "/echo", "x").wait_for_ack()
    slack.advance(4)
    with pytest.raises(Exception, match="expired_trigger_id"):
        bot.do(lambda: client.views_open(trigger_id=late.trigger_id, view=MODAL))


def test_a_modal_must_be_right(lenient_slack, bot, team, hall, mia):
    use = lenient_slack.slash(mia, hall, "/echo", "x").wait_for_ack()
    title = {"type": "plain_text", "text": "x" * 25}
    wrong = {key: value for key, value in MODAL.items() if key != "submit"} | {"title": title}
    sent = {"trigger_id": use.trigger_id, "view": wrong}
    with pytest.raises(Exception, match="invalid_arguments") as refusal:
        bot.do(lambda: bot.client(team.token).views_open(**sent))
    lines = refusal.value.response["response_metadata"]["messages"]
    assert any("less than 25 characters" in line for line in lines)
    assert any("missing required field: submit" in line for line in lines)


def test_a_home_tab_is_published(slack, bot, team, mia):
    button = {"type": "button", "action_id": "refresh", "text": TEXT}
    section = {"type": "section", "text": TEXT, "accessory": button}
    home = {"type": "home", "blocks": [section]}
    slack.open_home(mia)
    wait_until(lambda: "app_home_opened" in bot.names())
    assert team.home_of(mia) is None
    bot.do(lambda: bot.client(team.token).views_publish(user_id=mia.id, view=home))
    view = team.home_of(mia)
    assert view.text == "x"
    use = slack.click(mia, view, "refresh").wait_for_ack()
    assert use.response_url is None


def test_the_bot_comes_back_after_lost_connections(slack, bot, hall, mia):
    assert slack.connected == 1
    assert slack.drop_connections() == 1
    wait_until(lambda: slack.connected == 1)
    slack.ask_to_reconnect()
    wait_until(lambda: slack.connections_opened == 3 and slack.connected == 1)
    assert slack.slash(mia, hall, "/echo", "back").wait_for_answer().text == "back"
    with slack.connections_down():
        assert slack.connected == 0
    wait_until(lambda: slack.connected == 1)


def test_a_link_can_be_disabled(slack, bot):
    slack.disable_link()
    wait_until(lambda: slack.connected == 0)
    wait_until(lambda: slack.requests_to("apps.connections.open")[-1].error == "forbidden_team")
    slack.enable_link()
    wait_until(lambda: slack.connected == 1)


def test_each_envelope_goes_to_one_of_several_connections(slack, bot, hall, mia):
    with running(Bot(slack, _setup)) as second:
        wait_until(lambda: slack.connected == 2)
        for n in range(6):
            hall.post(mia, f"m{n}")
        wait_until(lambda: len(bot.heard) + len(second.heard) == 6)
        assert len(bot.heard) == len(second.heard) == 3


def test_an_envelope_is_acknowledged_once(lenient_slack, team, hall, mia):
    """By hand: slack_sdk does not do it wrong."""
    import aiohttp  # noqa: PLC0415

    done, leave = threading.Event(), threading.Event()

    async def rude():
        headers = {"Authorization": f"Bearer {lenient_slack.app_token}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            async with session.post(f"{lenient_slack.api}apps.connections.open") as answer:
                url = (await answer.json())["url"]
            async with session.ws_connect(url) as socket:
                assert (await socket.receive_json())["type"] == "hello"
                done.set()
                envelope = await socket.receive_json()
                for said in (envelope["envelope_id"], envelope["envelope_id"], "unknown"):
                    await socket.send_json({"envelope_id": said})
                await socket.send_str("hello?")
                await asyncio.to_thread(leave.wait, 10)

    thread = threading.Thread(target=lambda: asyncio.run(rude()))
    thread.start()
    assert done.wait(10)
    hall.post(mia, "hello")
    wait_until(lambda: len(lenient_slack.violations) == 3)
    leave.set()
    thread.join(10)
    rules = [violation.rule for violation in lenient_slack.violations]
    assert rules == ["acknowledged twice", "unknown envelope", "socket protocol"]


def test_time_to_acknowledge_is_measured(slack, bot, hall, mia):
    began = time.monotonic()
    use = slack.slash(mia, hall, "/echo", "x").wait_for_ack()
    assert 0 < use.latency < time.monotonic() - began
