"""A workspace's settings: opened and changed by its admins, in a form that says what is wrong."""

import threading

import pytest
from sqlalchemy import select

from precis.ask import ServerSettings
from precis.job import Style
from precis.store.tables import servers
from tests.bot.slack.using import answer, change
from tests.services import wait_until

ONLY_ADMINS = "Only this workspace's admins can change its settings."


@pytest.fixture
def ana(people):
    return people[0]


@pytest.fixture
def ben(people):
    return people[1]


def kept(bot, workspace):
    return bot.frontend.context.chat.server_settings("slack", workspace.id)


def opened(server, person, channel):
    """The modal, as soon as there is something in it."""
    view = server.slash(person, channel, "precis", "settings").wait_for_view()
    wait_until(lambda: "One moment" not in view.text, what="the form")
    return view


@pytest.fixture
def form(server, bot, algebra, ana):
    return opened(server, ana, algebra)


def sent(server, person, view, **values):
    """What is said of a form."""
    before = view.hash
    use = server.submit(person, view, values).wait_for_ack()
    wait_until(lambda: use.errors or view.hash != before, what="a word of it")
    wait_until(lambda: "Saving…" not in view.text, what="the last word")
    return use.errors or view.text.partition("\n")[2]


def confirmed(server, person, view):
    """What is said once thresholds are saved after a look at what they would have flagged."""
    assert view.callback_id == "precis:settings:confirm"
    return sent(server, person, view)


def test_what_is_chosen_is_kept(server, bot, workspace, algebra, form, ana, people):
    secret, followed, moderators = (
        workspace.add_channel(name, members=people) for name in ("secret", "followed", "mods")
    )
    said = sent(
        server,
        ana,
        form,
        people=[people[1].id, people[2].id],
        never_read=[secret.id],
        follows=[followed.id],
        moderators=moderators.id,
        style="bullets",
        window="500",
        thresholds="toxicity 0.6, insult 0.5",
        language="de",
        deciders=[people[3].id],
        watched=[followed.id],
        trains=["on"],
    )
    assert "No messages were scored in the last 7 days" in said
    assert kept(bot, workspace) == ServerSettings()
    assert confirmed(server, ana, form) == "Gespeichert."
    assert kept(bot, workspace) == ServerSettings(
        roles=(people[1].person, people[2].person),
        never_read=(secret.id,),
        follows=(followed.id,),
        moderators_channel=moderators.id,
        style=Style.BULLETS,
        largest_window=500,
        thresholds={"toxicity": 0.6, "insult": 0.5},
        language="de",
        moderators=(people[3].person,),
        watched=(followed.id,),
        trains=True,
    )


def test_a_form_shows_what_is_kept(server, bot, workspace, algebra, ana, ben):
    change(
        bot,
        workspace,
        roles=(ben.person,),
        never_read=(algebra.id,),
        moderators_channel=algebra.id,
        largest_window=500,
        thresholds={"toxicity": 0.6},
        style=Style.PEOPLE,
    )
    view = opened(server, ana, algebra)
    shown = [view.state()["values"][each["block_id"]]["value"] for each in view.elements]
    assert [next(iter(list(each.values())[1:])) for each in shown][:4] == [
        [ben.id],
        [algebra.id],
        [],
        algebra.id,
    ]
    assert view.state()["values"]["window"]["value"]["value"] == "500"
    assert view.state()["values"]["thresholds"]["value"]["value"] == "toxicity 0.6"
    assert view.state()["values"]["style"]["value"]["selected_option"]["value"] == "people"


def test_a_form_may_be_left_as_it_is(server, bot, workspace, algebra, ana, ben):
    change(bot, workspace, roles=(ben.person,), never_read=(algebra.id,), largest_window=500)
    before = kept(bot, workspace)
    assert sent(server, ana, opened(server, ana, algebra)) == "Saved."
    assert kept(bot, workspace) == before


def test_nothing_may_be_chosen_again(server, bot, workspace, algebra, ana, ben):
    change(bot, workspace, roles=(ben.person,), never_read=(algebra.id,), follows=(algebra.id,))
    view = opened(server, ana, algebra)
    assert sent(server, ana, view, people=[], never_read=[], follows=[]) == "Saved."
    assert kept(bot, workspace) == ServerSettings()


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"window": "9"}, "window", "Largest window: write a number from 10 to 10,000."),
        ({"window": "many"}, "window", "Largest window: write a number from 10 to 10,000."),
        ({"thresholds": "toxicity high"}, "thresholds", "Gate thresholds: write a label and a"),
        (
            {"never_read": ["C000010001"], "follows": ["C000010001"]},
            "follows",
            "A channel that is never read can't be followed.",
        ),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_changes_nothing(
    server, bot, workspace, form, values, field, said
):
    errors = sent(server, form.user, form, **values)
    assert list(errors) == [field]
    assert errors[field].startswith(said)
    assert not form.closed
    assert kept(bot, workspace) == ServerSettings()


def test_who_changed_what_is_on_the_books(server, bot, store, form, ana):
    sent(server, ana, form, style="people")
    with store.database.reading() as connection:
        assert list(connection.scalars(select(servers.c.changed_by))) == [ana.person]


def test_others_are_shown_no_form(server, bot, algebra, ben):
    view = opened(server, ben, algebra)
    assert ONLY_ADMINS in view.text
    assert view.elements == []


def test_who_is_no_longer_an_admin_changes_nothing(server, bot, workspace, form, ana):
    ana.admin = False
    assert sent(server, ana, form, style="people") == ONLY_ADMINS
    assert kept(bot, workspace) == ServerSettings()


def test_an_admin_elsewhere_changes_nothing_here(server, bot, workspace, algebra, ana):
    eve = server.add_workspace("Others", "others").add_user("eve", admin=True)
    algebra.add(eve, quietly=True)
    said = server.slash(ana, algebra, "precis").wait_for_answer()
    view = server.click(eve, said, "Settings", forged={}).wait_for_view()
    wait_until(lambda: ONLY_ADMINS in view.text, what="the refusal")


def test_settings_that_are_kept_slowly_are_said_to_be_in_the_end(
    server, bot, workspace, form, ana, monkeypatch
):
    change_settings = bot.frontend.context.chat.change_settings
    let = threading.Event()

    def slowly(*given, **more):
        let.wait(20)
        return change_settings(*given, **more)

    monkeypatch.setattr(bot.frontend.context.chat, "change_settings", slowly)
    use = server.submit(ana, form, {"style": "people"}).wait_for_ack()
    wait_until(lambda: "Saving…" in form.text, what="a word of it")
    let.set()
    wait_until(lambda: "Saved." in form.text, what="the last word")
    assert use.acknowledged_after < 3


def test_the_home_leads_to_the_settings(server, bot, workspace, ana):
    server.open_home(ana)
    wait_until(lambda: workspace.home_of(ana), what="the home")
    view = server.click(ana, workspace.home_of(ana), "Settings").wait_for_view()
    wait_until(lambda: view.callback_id == "precis:settings", what="the form")


def test_damaged_settings_are_shown_as_the_defaults_and_saved_anew(
    server, bot, workspace, algebra, ana
):
    change(bot, workspace, largest_window=-1)
    view = opened(server, ana, algebra)
    assert sent(server, ana, view, style="people") == "Saved."
    assert kept(bot, workspace) == ServerSettings(style=Style.PEOPLE)


def test_a_channel_that_is_never_read_is_refused(server, bot, workspace, algebra, form, ana, ben):
    sent(server, ana, form, never_read=[algebra.id])
    assert "A summary." not in answer(server.slash(ben, algebra, "summarize")).shown
