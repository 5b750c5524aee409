"""Two workspaces with the same ids, moderators in each: none decides on what is the other's."""

import pytest

from bot.texts import ENGLISH
from precis.store import ChatStore, ModerationStore
from tests.bot.slack.moderators import RUDE, filled, value_of
from tests.bot.slack.serving import bot_running, by_oauth
from tests.bot.slack.test_doctor import install
from tests.bot.slack.test_home import home
from tests.bot.slack.test_two_workspaces import Place
from tests.services import wait_until

ELSEWHERE = ENGLISH.moderation.elsewhere


class Watched(Place):
    """With a moderators' channel."""

    def __init__(self, server, name, store, like=None):
        super().__init__(server, name, like=like)
        self.desk = self.workspace.add_channel("moderators", members=[self.ana])
        changes = {"moderators_channel": self.desk.id, "watched": (self.channel.id,)}
        ChatStore(store).change_settings(
            "slack", self.workspace.id, "test", lambda now: now.model_copy(update=changes)
        )
        ModerationStore(store).start_watching("slack", self.workspace.id, self.channel.id, None)

    def card(self):
        wait_until(lambda: self.desk.messages_by_bot, what="a card")
        return self.desk.messages_by_bot[0]


@pytest.fixture
def one(server, store):
    return Watched(server, "One", store)


@pytest.fixture
def two(server, store, one):
    return Watched(server, "Two", store, like=one.workspace)


@pytest.fixture
def both(server, settings, store, judge, key, one, two):
    """The bot in both, with a rude message in each."""
    oauth = by_oauth(settings, server, key)
    install(oauth, one.workspace, two.workspace)
    with bot_running(oauth, store, judge) as service:
        for place in (one, two):
            place.channel.post(place.ben, RUDE)
            place.card()
        yield service


def of(store, place):
    [case] = ModerationStore(store).list_cases(server=place.workspace.id, open_only=False)
    return case


def test_each_has_its_own_card(both, store, one, two):
    assert value_of(one.card()) != value_of(two.card())
    assert of(store, one).author != of(store, two).author


@pytest.mark.parametrize("action", ["keep", "dismiss", "release", "remove", "timeout"])
def test_a_moderator_of_another_workspace_decides_nothing(server, both, store, one, two, action):
    use = server.click(
        two.ana, two.card(), f"precis:case:{action}", value_of(one.card()), forged={}
    )
    assert use.wait_for_answer().shown == ELSEWHERE
    assert of(store, one).open
    assert of(store, two).open


@pytest.mark.parametrize("action", ["show", "edit", "note"])
def test_a_moderator_of_another_workspace_opens_nothing(server, both, store, one, two, action):
    use = server.click(
        two.ana, two.card(), f"precis:case:{action}", value_of(one.card()), forged={}
    )
    assert filled(use).text.endswith(ELSEWHERE)


def test_a_form_about_another_workspaces_card_writes_nothing(server, both, store, one, two):
    view = filled(server.click(two.ana, two.card(), "Note"))
    theirs = view.payload["private_metadata"]
    view.payload["private_metadata"] = theirs.replace(
        of(store, two).card_id, of(store, one).card_id
    )
    server.submit(two.ana, view, {"value": "mine"})
    wait_until(lambda: ELSEWHERE in view.text, what="the refusal")
    assert of(store, one).note is None


def test_the_list_of_another_workspace_leads_nowhere(server, both, store, one, two):
    view = home(server, two.ana)
    assert "What waits for moderators (1)" in view.text
    card_id = of(store, one).card_id
    use = server.click(two.ana, view, "precis:review:open", card_id, forged={})
    assert filled(use).text.endswith(ELSEWHERE)
