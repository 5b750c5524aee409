"""The buttons under an answer: opinions, and clicks that can't be trusted."""

import pytest
from sqlalchemy import select

from precis.ask import AskRequest, Limits
from precis.job import JobRequest
from precis.store.tables import asks, feedback, jobs
from tests.bot.discord.managing import change
from tests.bot.discord.serving import answered, bot_running
from tests.peers.discord_server import Permission
from tests.services import wait_until
from tests.worker.summarisers import TALK

NO_ASK = "0" * 32


@pytest.fixture
def ana(people):
    return people[0]


@pytest.fixture
def public(server, bot, algebra, ana):
    """A public answer that Ana asked for."""
    return answered(server.slash(ana, algebra, "summarize", last=50, private=False))


@pytest.fixture
def private(server, bot, algebra, ana):
    return answered(server.slash(ana, algebra, "summarize", last=50))


def opinions(store):
    """What people think of the one summary there is: person to whether it is good."""
    with store.database.reading() as connection:
        rows = connection.execute(select(feedback.c.person, feedback.c.good))
        return {row.person: row.good for row in rows}


def said(click):
    """What whoever clicked was told, which nobody else sees."""
    answer = click.wait_for_followup()
    assert answer.only_for is click.user
    assert "\n" not in answer.content
    return answer.content


def forge(message, label, custom_id):
    """Let a button say something else than it did."""
    [button] = [each for each in message.buttons if each["label"] == label]
    button["custom_id"] = custom_id


def of_another(message, action):
    """The id of another answer's button."""
    [button] = [b for b in message.buttons if f":{action}:" in b["custom_id"]]
    return button["custom_id"]


def test_an_opinion_is_kept_and_thanked_for(server, store, public, ana):
    click = server.click(ana, public, "👍")
    assert said(click) == "Thanks, that helps."
    assert opinions(store) == {str(ana.id): True}
    assert click.acknowledged_after < 3


def test_the_later_opinion_counts(server, store, public, ana):
    for label in ("👍", "👎"):
        said(server.click(ana, public, label))
    assert opinions(store) == {str(ana.id): False}


def test_everybody_who_reads_an_answer_may_judge_it(server, store, public, people):
    for person, label in zip(people[:3], "👍👎👍", strict=True):
        said(server.click(person, public, label))
    assert list(opinions(store).values()).count(True) == 2


def test_a_private_answer_is_judged_by_who_asked(server, store, private, ana):
    said(server.click(ana, private, "👎"))
    assert opinions(store) == {str(ana.id): False}


def test_a_click_leaves_the_answer_as_it_is(server, public, ana):
    before = public.text
    said(server.click(ana, public, "👍"))
    assert (public.text, len(public.buttons)) == (before, 4)


def test_who_can_no_longer_read_the_channel_judges_nothing(server, bot, store, algebra, people):
    ben = people[1]
    answer = answered(server.slash(ben, algebra, "summarize", last=50))
    algebra.set_overwrite(ben, deny=Permission.READ_MESSAGE_HISTORY)
    assert "You can't read the message history" in said(server.click(ben, answer, "👍"))
    assert opinions(store) == {}


def test_an_answer_of_before_a_restart_is_judged_after_it(
    server, guild, settings, store, algebra, ana
):
    with bot_running(server, settings, store):
        answer = answered(server.slash(ana, algebra, "summarize", private=False))
    with bot_running(server, settings, store):
        said(server.click(ana, answer, "👍"))
    assert opinions(store) == {str(ana.id): True}


@pytest.mark.parametrize("action", ["good", "bad", "share", "show"])
def test_a_button_of_no_answer_says_so(server, public, store, ana, action):
    forge(public, "👍", f"precis:{action}:{NO_ASK}")
    assert said(server.click(ana, public, "👍")) == (
        "That summary is no longer stored; please ask again."
    )
    assert opinions(store) == {}


def test_an_answer_of_who_was_forgotten_is_no_longer_known(server, bot, public, store, ana, people):
    with store.database.reading() as connection:
        ask_id = connection.scalar(select(asks.c.id).where(asks.c.person == str(ana.id)))
    # One that is still open stays until it is answered.
    wait_until(lambda: bot.context.chat.ask(ask_id).state.ended, what="the ask's end")
    bot.context.chat.forget_person("discord", str(ana.id))
    assert said(server.click(people[1], public, "👍")).startswith("That summary is no longer")


@pytest.mark.parametrize("action", ["share", "show"])
def test_what_another_asked_for_is_not_opened(server, bot, algebra, private, people, action):
    ben = people[1]
    bens = answered(server.slash(ben, algebra, "summarize", last=10))
    forge(bens, "👍", of_another(private, "share").replace("share", action))
    click = server.click(ben, bens, "👍")
    assert said(click) == "Only who asked can do that."
    assert len(click.messages) == 2, "the answer and the line"


def test_an_answer_to_another_is_not_deleted_with_ones_own_id(server, bot, algebra, public, people):
    ben = people[1]
    bens = answered(server.slash(ben, algebra, "summarize", last=10, private=False))
    forge(public, "Delete", of_another(bens, "delete"))
    assert said(server.click(ben, public, "Delete")).startswith("Only who asked and moderators")
    assert not public.deleted


def test_a_job_that_has_not_ended_is_not_shown(
    server, bot_that_waits, waiting, store, guild, algebra, ana
):
    waiting.go.set()
    answer = answered(server.slash(ana, algebra, "summarize", last=10))
    waiting.go.clear()
    server.slash(ana, algebra, "summarize", last=20)
    wait_until(lambda: unfinished(store), what="the second job")
    forge(answer, "👍", f"precis:show:{asks_of(store)[-1]}")
    assert said(server.click(ana, answer, "👍")).startswith("That summary is no longer stored")


def unfinished(store):
    with store.database.reading() as connection:
        states = list(connection.scalars(select(jobs.c.state)))
    return len(states) == 2 and "running" in states


def asks_of(store):
    with store.database.reading() as connection:
        return list(connection.scalars(select(asks.c.id).order_by(asks.c.created_at)))


def test_what_managers_closed_is_not_shared(server, bot, guild, algebra, private, ana):
    change(bot, guild, never_read=(str(algebra.id),))
    assert "managers don't let Précis read" in said(server.click(ana, private, "Share"))
    assert server.messages_by_bot(algebra) == []


def test_a_last_word_that_discord_does_not_take_is_logged_as_a_place(
    server, store, public, ana, caplog
):
    server.fail("POST /webhooks/{}/{}", 400)
    server.click(ana, public, "👍")
    wait_until(lambda: "a line was not shown" in caplog.text, what="the line in the log")
    assert opinions(store) == {str(ana.id): True}
    assert [record for record in caplog.records if record.exc_info] == []


def test_an_ask_of_another_platform_is_none_here(server, bot, store, public, ana):
    """One store may serve several platforms, whose ids mean nothing to each other."""
    request = AskRequest(platform="slack", server="T1", source="C1", place="C1", person=str(ana.id))
    held = bot.context.chat.begin(request, Limits(person=9, server=9, seconds=60))
    job = bot.context.jobs.submit(JobRequest(frontend="slack"), TALK)
    bot.context.chat.wait_for(held, job)
    for action in ("good", "share", "show"):
        forge(public, "👍", f"precis:{action}:{held.id}")
        click = server.click(ana, public, f"precis:{action}:{held.id}")
        assert said(click).startswith("That summary is no longer stored")
