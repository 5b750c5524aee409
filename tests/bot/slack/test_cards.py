"""Moderators' cards on Slack: what they show, to whom, what their buttons do; each thing once."""

import pytest

from bot.texts import ENGLISH
from tests.bot.slack.moderators import KIND, RUDE, filled, shown, value_of
from tests.bot.slack.mrkdwn import as_read, effects
from tests.bot.slack.serving import bot_running, by_socket
from tests.bot.slack.using import answer
from tests.services import wait_until

WORDS = ENGLISH.moderation
LABELS = ["Show", "Toxic", "Not toxic", "Note"]


def labels(shown):
    return [each["text"]["text"] for each in shown.buttons]


def test_what_is_rude_is_on_a_card_without_its_text(moderated):
    moderated.watched.post(moderated.dina, KIND)
    rude = moderated.rude()
    [card] = moderated.cards
    assert labels(card) == LABELS  # Slack lets a bot neither remove nor time out
    assert "1 message to look at" in card.shown
    assert "By Chen" in card.shown
    assert f"<#{moderated.watched.id}>" in card.shown
    assert "toxicity 0.90 (from 0.80)" in card.shown
    assert rude.permalink in card.shown
    assert RUDE not in shown(card)
    [case] = moderated.cases
    assert (case.subject, case.author) == (rude.id, moderated.chen.person)


def test_names_on_a_card_do_nothing(moderated):
    eve = moderated.workspace.add_user("eve", display_name="<!channel> *x* @here")
    moderated.watched.add(eve, quietly=True)
    moderated.rude(eve)
    line = next(each for each in moderated.card().shown.split("\n") if each.startswith("By "))
    assert effects(line) == []


def test_the_text_is_shown_to_one_moderator_alone(moderated):
    moderated.rude(text=f"{RUDE} *b* <!channel> & &lt;x&gt; http://evil.example")
    view = moderated.modal(moderated.ana, moderated.card(), "Show")
    assert view.title == "For your eyes only"
    assert RUDE in view.text
    [line] = view.text.split("\n")[1:]
    said = line.partition(": ")[2]
    assert effects(said) == []
    assert "evil" in as_read(said)
    assert all(RUDE not in each.shown for each in moderated.desk.visible_to(moderated.ana))


def test_a_long_text_full_of_escapes_fits(moderated):
    moderated.rude(text=f"{RUDE} " + "&amp;" * 2_000)
    assert RUDE in moderated.modal(moderated.ana, moderated.card(), "Show").text


def test_a_forgotten_text_is_shown_to_nobody(moderated):
    rude = moderated.rude()
    card = moderated.card()
    rude.delete()
    moderated.closed(card)
    assert "It is gone" in card.shown
    use = moderated.server.click(
        moderated.ana, card, "precis:case:show", f"{moderated.cases[0].card_id}:1", forged={}
    )
    assert filled(use).text.endswith(WORDS.nothing_to_show)


@pytest.mark.parametrize(
    ("label", "verdict", "word"),
    [("Toxic", "kept", "Kept by Ana"), ("Not toxic", "dismissed", "Dismissed by Ana")],
)
def test_a_decision_closes_the_card_in_its_place(moderated, label, verdict, word):
    moderated.rude()
    card = moderated.card()
    assert moderated.said(moderated.click(moderated.ana, card, label)) == "Done."
    moderated.closed(card)
    assert word in card.shown
    assert moderated.cards == [card]
    [case] = moderated.cases
    assert (case.verdict, case.decided_by) == (verdict, moderated.ana.person)


def test_who_comes_second_is_told_who_decided_what(moderated):
    moderated.rude()
    card = moderated.card()
    value = value_of(card)
    moderated.said(moderated.click(moderated.ana, card, "Not toxic"))
    said = moderated.said(moderated.click(moderated.ben, card, "precis:case:keep", value))
    assert said.startswith("Somebody was quicker. Dismissed by Ana")
    assert [case.verdict for case in moderated.cases] == ["dismissed"]


def test_three_who_click_at_once_decide_once(moderated):
    moderated.change(moderators=(moderated.ben.person, moderated.dina.person))
    moderated.desk.add(moderated.dina, quietly=True)
    moderated.rude()
    card = moderated.card()
    uses = [
        moderated.click(person, card, label)
        for person, label in (
            (moderated.ana, "Toxic"),
            (moderated.ben, "Not toxic"),
            (moderated.dina, "Not toxic"),
        )
    ]
    said = [moderated.said(use) for use in uses]
    assert said.count("Done.") == 1
    log = list(moderated.cases_store.log())
    assert len([each for each in log if each.action in ("kept", "dismissed")]) == 1


def test_an_authors_messages_share_a_card_that_is_updated(moderated):
    moderated.rude()
    moderated.watched.post(moderated.chen, f"{RUDE}, really")
    card = moderated.card()
    wait_until(lambda: "2 messages to look at" in card.shown, what="the update")
    assert moderated.cards == [card]
    moderated.rude(moderated.dina)
    assert len(moderated.cards) == 2


def test_a_click_decides_what_was_seen(moderated):
    moderated.rude()
    card = moderated.card()
    seen = value_of(card)
    moderated.watched.post(moderated.chen, f"{RUDE}, really")
    wait_until(lambda: "2 messages" in card.shown, what="the update")
    assert (
        moderated.said(moderated.click(moderated.ana, card, "precis:case:dismiss", seen)) == "Done."
    )
    wait_until(lambda: "1 message to look at" in card.shown, what="what is left")
    assert sorted(str(case.verdict) for case in moderated.cases) == ["None", "dismissed"]


def test_a_note_is_written_in_a_modal(moderated):
    moderated.rude()
    card = moderated.card()
    view = moderated.modal(moderated.ben, card, "Note")
    moderated.server.submit(moderated.ben, view, {"value": "the third time <!here>"})
    wait_until(lambda: "Noted." in view.text, what="the last word")
    wait_until(lambda: "the third time" in card.shown, what="the note")
    line = next(each for each in card.shown.split("\n") if each.startswith("Note: "))
    assert effects(line) == []


def test_what_a_summary_was_not_to_say_is_released_to_who_asked(moderated, judge):
    judge.texts = (RUDE,)
    moderated.watched.post(moderated.dina, KIND)
    use = moderated.server.slash(moderated.dina, moderated.watched, "summarize", "20")
    assert answer(use).shown.startswith("No summary")
    card = moderated.card()
    assert labels(card) == ["Show", "Release", "Keep withheld", "Edit", "Not toxic", "Note"]
    view = moderated.modal(moderated.ana, card, "Show")
    assert RUDE in view.text
    assert moderated.said(moderated.click(moderated.ana, card, "Release")) == "Done."
    wait_until(
        lambda: any(RUDE in each.shown for each in theirs(moderated, moderated.dina)),
        what="the late answer",
    )


def test_a_summary_is_said_in_a_moderators_words(moderated, judge):
    judge.texts = (RUDE,)
    moderated.watched.post(moderated.dina, KIND)
    answer(moderated.server.slash(moderated.dina, moderated.watched, "summarize", "20"))
    card = moderated.card()
    view = moderated.modal(moderated.ana, card, "Edit")
    assert RUDE in view.values["value"]
    moderated.server.submit(moderated.ana, view, {"value": "They disagreed."})
    wait_until(lambda: view.text.endswith("Done."), what="the last word")
    wait_until(
        lambda: any("They disagreed." in each.shown for each in theirs(moderated, moderated.dina)),
        what="the late answer",
    )
    assert "Rewritten by Ana" in moderated.closed(card).shown


def theirs(moderated, person):
    """What somebody sees of the bot's, wherever."""
    channels = [moderated.watched, moderated.workspace.add_dm(person)]
    return [each for channel in channels for each in channel.visible_to(person)]


def test_a_card_whose_posting_was_not_noted_is_found_again(place, settings, store, judge):
    """The bot ends between the two."""
    server = place.server
    running = by_socket(settings, server, place.workspace)
    server.fail("chat.postMessage", None, times=1, after_effect=True)
    with bot_running(running, store, judge):
        place.watched.post(place.chen, RUDE)
        wait_until(lambda: place.cards, what="the card")
        with_message = lambda: place.cases_store.card(place.cases[0].card_id).message  # noqa: E731
        wait_until(with_message, 20, "a note of it")
    assert len(place.cards) == 1
    place.cases_store.repost("slack", place.workspace.id)
    with bot_running(running, store, judge):
        wait_until(with_message, 20, "the card that was there")
        place.watched.post(place.chen, f"{RUDE}, really")
        wait_until(lambda: "2 messages" in place.cards[0].shown, 20, what="the update")
    assert len(place.cards) == 1


def test_a_deleted_card_is_shown_anew(moderated):
    moderated.rude()
    first = moderated.card()
    first.delete()
    moderated.watched.post(moderated.chen, f"{RUDE}, really")
    wait_until(
        lambda: moderated.cards and "2 messages" in moderated.cards[0].shown, what="the card"
    )
    assert moderated.cards != [first]


def test_cards_wait_while_the_bot_is_not_in_the_moderators_channel(moderated):
    moderated.desk.remove_bot()
    moderated.watched.post(moderated.chen, RUDE)
    wait_until(lambda: moderated.cases, what="the case")
    moderated.desk.add_bot()
    wait_until(lambda: moderated.cards, 20, "the card")
