"""`/digest`: what its commands and buttons ask of the use cases, and what they show."""

import pytest

from bot.digests.poster import Subscriber
from bot.frontend import Frontend
from bot.texts import ENGLISH, GERMAN
from precis.digest import Target
from precis.errors import InputError, StoreError
from precis.job import Style
from tests.bot.discord.digest_use_cases import Recording
from tests.bot.discord.digest_views import Posts, digest
from tests.bot.discord.managing import change
from tests.bot.discord.serving import bot_running
from tests.peers.discord_server import Permission, UnavailableError
from tests.services import wait_until

WORDS = ENGLISH.digests


@pytest.fixture
def digests(monkeypatch):
    made = Recording()
    monkeypatch.setattr(Frontend, "digests", property(lambda _: made), raising=False)
    return made


@pytest.fixture
def ben(people):
    """Who doesn't manage the server."""
    return people[1]


def told(use):
    """What they alone are told by a command."""
    answer = use.wait_for_answer()
    assert use.ephemeral
    assert answer.pinged == frozenset()
    return answer.text


def test_here_subscribes_the_channel_with_what_is_typed(server, bot, digests, guild, algebra, ben):
    role = guild.add_role("Managers", Permission.MANAGE_GUILD)
    guild.members[ben.id].add_role(role)
    other = guild.add_text_channel("other")
    use = server.slash(
        ben,
        algebra,
        "digest",
        "here",
        days="Mon, Thu",
        time="6pm",
        zone="Europe/Berlin",
        least=9,
        style="people",
        weekly=True,
        channels=f"{other.mention} and {algebra.mention}, {other.mention}",
        without="<#7>",
    )
    assert told(use) == f"Subscribed <@{ben.id}> @everyone."
    [(who, wanted)] = digests.asked
    roles = (str(guild.id), str(role.id))  # everybody's, and his
    assert who == Subscriber(str(guild.id), str(ben.id), manager=True, roles=roles)
    assert (wanted.target, wanted.source) == (
        Target(kind="channel", id=str(algebra.id)),
        str(algebra.id),
    )
    assert (wanted.channels, wanted.without) == ((str(other.id), str(algebra.id)), ("7",))
    assert (wanted.days, wanted.time, wanted.zone) == ("Mon, Thu", "6pm", "Europe/Berlin")
    assert (wanted.least, wanted.style, wanted.weekly) == (9, Style.PEOPLE, True)


def test_in_a_thread_it_is_of_the_threads_channel(server, bot, digests, guild, algebra, ben):
    thread = algebra.add_thread("limits")
    told(server.slash(ben, thread, "digest", "here", channels=thread.mention))
    post = guild.add_forum("forum").add_post("Exam", "What?", ben)
    assert told(server.slash(ben, post, "digest", "here")) == WORDS.not_a_target
    told(server.slash(ben, post, "digest", "me"))
    here, me = (wanted for _, wanted in digests.asked)
    assert (here.target.id, here.source, here.channels) == (
        str(algebra.id),
        str(algebra.id),
        (str(algebra.id),),
    )
    assert me.target == Target(kind="person", id=str(ben.id))
    assert me.source == str(post.parent.id)
    assert (me.channels, me.days, me.weekly, me.style) == ((), None, None, None)


def test_to_names_a_channel_that_can_be_posted_in(server, bot, digests, guild, algebra, ben):
    to, forum = guild.add_text_channel("digests"), guild.add_forum("forum")
    told(server.slash(ben, algebra, "digest", "to", channel=to))
    [(who, wanted)] = digests.asked
    assert not who.manager
    assert (wanted.target.id, wanted.source) == (str(to.id), str(algebra.id))
    with pytest.raises(UnavailableError):
        server.slash(ben, algebra, "digest", "to", channel=forum)
    with pytest.raises(UnavailableError):
        server.slash(ben, server.dm_channel(ben), "digest", "me")


def test_what_is_wrong_is_told_to_who_asked(server, bot, digests, guild, algebra, ben):
    use = server.slash(ben, algebra, "digest", "here", channels="all @everyone")
    assert told(use) == WORDS.not_channels
    assert digests.asked == []
    digests.fails = InputError("days: “x” is no day")
    assert "“x” is no day" in told(server.slash(ben, algebra, "digest", "here", days="x"))
    digests.fails = StoreError("down")
    assert told(server.slash(ben, algebra, "digest", "me")) == ENGLISH.store_down
    assert told(server.slash(ben, algebra, "digest", "list")) == ENGLISH.store_down
    digests.fails = RuntimeError("a bug")
    use = server.slash(ben, algebra, "digest", "me")
    assert use.wait_for_answer().content == ENGLISH.broken


def choices(use):
    wait_until(lambda: use.choices is not None, 15, "suggestions")
    return [each["name"] for each in use.choices]


def test_zones_and_digests_are_suggested(server, bot, digests, algebra, ben):
    def typed(which, focused, text):
        options = {focused: text}
        return choices(
            server.autocomplete(ben, algebra, "digest", which, focused=focused, **options)
        )

    assert typed("me", "zone", "new york") == ["America/New_York"]
    assert typed("here", "zone", "berl") == ["Europe/Berlin"]
    assert typed("here", "zone", "")[0] == "UTC"
    assert len(typed("me", "zone", "a")) == 25
    assert typed("me", "zone", "nowhere") == []
    digests.has(30)
    assert typed("stop", "digest", "digest 2") == [
        "Digest 2",
        *(f"Digest {n}" for n in range(20, 30)),
    ]
    digests.fails = StoreError("down")
    assert typed("pause", "digest", "") == []


def test_what_is_done_to_the_only_one_or_the_one_that_is_named(server, bot, digests, algebra, ben):
    def used(what, **options):
        return told(server.slash(ben, algebra, "digest", what, **options))

    assert used("pause") == WORDS.none
    digests.has(1)
    only = digests.there[0].id
    for what, done in (("pause", "paused"), ("resume", "resumed"), ("preview", "previewed")):
        assert used(what) == f"{done} {only}"
    digests.has(2)
    assert used("stop").startswith(WORDS.which)
    assert used("stop", digest=only) == f"stopped {only}"
    assert "no such digest" in used("stop", digest="of-another-server")
    assert digests.asked[-2][1].person == str(ben.id)


@pytest.fixture
def listed(server, bot, digests, algebra, ben):
    """A list of so many."""

    def of(count):
        digests.has(count)
        return server.slash(ben, algebra, "digest", "list").wait_for_answer()

    return of


def labels(message):
    return [button["label"] for button in message.buttons]


ACTIONS = [WORDS.pause, WORDS.resume, WORDS.preview, WORDS.stop]


def test_a_list_of_one_has_its_buttons(server, digests, listed, ben):
    shown = listed(1)
    assert "<#0>: daily at 18:00" in shown.text
    assert labels(shown) == ACTIONS
    said = server.click(ben, shown, WORDS.pause).wait_for_followup()
    assert (said.content, said.only_for) == (f"paused {digests.there[0].id}", ben)
    server.click(ben, shown, WORDS.stop).wait_for_followup()
    assert (shown.text, shown.buttons) == (WORDS.none, [])


def test_one_that_was_paused_for_a_channel_can_go_on_without_it(server, digests, algebra, bot, ben):
    digests.has(1, can_do_without=True)
    shown = server.slash(ben, algebra, "digest", "list").wait_for_answer()
    assert labels(shown) == [*ACTIONS[:2], WORDS.without, *ACTIONS[2:]]
    said = server.click(ben, shown, WORDS.without).wait_for_followup()
    assert said.content == f"went on without {digests.there[0].id}"


def test_of_several_one_is_chosen(server, digests, listed, ben):
    shown = listed(12)
    assert [f"<#{n}>" in shown.text for n in (0, 4, 5)] == [True, True, False]
    assert labels(shown) == [ENGLISH.moderation.next]
    server.select(ben, shown, WORDS.choose, ["Digest 3"])
    wait_until(lambda: labels(shown) == [*ACTIONS, ENGLISH.moderation.next], 15, "buttons")
    said = server.click(ben, shown, WORDS.preview).wait_for_followup()
    assert said.content == f"previewed {digests.there[3].id}"
    for _ in range(2):
        before = shown.text
        server.click(ben, shown, ENGLISH.moderation.next)
        wait_until(lambda before=before: shown.text != before, 15, "the next page")
    assert ["<#9>" in shown.text, "<#10>" in shown.text] == [False, True]
    assert labels(shown) == [ENGLISH.moderation.previous]


def test_a_list_of_before_a_restart_works_after_it(
    server, guild, settings, store, digests, algebra, ben
):
    digests.has(2)
    with bot_running(server, settings, store):
        shown = server.slash(ben, algebra, "digest", "list").wait_for_answer()
    with bot_running(server, settings, store):
        server.select(ben, shown, WORDS.choose, ["Digest 1"])
        wait_until(lambda: labels(shown) == ACTIONS, 15, "buttons")
        said = server.click(ben, shown, WORDS.resume).wait_for_followup()
        assert said.content == f"resumed {digests.there[1].id}"


def test_what_is_forged_does_nothing(server, guild, digests, listed, people, ben):
    """Ids of another server's, of what isn't there, and of no form at all."""
    shown = listed(1)
    elsewhere = server.add_guild("Another", people[0], members=[ben])
    chosen, before = digests.there[0].id, len(digests.asked)
    button = shown.buttons[0]
    button["custom_id"] = f"precis:subs:stop:{elsewhere.id}:{chosen}"
    assert server.click(ben, shown, button["custom_id"]).wait_for_followup().content == WORDS.none
    assert shown.text == WORDS.none
    shown = listed(1)
    button = shown.buttons[0]
    button["custom_id"] = f"precis:subs:stop:{guild.id}:{'e' * 32}"
    said = server.click(ben, shown, button["custom_id"]).wait_for_followup()
    assert "no such digest" in said.content
    assert "stopped" not in [each[0] for each in digests.asked[before:]]
    assert len(digests.there) == 1


def test_the_button_under_a_digest_opens_ones_own_list(server, bot, digests, guild, algebra, ben):
    posts = Posts(bot, guild)
    posts(Target(kind="channel", id=str(algebra.id)), digest())
    [message] = server.messages_by_bot(algebra)
    assert labels(message) == [WORDS.mine]
    digests.has(1)
    use = server.click(ben, message, WORDS.mine)
    assert WORDS.list_title in told(use)
    assert (use.original is not message, use.visible_to(guild.owner)) == (True, [])


def test_the_button_in_direct_messages_is_of_that_server(server, bot, digests, guild, people, ben):
    role = guild.add_role("Managers", Permission.MANAGE_GUILD)
    guild.members[ben.id].add_role(role)
    Posts(bot, guild)(Target(kind="person", id=str(ben.id)), digest())
    [message] = server.dms(ben)
    digests.has(1)
    opened = server.click(ben, message, WORDS.mine).wait_for_answer()
    assert (
        digests.asked
        == [
            ("listing", Subscriber(str(guild.id), str(ben.id), manager=True, roles=(str(role.id),)))
        ]
        or digests.asked[0][1].roles != ()
    )
    assert server.click(ben, opened, WORDS.stop).wait_for_followup().content.startswith("stopped")
    other = server.add_guild("Another", people[0])
    message.buttons[0]["custom_id"] = f"precis:digests:{other.id}:{'a' * 32}"
    use = server.click(ben, message, WORDS.mine)
    assert told(use) == WORDS.none


def test_commands_are_described_in_each_persons_language(server, bot, digests, guild, algebra, ben):
    [group] = [each for each in server.commands[None] if each["name"] == "digest"]
    assert group["description_localizations"] == {"de": GERMAN.digests.cmd_group}
    which = {each["name"]: each for each in group["options"]}
    assert list(which) == ["here", "to", "me", "list", "pause", "resume", "preview", "stop"]
    assert which["me"]["description_localizations"] == {"de": GERMAN.digests.cmd_me}
    options = {each["name"]: each for each in which["to"]["options"]}
    assert options["zone"]["description_localizations"] == {"de": GERMAN.digests.cmd_zone}
    assert options["zone"]["autocomplete"]
    assert which["stop"]["options"][0]["autocomplete"]
    change(bot, guild, language="de")
    assert told(server.slash(ben, algebra, "digest", "list")) == GERMAN.digests.none
