"""What servers' managers decide, as it is kept."""

import threading

import pytest
from sqlalchemy import update

from precis.ask import ServerSettings
from precis.errors import DamagedError, InputError
from precis.job import Style
from precis.store.tables import servers

ALL = ServerSettings(
    roles=("r1", "r2"),
    never_read=("c1",),
    largest_window=500,
    style=Style.PEOPLE,
    moderators_channel="c2",
    thresholds={"toxicity": 0.75},
    language="en",
)


def change(chat, settings, server="s1"):
    return chat.change_settings("discord", server, "ana", lambda _: settings)


def damage(store):
    with store.database.writing() as connection:
        connection.execute(update(servers).values(settings={"largest_window": "many"}))


def test_a_server_without_settings_has_the_defaults(chat):
    assert chat.server_settings("discord", "s1") == ServerSettings()
    assert chat.server_settings("discord", None) == ServerSettings()


def test_every_setting_is_kept(chat):
    assert change(chat, ALL) == ALL
    assert chat.server_settings("discord", "s1") == ALL


def test_settings_are_a_servers_own(chat):
    change(chat, ALL)
    assert chat.server_settings("discord", "s2") == ServerSettings()
    assert chat.server_settings("slack", "s1") == ServerSettings()


def test_a_change_begins_from_what_is_kept(chat):
    change(chat, ALL)
    seen = []
    chat.change_settings("discord", "s1", "ben", lambda now: seen.append(now) or now)
    assert seen == [ALL]


def test_a_change_that_raises_changes_nothing(chat):
    def refuse(_now):
        raise InputError("no")

    change(chat, ALL)
    with pytest.raises(InputError):
        chat.change_settings("discord", "s1", "ana", refuse)
    assert chat.server_settings("discord", "s1") == ALL


@pytest.mark.both_stores
def test_twenty_changes_at_once_are_all_kept(chat):
    start = threading.Barrier(20)

    def allow(number):
        start.wait()
        chat.change_settings(
            "discord",
            "s1",
            "ana",
            lambda now: now.model_copy(update={"roles": (*now.roles, str(number))}),
        )

    threads = [threading.Thread(target=allow, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = chat.server_settings("discord", "s1").roles
    assert sorted(kept, key=int) == [str(n) for n in range(20)]


def test_damaged_settings_allow_nothing(chat, store):
    change(chat, ALL)
    damage(store)
    with pytest.raises(DamagedError, match="save them anew"):
        chat.server_settings("discord", "s1")


def test_damaged_settings_can_be_saved_anew(chat, store):
    change(chat, ALL)
    damage(store)
    seen = []
    chat.change_settings("discord", "s1", "ana", lambda now: seen.append(now) or ALL)
    assert seen == [ServerSettings()]
    assert chat.server_settings("discord", "s1") == ALL


def test_a_channel_is_forbidden_with_all_that_is_in_it():
    settings = ServerSettings(never_read=("category",))
    assert settings.forbids(["thread", "channel", "category"])
    assert not settings.forbids(["thread", "channel"])
