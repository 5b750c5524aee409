"""`precis digest list` and the usage of `run`, as operators have them."""

import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from cli.main import app
from precis.digest import PauseReason, Subscription, Target
from precis.errors import InputError, SettingsError
from precis.schedule import Every, Schedule
from precis.settings import load_settings
from precis.store import DigestStore, Store
from precis.store.subscription_rows import NEW


@pytest.fixture
def digests():
    store = Store.open(load_settings().store_url)
    yield DigestStore(store)
    store.close()


def subscribe(digests, target, schedule, platform="discord"):
    wanted = Subscription(
        id=NEW,
        platform=platform,
        server="s1",
        target=target,
        sources=("c1", "c2"),
        schedule=schedule,
        created_by="p1",
        created_at="2026-03-29T00:00:00Z",
    )
    return digests.change(platform, "s1", target, schedule.every, lambda _: wanted)


def run(*arguments):
    return CliRunner().invoke(app, ["digest", *arguments])


def test_an_empty_list_says_so():
    assert run("list").stdout == "Nobody has subscribed to a digest.\n"


def test_subscriptions_are_listed_with_what_became_of_them(digests):
    week = Schedule(every=Every.WEEK, days=(4,), hour=17, minute=5, zone="Europe/Berlin")
    weekly = subscribe(digests, Target(kind="channel", id="c1"), week)
    daily = subscribe(digests, Target(kind="person", id="p1"), Schedule(), "slack")
    digests.pause(daily.id, PauseReason.UNREADABLE, "c2")
    missed = weekly.next_at + timedelta(hours=7)
    later = Store.open(load_settings().store_url, lambda: missed)
    DigestStore(later).make_due("discord")
    later.close()
    weekly = digests.subscription(weekly.id)
    first, second = run("list").stdout.splitlines()[1:]
    assert first.split()[:5] == [weekly.id, "discord", "s1", "channel", "c1"]
    assert "weekly Fri 17:05" in first
    assert f"next {weekly.next_at:%Y-%m-%d %H:%M} UTC" in first
    assert f"{missed.date()} skipped (late)" in first
    assert "paused: unreadable c2" in second
    [only] = json.loads(run("list", "--platform", "slack", "--json").stdout)
    assert (only["id"], only["paused"], only["last"]) == (daily.id, "unreadable", None)


@pytest.mark.parametrize(
    ("arguments", "error", "word"),
    [
        ([], InputError, "give --once"),
        (["--once"], SettingsError, "no platform is set up"),
        (["--once", "--platform", "discord"], SettingsError, "no Discord token"),
    ],
)
def test_what_is_missing_is_said_in_one_line(arguments, error, word):
    raised = run("run", *arguments).exception
    assert isinstance(raised, error)
    assert word in str(raised)
    assert "\n" not in str(raised)
