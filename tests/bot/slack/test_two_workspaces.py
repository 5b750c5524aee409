"""Two workspaces whose people, channels and messages have the same ids: nothing mixes."""

import pytest

from bot.texts import ENGLISH
from tests.bot.slack.serving import bot_running, by_oauth
from tests.bot.slack.test_doctor import install
from tests.bot.slack.using import answer, change, finals
from tests.services import wait_until


class Place:
    """A workspace with a channel in which two people wrote; the first administers it."""

    def __init__(self, server, name, like=None):
        self.workspace = server.add_workspace(name, same_ids_as=like)
        self.workspace.install()
        self.ana, self.ben = (
            self.workspace.add_user(each, admin=each == "ana") for each in ("ana", "ben")
        )
        self.channel = self.workspace.add_channel("algebra", members=[self.ana, self.ben])
        for number, person in enumerate((self.ana, self.ben, self.ana)):
            text = f"{name} {number}"
            ts = f"17000000{number}0.000100"
            self.channel.post(person, text, ts=ts, quietly=True)


@pytest.fixture
def one(server):
    return Place(server, "One")


@pytest.fixture
def two(server, one):
    return Place(server, "Two", like=one.workspace)


@pytest.fixture
def both(server, settings, store, summariser, key, one, two):
    """The bot in both."""
    oauth = by_oauth(settings, server, key)
    install(oauth, one.workspace, two.workspace)
    with bot_running(oauth, store, summariser) as service:
        yield service


def test_the_ids_are_the_same(one, two):
    assert one.channel.id == two.channel.id
    assert [each.ts for each in one.channel.messages] == [each.ts for each in two.channel.messages]
    assert one.ana.id == two.ana.id


def test_each_is_told_of_itself(server, both, summariser, one, two):
    answer(server.slash(one.ana, one.channel, "summarize"))
    answer(server.slash(two.ana, two.channel, "summarize"))
    assert summariser.read == [["One 0", "One 1", "One 2"], ["Two 0", "Two 1", "Two 2"]]


@pytest.mark.parametrize("action", ["good", "share", "show", "delete"])
def test_a_click_with_the_others_id_does_nothing(server, both, one, two, action):
    shown = answer(server.slash(one.ana, one.channel, "summarize"))
    ask_id = shown.buttons[0]["value"]
    theirs = answer(server.slash(two.ana, two.channel, "summarize"))
    use = server.click(two.ana, theirs, f"precis:{action}", ask_id, forged={})
    assert use.wait_for_answer().shown == ENGLISH.gone
    chat = both.frontend.context.chat
    assert chat.opinions(chat.ask(ask_id).job_id) == (0, 0)
    assert one.channel.messages_by_bot == two.channel.messages_by_bot == []


def test_settings_are_each_ones_own(server, both, one, two):
    change(both, one.workspace, roles=(one.ana.person,))
    assert "A summary." not in answer(server.slash(one.ben, one.channel, "summarize")).shown
    assert "A summary." in answer(server.slash(two.ben, two.channel, "summarize")).shown


def test_who_opts_out_does_so_for_themselves(server, both, summariser, one, two):
    both.frontend.context.chat.opt_out("slack", one.ana.person)
    answer(server.slash(one.ben, one.channel, "summarize"))
    answer(server.slash(two.ben, two.channel, "summarize"))
    assert summariser.read == [["One 1"], ["Two 0", "Two 1", "Two 2"]]


def test_a_message_deleted_in_one_stays_in_the_other(server, both, one, two):
    for each in (one, two):
        answer(server.slash(each.ben, each.channel, "summarize"))
    one.channel.messages[1].delete()
    chat = both.frontend.context.chat
    wait_until(lambda: chat.stored_of("slack", one.ben.person).messages == 0, what="forgetting")
    assert chat.stored_of("slack", two.ben.person).messages > 0


def test_recent_summaries_are_of_the_same_workspace(server, both, one, two):
    answer(server.slash(one.ana, one.channel, "summarize"))
    server.open_home(two.ana)
    wait_until(lambda: two.workspace.home_of(two.ana), what="the home")
    assert "Your recent summaries" not in two.workspace.home_of(two.ana).text
    server.open_home(one.ana)
    wait_until(lambda: one.workspace.home_of(one.ana), what="the home")
    assert "Your recent summaries" in one.workspace.home_of(one.ana).text


def test_a_workspace_that_is_left_takes_its_own_with_it(server, both, store, one, two):
    for each in (one, two):
        answer(server.slash(each.ana, each.channel, "summarize"))
    one.workspace.uninstall()
    chat = both.frontend.context.chat
    teams = both.workspaces.installations.teams
    wait_until(lambda: teams() == [two.workspace.id], what="forgetting")  # which ends with this
    assert chat.known_servers("slack") == [two.workspace.id]
    assert chat.stored_of("slack", one.ana.person).messages == 0
    assert chat.stored_of("slack", two.ana.person).messages > 0


def test_what_is_public_in_one_is_posted_there(server, both, one, two):
    server.slash(two.ana, two.channel, "summarize", "public")
    wait_until(lambda: finals(two.channel.messages_by_bot), what="an answer")
    assert one.channel.messages_by_bot == []


def test_what_is_said_in_a_shared_channel_is_kept_for_both(
    server, settings, store, summariser, key, one
):
    """Slack tells of it in one of them alone."""
    other = server.add_workspace("Other")
    other.install()
    eve = other.add_user("eve")
    one.channel.add(eve, other.bot, quietly=True)
    oauth = by_oauth(settings, server, key)
    install(oauth, one.workspace, other)
    with bot_running(oauth, store, summariser) as service:
        chat = service.frontend.context.chat
        for person in (one.ana, eve):
            answer(server.slash(person, one.channel, "summarize"))
        message = one.channel.post(one.ben, "something new")

        def kept(team):
            found = chat.heard_between("slack", team, one.channel.id, 0.0, 9e9)
            return [each.payload["text"] for each in found]

        for team in (one.workspace.id, other.id):
            wait_until(lambda team=team: kept(team)[-1:] == ["something new"], what="keeping")
        answer(server.slash(eve, one.channel, "summarize"))
        assert summariser.read[-1] == ["One 0", "One 1", "One 2", "something new"]
        message.delete()
        for team in (one.workspace.id, other.id):
            wait_until(lambda team=team: kept(team)[-1:] == ["One 2"], what="forgetting")


def test_a_workspace_that_left_while_the_bot_was_off_leaves_nothing_behind(
    server, settings, store, key, one, two, monkeypatch
):
    oauth = by_oauth(settings, server, key)
    install(oauth, one.workspace, two.workspace)
    with bot_running(oauth, store):
        answer(server.slash(one.ana, one.channel, "summarize"))
    one.workspace.uninstall()
    monkeypatch.setattr("bot.forgetting.AFTER_START", 0.0)
    with bot_running(oauth, store) as service:
        teams = service.workspaces.installations.teams
        wait_until(lambda: teams() == [two.workspace.id], what="the installation to go")
        assert one.workspace.id not in service.frontend.context.chat.known_servers("slack")
