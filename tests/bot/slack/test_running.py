"""How `precis bot slack` begins, is connected, and ends, as an operator sees it."""

import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from bot.slack import socket_mode
from tests.bot.processes import PRECIS, ROOT, deployed, running, worker_thread
from tests.bot.slack.processes import bot_process, pointed_at
from tests.bot.slack.serving import bot_running, by_http, by_oauth, by_socket, events_url
from tests.bot.slack.using import answer
from tests.peers.slack_server import slack_server
from tests.services import wait_until
from tests.worker.summarisers import Quick

SECRET = "xylophone"


@pytest.fixture
def variables(redis_url, tmp_path):
    return deployed(redis_url, f"sqlite:///{tmp_path / 'precis.db'}", log_level="WARNING")


@pytest.fixture
def channel(server, workspace):
    people = [workspace.add_user(name) for name in ("ana", "ben")]
    made = workspace.add_channel("algebra", members=people)
    server.fill(made, people, [f"{SECRET} {n}" for n in range(5)])
    return made


@pytest.fixture
def ana(channel):
    return next(user for user in channel.members if user.name == "ana")


def ended(variables, *options):
    """The exit code and what was printed by a bot that can't run."""
    with running([*PRECIS, "bot", "slack", *options], variables) as process:
        return process.wait(60), process.log.splitlines()


# What it says where it can't run


def test_without_a_token_it_says_what_to_set(variables):
    code, [line] = ended(variables)
    assert code == 2
    assert line.startswith("precis: no Slack token; make an app at https://api.slack.com/apps")
    assert "PRECIS_SLACK_BOT_TOKEN" in line


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"bot_token": "xoxb-1"}, ["PRECIS_SLACK_APP_TOKEN", "PRECIS_SLACK_MODE=http"]),
        ({"bot_token": "xoxb-1", "mode": "http"}, ["PRECIS_SLACK_SIGNING_SECRET"]),
        ({"bot_token": "xoxb-1", "client_id": "1.2"}, ["unset one"]),
        (
            {"client_id": "1.2", "app_token": "xapp-1"},
            ["_CLIENT_SECRET", "_ENCRYPTION_KEY", "Fernet.generate_key()", "_PUBLIC_URL"],
        ),
        (
            {
                "client_id": "1.2",
                "app_token": "xapp-1",
                "client_secret": "secret",
                "encryption_key": "key",
                "public_url": "http://precis.example.org",
            },
            ["https://"],
        ),
        (
            {
                "client_id": "1.2",
                "app_token": "xapp-1",
                "client_secret": "secret",
                "encryption_key": "open sesame",
                "public_url": "https://precis.example.org",
            },
            ["PRECIS_SLACK_ENCRYPTION_KEY holds no Fernet key"],
        ),
    ],
)
def test_what_is_missing_is_one_line(variables, given, wanted):
    code, [line] = ended(
        {**variables, **{f"PRECIS_SLACK_{name.upper()}": value for name, value in given.items()}}
    )
    assert code == 2
    assert [each for each in wanted if each not in line] == []
    assert "sesame" not in line


def test_a_wrong_bot_token_is_one_line_that_does_not_repeat_it(variables, server):
    code, [line] = ended({**variables, **pointed_at(server, slack_bot_token="xoxb-a-wrong-one")})
    assert code == 1
    assert line.startswith("precis: Slack refuses the bot token (invalid_auth)")
    assert "wrong-one" not in line


def test_a_wrong_app_token_is_one_line_that_does_not_repeat_it(variables, server, workspace):
    pointed = pointed_at(server, slack_bot_token=workspace.token, slack_app_token="xapp-wrong-one")
    code, [line] = ended({**variables, **pointed})
    assert code == 1
    assert line.startswith("precis: Slack refuses the app-level token (invalid_auth)")
    assert "wrong-one" not in line


def test_tokens_that_are_swapped_are_one_line(variables, server, workspace):
    pointed = pointed_at(server, slack_bot_token=server.app_token, slack_app_token=workspace.token)
    code, [line] = ended({**variables, **pointed})
    assert code == 1
    assert "refuses the bot token (not_allowed_token_type)" in line
    server.violations.clear()


def test_a_slack_that_cannot_be_reached_is_one_line(variables):
    with slack_server() as server:
        gone = pointed_at(server, slack_bot_token="xoxb-1")
    code, [line] = ended({**variables, **gone})
    assert code == 1
    assert line.startswith("precis: Slack can't be reached")


def test_without_a_broker_it_says_how_to_run_all_in_one(server, workspace, tmp_path):
    pointed = pointed_at(server, slack_bot_token=workspace.token)
    code, [line] = ended({**pointed, "PRECIS_HOME": str(tmp_path)})
    assert code == 2
    assert "--embedded" in line


def test_an_address_in_use_is_one_line(variables, server, workspace):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        pointed = pointed_at(
            server,
            slack_bot_token=workspace.token,
            slack_mode="http",
            slack_signing_secret="secret",
            slack_listen=listen,
        )
        code, [line] = ended({**variables, **pointed})
    assert code == 1
    assert line.startswith(f"precis: can't listen on {listen}")


def test_the_bot_brings_no_models():
    brings = (
        "import sys, bot.slack.running; sys.exit(bool({'torch', 'discord'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", brings], cwd=ROOT, check=False).returncode == 0


@pytest.mark.slow
def test_all_in_one_process_answers(server, workspace, channel, ana, tmp_path):
    alone = {"PRECIS_HOME": str(tmp_path), "PRECIS_PROFILE": "extractive"}
    token = workspace.token
    with bot_process(server, alone, "--embedded", slack_bot_token=token) as process:
        shown = answer(server.slash(ana, channel, "/summarize"))
        assert SECRET in shown.shown
        assert process.stop() == 0


# Socket Mode


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_it_is_told_to(variables, server, workspace, number):
    with bot_process(server, variables, slack_bot_token=workspace.token) as process:
        process.send(number)
        assert process.wait(15) == 0
        assert process.log == ""
    wait_until(lambda: server.connected == 0, what="the end of the connection")


def test_others_variables_are_not_taken_for_its_own(variables, server, workspace, channel, ana):
    others = {
        "SLACK_BOT_TOKEN": "xoxb-another",
        "SLACK_CLIENT_ID": "1",
        "SLACK_CLIENT_SECRET": "2",
        "SLACK_SIGNING_SECRET": "3",
    }
    pointed = {**variables, **others}
    with bot_process(server, pointed, slack_bot_token=workspace.token) as process:
        use = server.slash(ana, channel, "/precis")
        wait_until(lambda: use.acknowledged, what="the acknowledgement")
        assert process.stop() == 0
    assert server.requests_to("auth.test")
    assert all(request.status == 200 for request in server.requests)


def test_it_comes_back_when_the_connection_is_lost(
    settings, store, server, workspace, channel, ana
):
    with bot_running(by_socket(settings, server, workspace), store):
        server.drop_connections()
        wait_until(lambda: server.connected == 1, what="another connection")
        use = server.slash(ana, channel, "/precis")
        wait_until(lambda: use.acknowledged, what="the acknowledgement")


def test_it_connects_anew_when_slack_asks_it_to(settings, store, server, workspace, channel, ana):
    with bot_running(by_socket(settings, server, workspace), store):
        server.ask_to_reconnect()
        wait_until(lambda: server.connections_opened == 2, what="another connection")
        use = server.slash(ana, channel, "/precis")
        wait_until(lambda: use.acknowledged, what="the acknowledgement")


def test_what_it_may_have_missed_is_known(settings, store, server, workspace, monkeypatch):
    with bot_running(by_socket(settings, server, workspace), store) as service:
        told = []
        monkeypatch.setattr(service.bot, "_listen_anew", _noting(service.bot._listen_anew, told))
        server.drop_connections()
        wait_until(lambda: told, what="word of the new connection")


def _noting(method, told):
    async def noting():
        told.append(None)
        await method()

    return noting


def test_an_address_that_leads_nowhere_is_not_tried_for_ever(
    settings, store, server, workspace, monkeypatch
):
    """Each is good for one connection, and for a while only."""
    monkeypatch.setattr(socket_mode, "PATIENCE", 1.0)
    with bot_running(by_socket(settings, server, workspace), store):
        with server.connections_down():
            wait_until(
                lambda: len(server.requests_to("apps.connections.open")) >= 3, what="new addresses"
            )
            server.world.run(server.sockets.tickets.clear)
        wait_until(lambda: server.connected == 1, what="another connection")


def test_a_bot_whose_socket_mode_is_turned_off_ends_with_one_line(variables, server, workspace):
    with bot_process(server, variables, slack_bot_token=workspace.token) as process:
        server.disable_link()
        assert process.wait(30) == 1
        lines = [line for line in process.log.splitlines() if line.startswith("precis: ")]
    assert lines == [
        line for line in lines if "refuses the app-level token (forbidden_team)" in line
    ]
    assert len(lines) == 1


# HTTP


@pytest.fixture
def http(settings, server, workspace):
    return by_http(settings, server, workspace)


def get(settings, path, **headers):
    """Status, headers and text of a page of the bot's; redirects aren't followed."""
    request = urllib.request.Request(f"http://{settings.slack_listen}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def test_by_http_it_answers_what_slack_sends(http, store, server, channel, ana):
    with bot_running(http, store):
        server.use_http(events_url(http))
        use = server.slash(ana, channel, "/precis")
        wait_until(lambda: use.acknowledged, what="the acknowledgement")
        assert get(http, "/healthz")[::2] == (200, "ok")
        assert get(http, "/slack/install")[0] == 404, "there is one workspace"


def test_by_http_it_believes_signatures_alone(http, store, server, channel, ana):
    with bot_running(http, store) as service:
        server.use_http(events_url(http))
        use = server.slash(ana, channel, "/precis")
        wait_until(lambda: use.acknowledged, what="the acknowledgement")
        command = server.posted[-1]
        dispatched = []
        real = service.bot.app.async_dispatch

        async def noting(request):
            dispatched.append(request)
            return await real(request)

        service.bot.app.async_dispatch = noting
        refused = [
            server.replay(command, secret="0" * 32),
            server.replay(command, age=301),
            server.replay(command, age=-310),
            server.replay(command, body=b"\xff\xfe", X_Slack_Signature="v0=0"),
            server.replay(command, X_Slack_Signature=""),
            server.replay(command, X_Slack_Request_Timestamp=""),
            server.replay(command, X_Slack_Request_Timestamp="yesterday"),
            server.replay(command, X_Slack_Signature="v0=ü"),
            server.replay(command, as_is=True),
            server.replay(command, as_is=True, X_Slack_Retry_Num="1"),
        ]
        assert [each.status for each in refused] == [401] * len(refused)
        assert dispatched == []
        assert server.replay(command, age=100).status == 200


def test_by_http_a_request_that_failed_may_come_again(http, store, server, channel, ana):
    with bot_running(http, store) as service:
        server.use_http(events_url(http))
        use = server.slash(ana, channel, "/precis")
        wait_until(lambda: use.acknowledged, what="the acknowledgement")
        service.bot._closed = True
        event = {"type": "event_callback", "team_id": "T1", "event": {"type": "app_mention"}}
        first = server.post_event(event)
        service.bot._closed = False
        again = server.replay(first, as_is=True)
        assert (first.status, again.status) == (503, 200)


@pytest.mark.parametrize(
    ("body", "headers", "missed"),
    [
        ({"type": "event_callback"}, {"X_Slack_Retry_Num": "1"}, True),
        ({"type": "event_callback"}, {}, False),
        ({"type": "app_rate_limited", "minute_rate_limited": 1518467820}, {}, True),
    ],
)
def test_by_http_it_is_known_when_something_may_have_been_missed(
    http, store, server, workspace, body, headers, missed
):
    event = {"type": "message", "channel": "C1", "user": "U1", "ts": "1700000000.000100"}
    with bot_running(http, store) as service:
        server.use_http(events_url(http))
        told = []
        service.bot.events.following.listen_anew = told.append
        sent = {"team_id": workspace.id, **body}
        if body["type"] == "event_callback":
            sent["event"] = event
        assert server.post_event(sent, **headers).status == 200
    assert told == ([workspace.id] if missed else [])


def test_a_bot_that_ends_is_not_well(http, store, server, workspace, channel, ana):
    with bot_running(http, store) as service:
        service._web.stopping = True
        assert get(http, "/healthz")[0] == 503


# OAuth


@pytest.fixture
def oauth(settings, server, key):
    return by_oauth(settings, server, key)


def install(settings, workspace, user):
    """As somebody does in a browser; the last page's status and text."""
    status, headers, page = get(settings, "/slack/install")
    assert status == 200
    cookie = headers["Set-Cookie"].partition(";")[0]
    link = re.search(r'href="(https?://[^"]+/oauth/v2/authorize[^"]+)"', page)[1]
    back = workspace.approve(link.replace("&amp;", "&"), user)
    path = back.removeprefix(settings.slack_public_url)
    return get(settings, path, Cookie=cookie), path, cookie


def test_workspaces_install_it_while_it_runs(oauth, store, server):
    places = [server.add_workspace("Algebra")]
    places.append(server.add_workspace("Biology", same_ids_as=places[0]))
    with bot_running(oauth, store):
        for place in places:
            (status, _, page), path, cookie = install(oauth, place, place.add_user("ana"))
            assert status == 200, page
            ana = place.users[next(iter(place.users))]
            use = server.slash(ana, place.add_channel("algebra", members=[ana]), "/precis")
            wait_until(lambda use=use: use.acknowledged, what="the acknowledgement")
            again, _, _ = get(oauth, path, Cookie=cookie)
            assert again == 401, "each yes is good for one installation"
    assert [place.installed.token for place in places]


@pytest.mark.parametrize("forged", ["no cookie", "another state"])
def test_who_did_not_ask_installs_nothing(oauth, store, server, forged):
    place = server.add_workspace("Algebra")
    with bot_running(oauth, store) as service:
        _, headers, _ = get(oauth, "/slack/install")
        cookie = headers["Set-Cookie"].partition(";")[0]
        state = cookie.partition("=")[2]
        code = place.consent(place.add_user("mallory"))
        if forged == "another state":
            state = cookie = "mallory"
        path = f"/slack/oauth_redirect?code={code}&state={state}"
        headers = {"Cookie": f"slack-app-oauth-state={state}"} if forged != "no cookie" else {}
        assert get(oauth, path, **headers)[0] in (400, 401)
        assert service.workspaces.installations.teams() == []


def test_an_installation_that_fails_says_so(oauth, store, server):
    place = server.add_workspace("Algebra")
    with bot_running(oauth, store):
        server.fail("oauth.v2.access", None, times=9)
        (status, _, page), _, _ = install(oauth, place, place.add_user("ana"))
    assert (status, "try again" in page) == (503, True)


def test_installing_asks_for_what_the_manifest_has_alone(oauth, store, server):
    place = server.add_workspace("Algebra")
    with bot_running(oauth, store):
        install(oauth, place, place.add_user("ana"))
    manifest = (ROOT / "docs" / "slack-manifest.yaml").read_text()
    for scope in place.installed.scopes:
        assert f"      - {scope} #" in manifest


# Logs


def test_the_most_detailed_log_of_the_process_quotes_nothing(
    server, redis_url, tmp_path, workspace, channel, ana
):
    """Slack's libraries would write down all that they get, and tokens."""
    variables = deployed(redis_url, f"sqlite:///{tmp_path / 'precis.db'}", log_level="DEBUG")
    with (
        bot_process(server, variables, slack_bot_token=workspace.token) as process,
        worker_thread(variables, Quick()),
    ):
        use = server.slash(ana, channel, "/summarize", f"{SECRET} {SECRET}")
        wait_until(lambda: use.acknowledged, what="the acknowledgement")
        server.mention(ana, channel, f"last 3 {SECRET}")
        channel.post(ana, f"{SECRET} again")
        with server.connections_down():  # of which the library would tell with the address
            wait_until(lambda: "complains in" in process.log, what="the library's line")
        wait_until(lambda: server.connections_opened == 2, what="another connection")
        process.stop()
        text = process.log
    assert "connected to Slack" in text
    for secret in (SECRET, workspace.token, server.app_token, use.response_url, "ticket="):
        assert secret not in text
    assert "Ana" not in text
