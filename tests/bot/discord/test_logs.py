"""Logs and errors say where something went wrong, never what anybody wrote, who, or a secret."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import select

from precis.errors import StoreError
from precis.store.tables import jobs
from tests.bot.discord.processes import bot_process, deployed, worker_thread
from tests.bot.discord.serving import answered, bot_running
from tests.bot.discord.summarisers import Telling
from tests.services import wait_until

SECRET = "xylophone"
NAME = "Zebulon"


@pytest.fixture
def zebulon(server, guild):
    """Somebody with a name that is nowhere else."""
    user = server.add_user(NAME.lower(), NAME)
    guild.add_member(user)
    return user


@pytest.fixture
def channel(server, guild, zebulon):
    channel = guild.add_text_channel(f"{SECRET}s")
    server.fill(channel, [zebulon], [f"{SECRET} {n}" for n in range(5)])
    return channel


class Log(logging.Handler):
    """All that is logged, as it is written."""

    def __init__(self):
        super().__init__()
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s %(threadName)s %(message)s"))
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))

    @property
    def text(self):
        return "\n".join(self.lines)


@pytest.fixture
def log(caplog, server):
    """The log of a test, looked through in the end. Named first, it is there before the bot."""
    handler = Log()
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.INFO, logger="discord")  # as `run_bot` has it
    for name in ("bot", "precis", "worker"):
        caplog.set_level(logging.DEBUG, logger=name)
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)
    text = handler.text.lower()
    assert "connected to" in text, "it was listened to from the start"
    assert SECRET not in text
    assert NAME.lower() not in text
    assert server.token.lower() not in text
    for use in server.interactions:
        assert use.token.lower() not in text


class Broken(Telling):
    """Fails with what it was given in its words, as a careless library would."""

    def wait(self, deadline):
        raise ValueError(self.conversations[-1].messages[0].text)


def test_an_ordinary_day(log, server, bot, channel, zebulon, people):
    answer = answered(server.slash(zebulon, channel, "summarize"))
    server.click(zebulon, answer, "👍").wait_for_followup()
    server.click(zebulon, answer, "Share").wait_for_followup()
    answered(server.slash(zebulon, channel, "summarize", last=2, private=False))
    server.slash(people[0], channel, "precis", "settings").wait_for_answer()
    server.slash(zebulon, channel, "precis", "privacy").wait_for_answer()
    server.delete(channel.messages[0])
    server.slash(zebulon, channel, "summarize", since=SECRET).wait_for_answer()


def test_a_summariser_that_quotes_in_its_errors(
    log, server, guild, settings, store, channel, zebulon
):
    with bot_running(server, settings, store, Broken()):
        answer = answered(server.slash(zebulon, channel, "summarize"), seconds=60)
    assert "three times" in answer.content
    assert SECRET not in answer.content
    assert "ValueError at " in log.text
    with store.database.reading() as connection:
        assert SECRET not in connection.scalar(select(jobs.c.reason))


@pytest.mark.parametrize("status", [400, 403, 500])
def test_a_discord_that_refuses_an_answer(
    log, server, bot_that_waits, waiting, channel, zebulon, status
):
    waiting.texts = (SECRET,)
    use = server.slash(zebulon, channel, "summarize")
    wait_until(lambda: waiting.begun.acquire(blocking=False), what="a job in hand")
    server.fail("PATCH /webhooks/{}/{}/messages/@original", status, times=3)
    waiting.go.set()
    assert SECRET in answered(use, seconds=60).text


def test_reading_that_meets_a_bug(log, server, bot, channel, zebulon, monkeypatch):
    def broken(_asked):
        raise KeyError(SECRET, NAME)

    monkeypatch.setattr(bot.platform, "history", broken)
    answer = answered(server.slash(zebulon, channel, "summarize"))
    assert "internal error" in answer.content
    assert "an ask failed: KeyError at " in log.text


def test_a_store_that_breaks_in_the_midst(log, server, bot, channel, zebulon, monkeypatch):
    real = bot.context.jobs.submit_or_join
    tries = []

    def away_at_first(*asked):
        tries.append(asked)
        if len(tries) == 1:
            raise StoreError("the store is away; check that the database runs")
        return real(*asked)

    monkeypatch.setattr(bot.context.jobs, "submit_or_join", away_at_first)
    use = server.slash(zebulon, channel, "summarize")
    wait_until(lambda: use.messages and use.messages[-1].embeds, what="the answer")


def test_a_click_that_meets_a_bug(log, server, bot, channel, zebulon, monkeypatch):
    answer = answered(server.slash(zebulon, channel, "summarize"))

    def broken(*_asked, **_more):
        raise KeyError(SECRET, NAME)

    monkeypatch.setattr(bot.context.chat, "judge", broken)
    said = server.click(zebulon, answer, "👍").wait_for_followup()
    assert "internal error" in said.content
    assert "KeyError at " in log.text


def test_a_panel_that_meets_a_bug(log, server, bot, algebra, people, monkeypatch):
    panel = server.slash(people[0], algebra, "precis", "settings").wait_for_answer()

    def broken(*_asked, **_more):
        raise KeyError(SECRET, NAME)

    monkeypatch.setattr(bot.context.chat, "change_settings", broken)
    use = server.select(people[0], panel, "precis:settings:style", ["people"])
    assert "internal error" in use.wait_for_followup().content
    assert "KeyError at " in log.text


def test_a_listener_that_meets_a_bug(log, server, bot, channel, monkeypatch):
    def broken(*_asked):
        raise KeyError(SECRET, NAME)

    monkeypatch.setattr(bot.privacy, "note_deleted", broken)
    server.delete(channel.messages[0])
    wait_until(lambda: "on_raw_message_delete failed: KeyError at " in log.text, what="the log")


def test_the_most_detailed_log_of_the_process_quotes_nothing(
    server, redis_url, tmp_path, channel, zebulon
):
    """Discord's library would write down all that it gets, and its tokens."""
    store_url = f"sqlite:///{tmp_path / 'precis.db'}"
    variables = deployed(redis_url, store_url, log_level="DEBUG")
    with (
        bot_process(server, variables) as process,
        worker_thread(variables, Telling(f"{SECRET} by {NAME}.")),
    ):
        use = server.slash(zebulon, channel, "summarize", private=False)
        server.say(channel, zebulon, f"{SECRET} again")
        assert SECRET in answered(use).text
        process.stop()
        text = process.log.lower()
    assert "has connected to gateway" in text
    assert SECRET not in text
    assert NAME.lower() not in text
    assert server.token.lower() not in text
    assert use.token.lower() not in text


def test_a_purged_summary(log, server, bot, store, channel, zebulon):
    answer = answered(server.slash(zebulon, channel, "summarize"))
    store.purge_older_than(timedelta(0))
    server.click(zebulon, answer, "Share").wait_for_followup()
