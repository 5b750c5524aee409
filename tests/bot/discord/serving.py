"""The real bot for tests: connected to a loopback Discord, with a worker behind it."""

import asyncio
import re
import threading
from contextlib import contextmanager
from functools import partial

from bot.delays import NO_DELAYS
from bot.discord.bot import PrecisBot
from bot.discord.running import point_at, serve
from tests.services import wait_until
from tests.worker.summarisers import Quick
from worker.asking import JobQueue
from worker.deliveries import Deliveries
from worker.serving import embedded_worker

_PROGRESS = re.compile(
    r"Reading|Summarising|Your request is kept|Précis is restarting|[\d,]+ mess"
    r"|Die Nachrichten|Bisher|Deine Anfrage|Précis startet|\d+ Nachricht"
)


@contextmanager
def bot_without_worker(server, settings, store, celery):
    """The bot in a thread of its own; ends as on SIGTERM."""
    point_at(f"{server.url}/api/v10")
    sender = JobQueue(settings, store, celery)
    bot = PrecisBot(settings, store, sender)
    bot.context.delays = NO_DELAYS
    bot._connection.guild_ready_timeout = 0.1  # all guilds there are come at once
    failed = []

    def run():
        try:
            asyncio.run(serve(bot, server.token, partial(Deliveries, celery, "discord")))
        except Exception as error:  # noqa: BLE001 - raised where the test is
            failed.append(error)

    thread = threading.Thread(target=run, name="bot")
    thread.start()
    try:
        wait_until(lambda: failed or bot.is_ready(), what="the bot's connection")
        if failed:
            raise failed[0]
        yield bot
    finally:
        if not bot.is_closed():
            bot.loop.call_soon_threadsafe(bot.asked_to_stop.set)
        thread.join(30)
    assert not thread.is_alive(), "the bot must end when it is asked to"


@contextmanager
def bot_running(server, settings, store, summariser=None):
    """The bot and a worker, in threads."""
    with (
        embedded_worker(settings, store, summariser or Quick()) as celery,
        bot_without_worker(server, settings, store, celery) as bot,
    ):
        yield bot


def answered(use, seconds=30.0):
    """The message that holds the summary, or the line that there is none, once it is there."""
    wait_until(lambda: is_final(use.original), seconds, what="an answer")
    return use.original


def is_final(message):
    return message is not None and (message.embeds or is_last_word(message.content))


def is_last_word(text):
    return bool(text) and not _PROGRESS.match(text)
