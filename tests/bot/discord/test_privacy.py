"""`/precis privacy`: what people may say about their own messages."""

import pytest

from tests.bot.discord.serving import answered, bot_running
from tests.services import wait_until


@pytest.fixture
def ana(people):
    return people[0]


@pytest.fixture
def channel(server, guild, people):
    """Two messages by Ana, one by Ben."""
    channel = guild.add_text_channel("calculus")
    server.fill(channel, [people[0], people[1], people[0]], ["one", "two", "three"])
    return channel


def opened(server, person, place):
    use = server.slash(person, place, "precis", "privacy")
    answer = use.wait_for_answer()
    assert answer.visible_to(person)
    return answer


def pressed(server, person, panel, label):
    """What a panel says after a button."""
    before = panel.content
    server.click(person, panel, label)
    wait_until(lambda: panel.content != before, what="the panel to change")
    return panel.content


def labels(panel):
    return [button["label"] for button in panel.buttons]


def test_what_is_stored_is_told(server, bot, channel, ana):
    answered(server.slash(ana, channel, "summarize"))
    panel = opened(server, ana, channel)
    assert "Précis reads your messages where somebody asks" in panel.content
    assert "Stored of you now: messages 2, questions 1, opinions 0." in panel.content
    assert "kept for 30 days at most" in panel.content
    assert labels(panel) == ["Opt out", "Delete what is stored"]


def test_it_is_nobody_elses_to_see(server, bot, channel, ana, people):
    panel = opened(server, ana, channel)
    assert panel.only_for is ana


def test_opting_out_deletes_what_is_stored_and_says_so(server, bot, channel, ana):
    answered(server.slash(ana, channel, "summarize"))
    panel = opened(server, ana, channel)
    said = pressed(server, ana, panel, "Opt out")
    assert "never reads your messages; what it had stored of them (2) is deleted." in said
    assert "Stored of you now: messages 0" in said
    assert labels(panel) == ["Opt in", "Delete what is stored"]


def test_opting_out_leaves_questions_and_opinions_and_says_so(server, bot, channel, ana):
    answer = answered(server.slash(ana, channel, "summarize"))
    server.click(ana, answer, "👍").wait_for_followup()
    said = pressed(server, ana, opened(server, ana, channel), "Opt out")
    assert "Your questions and opinions stay until you delete them." in said
    assert "Stored of you now: messages 0, questions 1, opinions 1." in said


def test_who_has_all_deleted_is_still_limited(server, guild, settings, store, channel, ana):
    few = settings.model_copy(update={"person_limit": 1})
    with bot_running(server, few, store):
        answered(server.slash(ana, channel, "summarize"))
        pressed(server, ana, opened(server, ana, channel), "Delete what is stored")
        said = answered(server.slash(ana, channel, "summarize"))
    assert said.content.startswith("That was a lot of questions")


def test_who_opted_out_is_not_read(server, bot, summariser, channel, ana, people):
    pressed(server, ana, opened(server, ana, channel), "Opt out")
    answered(server.slash(people[1], channel, "summarize"))
    assert summariser.read == [["two"]]
    assert bot.context.chat.stored_of("discord", str(ana.id)).messages == 0


def test_who_opted_out_may_still_ask(server, bot, summariser, channel, ana):
    pressed(server, ana, opened(server, ana, channel), "Opt out")
    assert answered(server.slash(ana, channel, "summarize")).embeds
    assert summariser.read == [["two"]]


def test_where_all_opted_out_there_is_nothing_to_summarise(server, bot, channel, people):
    for person in people[:2]:
        pressed(server, person, opened(server, person, channel), "Opt out")
    answer = answered(server.slash(people[2], channel, "summarize"))
    assert answer.content.startswith("There is nothing to summarise")


def test_who_opts_in_is_read_again(server, bot, summariser, channel, ana, people):
    panel = opened(server, ana, channel)
    pressed(server, ana, panel, "Opt out")
    assert "You are opted in." in pressed(server, ana, panel, "Opt in")
    answered(server.slash(people[1], channel, "summarize"))
    assert summariser.read == [["one", "two", "three"]]


def test_who_opts_out_while_they_are_read_is_not_kept(server, bot, channel, ana, people):
    submit = bot.context.jobs.submit_or_join

    def after_opting_out(*asked):  # when all that was read is looked through
        bot.context.chat.opt_out("discord", str(ana.id))
        return submit(*asked)

    bot.context.jobs.submit_or_join = after_opting_out
    answered(server.slash(people[1], channel, "summarize"))
    assert bot.context.chat.stored_of("discord", str(ana.id)).messages == 0


def test_deleting_removes_messages_questions_and_opinions(server, bot, channel, ana):
    answer = answered(server.slash(ana, channel, "summarize"))
    server.click(ana, answer, "👍").wait_for_followup()
    panel = opened(server, ana, channel)
    assert "messages 2, questions 1, opinions 1" in panel.content
    said = pressed(server, ana, panel, "Delete what is stored")
    assert "Deleted: your messages (2), your questions and your opinions." in said
    assert "Stored of you now: messages 0, questions 0, opinions 0." in said


def test_deleting_does_not_opt_out(server, bot, summariser, channel, ana):
    panel = opened(server, ana, channel)
    pressed(server, ana, panel, "Delete what is stored")
    assert labels(panel) == ["Opt out", "Delete what is stored"]
    answered(server.slash(ana, channel, "summarize"))
    assert summariser.read == [["one", "two", "three"]]


def test_what_others_wrote_stays(server, bot, channel, ana, people):
    answered(server.slash(ana, channel, "summarize"))
    pressed(server, ana, opened(server, ana, channel), "Delete what is stored")
    assert bot.context.chat.stored_of("discord", str(people[1].id)).messages == 1


def test_it_works_in_direct_messages(server, bot, channel, ana):
    answered(server.slash(ana, channel, "summarize"))
    panel = opened(server, ana, server.dm_channel(ana))
    assert "Stored of you now: messages 2" in panel.content
    assert "what it had stored of them (2) is deleted" in pressed(server, ana, panel, "Opt out")


def test_a_panel_of_before_a_restart_works_after_it(server, guild, settings, store, channel, ana):
    with bot_running(server, settings, store):
        panel = opened(server, ana, channel)
    with bot_running(server, settings, store) as bot:
        pressed(server, ana, panel, "Opt out")
        assert bot.context.chat.opted_out("discord", [str(ana.id)]) == {str(ana.id)}


def test_a_panel_that_was_opted_in_elsewhere_is_still_right(server, bot, channel, ana):
    panels = [opened(server, ana, channel) for _ in range(2)]
    pressed(server, ana, panels[0], "Opt out")
    assert "opted out" in pressed(server, ana, panels[1], "Opt out")
    assert labels(panels[1]) == ["Opt in", "Delete what is stored"]
