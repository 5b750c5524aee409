"""`/precis settings`: who manages the server says how the bot is used."""

import discord
import pytest
from sqlalchemy import select

from precis.ask import ServerSettings
from precis.errors import DamagedError, StoreError
from precis.job import Style
from precis.store.tables import servers
from tests.bot.discord.managing import change
from tests.bot.discord.serving import answered, bot_running
from tests.peers.discord_server import Permission, UnavailableError
from tests.services import wait_until

P = Permission
ONLY_MANAGERS = "Only people who may manage the server can change that."


@pytest.fixture
def owner(people):
    return people[0]


@pytest.fixture
def panel(server, bot, algebra, owner):
    return opened(server, owner, algebra)


def opened(server, person, place):
    use = server.slash(person, place, "precis", "settings")
    answer = use.wait_for_answer()
    assert use.ephemeral
    return answer


def kept(bot, guild):
    return bot.context.chat.server_settings("discord", str(guild.id))


def chosen(server, person, panel, menu, *values):
    """What is told of a choice."""
    return server.select(person, panel, f"precis:settings:{menu}", list(values)).wait_for_followup()


def form(server, person, panel):
    click = server.click(person, panel, "precis:settings:limits").wait_for_ack()
    wait_until(lambda: click.modal, what="the form")
    return click


def filled(server, person, panel, **values):
    """What is told of a form; values by the beginning of a field's label."""
    shown = form(server, person, panel)
    labels = [row["components"][0]["label"] for row in shown.modal["components"]]
    given = {
        next(label for label in labels if label.startswith(start)): value
        for start, value in values.items()
    }
    answer = server.submit_modal(shown, given).wait_for_answer()
    assert answer.only_for is person
    assert "\n" not in answer.content
    return answer.content


def test_roles_that_may_ask_are_kept(server, bot, guild, panel, owner):
    roles = [guild.add_role("A"), guild.add_role("B")]
    said = chosen(server, owner, panel, "roles", *roles)
    assert (said.content, said.only_for) == ("Saved.", owner)
    assert kept(bot, guild).roles == tuple(str(role.id) for role in roles)


def test_channels_of_every_kind_that_are_never_read_are_kept(server, bot, guild, panel, owner):
    channels = [
        guild.add_text_channel("text"),
        guild.add_announcement_channel("news"),
        guild.add_forum("questions"),
        guild.add_voice_channel("lounge"),
        guild.add_category("maths"),
    ]
    chosen(server, owner, panel, "never-read", *channels)
    assert kept(bot, guild).never_read == tuple(str(channel.id) for channel in channels)


@pytest.mark.parametrize("menu", ["roles", "never-read", "moderators"])
def test_nothing_may_be_chosen_again(server, bot, guild, panel, owner, menu):
    change(bot, guild, roles=("1",), never_read=("2",), moderators_channel="3")
    chosen(server, owner, panel, menu)
    settings = kept(bot, guild)
    now = {
        "roles": settings.roles,
        "never-read": settings.never_read,
        "moderators": settings.moderators_channel,
    }
    assert not now.pop(menu)
    assert all(now.values()), "the others stay"


def test_the_moderators_channel_is_kept(server, bot, guild, panel, algebra, owner):
    chosen(server, owner, panel, "moderators", algebra)
    assert kept(bot, guild).moderators_channel == str(algebra.id)


def test_the_style_is_kept(server, bot, guild, panel, owner):
    chosen(server, owner, panel, "style", "people")
    assert kept(bot, guild).style is Style.PEOPLE


def test_who_changed_what_is_on_the_books(server, bot, store, panel, owner):
    chosen(server, owner, panel, "style", "people")
    with store.database.reading() as connection:
        assert list(connection.scalars(select(servers.c.changed_by))) == [str(owner.id)]


def test_changes_at_once_are_all_kept(server, bot, guild, panel, algebra, owner):
    role = guild.add_role("A")
    uses = [
        server.select(owner, panel, "precis:settings:roles", [role]),
        server.select(owner, panel, "precis:settings:never-read", [algebra]),
        server.select(owner, panel, "precis:settings:style", ["bullets"]),
    ]
    for use in uses:
        use.wait_for_followup()
    settings = kept(bot, guild)
    assert (settings.roles, settings.never_read) == ((str(role.id),), (str(algebra.id),))
    assert settings.style is Style.BULLETS


def test_what_is_typed_is_kept(server, bot, guild, panel, owner):
    assert filled(server, owner, panel, Largest="500", Language="en") == "Saved."
    assert kept(bot, guild) == ServerSettings(largest_window=500)


def test_a_form_shows_what_is_kept(server, bot, guild, panel, owner):
    change(bot, guild, largest_window=500, thresholds={"toxicity": 0.6})
    rows = form(server, owner, panel).modal["components"]
    assert [row["components"][0]["value"] for row in rows] == ["500", "toxicity 0.6", "en"]


def test_a_form_may_be_left_as_it_is(server, bot, guild, panel, owner):
    change(bot, guild, largest_window=500, thresholds={"toxicity": 0.6}, style=Style.BULLETS)
    before = kept(bot, guild)
    assert filled(server, owner, panel) == "Saved."
    assert kept(bot, guild) == before


def test_the_longest_thresholds_there_can_be_are_shown(server, bot, guild, panel, owner):
    thresholds = {f"{'x' * 48}{chr(97 + n)}": 0.123456 for n in range(20)}
    change(bot, guild, thresholds=thresholds)
    assert filled(server, owner, panel) == "Saved."
    assert kept(bot, guild).thresholds == thresholds


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"Largest": "9"}, "Largest window: write a number from 10 to 10,000."),
        ({"Largest": "many"}, "Largest window: write a number from 10 to 10,000."),
        ({"Gate": "toxicity high"}, "Gate thresholds: write a label and a number"),
        ({"Gate": ", ".join(f"{'x' * n} 1" for n in range(1, 30))}, "That can't be saved"),
        ({"Language": "xx"}, "Language: write one of: de, en."),
    ],
)
def test_what_cannot_be_used_is_told_and_changes_nothing(
    server, bot, guild, panel, owner, values, said
):
    assert filled(server, owner, panel, **values).startswith(said)
    assert kept(bot, guild) == ServerSettings()


def test_two_forms_at_once_are_both_kept(server, bot, guild, panel, algebra, owner, people):
    ben = people[1]
    guild.members[ben.id].add_role(guild.add_role("Managers", Permission.MANAGE_GUILD))
    first = form(server, owner, panel)
    second = form(server, ben, opened(server, ben, algebra))
    labels = {"Largest window (messages)": "500"}
    assert server.submit_modal(first, labels).wait_for_answer().content == "Saved."
    assert server.submit_modal(second, {}).wait_for_answer().content == "Saved."


def defaults(panel):
    """By menu, what is shown as chosen."""
    menus = [row["components"][0] for row in panel.components]
    return {
        menu["custom_id"].rpartition(":")[2]: [str(each["id"]) for each in menu["default_values"]]
        for menu in menus
        if menu.get("default_values")
    }


def test_a_panel_shows_what_is_kept(server, bot, guild, algebra, owner):
    role = guild.add_role("A")
    for setting in ("roles", "never_read"):
        value = role if setting == "roles" else algebra
        change(bot, guild, **{setting: (str(value.id),)})
    change(bot, guild, moderators_channel=str(algebra.id), style=Style.PEOPLE)
    panel = opened(server, owner, algebra)
    assert defaults(panel) == {
        "roles": [str(role.id)],
        "never-read": [str(algebra.id)],
        "moderators": [str(algebra.id)],
    }
    [styles] = [row["components"][0] for row in panel.components if "options" in str(row)]
    assert [option["value"] for option in styles["options"] if option["default"]] == ["people"]


def test_a_panel_shows_nothing_that_is_gone(server, bot, guild, algebra, owner):
    """Discord might refuse a menu whose choice there isn't any more."""
    role, channel = guild.add_role("A"), guild.add_text_channel("x")
    change(bot, guild, roles=(str(role.id),), never_read=(str(channel.id),))
    change(bot, guild, moderators_channel=str(channel.id))
    guild.delete_role(role)
    channel.delete()
    server.say(algebra, owner, "the bot hears of it in order")
    assert defaults(opened(server, owner, algebra)) == {}


def placeholders(panel):
    """By menu, what it says where nothing is chosen."""
    menus = [row["components"][0] for row in panel.components]
    return {m["custom_id"].rpartition(":")[2]: m.get("placeholder") for m in menus}


def buttons(panel):
    return [button["label"] for button in panel.buttons]


@pytest.fixture
def gone(server, bot, guild, algebra, owner):
    """Settings with roles, and channels, that were deleted; calculus, which is still there."""
    roles = [guild.add_role(name) for name in "AB"]
    channels = [guild.add_text_channel(name) for name in ("x", "calculus")]
    change(
        bot,
        guild,
        roles=tuple(str(role.id) for role in roles),
        never_read=tuple(str(channel.id) for channel in channels),
        moderators_channel=str(channels[0].id),
    )
    for role in roles:
        guild.delete_role(role)
    channels[0].delete()
    server.say(algebra, owner, "the bot hears of it in order")
    return channels[1]


def test_a_panel_says_that_deleted_roles_let_nobody_ask(server, bot, algebra, gone, owner, people):
    answer = answered(server.slash(people[1], algebra, "summarize", last=2))
    assert "only some roles" in answer.content
    panel = opened(server, owner, algebra)
    assert "2 deleted roles are still set" in panel.content
    assert placeholders(panel)["roles"] == "Who may ask: nobody but managers"


def test_where_roles_are_deleted_everybody_may_be_let_ask(
    server, bot, guild, algebra, gone, owner, people
):
    panel = opened(server, owner, algebra)
    said = server.click(owner, panel, "Let everybody ask").wait_for_followup()
    assert said.content == "Saved."
    assert kept(bot, guild).roles == ()
    assert placeholders(panel)["roles"] == "Who may ask: everybody"
    assert "Let everybody ask" not in buttons(panel)
    assert "deleted role" not in panel.content
    assert answered(server.slash(people[1], algebra, "summarize", last=2)).embeds


def test_deleted_channels_are_counted_and_can_be_forgotten(
    server, bot, guild, algebra, gone, owner
):
    panel = opened(server, owner, algebra)
    assert "1 deleted channel is still set." in panel.content
    server.click(owner, panel, "Forget deleted channels").wait_for_followup()
    settings = kept(bot, guild)
    assert (settings.never_read, settings.moderators_channel) == ((str(gone.id),), None)
    assert len(settings.roles) == 2, "the roles stay"
    assert "deleted channel" not in panel.content


def test_a_channel_forbidden_just_before_stays_forbidden(
    server, bot, guild, algebra, gone, owner, monkeypatch
):
    panel = opened(server, owner, algebra)
    change_settings = bot.context.chat.change_settings

    def after_another(*args, **more):
        monkeypatch.undo()
        channels = (*kept(bot, guild).never_read, str(algebra.id))
        change(bot, guild, never_read=channels)
        return change_settings(*args, **more)

    monkeypatch.setattr(bot.context.chat, "change_settings", after_another)
    server.click(owner, panel, "Forget deleted channels").wait_for_followup()
    assert kept(bot, guild).never_read == (str(gone.id), str(algebra.id))


def test_of_damaged_settings_no_channel_is_forgotten(server, bot, guild, algebra, gone, owner):
    panel = opened(server, owner, algebra)
    change(bot, guild, largest_window=-1)
    said = server.click(owner, panel, "Forget deleted channels").wait_for_followup()
    assert "can't be read any more" in said.content
    with pytest.raises(DamagedError):
        kept(bot, guild)


def test_that_no_channel_can_be_forgotten_now_is_told(
    server, bot, algebra, gone, owner, monkeypatch
):
    def down(*_args, **_more):
        raise StoreError("down")

    panel = opened(server, owner, algebra)
    for name in ("server_settings", "change_settings"):
        monkeypatch.setattr(bot.context.chat, name, down)
    said = server.click(owner, panel, "Forget deleted channels").wait_for_followup()
    assert "can't reach its store" in said.content


def test_media_channels_can_be_forbidden_too(panel):
    [menu] = [
        row["components"][0]
        for row in panel.components
        if row["components"][0]["custom_id"] == "precis:settings:never-read"
    ]
    assert discord.ChannelType.media.value in menu["channel_types"]


def test_where_nothing_is_deleted_nothing_is_said_of_it(panel):
    assert panel.content == "**Précis on this server**"
    assert buttons(panel) == ["Window, gate, language…", "Moderation…"]


@pytest.mark.parametrize("button", ["everyone", "forget"])
def test_others_clear_nothing(server, bot, guild, former, gone, button):
    ben, _, resign = former
    panel, before = opened(server, ben, gone), kept(bot, guild)
    resign()
    click = server.click(ben, panel, f"precis:settings:{button}")
    assert click.wait_for_answer().content == ONLY_MANAGERS
    assert kept(bot, guild) == before


def test_a_panel_of_before_a_restart_clears_after_it(
    server, guild, settings, store, algebra, owner
):
    role = guild.add_role("A")
    with bot_running(server, settings, store) as bot:
        change(bot, guild, roles=(str(role.id),))
        guild.delete_role(role)
        panel = opened(server, owner, algebra)
    with bot_running(server, settings, store) as bot:
        server.click(owner, panel, "Let everybody ask").wait_for_followup()
        assert kept(bot, guild).roles == ()


def test_a_panel_follows_what_is_changed(server, bot, panel, owner):
    chosen(server, owner, panel, "style", "people")
    [styles] = [row["components"][0] for row in panel.components if "options" in str(row)]
    assert [option["value"] for option in styles["options"] if option["default"]] == ["people"]


def test_a_panel_says_that_settings_are_damaged(server, bot, guild, algebra, owner):
    change(bot, guild, largest_window=-1)
    assert "nobody can ask" in opened(server, owner, algebra).content


def test_others_cannot_open_them(server, bot, algebra, people):
    use = server.slash(people[1], algebra, "precis", "settings")
    answer = use.wait_for_answer()
    assert (answer.content, use.ephemeral) == (ONLY_MANAGERS, True)


def test_who_manages_the_server_opens_them(server, bot, guild, algebra, people):
    guild.members[people[1].id].add_role(guild.add_role("Managers", Permission.MANAGE_GUILD))
    assert opened(server, people[1], algebra).components


@pytest.fixture
def former(server, bot, guild, algebra, people):
    """A panel, and a person who was a manager when it was opened."""
    ben = people[1]
    role = guild.add_role("Managers", Permission.MANAGE_GUILD)
    guild.members[ben.id].add_role(role)
    panel = opened(server, ben, algebra)

    def resign():
        guild.members[ben.id].remove_role(role)

    return ben, panel, resign


def test_who_manages_no_longer_changes_nothing(server, bot, guild, former):
    ben, panel, resign = former
    resign()
    use = server.select(ben, panel, "precis:settings:style", ["people"])
    assert use.wait_for_answer().content == ONLY_MANAGERS
    assert kept(bot, guild) == ServerSettings()


def test_who_manages_no_longer_opens_no_form(server, former):
    ben, panel, resign = former
    resign()
    click = server.click(ben, panel, "precis:settings:limits")
    assert click.wait_for_answer().content == ONLY_MANAGERS
    assert click.modal is None


def test_who_manages_no_longer_sends_no_form(server, bot, guild, former):
    ben, panel, resign = former
    shown = form(server, ben, panel)
    resign()
    said = server.submit_modal(shown, {"Largest window (messages)": "500"}).wait_for_answer()
    assert said.content == ONLY_MANAGERS
    assert kept(bot, guild) == ServerSettings()


def test_a_panel_of_before_a_restart_works_after_it(server, guild, settings, store, algebra, owner):
    with bot_running(server, settings, store):
        panel = opened(server, owner, algebra)
    with bot_running(server, settings, store) as bot:
        chosen(server, owner, panel, "style", "people")
        assert kept(bot, guild).style is Style.PEOPLE
        assert filled(server, owner, panel, Largest="500") == "Saved."
        assert kept(bot, guild).largest_window == 500


def test_damaged_settings_are_shown_as_the_defaults_and_saved_anew(
    server, bot, guild, algebra, owner
):
    change(bot, guild, largest_window=-1)
    panel = opened(server, owner, algebra)
    assert chosen(server, owner, panel, "style", "people").content == "Saved."
    assert kept(bot, guild) == ServerSettings(style=Style.PEOPLE)
    assert answered(server.slash(owner, algebra, "summarize", last=2)).embeds


def test_a_servers_settings_are_its_own(server, bot, guild, panel, owner):
    other = server.add_guild("Other group", owner=owner)
    chosen(server, owner, panel, "style", "people")
    assert kept(bot, other) == ServerSettings()


def test_in_direct_messages_there_is_nothing_to_set(server, bot, owner):
    answer = server.slash(owner, server.dm_channel(owner), "precis", "settings").wait_for_answer()
    assert answer.content == ONLY_MANAGERS


def test_a_panel_takes_no_category_for_moderators(server, bot, guild, panel, owner):
    with pytest.raises(UnavailableError):
        chosen(server, owner, panel, "moderators", guild.add_category("maths"))
