"""What is written in watched channels is scored: new, edited, in threads, and what was missed."""

import pytest

from tests.bot.slack.moderators import KIND, RUDE
from tests.bot.slack.serving import bot_running, by_http, by_socket, events_url
from tests.services import wait_until


def scored(judge):
    """The texts that the gate was given, in order."""
    return [message.text for each in judge.scored for message in each.messages]


def heard(moderated, judge, *texts):
    wait_until(lambda: set(texts) <= set(scored(judge)), what="the messages")


def test_what_is_written_elsewhere_is_not_scored(moderated, judge):
    other = moderated.workspace.add_channel("other", members=moderated.people)
    other.post(moderated.chen, RUDE)
    moderated.watched.post(moderated.chen, KIND)
    heard(moderated, judge, KIND)
    assert scored(judge) == [KIND]


def test_bots_commands_and_joins_are_not_scored(moderated, judge):
    robot = moderated.workspace.add_bot("robot")
    moderated.watched.add(robot, quietly=True)
    moderated.watched.post(robot, RUDE)
    moderated.watched.add(moderated.workspace.add_user("eve"))
    moderated.watched.post(moderated.chen, KIND)
    heard(moderated, judge, KIND)
    assert scored(judge) == [KIND]


def test_who_opted_out_is_not_scored(moderated, judge):
    moderated.bot.frontend.context.chat.opt_out("slack", moderated.dina.person)
    moderated.watched.post(moderated.dina, RUDE)
    moderated.watched.post(moderated.chen, KIND)
    heard(moderated, judge, KIND)
    assert scored(judge) == [KIND]


def test_a_reply_in_a_thread_is_heard_with_its_thread(moderated):
    first = moderated.watched.post(moderated.dina, KIND)
    moderated.rude(thread=first)
    [case] = moderated.cases
    assert (case.place, case.parent) == (f"{moderated.watched.id}:{first.ts}", moderated.watched.id)


def test_an_edited_message_is_scored_anew(moderated):
    message = moderated.watched.post(moderated.chen, KIND)
    message.edit(RUDE)
    moderated.card()
    [case] = moderated.cases
    assert (case.subject, case.said.text) == (message.id, RUDE)


def test_of_what_is_edited_quickly_the_last_text_counts(moderated, judge):
    """Also where names have to be looked up first, and that takes long."""
    hang = moderated.server.hang("users.info")
    message = moderated.watched.post(moderated.chen, f"{RUDE} {moderated.dina.mention}")
    wait_until(lambda: hang.waiting, what="the look-up")
    message.edit(KIND)
    hang.release()
    heard(moderated, judge, KIND)
    assert scored(judge)[-1] == KIND


def test_what_is_written_while_no_bot_runs_is_read_after(place, settings, store, judge):
    running = by_socket(settings, place.server, place.workspace)
    with bot_running(running, store, judge):
        place.watched.post(place.dina, KIND)
        heard(place, judge, KIND)
    first = place.watched.post(place.dina, "a question")
    place.watched.post(place.chen, RUDE, thread=first)
    with bot_running(running, store, judge):
        place.card()
    [case] = place.cases
    assert (case.said.text, case.place) == (RUDE, f"{place.watched.id}:{first.ts}")


def test_what_is_edited_while_the_history_is_read_counts_as_it_is_now(
    place, settings, store, judge
):
    message = place.watched.post(place.chen, RUDE, quietly=True)
    hang = place.server.hang("conversations.history", after_effect=True)
    with bot_running(by_socket(settings, place.server, place.workspace), store, judge) as bot:
        wait_until(lambda: hang.waiting, what="the reading of the history")
        message.edit(KIND)
        heard(place, judge, KIND)
        hang.release()
        listening = bot.frontend.moderation.listening
        wait_until(lambda: not listening._catching_up, what="what was missed")
        place.watched.post(place.chen, "and more")
        heard(place, judge, "and more")
    assert RUDE not in scored(judge)


def test_what_is_written_without_a_connection_is_read_after(moderated):
    with moderated.server.connections_down():
        moderated.watched.post(moderated.chen, RUDE)
    moderated.card()
    assert len(moderated.cases) == 1


def test_nothing_is_lost_while_slack_tells_no_names(moderated):
    moderated.server.fail("users.info", 503, times=6)
    moderated.watched.post(moderated.chen, RUDE)
    wait_until(lambda: moderated.cards, 40, "the card")


def test_events_by_http_are_heard(place, settings, store, judge):
    running = by_http(settings, place.server, place.workspace)
    with bot_running(running, store, judge):
        place.server.use_http(events_url(running))
        place.rude()


def test_what_slack_does_not_tell_for_a_minute_is_read_after(
    place, settings, store, judge, monkeypatch
):
    monkeypatch.setattr("bot.slack.hearing.LIMITED_FOR", 1.0)
    running = by_http(settings, place.server, place.workspace)
    with bot_running(running, store, judge) as service:
        listening = service.frontend.moderation.listening
        place.server.use_http(events_url(running))
        place.server.post_event({"type": "app_rate_limited", "team_id": place.workspace.id})
        # By then the pages are kept, and must not be taken for all there is.
        wait_until(lambda: place.server.requests_to("conversations.history"), what="a first look")
        wait_until(lambda: not listening._catching_up, what="its end")
        place.watched.post(place.chen, RUDE, quietly=True)
        place.card()


def reported(moderated, person, message):
    return moderated.said(moderated.server.shortcut(person, message, "precis_report"))


def test_a_message_is_reported_once(moderated):
    other = moderated.workspace.add_channel("other", members=moderated.people)
    message = other.post(moderated.chen, KIND)
    assert reported(moderated, moderated.dina, message).startswith("Thank you")
    assert "reported by 1 person" in moderated.card().shown
    assert reported(moderated, moderated.dina, message).startswith("You reported that already")
    assert [case.reports for case in moderated.cases] == [1]


def test_ones_own_message_is_not_reported(moderated):
    message = moderated.watched.post(moderated.chen, KIND)
    assert reported(moderated, moderated.chen, message).startswith("That is your own")
    assert moderated.cases == []


def test_a_bots_message_is_not_reported(moderated):
    robot = moderated.workspace.add_bot("robot")
    moderated.watched.add(robot, quietly=True)
    message = moderated.watched.post(robot, KIND)
    assert "no person wrote it" in reported(moderated, moderated.chen, message)


def test_where_the_bot_is_not_it_says_so(moderated):
    other = moderated.workspace.add_channel("other", members=moderated.people, bot=False)
    message = other.post(moderated.chen, RUDE)
    assert "Précis isn't in" in reported(moderated, moderated.dina, message)
    assert moderated.cases == []


@pytest.mark.parametrize("value", ["0" * 32, "nonsense", ""])
def test_a_forged_report_of_a_summary_finds_nothing(moderated, value):
    message = moderated.watched.post(moderated.chen, KIND)
    use = moderated.server.click(moderated.dina, message, "precis:report", value, forged={})
    use.wait_for_ack()
    if len(value) == 32:
        assert moderated.said(use).startswith("That summary is no longer stored")
    assert moderated.cases == []
