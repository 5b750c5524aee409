"""`precis digest run --once`, for operators with cron: makes and posts what is due, and ends."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from cli.bots import discord_bot, queue, slack_bot
from precis.digest import Digest, DigestState
from precis.errors import InputError, PrecisError, SettingsError
from precis.monitoring.logs import configure_logging
from precis.settings import Settings, load_settings
from precis.store import DigestStore, Store

if TYPE_CHECKING:
    from bot.frontend import Frontend
    from cli.bots import RunBot

WAIT = 900
"""Seconds; cron comes again."""


class Platform(StrEnum):
    discord = "discord"
    slack = "slack"


class LeftError(PrecisError):
    """Not all that is due was posted."""


_BOTS: dict[Platform, "Callable[[Settings], RunBot]"] = {
    Platform.discord: discord_bot,
    Platform.slack: slack_bot,
}


def run(
    once: Annotated[
        bool, typer.Option("--once", help="Post what is due, and end; a bot that runs needs none.")
    ] = False,
    platform: Annotated[
        Platform | None, typer.Option(help="This one alone; else all that are set up.")
    ] = None,
    wait: Annotated[
        int, typer.Option(help="Seconds to wait at most, a platform.", min=1, max=86_400)
    ] = WAIT,
) -> None:
    """Make and post the digests that are due now, and end; for cron, beside a bot or without one.

    With no broker set, models run in this process. What is left for the next time, or was given
    up, makes the exit code 1.

    \b
    precis digest run --once
    */10 * * * * precis digest run --once --platform discord
    """
    if not once:
        raise InputError(
            "give --once: it posts what is due and ends; a bot that runs posts digests by itself"
        )
    settings = load_settings()
    bots = {each: _BOTS[each](settings) for each in _wanted(settings, platform)}
    configure_logging(settings)
    store = Store.open(settings.store_url)
    try:
        _run(settings, store, bots, wait)
    finally:
        store.close()


def _wanted(settings: Settings, platform: Platform | None) -> list[Platform]:
    from bot.slack.setup import names_slack  # noqa: PLC0415

    if platform is not None:
        return [platform]
    found = [Platform.discord] if settings.discord_token is not None else []
    found += [Platform.slack] if names_slack(settings) else []
    if not found:
        raise SettingsError(
            "no platform is set up; set PRECIS_DISCORD_TOKEN, or Slack's variables (see the README)"
        )
    return found


def _run(settings: Settings, store: Store, bots: dict[Platform, "RunBot"], wait: int) -> None:
    """Raises LeftError for what is left, or whatever went wrong."""
    from worker.asking import JobQueue  # noqa: PLC0415
    from worker.deliveries import Deliveries  # noqa: PLC0415

    digests = DigestStore(store, settings.lease)
    due = {name: bot for name, bot in bots.items() if _is_due(digests, name)}
    if not due:  # without models loaded for nothing
        typer.echo("Nothing is due.")
        return
    troubles: list[str] = []
    with queue(settings, store, embedded=settings.embedded) as celery:
        sender = JobQueue(settings, store, celery)
        for name, bot in due.items():
            began = store.now() - timedelta(seconds=1)
            listening = partial(Deliveries, celery, name.value)
            try:
                bot(settings, store, sender, listening, partial(_settle, wait))
            except PrecisError as error:  # the other platform has its digests all the same
                troubles.append(f"{name}: {error}")
            ended = digests.ended(name, began)
            typer.echo(f"{name}: {_counted(ended)}")
            if left := digests.unended(name):
                troubles.append(f"{name}: {left} left; run it again, or see what the log says")
            if failed := sum(each.state is DigestState.FAILED for each in ended):
                troubles.append(f"{name}: {failed} given up; the log says why")
    if troubles:
        raise LeftError("; ".join(troubles))


def _is_due(digests: DigestStore, platform: Platform) -> bool:
    digests.make_due(platform)
    return digests.unended(platform) > 0


async def _settle(wait: int, frontend: "Frontend") -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(wait):
            await frontend.digests.running.settled()


def _counted(ended: list[Digest]) -> str:
    """Such as `3 posted, 1 skipped (quiet)`."""
    counts = Counter(
        f"{each.state} ({each.skipped})" if each.skipped else each.state.value for each in ended
    )
    return ", ".join(f"{count} {what}" for what, count in sorted(counts.items())) or "none"
