"""The real bot for tests: connected to a loopback Slack, with a worker behind it."""

import asyncio
import threading
from contextlib import contextmanager
from functools import partial

from pydantic import SecretStr

from bot.delays import NO_DELAYS
from bot.slack.running import Service
from tests.services import free_port, wait_until
from tests.worker.summarisers import Quick
from worker.asking import JobQueue
from worker.deliveries import Deliveries
from worker.serving import embedded_worker


def by_socket(settings, server, workspace):
    """Settings of a bot in one workspace, in Socket Mode."""
    return settings.model_copy(
        update={
            "slack_api": server.api,
            "slack_bot_token": SecretStr(workspace.token),
            "slack_app_token": SecretStr(server.app_token),
        }
    )


def by_http(settings, server, workspace):
    """The same in HTTP mode; call `server.use_http(address)` once it listens."""
    return by_socket(settings, server, workspace).model_copy(
        update={
            "slack_mode": "http",
            "slack_app_token": None,
            "slack_signing_secret": SecretStr(server.signing_secret),
            "slack_listen": f"127.0.0.1:{free_port()}",
        }
    )


def by_oauth(settings, server, key):
    """Settings of a bot that workspaces install, in Socket Mode."""
    listen = f"127.0.0.1:{free_port()}"
    return settings.model_copy(
        update={
            "slack_api": server.api,
            "slack_app_token": SecretStr(server.app_token),
            "slack_client_id": server.client_id,
            "slack_client_secret": SecretStr(server.client_secret),
            "slack_encryption_key": SecretStr(key),
            "slack_listen": listen,
            "slack_public_url": f"http://{listen}",
        }
    )


def events_url(settings):
    return f"http://{settings.slack_listen}/slack/events"


@contextmanager
def bot_without_worker(settings, store, celery):
    """The bot in a thread of its own; ends as on SIGTERM. Gives its `Service`."""
    service = Service(settings, store, JobQueue(settings, store, celery))
    service.frontend.context.delays = NO_DELAYS
    failed, loops = [], []

    async def serve():
        loops.append(asyncio.get_running_loop())
        await service.serve(partial(Deliveries, celery, "slack"))

    def run():
        try:
            asyncio.run(serve())
        except Exception as error:  # noqa: BLE001 - raised where the test is
            failed.append(error)

    thread = threading.Thread(target=run, name="bot")
    thread.start()
    try:
        wait_until(lambda: failed or service.connected.is_set(), what="the bot's connection")
        if failed:
            raise failed[0]
        yield service
    finally:
        if thread.is_alive() and loops:
            loops[0].call_soon_threadsafe(service.asked_to_stop.set)
        thread.join(30)
    assert not thread.is_alive(), "the bot must end when it is asked to"
    if failed:
        raise failed[0]


@contextmanager
def bot_running(settings, store, summariser=None):
    """The bot and a worker, in threads."""
    with (
        embedded_worker(settings, store, summariser or Quick()) as celery,
        bot_without_worker(settings, store, celery) as service,
    ):
        yield service
