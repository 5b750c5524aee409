"""The stand-in's Web API, tried with the real slack_sdk: reading, scopes, limits."""

import asyncio
import time
from types import SimpleNamespace

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient


@pytest.fixture
def ask(lenient_slack, team):
    """`ask(method, **arguments)` as the app in the workspace, or with another token."""

    def asked(method, *, token=None, patient=False, verb="POST", **arguments):
        async def there():
            client = AsyncWebClient(token=token or team.token, base_url=lenient_slack.api)
            if patient:
                client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=9))
            return await client.api_call(method, http_verb=verb, params=arguments)

        return asyncio.run(there())

    return asked


@pytest.fixture
def refusal(ask):
    """The answer of a request that is refused."""

    def refused(method, **arguments):
        with pytest.raises(SlackApiError) as error:
            ask(method, **arguments)
        return SimpleNamespace(error=error.value.response["error"], response=error.value.response)

    return refused


def _texts(answer):
    return [message["text"] for message in answer["messages"]]


def test_auth_test_tells_who_and_with_which_scopes(slack, team, ask):
    answer = ask("auth.test")
    assert answer["team_id"] == team.id
    assert answer["user_id"] == team.bot.id
    assert answer["url"] == "https://study-group.slack.com/"
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")


@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_history_is_paged_newest_first(slack, hall, mia, noa, ask, verb):
    slack.fill(hall, [mia, noa], 250)
    read, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        more = {"cursor": cursor} if cursor else {}
        page = ask("conversations.history", verb=verb, channel=hall.id, limit=100, **more)
        read += _texts(page)
        pages += 1
        assert page["has_more"] == (pages < 3)
        cursor = page.get("response_metadata", {}).get("next_cursor")
    assert read == [f"message {n}" for n in range(250, 0, -1)]
    assert pages == 3


def test_history_of_a_span_leaves_its_ends_out_unless_inclusive(slack, hall, mia, ask):
    ts = [hall.post(mia, f"m{n}", at=1_700_000_000 + n).ts for n in range(5)]
    span = {"channel": hall.id, "oldest": ts[1], "latest": ts[3]}
    assert _texts(ask("conversations.history", **span)) == ["m2"]
    assert _texts(ask("conversations.history", inclusive=1, **span)) == ["m3", "m2", "m1"]
    newest = ask("conversations.history", channel=hall.id, oldest=ts[0], limit=2)
    assert _texts(newest) == ["m4", "m3"]
    assert newest["has_more"]


def test_replies_are_in_their_thread_and_broadcasts_in_the_channel_too(slack, hall, mia, noa, ask):
    parent = hall.post(mia, "who comes?", at=1_700_000_000)
    for n in range(5):
        hall.post(noa, f"r{n}", at=1_700_000_010 + n, thread=parent)
    hall.post(noa, "all", at=1_700_000_020, thread=parent, broadcast=True)
    channel = ask("conversations.history", channel=hall.id)["messages"]
    assert [m["text"] for m in channel] == ["all", "who comes?"]
    assert channel[0]["subtype"] == "thread_broadcast"
    assert channel[1]["reply_count"] == 6
    thread = {"channel": hall.id, "ts": parent.ts, "limit": 4}
    first = ask("conversations.replies", **thread)
    assert _texts(first) == ["who comes?", "r0", "r1", "r2"]
    after = first["response_metadata"]["next_cursor"]
    second = ask("conversations.replies", cursor=after, **thread)
    assert _texts(second) == ["who comes?", "r3", "r4", "all"]
    assert not second["has_more"]
    assert first["messages"][1]["parent_user_id"] == mia.id


def test_replies_to_nothing_are_thread_not_found(slack, hall, refusal):
    sent = {"channel": hall.id, "ts": "1700000000.000100"}
    assert refusal("conversations.replies", **sent).error == "thread_not_found"


def test_a_forged_cursor_is_refused(slack, hall, refusal):
    sent = {"channel": hall.id, "cursor": "bmV4dDp4"}
    assert refusal("conversations.history", **sent).error == "invalid_cursor"


def test_what_the_bot_may_not_read(slack, team, mia, refusal):
    public = team.add_channel("far", members=[mia], bot=False)
    private = team.add_channel("board", private=True, members=[mia], bot=False)
    assert refusal("conversations.history", channel=public.id).error == "not_in_channel"
    assert refusal("conversations.history", channel=private.id).error == "channel_not_found"
    assert refusal("conversations.info", channel=private.id).error == "channel_not_found"
    assert refusal("conversations.members", channel="C0NOWHERE").error == "channel_not_found"


def test_a_missing_scope_is_named(slack, team, mia, refusal):
    board = team.add_channel("board", private=True, members=[mia])
    team.install(["channels:history", "channels:read"])
    answer = refusal("conversations.history", channel=board.id).response
    assert answer["error"] == "missing_scope"
    assert answer["needed"] == "groups:history"
    assert answer["provided"] == "channels:history,channels:read"
    assert refusal("users.info", user=mia.id).response["needed"] == "users:read"


def test_tokens_end(slack, team, ask, refusal):
    old = team.token
    team.revoke()
    assert refusal("auth.test").error == "token_revoked"
    assert team.install() != old
    ask("auth.test")
    team.uninstall()
    assert refusal("auth.test").error == "account_inactive"
    assert refusal("auth.test", token="xoxb-unknown").error == "invalid_auth"


def test_an_app_token_is_no_bot_token(lenient_slack, team, refusal):
    app, bot = lenient_slack.app_token, team.token
    assert refusal("users.list", token=app).error == "not_allowed_token_type"
    assert refusal("apps.connections.open", token=bot).error == "not_allowed_token_type"
    assert [v.rule for v in lenient_slack.violations] == ["wrong kind of token"] * 2


def test_a_restricted_history_has_short_pages_and_few(slack, hall, mia, ask, refusal):
    slack.fill(hall, [mia], 40)
    slack.restrict_history(seconds=0.5)
    began = time.monotonic()
    first = ask("conversations.history", channel=hall.id, limit=200)
    assert len(first["messages"]) == 15
    assert first["has_more"]
    answer = refusal("conversations.history", channel=hall.id)
    assert answer.error == "ratelimited"
    assert answer.response.status_code == 429
    assert answer.response.headers["Retry-After"] == "1"
    # Replies are counted apart, and the client that waits is served.
    ask("conversations.replies", channel=hall.id, ts=hall.messages[0].ts)
    ask("conversations.history", channel=hall.id, patient=True)
    assert time.monotonic() - began > 0.5
    statuses = [request.status for request in slack.requests_to("conversations.history")]
    assert statuses[:3] == [200, 429, 429]
    assert statuses[-1] == 200
    assert [request.early for request in slack.requests_to("conversations.history")][2]


def test_a_429_that_a_test_asked_for(slack, ask, refusal):
    slack.rate_limit("users.*", seconds=3, times=1)
    assert refusal("users.list").response.headers["Retry-After"] == "3"
    ask("users.list")


def test_requests_can_fail_and_hang(slack, team, ask, refusal):
    slack.fail("team.info", 503)
    with pytest.raises(SlackApiError):
        ask("team.info")
    slack.fail("team.info", error="fatal_error")
    assert refusal("team.info").error == "fatal_error"
    hang = slack.hang("team.info")

    async def impatient():
        client = AsyncWebClient(token=team.token, base_url=slack.api, timeout=1)
        await client.team_info()

    with pytest.raises(TimeoutError):
        asyncio.run(impatient())
    assert hang.waiting == 1
    hang.release()
    assert ask("team.info")["team"]["domain"] == "study-group"


def test_people_are_described(slack, team, ask, refusal):
    boss = team.add_user("boss", admin=True)
    visitor = team.add_user("vera", guest=True)
    gone = team.add_user("gus")
    gone.deactivate()
    assert ask("users.info", user=boss.id)["user"]["is_admin"]
    guest = ask("users.info", user=visitor.id)["user"]
    assert guest["is_restricted"]
    assert guest["is_ultra_restricted"]
    assert ask("users.info", user=gone.id)["user"]["deleted"]
    assert refusal("users.info", user="U0NOBODY").error == "user_not_found"
    page = ask("users.list", limit=2)
    assert len(page["members"]) == 2
    assert page["response_metadata"]["next_cursor"]
    tutors = team.add_group("Tutors", "tutors", [boss])
    groups = ask("usergroups.list", include_users=1)["usergroups"]
    assert groups[0]["id"] == tutors.id
    assert groups[0]["users"] == [boss.id]
    assert ask("bots.info", bot=team.bot.bot_id)["bot"]["user_id"] == team.bot.id


def test_conversations_of_a_person(slack, team, mia, noa, hall, ask):
    board = team.add_channel("board", private=True, members=[mia])
    team.add_channel("secret", private=True, members=[mia], bot=False)
    old = team.add_channel("old", members=[mia])
    old.archive()
    wanted = {"types": "public_channel,private_channel", "exclude_archived": 1}
    found = ask("users.conversations", user=mia.id, **wanted)["channels"]
    assert {one["id"] for one in found} == {hall.id, board.id}
    found = ask("users.conversations", user=noa.id, **wanted)["channels"]
    assert [one["id"] for one in found] == [hall.id]
    assert set(ask("conversations.members", channel=hall.id)["members"]) == {
        mia.id, noa.id, team.bot.id,
    }  # fmt: skip


def test_direct_messages_open_once(slack, team, mia, noa, ask, refusal):
    first = ask("conversations.open", users=mia.id)["channel"]["id"]
    assert ask("conversations.open", users=mia.id)["channel"]["id"] == first
    assert first.startswith("D")
    noa.deactivate()
    assert refusal("conversations.open", users=noa.id).error == "user_disabled"


def test_strangers_of_a_shared_channel(slack, team, hall, mia, ask):
    partner = slack.add_workspace("Partner")
    zoe = partner.add_user("zoe")
    hall.add(zoe)
    hall.post(zoe, "hello from afar")
    said = ask("conversations.history", channel=hall.id)["messages"][0]
    assert (said["user"], said["user_team"], said["team"]) == (zoe.id, partner.id, partner.id)
    assert said["text"] == "hello from afar"
    known = ask("users.info", user=zoe.id)["user"]
    assert known["is_stranger"]
    assert known["team_id"] == partner.id
    assert "is_admin" not in known
    assert ask("conversations.info", channel=hall.id)["channel"]["is_ext_shared"]


def test_two_workspaces_may_have_the_same_ids(slack, team, mia, noa, hall, ask):
    other = slack.add_workspace("Other", same_ids_as=team)
    token = other.install()
    leo, kim = other.add_user("leo"), other.add_user("kim")
    cave = other.add_channel("cave", members=[leo, kim])
    assert (leo.id, cave.id, other.bot.id) == (mia.id, hall.id, team.bot.id)
    mine = hall.post(mia, "ours", at=1_700_000_000)
    theirs = cave.post(leo, "theirs", at=1_700_000_000)
    assert mine.ts == theirs.ts
    assert mine.id != theirs.id
    assert _texts(ask("conversations.history", channel=hall.id)) == ["ours"]
    assert _texts(ask("conversations.history", token=token, channel=hall.id)) == ["theirs"]
    assert [request.team for request in slack.requests] == [team.id, other.id]


def test_a_code_is_exchanged_once(slack, mia, team, refusal):
    new = slack.add_workspace("New")
    olga = new.add_user("olga", admin=True)
    link = f"https://slack.com/oauth/v2/authorize?client_id={slack.client_id}"
    link += "&scope=commands,chat:write&state=s1&redirect_uri=https://bot.invalid/back"
    back = new.approve(link, olga)
    assert back.startswith("https://bot.invalid/back?code=")
    assert back.endswith("state=s1")
    code = back.split("code=")[1].split("&")[0]

    async def exchange():
        client = AsyncWebClient(base_url=slack.api)
        return await client.oauth_v2_access(
            client_id=slack.client_id, client_secret=slack.client_secret, code=code,
            redirect_uri="https://bot.invalid/back",
        )  # fmt: skip

    answer = asyncio.run(exchange())
    assert answer["access_token"] == new.token
    assert answer["team"] == {"id": new.id, "name": "New"}
    assert answer["enterprise"] is None
    assert answer["scope"] == "commands,chat:write"
    with pytest.raises(SlackApiError, match="code_already_used"):
        asyncio.run(exchange())
