"""`precis doctor` on a Slack bot: what is missing, and what to do about it."""

import asyncio
import re

import pytest
import yaml
from pydantic import SecretStr

from bot.offloading import Offloading
from bot.slack.doctoring import check_slack
from bot.slack.hearing import REPORT_MESSAGE
from bot.slack.scopes import SCOPES
from bot.slack.shortcuts import FROM_HERE, OF_THREAD
from bot.slack.workspaces import Workspaces
from precis.errors import PrecisError, SettingsError
from precis.store import Store
from tests.bot.processes import PRECIS, ROOT, running
from tests.bot.slack.processes import pointed_at
from tests.bot.slack.serving import by_http, by_oauth, by_socket
from tests.bot.slack.test_workspaces import installed

MANIFEST = ROOT / "docs" / "slack-manifest.yaml"


@pytest.fixture
def one(settings, server, workspace):
    return by_socket(settings, server, workspace)


def install(settings, *places):
    """Into each workspace, by OAuth."""

    async def work():
        store = Store.open(settings.store_url)
        workspaces = Workspaces(settings, Offloading(), store.database.engine)
        await installed(workspaces, settings, *places)
        await workspaces.close()
        store.close()

    asyncio.run(work())


def test_a_bot_that_has_all_it_needs_is_named(one, workspace):
    said = check_slack(one)
    assert (
        said
        == f"{workspace.bot.name} in Study group, with all it needs; Socket Mode can be reached"
    )


def test_by_http_it_says_where_requests_come(settings, server, workspace):
    said = check_slack(by_http(settings, server, workspace))
    assert re.search(r"with all it needs; requests come to 127\.0\.0\.1:\d+$", said)


@pytest.mark.parametrize("scope", SCOPES)
def test_each_missing_scope_is_named_with_its_workspace(one, workspace, scope):
    workspace.install([each for each in SCOPES if each != scope])
    with pytest.raises(PrecisError, match=f"workspace {workspace.id}: no {scope};.*manifest"):
        check_slack(one)


def test_more_scopes_than_needed_are_no_problem(one, workspace):
    workspace.install([*SCOPES, "team:read"])
    assert "with all it needs" in check_slack(one)


def test_a_wrong_token_is_one_line_without_it(one):
    wrong = one.model_copy(update={"slack_bot_token": SecretStr("xoxb-sesame")})
    with pytest.raises(PrecisError, match=r"refuses the bot token \(invalid_auth\)") as refused:
        check_slack(wrong)
    assert "sesame" not in str(refused.value)


def test_a_wrong_app_token_is_one_line_without_it(one):
    wrong = one.model_copy(update={"slack_app_token": SecretStr("xapp-sesame")})
    with pytest.raises(PrecisError, match="refuses the app-level token") as refused:
        check_slack(wrong)
    assert "sesame" not in str(refused.value)


def test_socket_mode_that_is_turned_off_is_one_line(one, server):
    server.app.socket_mode = False
    with pytest.raises(PrecisError, match="turn Socket Mode on"):
        check_slack(one)


def test_settings_that_are_missing_are_one_line(one):
    with pytest.raises(SettingsError, match="PRECIS_SLACK_APP_TOKEN"):
        check_slack(one.model_copy(update={"slack_app_token": None}))


def test_a_slack_that_is_away_is_one_line(one):
    away = one.model_copy(update={"slack_api": "http://127.0.0.1:1/api/"})
    with pytest.raises(PrecisError, match="can't be reached"):
        check_slack(away)


def test_several_workspaces_are_each_looked_at(settings, server, key):
    several = by_oauth(settings, server, key)
    assert check_slack(several).startswith("in no workspace yet; ")
    places = [server.add_workspace(name) for name in ("Algebra", "Biology", "Chemistry")]
    install(several, *places)
    said = check_slack(several)
    assert [place.name for place in places if place.name not in said] == []
    places[1].revoke()
    places[2].install(["commands"])
    with pytest.raises(PrecisError) as told:
        check_slack(several)
    assert f"workspace {places[1].id}: its token is refused (token_revoked)" in str(told.value)
    assert f"workspace {places[2].id}: no app_mentions:read, channels:history" in str(told.value)
    assert places[0].id not in str(told.value)


def test_the_command_tells_of_slack_where_anybody_set_it_up(server, workspace, tmp_path):
    pointed = pointed_at(server, slack_bot_token=workspace.token)
    variables = {"PRECIS_HOME": str(tmp_path), "PRECIS_PROFILE": "extractive"}
    with running([*PRECIS, "doctor"], {**variables, **pointed}) as process:
        assert process.wait(60) == 0
        assert re.search(r"^ok  slack +.* in Study group", process.log, re.MULTILINE)


# The manifest


def test_the_manifest_asks_for_what_the_code_asks_for():
    manifest = yaml.safe_load(MANIFEST.read_text())
    assert tuple(manifest["oauth_config"]["scopes"]["bot"]) == SCOPES


def test_each_scope_of_the_manifest_is_explained():
    text = MANIFEST.read_text()
    assert [scope for scope in SCOPES if not re.search(rf"- {scope} # \S+", text)] == []


def test_the_manifest_has_what_the_bot_listens_to():
    """Else Slack tells nobody, and nothing happens."""
    manifest = yaml.safe_load(MANIFEST.read_text())
    code = "\n".join(path.read_text() for path in (ROOT / "bot" / "slack").glob("*.py"))
    events = {
        name.partition(".")[0] for name in manifest["settings"]["event_subscriptions"]["bot_events"]
    }
    heard = set(re.findall(r'app\.event\("(\w+)"\)', code))
    for names in re.findall(r"for name in \(([^)]*)\):\n +bot\.app\.event\(name\)", code):
        heard |= set(re.findall(r'"(\w+)"', names))
    assert events == heard
    commands = {each["command"] for each in manifest["features"]["slash_commands"]}
    assert commands == set(re.findall(r'app\.command\("(/\w+)"\)', code))
    callbacks = {each["callback_id"] for each in manifest["features"]["shortcuts"]}
    assert callbacks == {OF_THREAD, FROM_HERE, REPORT_MESSAGE}
    assert manifest["features"]["app_home"]["home_tab_enabled"]
    assert manifest["settings"]["interactivity"]["is_enabled"]


def test_the_bots_name_is_one_that_slack_takes():
    bot_user = yaml.safe_load(MANIFEST.read_text())["features"]["bot_user"]
    assert re.fullmatch(r"[a-z0-9._-]{1,80}", bot_user["display_name"])
