"""`precis digest list`: who has digests of what, when, and what became of the last one."""

import json as json_library
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from precis.digest import Digest, Subscription
from precis.schedule import Every
from precis.settings import load_settings
from precis.store import DigestStore, Store

COLUMNS = ("id", "platform", "server", "target", "sources", "schedule", "zone", "state", "last")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def list_subscriptions(
    platform: Annotated[
        str | None, typer.Option(help="Of this platform alone: discord, slack.", metavar="NAME")
    ] = None,
    server: Annotated[
        str | None, typer.Option(help="Of this server alone, by its id.", metavar="ID")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List who subscribed to which digests, when they come, and the last one of each.

    \b
    precis digest list
    precis digest list --platform slack --json
    """
    store = Store.open(load_settings().store_url)
    try:
        digests = DigestStore(store)
        found = digests.subscriptions(platform, server)
        latest = digests.latest([each.id for each in found])
    finally:
        store.close()
    if json:
        shown = [_as_json(each, latest.get(each.id)) for each in found]
        typer.echo(json_library.dumps(shown, indent=2))
    elif found:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in COLUMNS:
            table.add_column(column, overflow="fold", no_wrap=column == "id")
        for each in found:
            table.add_row(*map(Text, _row(each, latest.get(each.id))))
        width = None if Console().is_terminal else 240
        Console(width=width, highlight=False, soft_wrap=True).print(table)
    else:
        typer.echo("Nobody has subscribed to a digest.")


def _as_json(subscription: Subscription, last: Digest | None) -> dict[str, Any]:
    """The last digest without its jobs and marks: what it was, not what it was made of."""
    shown = last and last.model_dump(
        mode="json", include={"id", "day", "due_at", "state", "skipped", "posted"}
    )
    return {**subscription.model_dump(mode="json"), "last": shown}


def _row(subscription: Subscription, last: Digest | None) -> tuple[str, ...]:
    schedule = subscription.schedule
    days = "daily" if len(schedule.days) == len(DAYS) else " ".join(DAYS[d] for d in schedule.days)
    weekly = "weekly " if schedule.every is Every.WEEK else ""
    return (
        subscription.id,
        subscription.platform,
        subscription.server,
        f"{subscription.target.kind} {subscription.target.id}",
        ", ".join(subscription.sources),
        f"{weekly}{days} {schedule.time}",
        schedule.zone,
        _state(subscription),
        _last(last),
    )


def _state(subscription: Subscription) -> str:
    if subscription.paused is None:
        return f"next {subscription.next_at:%Y-%m-%d %H:%M} UTC" if subscription.next_at else "-"
    place = f" {subscription.paused_for}" if subscription.paused_for else ""
    return f"paused: {subscription.paused}{place}"


def _last(digest: Digest | None) -> str:
    if digest is None:
        return ""
    why = f" ({digest.skipped})" if digest.skipped else ""
    return f"{digest.day} {digest.state}{why}"
