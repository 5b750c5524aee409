"""What managers set about moderation: what is watched, thresholds after a preview, training."""

import pytest
from sqlalchemy import select

from precis.store.tables import audit
from tests.bot.discord.managing import change
from tests.bot.discord.moderators import KIND, RUDE, watch
from tests.bot.discord.serving import bot_running
from tests.peers.discord_server import Permission
from tests.services import wait_until

ONLY_MANAGERS = "Only people who may manage the server can change that."


@pytest.fixture
def owner(people):
    return people[0]


@pytest.fixture
def settings_panel(desk, owner):
    return desk.server.slash(owner, desk.watched, "precis", "settings").wait_for_answer()


@pytest.fixture
def panel(desk, owner, settings_panel):
    """The panel about moderation."""
    return opened(desk, owner, settings_panel)


def opened(desk, person, settings_panel):
    use = desk.server.click(person, settings_panel, "precis:settings:moderation")
    made = use.wait_for_followup() if use.followups else use.wait_for_answer()
    assert made.only_for is person
    return made


def kept(desk):
    return desk.bot.context.chat.server_settings("discord", str(desk.guild.id))


def choose(desk, person, panel, menu, *values):
    """What is told of a choice."""
    use = desk.server.select(person, panel, f"precis:moderation:{menu}", list(values))
    return use.wait_for_followup().content


def chosen(panel, menu):
    """What a menu shows as chosen: ids of channels, or values."""
    [found] = [
        row["components"][0]
        for row in panel.components
        if row["components"][0]["custom_id"] == f"precis:moderation:{menu}"
    ]
    options = [each["value"] for each in found.get("options", []) if each.get("default")]
    return [str(each["id"]) for each in found.get("default_values", [])] or options


def limits(desk, person, panel, thresholds, **more):
    """What is shown of a form that was sent: an answer, perhaps with a button to save."""
    shown = desk.server.click(person, panel, "precis:settings:limits").wait_for_ack()
    wait_until(lambda: shown.modal, 15, "the form")
    return desk.server.submit_modal(
        shown, {"Gate thresholds": thresholds, **more}
    ).wait_for_answer()


def one_channel(desk, person, panel, channel, thresholds):
    shown = desk.server.select(person, panel, "precis:moderation:channel", [channel])
    wait_until(lambda: shown.modal, 15, "the form")
    return desk.server.submit_modal(shown, {"Its thresholds": thresholds}).wait_for_answer()


def save(desk, person, preview):
    desk.server.click(person, preview, "Save").wait_for_ack()
    wait_until(lambda: not preview.buttons, 15, "a word on what is saved")
    return preview.content


def logged(desk):
    """The thresholds in the log: whose, and of which channel."""
    with desk.store.database.reading() as connection:
        rows = connection.execute(select(audit).where(audit.c.action == "thresholds"))
        return [(row.person, row.place) for row in rows]


def test_the_moderators_channel_is_used(settings_panel):
    menus = [row["components"][0] for row in settings_panel.components]
    assert "Moderators' channel: none" in [menu.get("placeholder") for menu in menus]


def test_a_channel_is_watched_from_its_choice_on(desk, owner, panel, algebra):
    desk.say(RUDE, place=algebra)
    assert choose(desk, owner, panel, "watched", algebra) == "Saved."
    assert kept(desk).watched == (str(algebra.id),)
    assert chosen(panel, "watched") == [str(algebra.id)]
    said, _ = desk.raised(place=algebra)
    assert desk.case.subject == str(said.id)
    desk.say(RUDE)  # no longer watched
    desk.raised(f"{RUDE} again", place=algebra)
    assert len(desk.cases) == 2


def test_nothing_may_be_watched_again(desk, owner, panel):
    assert choose(desk, owner, panel, "watched") == "Saved."
    assert kept(desk).watched == ()


def test_nothing_trains_the_models_unless_managers_say_so(desk, owner, panel):
    assert "off: nothing of this server is trained on" in panel.content
    assert kept(desk).trains is False
    for value, trains in (("on", True), ("on", True), ("off", False)):
        assert choose(desk, owner, panel, "trains", value) == "Saved."
        assert kept(desk).trains is trains
        assert chosen(panel, "trains") == [value]


def test_thresholds_are_saved_after_a_preview(desk, owner, settings_panel):
    desk.raised()
    desk.say(KIND)
    wait_until(lambda: sum(len(each.messages) for each in desk.judge.scored) == 2, 15, "scores")
    preview = limits(desk, owner, settings_panel, "toxicity 0.05")
    assert kept(desk).thresholds == {}, "nothing is changed yet"
    assert "2 would have been flagged (now: 1)" in preview.content
    assert "toxicity: 2" in preview.content
    assert save(desk, owner, preview) == "Saved."
    assert kept(desk).thresholds == {"toxicity": 0.05}
    assert logged(desk) == [(str(owner.id), None)]


def test_a_preview_that_nobody_saves_changes_nothing(desk, owner, settings_panel):
    preview = limits(desk, owner, settings_panel, "toxicity 0.05")
    assert preview.content.startswith("No messages were scored in the last 7 days")
    assert kept(desk).thresholds == {}
    assert logged(desk) == []


def test_the_rest_of_the_form_is_saved_with_its_thresholds(desk, owner, settings_panel):
    more = {"Largest window (messages)": "500"}
    preview = limits(desk, owner, settings_panel, "toxicity 0.6, insult 0.5", **more)
    save(desk, owner, preview)
    assert kept(desk).largest_window == 500
    assert kept(desk).thresholds == {"toxicity": 0.6, "insult": 0.5}


def test_thresholds_can_be_the_operators_again(desk, owner, settings_panel):
    change(desk.bot, desk.guild, thresholds={"toxicity": 0.6})
    save(desk, owner, limits(desk, owner, settings_panel, ""))
    assert kept(desk).thresholds == {}


def test_one_channel_has_thresholds_of_its_own(desk, owner, panel):
    preview = one_channel(desk, owner, panel, desk.watched, "toxicity 0.95")
    assert save(desk, owner, preview) == "Saved."
    assert kept(desk).channel_thresholds == {str(desk.watched.id): {"toxicity": 0.95}}
    assert logged(desk) == [(str(owner.id), str(desk.watched.id))]
    desk.say(RUDE)
    wait_until(lambda: desk.judge.scored, 15, "its scores")
    assert desk.cases == []


def test_channels_that_others_set_meanwhile_stay_as_they_are(desk, owner, panel, algebra):
    preview = one_channel(desk, owner, panel, desk.watched, "toxicity 0.95")
    change(desk.bot, desk.guild, channel_thresholds={str(algebra.id): {"insult": 0.3}})
    save(desk, owner, preview)
    assert kept(desk).channel_thresholds == {
        str(algebra.id): {"insult": 0.3},
        str(desk.watched.id): {"toxicity": 0.95},
    }


def test_a_channel_may_have_the_servers_thresholds_again(desk, owner, panel):
    change(desk.bot, desk.guild, channel_thresholds={str(desk.watched.id): {"toxicity": 0.9}})
    save(desk, owner, one_channel(desk, owner, panel, desk.watched, ""))
    assert kept(desk).channel_thresholds == {}


def test_what_is_no_threshold_is_told(desk, owner, panel):
    answer = one_channel(desk, owner, panel, desk.watched, "toxicity high")
    assert answer.content.startswith("Gate thresholds: write a label and a number")
    assert kept(desk).channel_thresholds == {}


def test_others_change_nothing(desk, owner, panel, settings_panel, algebra):
    """Also where they managed the server when they opened it."""
    managers = desk.guild.add_role("Managers", Permission.MANAGE_GUILD)
    desk.guild.members[desk.member.id].add_role(managers)
    use = desk.server.slash(desk.member, desk.watched, "precis", "settings")
    theirs = opened(desk, desk.member, use.wait_for_answer())
    preview = one_channel(desk, desk.member, theirs, desk.watched, "toxicity 0.1")
    desk.guild.members[desk.member.id].remove_role(managers)
    before = kept(desk)
    for menu, value in (("watched", algebra), ("trains", "on"), ("channel", algebra)):
        use = desk.server.select(desk.member, theirs, f"precis:moderation:{menu}", [value])
        assert use.wait_for_answer().content == ONLY_MANAGERS
    assert save(desk, desk.member, preview) == ONLY_MANAGERS
    assert kept(desk) == before


def test_deleted_channels_can_be_forgotten(desk, owner, algebra):
    change(
        desk.bot,
        desk.guild,
        watched=(str(algebra.id), str(desk.watched.id)),
        channel_thresholds={str(algebra.id): {"toxicity": 0.9}},
    )
    algebra.delete()
    wait_until(lambda: not desk.bot.get_guild(desk.guild.id).get_channel(algebra.id), 15, "its end")
    panel = desk.server.slash(owner, desk.watched, "precis", "settings").wait_for_answer()
    assert chosen(opened(desk, owner, panel), "watched") == [str(desk.watched.id)]
    use = desk.server.click(owner, panel, "precis:settings:forget")
    assert use.wait_for_followup().content == "Saved."
    assert kept(desk).watched == (str(desk.watched.id),)
    assert kept(desk).channel_thresholds == {}


def test_panels_of_before_a_restart_work_after_it(server, settings, store, moderation, judge):
    watch(store, moderation)
    owner = moderation.people[0]
    with bot_running(server, settings, store, judge) as bot:
        moderation.bot = bot
        use = server.slash(owner, moderation.watched, "precis", "settings")
        panel = opened(moderation, owner, use.wait_for_answer())
        preview = one_channel(moderation, owner, panel, moderation.watched, "toxicity 0.1")
    with bot_running(server, settings, store, judge) as bot:
        moderation.bot = bot
        assert choose(moderation, owner, panel, "trains", "on") == "Saved."
        assert save(moderation, owner, preview).startswith("That was too long ago")
        assert kept(moderation).channel_thresholds == {}
