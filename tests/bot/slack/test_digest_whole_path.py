"""From `/digest` to what is posted on Slack, with the real use cases and a worker."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from bot.texts import ENGLISH
from precis.schedule import Schedule
from precis.store import DigestStore
from precis.store.digest_tables import digests, subscriptions
from tests.bot.slack.moderators import filled
from tests.bot.slack.mrkdwn import effects
from tests.services import wait_until

WORDS = ENGLISH.digests.words
RUDE = "<!channel> *free* money https://evil.example"


@pytest.fixture
def ana(people):
    return people[0]


@pytest.fixture
def ben(people):
    return people[1]


@pytest.fixture
def said(server, bot, algebra):
    """What somebody is told by `/digest`."""

    def use(person, text, where=None):
        return server.slash(person, where or algebra, "digest", text).wait_for_answer().shown

    return use


@pytest.fixture
def due(store, bot):
    """Makes every subscription's digest of today due now, though there was one, and waits until
    each has come to its end.
    """

    def make():
        now = datetime.now(UTC)
        clock = Schedule(hour=now.hour, minute=now.minute).model_dump(mode="json")
        with store.database.writing() as connection:
            connection.execute(
                update(subscriptions).values(next_at=now, next_day=now.date(), schedule=clock)
            )
            connection.execute(update(digests).values(day=digests.c.id))
        settled = bot.frontend.digests.running.settled()
        asyncio.run_coroutine_threadsafe(settled, loop_of(bot)).result(30)

    return make


def loop_of(service):
    return service.bot.frontend.digests._task.get_loop()


def test_a_digest_is_posted_where_it_was_asked_for(
    server, store, summariser, algebra, ana, said, due
):
    summariser.texts = (RUDE,)
    old = algebra.messages[0]
    said(ana, "here zone berlin")
    due()
    [posted] = algebra.messages_by_bot
    assert posted.shown.startswith("Digest for ")
    assert "300 messages" in posted.shown
    line = next(each for each in posted.shown.split("\n") if "money" in each)
    assert effects(line.partition(" <https://study.slack.com/archives/")[0]) == []
    assert f"|{'↗'}>" in line
    due()
    assert algebra.messages_by_bot == [posted], "nothing is new"
    for number in range(5):
        algebra.post(ana, f"new {number}", thread=old, quietly=True)
    due()
    assert summariser.read[-1] == [f"new {number}" for number in range(5)]
    assert len(algebra.messages_by_bot) == 2
    view = filled(server.click(ana, posted, "My digests"))
    assert "*1.*" in view.text
    server.click(ana, view, "Pause")
    wait_until(lambda: WORDS.now_paused in view.text, what="a word")


def test_a_personal_digest_is_of_what_its_reader_can_read_then(
    workspace, algebra, people, ben, said, due
):
    other = workspace.add_channel("physics", members=people)
    for number in range(6):
        other.post(people[0], f"said {number}", quietly=True)
    said(ben, f"me {other.mention}")
    other.remove(ben, quietly=True)
    due()
    [posted] = workspace.add_dm(ben).messages_by_bot
    assert "300 messages" in posted.shown
    assert other.id not in posted.shown


def test_a_preview_comes_to_who_asks_alone(workspace, algebra, ben, said):
    said(ben, "me")
    assert said(ben, "preview") == WORDS.previewing
    wait_until(lambda: workspace.add_dm(ben).messages_by_bot, what="the preview")
    [posted] = workspace.add_dm(ben).messages_by_bot
    assert posted.shown.startswith("Preview of the digest")
    assert algebra.messages_by_bot == []


def test_a_channel_that_closes_pauses_its_digest_and_that_is_told_once(
    workspace, store, algebra, ana, said, due
):
    elsewhere = workspace.add_channel("elsewhere", members=[ana])
    said(ana, f"to {elsewhere.mention}")
    algebra.remove_bot()
    due()
    due()
    dm = workspace.add_dm(ana)
    wait_until(lambda: dm.messages_by_bot, what="a word")
    [told] = dm.messages_by_bot
    assert f"<#{algebra.id}> is paused" in told.shown
    assert elsewhere.messages_by_bot == []
    [paused] = DigestStore(store).subscriptions("slack", workspace.id)
    assert (paused.paused, paused.paused_for) == ("unreadable", algebra.id)


def test_a_guest_who_comes_in_pauses_what_is_not_for_them(
    workspace, store, algebra, ana, said, due
):
    elsewhere = workspace.add_channel("elsewhere", members=[ana])
    said(ana, f"to {elsewhere.mention}")
    elsewhere.add(workspace.add_user("guest", guest=True), quietly=True)
    due()
    assert elsewhere.messages_by_bot == []
    [paused] = DigestStore(store).subscriptions("slack", workspace.id)
    assert (paused.paused, paused.paused_for) == ("audience", algebra.id)
