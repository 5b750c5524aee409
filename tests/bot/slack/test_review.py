"""The list of what waits, in the App Home and by `/precis review`: for moderators alone."""

import pytest

from bot.texts import ENGLISH
from tests.bot.slack.moderators import RUDE, filled
from tests.bot.slack.test_home import home
from tests.services import wait_until

WORDS = ENGLISH.moderation


def labels(view):
    return [each["text"]["text"] for each in view.buttons]


@pytest.fixture
def many(moderated):
    """Seven people wrote something rude, one after the other: the list is in order of cases."""
    for number in range(7):
        person = moderated.workspace.add_user(f"person{number}")
        moderated.watched.add(person, quietly=True)
        moderated.watched.post(person, f"{RUDE}, {number}")
        wait_until(lambda n=number: len(moderated.cases) == n + 1, what="the case")
    return moderated


def listed(moderated, person):
    return filled(moderated.server.slash(person, moderated.watched, "precis", "review"))


def test_moderators_see_what_waits_at_home(many):
    for person in (many.ana, many.ben):
        view = home(many.server, person)
        assert "What waits for moderators (7)" in view.text
        assert "Page 1 of 2" in view.text
        assert labels(view).count("Open") == 5
        assert RUDE not in view.text


def test_others_see_nothing_of_it(many):
    assert "What waits" not in home(many.server, many.chen).text
    view = listed(many, many.chen)
    assert "Only moderators" in view.text
    assert view.buttons == []


def test_pages_are_turned_and_orders_chosen_at_home(many):
    view = home(many.server, many.ana)
    many.server.click(many.ana, view, "On")
    wait_until(lambda: "Page 2 of 2" in many.workspace.home_of(many.ana).text, what="the page")
    many.server.click(many.ana, many.workspace.home_of(many.ana), WORDS.order_severity)
    wait_until(lambda: "Page 1 of 2" in many.workspace.home_of(many.ana).text, what="the order")
    assert WORDS.order_oldest in labels(many.workspace.home_of(many.ana))


def test_pages_are_turned_in_a_modal(many):
    view = listed(many, many.ben)
    assert view.title == "Waiting for moderators"
    many.server.click(many.ben, view, "On")
    wait_until(lambda: "Page 2 of 2" in view.text, what="the page")
    assert labels(view).count("Open") == 2


def test_of_a_page_that_is_empty_by_now_the_last_is_shown(many):
    view = listed(many, many.ben)
    many.server.click(many.ben, view, "precis:review:page:on", "oldest:9", forged={})
    wait_until(lambda: "Page 2 of 2" in view.text, what="the last page")
    assert "Back" in labels(view)


def test_a_card_is_opened_from_the_list_and_decided(many):
    view = home(many.server, many.ana)
    card = filled(many.server.click(many.ana, view, "Open"))
    assert "By Person0" in card.text
    before = many.workspace.home_of(many.ana).hash
    many.server.click(many.ana, card, "Not toxic")
    wait_until(lambda: "Done." in card.text, what="the last word")
    wait_until(lambda: many.workspace.home_of(many.ana).hash != before, what="the list")
    assert "(6)" in many.workspace.home_of(many.ana).text


def test_a_note_is_written_on_a_card_of_the_list(many):
    view = home(many.server, many.ana)
    card = filled(many.server.click(many.ana, view, "Open"))
    many.server.click(many.ana, card, "Note")
    wait_until(lambda: card.callback_id == "precis:case-form", what="the form")
    many.server.submit(many.ana, card, {"value": "see above"})
    wait_until(lambda: "Noted." in card.text, what="the last word")
    assert any(each.note == "see above" for each in many.cases_store.log())


@pytest.mark.parametrize("value", ["", "nonsense", "oldest", "newest:1", "oldest:1:1"])
def test_a_forged_page_changes_nothing(many, value):
    view = listed(many, many.ben)
    before = view.hash
    many.server.click(many.ben, view, "precis:review:page:on", value, forged={}).wait_for_ack()
    many.server.click(many.ben, view, "precis:review:open", value, forged={}).wait_for_ack()
    assert view.hash == before


def test_who_moderates_nothing_opens_no_card(many):
    view = home(many.server, many.chen)
    card_id = many.cases[0].card_id
    use = many.server.click(many.chen, view, "precis:review:open", card_id, forged={})
    assert "Only moderators" in filled(use).text
