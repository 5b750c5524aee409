"""The workspaces that the bot is in: found, kept, renewed, forgotten, and never mixed up."""

import asyncio
import time
from contextlib import contextmanager

import psycopg
import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import text

from bot.offloading import Offloading
from bot.serving import BotError
from bot.slack import sources
from bot.slack.installing import make_flow
from bot.slack.workspaces import WorkspaceGoneError, Workspaces
from precis.errors import DamagedError, SettingsError, StoreError
from precis.store import Store
from tests.bot.slack.serving import by_oauth, by_socket
from tests.clocks import patient_seconds
from tests.services import wait_until


@pytest.fixture
def one(settings, server, workspace):
    return by_socket(settings, server, workspace)


@pytest.fixture
def several(settings, server, key):
    return by_oauth(settings, server, key)


@pytest.fixture
def store(store_url):
    opened = Store.open(store_url)
    yield opened
    opened.close()


def using(settings, store, work):
    """What `work` returns of workspaces, and of the flow that installs the bot in them."""

    async def used():
        blocking = Offloading()
        engine = store.database.engine if store else None
        workspaces = Workspaces(settings, blocking, engine)
        try:
            return await work(workspaces)
        finally:
            await workspaces.close()
            blocking.close()

    return asyncio.run(used())


async def installed(workspaces, settings, *places):
    """Somebody lets the bot into each of these workspaces."""
    await workspaces.open()
    flow = make_flow(settings, workspaces, workspaces.installations, Offloading())
    for place in places:
        code = place.consent(place.add_user(f"installer{time.monotonic_ns()}"))
        installation = await flow.run_installation(code)
        assert installation is not None
        await flow.store_installation(None, installation)


def stored(store):
    """All that is in the tables of installations, as anybody sees it that has the database."""
    with store.database.reading() as connection:
        return [
            dict(row) for row in connection.execute(text("SELECT * FROM slack_bots")).mappings()
        ]


# One workspace


def test_the_one_workspace_is_that_of_the_token(one, workspace):
    async def work(workspaces):
        await workspaces.open()
        found = await workspaces.find(workspace.id)
        said = await (await workspaces.client(workspace.id)).auth_test()
        return (
            found,
            said["team_id"],
            await workspaces.url(workspace.id),
            await workspaces.all_teams(),
        )

    found, acts_in, url, teams = using(one, None, work)
    assert (found.team, found.bot_user, found.bot_id) == (
        workspace.id, workspace.bot.id, workspace.installed.bot_id,
    )  # fmt: skip
    assert "channels:history" in found.scopes
    assert acts_in == workspace.id
    assert url == workspace.url
    assert teams == [workspace.id]


def test_slack_is_asked_once_who_the_bot_is(one, server, workspace):
    async def work(workspaces):
        await asyncio.gather(*(workspaces.find(workspace.id) for _ in range(20)))

    using(one, None, work)
    assert len(server.requests_to("auth.test")) == 1


def test_the_one_token_is_for_no_other_workspace(one):
    async def work(workspaces):
        assert await workspaces.find("T0OTHER") is None
        with pytest.raises(WorkspaceGoneError):
            await workspaces.client("T0OTHER")
        return await workspaces.authorize(enterprise_id=None, team_id="T0OTHER", user_id="U1")

    assert using(one, None, work) is None


def test_a_revoked_token_is_one_line_without_it(one, workspace):
    workspace.revoke()
    with pytest.raises(BotError, match=r"refuses the bot token \(token_revoked\)") as refused:
        using(one, None, lambda workspaces: workspaces.open())
    assert workspace.token not in str(refused.value)


def test_the_one_workspace_is_forgotten_until_the_next_start(one, workspace):
    async def work(workspaces):
        await workspaces.find(workspace.id)
        await workspaces.forget(workspace.id)
        return await workspaces.find(workspace.id), await workspaces.all_teams()

    assert using(one, None, work) == (None, [])


# Several workspaces


def test_each_workspace_is_served_with_its_own_token(several, store, server):
    places = [server.add_workspace("Algebra")]
    places.append(server.add_workspace("Biology", same_ids_as=places[0]))

    async def work(workspaces):
        await installed(workspaces, several, *places)
        acts_in = [(await (await workspaces.client(p.id)).auth_test())["team_id"] for p in places]
        found = [await workspaces.find(place.id) for place in places]
        return acts_in, found, await workspaces.all_teams()

    acts_in, found, teams = using(several, store, work)
    assert acts_in == teams == [place.id for place in places]
    assert found[0].bot_user == found[1].bot_user, "the ids were to be the same"
    assert [w.bot_token.get_secret_value() for w in found] == [p.token for p in places]


def test_bolt_is_told_as_whom_it_acts_without_asking_slack(several, store, server, workspace):
    async def work(workspaces):
        await installed(workspaces, several, workspace)
        asked = len(server.requests)
        for _ in range(5):
            result = await workspaces.authorize(
                context=None, enterprise_id=None, team_id=workspace.id, user_id="U1"
            )
        assert len(server.requests) == asked
        return result

    result = using(several, store, work)
    assert (result.bot_token, result.bot_user_id, result.user_id) == (
        workspace.token, workspace.bot.id, "U1",
    )  # fmt: skip


def test_no_token_can_be_read_in_the_database(several, store, server, workspace):
    server.app.token_seconds = 43_200
    using(several, store, lambda w: installed(w, several, workspace))
    [row] = stored(store)
    assert row["bot_refresh_token"]
    assert row["team_id"] == workspace.id
    secrets = (workspace.token, *server.world.refresh_tokens)
    assert not [value for value in row.values() if any(s in str(value) for s in secrets)]


def test_who_installed_the_bot_is_not_kept(several, store, workspace):
    using(several, store, lambda w: installed(w, several, workspace))
    people = [user.id for user in workspace.users.values() if not user.bot_id]
    assert people
    assert not [person for person in people if person in str(stored(store))]


def test_another_key_reads_nothing_and_says_what_to_do(several, store, workspace):
    using(several, store, lambda w: installed(w, several, workspace))
    other = with_keys(several, Fernet.generate_key().decode())
    with pytest.raises(DamagedError, match="PRECIS_SLACK_ENCRYPTION_KEY"):
        using(other, store, lambda w: w.find(workspace.id))


def test_after_a_start_with_both_keys_the_old_one_is_needed_no_more(several, store, key, workspace):
    using(several, store, lambda w: installed(w, several, workspace))
    new = Fernet.generate_key().decode()
    using(with_keys(several, f"{new}, {key}"), store, lambda w: w.open())
    found = using(with_keys(several, new), store, lambda w: w.find(workspace.id))
    assert found.bot_token.get_secret_value() == workspace.token


def test_one_unreadable_token_is_in_nobody_elses_way(several, store, server, workspace, caplog):
    other = server.add_workspace("Other")
    using(several, store, lambda w: installed(w, several, workspace, other))
    with store.database.writing() as connection:
        connection.execute(
            text("UPDATE slack_bots SET bot_token = 'damaged' WHERE team_id = :t"), {"t": other.id}
        )
    found = using(several, store, lambda w: w.find(workspace.id))
    assert found.team == workspace.id
    with pytest.raises(DamagedError):
        using(several, store, lambda w: w.find(other.id))


@pytest.mark.parametrize("keys", ["", "not a key", "eA=="])
def test_a_key_that_is_none_is_one_line(several, store, keys):
    with pytest.raises(SettingsError, match="PRECIS_SLACK_ENCRYPTION_KEY") as refused:
        using(with_keys(several, keys), store, lambda w: w.open())
    assert not keys or keys not in str(refused.value)


def test_another_installation_takes_the_place_of_the_last(several, store, workspace):
    async def work(workspaces):
        await installed(workspaces, several, workspace)
        before = await workspaces.find(workspace.id)
        workspace.revoke()
        await installed(workspaces, several, workspace)
        return before, await workspaces.find(workspace.id)

    before, after = using(several, store, work)
    assert after.bot_token.get_secret_value() == workspace.token
    assert before.bot_token != after.bot_token
    assert len(stored(store)) == 1


def test_a_forgotten_workspace_leaves_nothing(several, store, server, workspace):
    other = server.add_workspace("Other")

    async def work(workspaces):
        await installed(workspaces, several, workspace, other)
        await workspaces.find(workspace.id)
        await workspaces.forget(workspace.id)
        with pytest.raises(WorkspaceGoneError):
            await workspaces.client(workspace.id)
        return await workspaces.find(workspace.id), await workspaces.all_teams()

    assert using(several, store, work) == (None, [other.id])
    assert [row["team_id"] for row in stored(store)] == [other.id]


def test_other_apps_installations_are_not_ours(several, store, workspace):
    using(several, store, lambda w: installed(w, several, workspace))
    other = several.model_copy(update={"slack_client_id": "9.9"})

    async def work(workspaces):
        return await workspaces.find(workspace.id), await workspaces.all_teams()

    assert using(other, store, work) == (None, [])


def test_many_processes_may_start_at_once(several, store, workspace):
    async def work(_workspaces):
        engine = store.database.engine
        many = [Workspaces(several, Offloading(), engine) for _ in range(6)]
        await asyncio.gather(*(each.open() for each in many))

    using(several, store, work)
    assert stored(store) == []


# A database that hangs


@contextmanager
def locked(url):
    """Nobody reads installations meanwhile."""
    with psycopg.connect(url) as connection:
        connection.execute("LOCK TABLE slack_bots IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_while_the_database_hangs_what_was_known_is_known_in_time(
    several, store, store_url, server, workspace, monkeypatch
):
    unknown = server.add_workspace("Unknown")
    monkeypatch.setattr(sources, "KEPT", 0.0)  # to be looked up at once again

    async def work(workspaces):
        await installed(workspaces, several, workspace)
        await workspaces.find(workspace.id)
        with locked(store_url):
            begun = patient_seconds()
            found = await workspaces.find(workspace.id)
            first = patient_seconds() - begun
            await workspaces.find(workspace.id)
            second = patient_seconds() - begun - first
            with pytest.raises(StoreError):
                await workspaces.find(unknown.id)
        assert found.team == workspace.id
        return first, second, await found_again(workspaces, workspace.id)

    first, second, again = using(several, store, work)
    assert first < 2.9, "Slack waits for 3 seconds"
    assert second < 0.5, "and the database isn't asked for every event"
    assert again.team == workspace.id


async def found_again(workspaces, team):
    """Once the database has let go of what it was asked."""
    for _ in range(100):
        try:
            return await workspaces.find(team)
        except StoreError:
            continue
    return None


# Tokens that run out


@pytest.fixture
def expiring(server):
    """Tokens run out so soon that each is to be renewed."""
    server.app.token_seconds = 3_600


def renewals(server):
    asked = server.requests_to("oauth.v2.access")
    return [each for each in asked if each.args.get("grant_type") == "refresh_token"]


def test_a_token_is_renewed_before_it_runs_out(several, store, server, workspace, expiring):
    async def work(workspaces):
        await installed(workspaces, several, workspace)
        first = workspace.token
        server.app.token_seconds = 43_200
        found = await workspaces.find(workspace.id)
        assert workspace.token != first
        return found

    found = using(several, store, work)
    assert found.bot_token.get_secret_value() == workspace.token
    again = using(several, store, lambda w: w.find(workspace.id))
    assert again.bot_token == found.bot_token
    assert len(renewals(server)) == 1
    assert len(stored(store)) == 1


def test_while_slack_renews_nothing_the_old_token_serves(
    several, store, server, workspace, expiring
):
    async def work(workspaces):
        await installed(workspaces, several, workspace)
        server.fail("oauth.v2.access", error="invalid_refresh_token", status=None)
        return await workspaces.find(workspace.id)

    assert using(several, store, work).bot_token.get_secret_value() == workspace.token


def test_a_token_that_another_process_renewed_is_taken(
    several, store, server, workspace, expiring, monkeypatch
):
    async def work(workspaces):
        await installed(workspaces, several, workspace)
        server.app.token_seconds = 43_200
        before = workspaces.installations.latest(workspace.id, None)
        await workspaces.find(workspace.id)
        slower = Workspaces(several, Offloading(), store.database.engine)
        latest, looks = slower.installations.latest, []

        def as_before_at_first(*asked):
            looks.append(asked)
            return before if len(looks) == 1 else latest(*asked)

        monkeypatch.setattr(slower.installations, "latest", as_before_at_first)
        found = await slower.find(workspace.id)
        await slower.close()
        return found

    assert using(several, store, work).bot_token.get_secret_value() == workspace.token
    assert len(renewals(server)) == 2, "the second was refused"


def test_a_new_token_is_not_lost_where_the_store_was_away(
    several, store, server, workspace, expiring, monkeypatch
):
    monkeypatch.setattr(sources, "KEPT", 0.0)

    async def work(workspaces):
        await installed(workspaces, several, workspace)
        server.app.token_seconds = 43_200
        renew = workspaces.installations.renew
        tries = []

        def away_at_first(old, new):
            tries.append(new)
            if len(tries) == 1:
                raise StoreError("the store is away; check that the database runs")
            renew(old, new)

        monkeypatch.setattr(workspaces.installations, "renew", away_at_first)
        await workspaces.find(workspace.id)
        return await workspaces.find(workspace.id)

    assert using(several, store, work).bot_token.get_secret_value() == workspace.token
    again = using(several, store, lambda w: w.find(workspace.id))
    assert again.bot_token.get_secret_value() == workspace.token
    assert len(renewals(server)) == 1


def test_a_workspace_that_is_gone_does_not_come_back_with_a_new_token(
    several, store, server, workspace, expiring
):
    async def work(workspaces):
        await installed(workspaces, several, workspace)
        hang = server.hang("oauth.v2.access", after_effect=True)
        finding = asyncio.create_task(workspaces.find(workspace.id))
        await asyncio.to_thread(wait_until, lambda: hang.waiting)
        await workspaces.forget(workspace.id)
        hang.release()
        await asyncio.wait({finding})
        return await workspaces.find(workspace.id)

    assert using(several, store, work) is None
    assert stored(store) == []


def with_keys(settings, keys):
    return settings.model_copy(update={"slack_encryption_key": SecretStr(keys)})
