"""The App Home, and privacy there and by `/precis privacy`."""

import pytest

from tests.bot.slack.using import answer, change
from tests.services import wait_until


@pytest.fixture
def ana(people):
    return people[0]


@pytest.fixture
def ben(people):
    return people[1]


@pytest.fixture
def channel(server, workspace, people):
    """Two messages by Ana, one by Ben."""
    made = workspace.add_channel("calculus", members=people)
    server.fill(made, [people[0], people[1], people[0]], ["one", "two", "three"])
    return made


def home(server, person):
    """What somebody sees who opens it now."""
    before = person.workspace.home_of(person)
    hash_before = before.hash if before else None
    server.open_home(person)

    def fresh():
        view = person.workspace.home_of(person)
        return view if view and view.hash != hash_before else None

    wait_until(fresh, what="the home")
    return fresh()


def listed(server, person):
    """The home once it lists an answered summary: Slack may have an answer before it is noted."""
    views = []

    def lists():
        views[:] = [home(server, person)]
        return "Your recent summaries" in views[0].text

    wait_until(lists, what="the summary in the home")
    return views[0]


def labels(view):
    return [each["text"]["text"] for each in view.buttons]


def pressed(server, person, view, label):
    """What a view says after a button."""
    before = view.hash
    server.click(person, view, label)
    if view.type == "home":
        wait_until(lambda: person.workspace.home_of(person).hash != before, what="the home")
        return person.workspace.home_of(person)
    wait_until(lambda: view.hash != before, what="the modal")
    return view


def privacy(server, person, place):
    view = server.slash(person, place, "precis", "privacy").wait_for_view()
    wait_until(lambda: view.buttons, what="the modal")
    return view


def test_what_there_is_for_everybody(server, bot, channel, ben):
    view = home(server, ben)
    assert "/summarize" in view.text
    assert "Your privacy" in view.text
    assert "Précis reads your messages where somebody asks" in view.text
    assert labels(view) == ["Opt out", "Delete what is stored"]


def test_only_admins_are_shown_settings(server, bot, channel, ana, ben):
    assert "Settings" in labels(home(server, ana))
    assert "Settings" not in labels(home(server, ben))


def test_it_speaks_the_workspaces_language(server, bot, workspace, channel, ben):
    change(bot, workspace, language="de")
    assert "Deine Privatsphäre" in home(server, ben).text


def test_the_messages_tab_publishes_nothing(server, bot, workspace, channel, ana, ben):
    server.open_home(ben, "messages")
    home(server, ana)
    assert workspace.home_of(ben) is None


def test_ones_own_recent_summaries_are_shown_again(server, bot, workspace, channel, ana, ben):
    answer(server.slash(ben, channel, "summarize"))
    assert "Your recent summaries" not in home(server, ana).text
    view = listed(server, ben)
    assert f"<#{channel.id}>" in view.text
    modal = server.click(ben, view, "Show it to me").wait_for_view()
    wait_until(lambda: "A summary." in modal.text, what="the summary")
    assert modal.buttons == []


def test_a_summary_of_a_channel_that_one_has_left_is_not_shown(server, bot, channel, ben):
    answer(server.slash(ben, channel, "summarize"))
    view = listed(server, ben)
    channel.remove(ben, quietly=True)
    modal = server.click(ben, view, "Show it to me").wait_for_view()
    wait_until(lambda: "You can't read" in modal.text, what="the refusal")


def test_a_summary_whose_words_are_deleted_is_no_longer_listed(
    server, bot, workspace, channel, ben
):
    answer(server.slash(ben, channel, "summarize"))
    listed(server, ben)
    bot.frontend.context.chat.forget_person("slack", ben.person)
    assert "Your recent summaries" not in home(server, ben).text


def test_anothers_summary_is_not_shown_by_a_forged_id(server, bot, channel, ana, ben):
    shown = answer(server.slash(ana, channel, "summarize"))
    answer(server.slash(ben, channel, "summarize"))
    view = listed(server, ben)
    ask_id = shown.buttons[0]["value"]
    modal = server.click(ben, view, "Show it to me", ask_id, forged={}).wait_for_view()
    wait_until(lambda: "Only who asked" in modal.text, what="the refusal")


def test_what_is_stored_is_told(server, bot, channel, ana, ben):
    answer(server.slash(ana, channel, "summarize"))
    assert "questions 1" in home(server, ana).text
    assert "questions 0" in home(server, ben).text


@pytest.fixture(params=["home", "modal"])
def shown(request, server, bot, channel, ana):
    """Ana's privacy, in either place, after a summary of what she wrote."""
    answer(server.slash(ana, channel, "summarize"))
    return home(server, ana) if request.param == "home" else privacy(server, ana, channel)


def test_opting_out_deletes_what_is_stored_and_says_so(server, bot, channel, ana, shown):
    view = pressed(server, ana, shown, "Opt out")
    assert "You are opted out" in view.text
    assert "messages 0" in view.text
    assert "Opt in" in labels(view)
    assert bot.frontend.context.chat.opted_out("slack", [ana.person]) == {ana.person}


def test_who_opted_out_is_not_read_until_they_opt_in(
    server, bot, summariser, channel, ana, ben, shown
):
    view = pressed(server, ana, shown, "Opt out")
    answer(server.slash(ben, channel, "summarize"))
    assert summariser.read[-1] == ["two"]
    assert "You are opted in." in pressed(server, ana, view, "Opt in").text
    answer(server.slash(ben, channel, "summarize"))
    assert summariser.read[-1] == ["one", "two", "three"]


def test_deleting_removes_what_is_stored(server, bot, channel, ana, shown):
    view = pressed(server, ana, shown, "Delete what is stored")
    assert "Deleted: your messages" in view.text
    stored = bot.frontend.context.chat.stored_of("slack", ana.person)
    assert (stored.messages, stored.asks) == (0, 0)


@pytest.mark.parametrize("label", ["Opt out", "Delete what is stored"])
def test_what_deletes_asks_first(server, bot, shown, label):
    button = next(each for each in shown.buttons if each["text"]["text"] == label)
    assert "deleted" in button["confirm"]["text"]["text"]


def test_a_forged_choice_changes_nothing(server, bot, channel, ana):
    view = home(server, ana)
    use = server.click(ana, view, "precis:privacy:explode", forged={}).wait_for_ack()
    home(server, ana)
    assert bot.frontend.context.chat.opted_out("slack", [ana.person]) == set()
    assert use.messages == []


def test_help_leads_to_privacy(server, bot, channel, ben):
    said = server.slash(ben, channel, "precis").wait_for_answer()
    modal = server.click(ben, said, "Your privacy").wait_for_view()
    wait_until(lambda: "messages 0" in modal.text, what="the modal")
