"""Checks a Slack bot's tokens, scopes and connection, for `precis doctor`."""

import asyncio

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.offloading import Offloading
from bot.slack.api import NETWORK, code_of, granted
from bot.slack.refused import passes, refused_app, unreachable
from bot.slack.scopes import SCOPES
from bot.slack.setup import APPS, check_setup, serves_several
from bot.slack.workspaces import Workspaces
from precis.errors import PrecisError
from precis.settings import Settings
from precis.store import Store

SECONDS = 30.0
MOST_NAMED = 5


def check_slack(settings: Settings) -> str:
    """Who the bot is, where, and how it is reached. Raises PrecisError for what is missing."""
    check_setup(settings)
    store = Store.open(settings.store_url) if serves_several(settings) else None
    try:
        return asyncio.run(asyncio.wait_for(_checked(settings, store), SECONDS))
    except NETWORK as error:
        raise unreachable(error) from None
    finally:
        if store is not None:
            store.close()


async def _checked(settings: Settings, store: Store | None) -> str:
    blocking = Offloading()
    workspaces = Workspaces(settings, blocking, store.database.engine if store else None)
    try:
        await workspaces.open()
        where = await _where(workspaces)
        return f"{where}; {await _reached(settings, workspaces.make_client())}"
    finally:
        await workspaces.close()
        blocking.close()


async def _where(workspaces: Workspaces) -> str:
    """The workspaces, if the bot has all it needs in each."""
    teams = await workspaces.all_teams()
    if not teams:
        return "in no workspace yet"
    problems: list[str] = []
    names: list[str] = []
    for team in teams:
        try:
            said = await (await workspaces.client(team)).auth_test()
        except SlackApiError as error:
            if passes(error):
                raise unreachable(error) from None
            problems.append(f"workspace {team}: its token is refused ({code_of(error)})")
            continue
        names.append(f"{said.get('user')} in {said.get('team')}")
        if lacking := sorted(set(SCOPES) - granted(said)):
            problems.append(f"workspace {team}: no {', '.join(lacking)}")
    if problems:
        more = f"; and {len(problems) - MOST_NAMED} more" if len(problems) > MOST_NAMED else ""
        raise PrecisError(
            f"Slack: {'; '.join(problems[:MOST_NAMED])}{more}; grant the manifest's scopes "
            f"(docs/slack-manifest.yaml) at {APPS}, OAuth & Permissions, and install the bot again"
        )
    named = ", ".join(names[:MOST_NAMED])
    return f"{named}{', …' if len(names) > MOST_NAMED else ''}, with all it needs"


async def _reached(settings: Settings, client: AsyncWebClient) -> str:
    if settings.slack_mode == "http":
        return f"requests come to {settings.slack_listen}"
    token = settings.slack_app_token
    try:
        await client.apps_connections_open(app_token=token.get_secret_value() if token else "")
    except SlackApiError as error:
        raise refused_app(error) from None
    return "Socket Mode can be reached"
