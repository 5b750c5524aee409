"""Who may decide on Discord: who moderates where it was written, as of the click."""

from datetime import UTC, datetime, timedelta

import pytest

from precis.store import ChatStore
from tests.bot.discord.moderators import ABLE, RUDE, own
from tests.peers.discord_server import Permission
from tests.services import wait_until

P = Permission
NO_CARD = "0" * 32
BUTTONS = ["Show", "Toxic", "Not toxic", "Remove message"]
FORMS = ["Time out", "Note"]


@pytest.fixture
def card(desk):
    """A card that Ben, who moderates nothing, can see too."""
    desk.channel.set_overwrite(desk.member, allow=P.VIEW_CHANNEL)
    desk.message, card = desk.raised()
    return card


def refused(desk, person, card, label):
    """Told why not; nothing is decided, nothing shown, and no form opens."""
    use = desk.server.click(person, card, label)
    wait_until(lambda: own(use) or use.modal, 15, "a word")
    assert use.modal is None
    told = desk.told(use)
    assert RUDE not in told
    assert desk.case.open
    assert not desk.message.deleted
    return told


def forge(card, label, custom_id):
    """Let a button say something else than it did."""
    [button] = [each for each in card.buttons if each["label"] == label]
    button["custom_id"] = custom_id


def id_of(card, label):
    [button] = [each for each in card.buttons if each["label"] == label]
    return button["custom_id"]


def only_moderators(desk, place=None):
    return f"Only moderators of {(place or desk.watched).mention} can do that."


@pytest.mark.parametrize("label", [*BUTTONS, *FORMS])
def test_who_moderates_nothing_can_do_nothing(desk, card, label):
    assert refused(desk, desk.member, card, label) == only_moderators(desk)


def test_who_no_longer_moderates_can_do_nothing(desk, card):
    desk.guild.members[desk.moderator.id].remove_role(desk.role)
    desk.channel.set_overwrite(desk.moderator, allow=P.VIEW_CHANNEL)
    assert refused(desk, desk.moderator, card, "Toxic") == only_moderators(desk)


def test_who_moderates_since_a_moment_can(desk, card):
    desk.guild.members[desk.member.id].add_role(desk.role)
    assert desk.press(desk.member, card, "Toxic") == "Done."


def test_a_moderator_that_is_timed_out_can_do_nothing(desk, card):
    desk.guild.members[desk.moderator.id].time_out(datetime.now(UTC) + timedelta(hours=1))
    assert refused(desk, desk.moderator, card, "Not toxic") == only_moderators(desk)


def test_a_moderator_of_another_channel_can_do_nothing(desk, card, algebra):
    algebra.set_overwrite(desk.member, allow=P.MANAGE_MESSAGES)
    desk.channel.set_overwrite(desk.member, allow=P.VIEW_CHANNEL | P.MANAGE_MESSAGES)
    for label in ("Show", "Not toxic"):
        assert refused(desk, desk.member, card, label) == only_moderators(desk)


def test_a_moderator_of_that_channel_alone_can(desk, card):
    desk.watched.set_overwrite(desk.member, allow=P.MANAGE_MESSAGES)
    assert desk.press(desk.member, card, "Not toxic") == "Done."


def test_a_moderator_who_cannot_read_the_channel_can_do_nothing(desk, card):
    desk.watched.set_overwrite(desk.moderator, deny=P.VIEW_CHANNEL)
    assert refused(desk, desk.moderator, card, "Show") == only_moderators(desk)
    desk.watched.set_overwrite(desk.moderator, deny=P.READ_MESSAGE_HISTORY)
    assert refused(desk, desk.moderator, card, "Show") == only_moderators(desk)


def test_what_was_said_in_a_private_thread_is_for_moderators_in_it(desk):
    thread = desk.watched.add_thread(
        "secret", private=True, owner=desk.author, members=[desk.server.bot, desk.other]
    )
    desk.message, card = desk.raised(place=thread)
    told = refused(desk, desk.moderator, card, "Show")
    assert told == only_moderators(desk, thread)
    assert RUDE in desk.press(desk.other, card, "Show")
    thread.remove_member(desk.server.bot)  # now the bot can't see it: who sees all still can
    assert refused(desk, desk.other, card, "Toxic") == only_moderators(desk, thread)
    owner = desk.people[0]
    assert desk.press(owner, card, "Toxic") == "Done."


def test_a_moderator_of_another_server_can_do_nothing(desk, card):
    other = desk.server.add_guild(
        "Other group", owner=desk.people[0], bot_permissions=ABLE, members=[desk.member]
    )
    theirs = other.add_text_channel("moderators")
    other.members[desk.member.id].add_role(other.add_role("Mods", P.MANAGE_MESSAGES))
    wait_until(lambda: desk.bot.get_guild(other.id), 15, "the other server")
    use = desk.server.slash(desk.member, theirs, "precis", "review")
    mine = use.wait_for_answer()
    for label in [*BUTTONS, *FORMS]:
        stolen = id_of(card, label)
        mine.components = [
            {"type": 1, "components": [{"type": 2, "style": 2, "label": "x", "custom_id": stolen}]}
        ]
        told = refused(desk, desk.member, mine, "x")
        assert told == "That card isn't of this server."


@pytest.mark.parametrize("label", ["Show", "Toxic"])
def test_a_forged_card_is_none(desk, card, label):
    action = id_of(card, label).split(":")[2]
    forge(card, label, f"precis:case:{action}:{NO_CARD}:1")
    assert refused(desk, desk.moderator, card, label) == "That card isn't of this server."


@pytest.mark.parametrize("action", ["release", "edit"])
def test_a_forged_action_does_nothing(desk, card, action):
    """What is done with summaries alone."""
    _, _, _, card_id, seen = id_of(card, "Toxic").split(":")
    forge(card, "Toxic", f"precis:case:{action}:{card_id}:{seen}")
    told = refused(desk, desk.moderator, card, "Toxic")
    assert told.startswith(("There is nothing to release", "This card is out of date"))


@pytest.mark.parametrize(
    "custom_id", ["precis:case:ban:{card}:1", "precis:case:keep:{card}:x", "precis:case:keep:;:1"]
)
def test_an_id_that_is_none_is_no_click(desk, card, custom_id):
    card_id = id_of(card, "Toxic").split(":")[3]
    forge(card, "Toxic", custom_id.format(card=card_id))
    desk.server.click(desk.moderator, card, "Toxic")
    _, again = desk.raised(author=desk.member)  # the bot goes on
    assert desk.press(desk.moderator, again, "Not toxic") == "Done."
    assert [each.open for each in desk.cases].count(True) == 1


def test_what_a_stale_card_did_not_show_is_not_decided(desk, card):
    """A message that comes after a moderator has looked isn't decided by their click."""
    stale = id_of(card, "Not toxic")
    desk.raised()
    forge(card, "Not toxic", stale)
    assert desk.press(desk.moderator, card, "Not toxic") == "Done."
    assert [case.open for case in sorted(desk.cases, key=lambda each: each.position)] == [
        False,
        True,
    ]
    wait_until(lambda: "1 message to look at" in card.text, 15, "the card as it is now")
    forge(card, "Not toxic", stale)
    assert desk.press(desk.other, card, "Not toxic").startswith("Somebody was quicker.")


def test_whom_settings_name_is_shown_nothing_that_they_could_not_read(desk, card):
    named = {"moderators": (str(desk.member.id),)}
    ChatStore(desk.store).change_settings(
        "discord", str(desk.guild.id), "test", lambda now: now.model_copy(update=named)
    )
    desk.watched.set_overwrite(desk.member, deny=P.VIEW_CHANNEL)
    told = refused(desk, desk.member, card, "Show")
    assert told.startswith(f"You can't read {desk.watched.mention}")
    assert desk.press(desk.member, card, "Toxic") == "Done."


def test_a_card_of_which_nothing_was_seen_decides_nothing(desk, card):
    forge(card, "Toxic", f"{id_of(card, 'Toxic').rsplit(':', 1)[0]}:0")
    told = refused(desk, desk.moderator, card, "Toxic")
    assert told == "This card is out of date; it is shown anew."


@pytest.mark.parametrize("label", FORMS)
def test_who_no_longer_moderates_when_a_form_is_sent_can_do_nothing(desk, card, label):
    use = desk.form(desk.moderator, card, label)
    desk.guild.members[desk.moderator.id].remove_role(desk.role)
    values = {"Note": "x"} if label == "Note" else {"For how long": "1 hour"}
    told = desk.told(desk.server.submit_modal(use, values))
    assert told == only_moderators(desk)
    assert (desk.case.open, desk.case.note) == (True, None)
    assert not desk.guild.members[desk.author.id].timed_out


def test_who_may_not_time_anybody_out_cannot_by_the_bots_hand(desk, card):
    desk.role.set_permissions(P.MANAGE_MESSAGES)
    use = desk.form(desk.moderator, card, "Time out")
    told = desk.told(desk.server.submit_modal(use, {"For how long": "1 hour"}))
    assert told == "You may not time them out yourself, so Précis doesn't for you."
    assert desk.case.open
    assert not desk.guild.members[desk.author.id].timed_out


def test_nobody_times_out_who_is_above_them(desk, card):
    role = desk.guild.add_role("Tutors")
    role.move(desk.role.position + 1)
    desk.guild.members[desk.author.id].add_role(role)
    use = desk.form(desk.moderator, card, "Time out")
    told = desk.told(desk.server.submit_modal(use, {"For how long": "1 hour"}))
    assert told.startswith("You may not time them out")
    assert not desk.guild.members[desk.author.id].timed_out
