"""`/digest` on Slack, the list and its buttons, the App Home; and what nobody else may do."""

import pytest

from bot.slack import digest_blocks
from bot.texts import ENGLISH
from precis.digest import PauseReason
from precis.store import DigestStore
from precis.store.subscription_rows import NEW
from tests.bot.slack.mrkdwn import effects
from tests.bot.slack.using import change
from tests.services import wait_until

TEXTS = ENGLISH.digests
WORDS = TEXTS.words
USAGE = ENGLISH.slack.digest_usage
ADMINS = "Only this workspace's admins can have digests posted in a channel."


@pytest.fixture
def ana(people):
    return people[0]


@pytest.fixture
def ben(people):
    """Who administers nothing."""
    return people[1]


@pytest.fixture
def place(workspace, people):
    return workspace.add_channel("general", members=people)


@pytest.fixture
def other(workspace, people):
    return workspace.add_channel("physics", members=people)


@pytest.fixture
def said(server, bot, place):
    """What somebody is told by `/digest`."""

    def use(person, text, where=None, command="digest"):
        return server.slash(person, where or place, command, text).wait_for_answer().shown

    return use


@pytest.fixture
def there(store, workspace):
    """The subscriptions that there are."""
    digests = DigestStore(store)
    return lambda: digests.subscriptions("slack", workspace.id)


def labels(shown):
    return [each["text"]["text"] for each in shown.buttons]


def test_a_digest_of_a_channel_in_it(said, there, place, ana):
    shown = said(ana, "here at 18:30 on weekdays zone berlin least 10 style bullets")
    assert f"<#{place.id}>" in shown
    assert "on weekdays at 18:30 (Europe/Berlin)" in shown
    [made] = there()
    assert (made.target.kind, made.target.id, made.sources) == ("channel", place.id, (place.id,))
    assert (made.least, made.style, made.created_by) == (10, "bullets", ana.person)
    assert made.schedule.days == (0, 1, 2, 3, 4)


def test_a_digest_in_another_channel_of_several(said, there, place, other, ana):
    said(ana, f"to {other.mention} weekly on Friday", command="/digest")
    said(ana, f"to {other.mention} {other.mention}")
    [made] = there()
    assert made.target.id == other.id
    assert set(made.sources) == {place.id, other.id}
    assert made.schedule.days == (4,)


def test_a_digest_to_oneself(said, there, place, ben):
    for text in ("me", "to me at 9"):
        assert "to you" in said(ben, text)
    [made] = there()
    assert (made.target.kind, made.target.id) == ("person", ben.person)
    assert made.schedule.hour == 9


def test_in_direct_messages_it_is_of_the_channels_named(workspace, said, there, place, ben):
    direct = workspace.add_dm(ben)
    assert "direct messages" in said(ben, "me", direct)
    said(ben, f"here {place.mention}", direct)
    [made] = there()
    assert (made.target.kind, made.sources) == ("person", (place.id,))


def test_by_the_other_command_too(said, there, ben):
    said(ben, "digest me", command="precis")
    assert len(there()) == 1
    assert said(ben, "digest", command="precis") == USAGE


def test_what_is_not_understood_is_answered_by_how_to_say_it(said, there, ana):
    for text in ("", "help", "hither", "here tomorrow", "to", "stop it"):
        assert said(ana, text) == USAGE
    assert there() == []


def test_what_is_wrong_is_told_and_does_nothing(said, there, ben):
    for text, about in (
        ("me on <!channel>", "days"),
        ("me zone Atl<!here>antis", "zone"),
        ("me at *noon*", "time"),
        ("me weekly on Mon Tue", "days"),
    ):
        shown = said(ben, text)
        assert about in shown
        assert effects(shown) == []
    assert there() == []


def test_in_the_workspaces_language(bot, workspace, said, ben):
    change(bot, workspace, language="de")
    assert said(ben, "an mich um 18 Uhr").startswith("Ein Überblick")
    assert said(ben, "an mich um 25 Uhr").startswith("Uhrzeit: “25Uhr” ist keine")


# Who may


def test_only_admins_have_digests_posted(said, there, other, ana, ben):
    assert said(ben, "here").startswith(ADMINS)
    assert said(ben, f"to {other.mention}").startswith(ADMINS)
    assert there() == []
    ben.admin = True
    said(ben, "here")
    assert len(there()) == 1


def test_who_may_not_ask_gets_none(bot, workspace, said, there, ana, ben):
    change(bot, workspace, roles=(ana.person,))
    assert said(ben, "me") == "This workspace's admins let only some people ask Précis."
    said(ana, "me")
    assert len(there()) == 1


def test_of_a_channel_that_they_are_not_in_there_is_none(said, there, other, ana, ben):
    other.remove(ben, quietly=True)
    assert "can't read" in said(ben, f"me {other.mention}")
    other.remove_bot()
    assert "invite" in said(ana, f"me {other.mention}")
    assert there() == []


def test_what_is_not_for_all_is_not_posted_for_all(workspace, said, there, place, ana):
    private = workspace.add_channel("tutors", members=[ana], private=True)
    shown = said(ana, f"here {private.mention}")
    assert shown.startswith(f"Not everybody who reads <#{place.id}> can read <#{private.id}>")
    assert there() == []
    said(ana, "here", private)
    assert len(there()) == 1


def test_where_it_cannot_write_it_says_so(workspace, said, there, ana):
    gone = workspace.add_channel("old", members=[ana], bot=False)
    assert "can read" in said(ana, f"to {gone.mention}") or there() == []
    assert there() == []


@pytest.fixture
def theirs(said, there, ben):
    """Ben's own."""
    said(ben, "me")
    [made] = there()
    return made


@pytest.fixture
def forged(server, place, store):
    """What a forged click on somebody's list leads to."""

    def click(person, action, value, shown=None):
        if shown is None:
            shown = server.slash(person, place, "digest", "list").wait_for_answer()
        server.click(person, shown, f"precis:digest:{action}", value, forged={}).wait_for_ack()
        return shown

    return click


def test_a_personal_digest_is_its_persons_alone(said, there, forged, theirs, ana):
    assert TEXTS.none in said(ana, "list")
    assert TEXTS.none in said(ana, "stop 1")
    said(ana, "here")
    for action in ("pause", "resume", "preview", "stop"):
        shown = forged(ana, action, f"{theirs.id}:1")
        wait_until(lambda shown=shown: WORDS.not_there in shown.shown, what="the refusal")
        assert theirs.id not in str(shown.blocks)
    assert theirs in there()


def test_what_a_channel_gets_is_its_admins_alone(said, there, forged, ana, ben):
    said(ana, "here")
    [made] = there()
    for action in ("pause", "resume", "preview", "stop"):
        shown = forged(ben, action, f"{made.id}:1")
        wait_until(lambda shown=shown: WORDS.not_there in shown.shown, what="the refusal")
    assert there() == [made]
    ana.admin = False  # who made it may end it all the same
    assert said(ana, "stop 1") == WORDS.stopped


def test_another_workspaces_digest_is_not_there(store, forged, theirs, ben):
    """The store is one, and ids may be learned; a click is of the workspace where it was."""
    digests = DigestStore(store)
    elsewhere = theirs.model_copy(update={"server": "T0ELSEWHERE", "id": NEW})
    kept = digests.change(
        "slack", "T0ELSEWHERE", theirs.target, theirs.schedule.every, lambda _: elsewhere
    )
    shown = forged(ben, "stop", f"{kept.id}:1")
    wait_until(lambda: WORDS.not_there in shown.shown, what="the refusal")
    assert digests.subscription(kept.id) == kept


def test_a_forged_click_changes_nothing(said, there, forged, theirs, ben):
    shown = forged(ben, "stop", "")
    before = shown.blocks
    for action, value in (
        ("stop", "x:y"), ("stop", theirs.id), ("explode", f"{theirs.id}:1"), ("page:on", "-1"),
        ("page:on", "x"), ("page", "1"),
    ):  # fmt: skip
        forged(ben, action, value, shown)
    assert there() == [theirs]
    assert shown.blocks == before


# The list


def test_the_list_is_numbered_and_has_buttons(server, said, place, other, ana):
    said(ana, "me")
    said(ana, f"to {other.mention}")
    before = len(server.requests_to("conversations.info"))
    shown = server.slash(ana, place, "digest", "list").wait_for_answer()
    assert len(server.requests_to("conversations.info")) == before, "it needs no names"
    assert shown.only_for is ana
    lines = [each for each in shown.shown.split("\n") if each.startswith("*")]
    assert [each[:4] for each in lines] == ["*1.*", "*2.*"]
    assert labels(shown) == ["Pause", "Preview", "Stop"] * 2
    assert all("confirm" in each for each in shown.buttons if each["text"]["text"] == "Stop")


def test_an_empty_list_says_how_to_begin(said, ben):
    assert said(ben, "list").endswith(TEXTS.none)
    assert said(ben, "stop").endswith(TEXTS.none)


def test_buttons_do_what_they_say_and_the_list_follows(server, said, there, place, ben):
    said(ben, "me")
    shown = server.slash(ben, place, "digest", "list").wait_for_answer()
    server.click(ben, shown, "Pause")
    wait_until(lambda: WORDS.now_paused in shown.shown, what="a word")
    assert there()[0].paused is PauseReason.ASKED
    assert labels(shown) == ["Resume", "Preview", "Stop"]
    server.click(ben, shown, "Resume")
    wait_until(lambda: "It goes on." in shown.shown, what="a word")
    assert there()[0].paused is None
    server.click(ben, shown, "Stop")
    wait_until(lambda: WORDS.stopped in shown.shown, what="a word")
    assert there() == []
    assert shown.buttons == []


def test_a_channel_can_be_taken_out(server, store, said, there, place, other, ana):
    said(ana, f"me {other.mention}")
    assert there()[0].sources == (place.id, other.id)
    assert WORDS.none_left in said(ana, f"me without {place.mention} and {other.mention}")
    said(ana, f"me without {place.mention}")
    assert there()[0].sources == (other.id,)
    said(ana, "me")
    DigestStore(store).pause(there()[0].id, PauseReason.UNREADABLE, place.id)
    shown = server.slash(ana, place, "digest", "list").wait_for_answer()
    assert labels(shown) == ["Resume", TEXTS.without, "Preview", "Stop"]
    server.click(ana, shown, TEXTS.without)
    wait_until(lambda: "It goes on without" in shown.shown, what="a word")
    assert (there()[0].sources, there()[0].paused) == ((other.id,), None)


def test_in_direct_messages_one_is_added_and_another_taken_out(
    workspace, said, there, place, other, ana
):
    said(ana, "me")
    said(ana, f"me {other.mention} without {place.mention}", workspace.add_dm(ana))
    assert there()[0].sources == (other.id,)


def test_by_number(server, said, there, place, other, ana):
    assert said(ana, "pause").endswith(TEXTS.none)
    said(ana, "me")
    assert said(ana, "pause") == WORDS.now_paused
    said(ana, f"to {other.mention}")
    assert TEXTS.which in said(ana, "stop")
    assert TEXTS.which in said(ana, "stop 3")
    listed = server.slash(ana, place, "digest", "list").wait_for_answer().shown
    second = next(each for each in listed.split("\n") if each.startswith("*2.*"))
    assert said(ana, "stop 2") == WORDS.stopped
    [left] = there()
    assert (left.target.kind == "person") == ("to you" not in second)


def test_a_long_list_has_pages(server, said, place, other, ana, monkeypatch):
    monkeypatch.setattr(digest_blocks, "A_PAGE", 1)
    said(ana, "me")
    said(ana, f"to {other.mention}")
    shown = server.slash(ana, place, "digest", "list").wait_for_answer()
    assert labels(shown)[3:] == ["On"]
    server.click(ana, shown, "On")
    wait_until(lambda: "*2.*" in shown.shown, what="the second page")
    assert "*1.*" not in shown.shown
    server.click(ana, shown, "Pause")
    wait_until(lambda: WORDS.now_paused in shown.shown, what="a word")
    assert "*2.*" in shown.shown


def home(server, person):
    server.open_home(person)
    wait_until(lambda: person.workspace.home_of(person), what="the home")
    return person.workspace.home_of(person)


def test_at_home_they_are_listed_with_how_to_begin(server, bot, said, there, ana, ben):
    assert ENGLISH.slack.home_digests in home(server, ben).text
    said(ben, "me")
    said(ana, "here")
    server.open_home(ben)
    wait_until(lambda: "*1.*" in ben.workspace.home_of(ben).text, what="the digest")
    view = ben.workspace.home_of(ben)
    assert "*2.*" not in view.text
    server.click(ben, view, "Pause")
    wait_until(lambda: WORDS.now_paused in ben.workspace.home_of(ben).text, what="a word")
    assert [each.paused for each in there() if each.target.kind == "person"] == ["asked"]
    admins = home(server, ana).text
    assert "*1.*" in admins
    assert "*2.*" not in admins, "that of Ben is his own"
