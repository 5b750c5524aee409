"""All that comes is acknowledged within three seconds, and who waits is told, whatever is down."""

import pytest
from pydantic import SecretStr

from bot.texts import ENGLISH
from precis.store import Store
from tests.bot.cable import cable
from tests.bot.slack.serving import bot_running, by_oauth, by_socket
from tests.bot.slack.test_doctor import install
from tests.bot.slack.using import answer, change
from tests.services import wait_until

IN_TIME = 3.0


@pytest.fixture
def line(postgresql_url):
    """The connection to the store."""
    with cable(postgresql_url) as laid:
        yield laid


@pytest.fixture(params=["one workspace", "several"])
def bot(request, server, workspace, settings, summariser, key, line):
    """The bot, whose store is at the end of a line."""
    there = settings.model_copy(update={"store": SecretStr(line.url)})
    one = by_socket(there, server, workspace)
    pointed = one if request.param == "one workspace" else by_oauth(there, server, key)
    opened = Store.open(pointed.store_url)
    if pointed.slack_bot_token is None:
        install(pointed, workspace)
    try:
        with bot_running(pointed, opened, summariser) as service:
            service.frontend.context.blocking._patience = 2.0  # so that tests are quick
            yield service
            line.thaw()
    finally:
        opened.close()


@pytest.fixture
def ana(people):
    return people[0]


@pytest.fixture
def hanging(server, bot, line, algebra, ana):
    """The store hangs, after a public answer and a private one; these."""
    private = answer(server.slash(ana, algebra, "summarize", "20"))
    server.slash(ana, algebra, "summarize", "20 public")
    wait_until(lambda: any(each.buttons for each in algebra.messages_by_bot), what="an answer")
    line.freeze()
    return private, algebra.messages_by_bot[0]


def in_time(use):
    use.wait_for_ack()
    return use.acknowledged_after < IN_TIME


def test_a_command_while_the_store_hangs(server, hanging, algebra, ana):
    use = server.slash(ana, algebra, "summarize", "7")
    assert in_time(use)
    assert answer(use).shown == ENGLISH.store_down


@pytest.mark.parametrize("bot", ["several"], indirect=True)
def test_a_command_while_the_store_with_the_workspaces_token_hangs(
    server, bot, workspace, hanging, algebra, ana
):
    bot.workspaces.drop(workspace.id)
    use = server.slash(ana, algebra, "summarize", "7")
    assert in_time(use)
    assert answer(use).shown == ENGLISH.store_down


def test_an_unclear_command_while_the_store_hangs(server, hanging, algebra, ana):
    assert in_time(server.slash(ana, algebra, "summarize", "foo"))


def test_a_shortcut_while_the_store_hangs(server, hanging, algebra, ana):
    use = server.shortcut(ana, algebra.messages[5], "precis_from_here")
    assert in_time(use)
    assert answer(use).shown == ENGLISH.store_down


@pytest.mark.parametrize("label", ["👍", "Share"])
def test_a_click_while_the_store_hangs(server, hanging, ana, label):
    use = server.click(ana, hanging[0], label)
    assert in_time(use)
    assert answer(use).shown == ENGLISH.store_down


def test_a_public_answers_button_while_the_store_hangs(server, hanging, ana):
    use = server.click(ana, hanging[1], "Delete")
    assert in_time(use)
    assert answer(use).shown == ENGLISH.store_down


def test_a_modal_while_the_store_hangs(server, hanging, algebra, ana):
    use = server.slash(ana, algebra, "precis", "privacy")
    assert in_time(use)
    view = use.wait_for_view()
    wait_until(lambda: ENGLISH.store_down in view.text, what="a word of it")


def test_events_while_the_store_hangs_are_acknowledged_and_done_later(
    server, bot, hanging, line, workspace, algebra, ana
):
    chat = bot.frontend.context.chat
    gone = algebra.messages[-3]
    gone.delete()
    server.open_home(ana)
    wait_until(lambda: all(e.acknowledged for e in server.events), what="acknowledgements")
    line.thaw()
    wait_until(lambda: chat.deleted("slack", [gone.id]) == {gone.id}, what="forgetting")


@pytest.mark.parametrize("bot", ["one workspace"], indirect=True)
def test_a_form_while_the_store_hangs(server, bot, line, workspace, algebra, ana):
    view = server.slash(ana, algebra, "precis", "settings").wait_for_view()
    wait_until(lambda: view.callback_id, what="the form")
    line.freeze()
    use = server.submit(ana, view, {"style": "people"})
    assert in_time(use)
    wait_until(lambda: ENGLISH.store_down in view.text, what="a word of it")


@pytest.mark.parametrize("bot", ["one workspace"], indirect=True)
def test_the_language_is_known_while_the_store_hangs(server, bot, line, workspace, algebra, ana):
    change(bot, workspace, language="de")
    answer(server.slash(ana, algebra, "summarize", "5"))
    line.freeze()
    said = server.slash(ana, algebra, "summarize", "foo").wait_for_answer()
    assert said.shown.startswith("Das versteht Précis nicht.")
