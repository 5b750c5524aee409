"""A server's language is spoken wherever the server is known."""

import pytest

from bot.texts import ENGLISH, GERMAN
from tests.bot.discord.managing import change
from tests.bot.discord.serving import answered
from tests.services import wait_until


@pytest.fixture
def german(bot, guild):
    change(bot, guild, language="de")


@pytest.fixture
def ana(people):
    return people[0]


@pytest.fixture
def ben(people):
    """Who doesn't manage the server."""
    return people[1]


def panel(server, person, place, which):
    return server.slash(person, place, "precis", which).wait_for_answer()


def test_an_answer(server, bot, german, algebra, ana):
    answer = answered(server.slash(ana, algebra, "summarize", last=50, private=False))
    [embed] = answer.embeds
    assert embed["title"] == "Zusammenfassung von algebra"
    assert embed["fields"][0]["value"].startswith("50 Nachrichten, ")
    assert [button["label"] for button in answer.buttons] == ["👍", "👎", "Löschen", "Melden"]


def test_progress(server, bot_that_waits, guild, waiting, algebra, ana):
    change(bot_that_waits, guild, language="de")
    use = server.slash(ana, algebra, "summarize", last=1)
    wait_until(lambda: use.text == "1 Nachricht wird zusammengefasst…", what="a line of progress")


def test_one_message_is_one(server, bot, algebra, ana):
    answer = answered(server.slash(ana, algebra, "summarize", last=1))
    assert answer.embeds[0]["fields"][0]["value"].startswith("1 message, ")


def test_what_a_click_says(server, bot, german, algebra, ana, ben):
    answer = answered(server.slash(ana, algebra, "summarize", last=50, private=False))
    assert server.click(ana, answer, "👍").wait_for_followup().content == GERMAN.thanks
    click = server.click(ben, answer, "Löschen")
    assert click.wait_for_followup().content == GERMAN.cannot_delete


def test_what_is_refused_before_anything_is_asked(server, bot, german, algebra, ben):
    said = server.context_menu(ben, algebra.messages[0], "Summarise this thread").wait_for_answer()
    assert "Ab hier zusammenfassen" in said.content
    assert panel(server, ben, algebra, "settings").content == GERMAN.settings_only_managers


def test_the_settings(server, bot, german, algebra, ana):
    shown = panel(server, ana, algebra, "settings")
    assert shown.content == f"**{GERMAN.settings_title}**"
    [styles] = [row["components"][0] for row in shown.components if "options" in str(row)]
    assert [option["label"] for option in styles["options"]] == [
        "kurz",
        "Stichpunkte",
        "nach Personen",
    ]
    said = server.select(ana, shown, "precis:settings:style", ["people"]).wait_for_followup()
    assert said.content == "Gespeichert."


def test_a_panel_speaks_the_language_that_was_just_chosen(server, bot, guild, algebra, ana):
    shown = panel(server, ana, algebra, "settings")
    change(bot, guild, language="de")
    server.select(ana, shown, "precis:settings:style", ["people"]).wait_for_followup()
    assert shown.content == f"**{GERMAN.settings_title}**"


def test_privacy(server, bot, german, algebra, ana):
    shown = panel(server, ana, algebra, "privacy")
    assert shown.content.startswith(f"**{GERMAN.privacy_title}**\n{GERMAN.privacy_read}")
    server.click(ana, shown, "Aussteigen")
    wait_until(lambda: "Du bist ausgestiegen" in shown.content, what="what is told of it")
    assert "Mitmachen" in [button["label"] for button in shown.buttons]


@pytest.mark.parametrize(("locale", "texts"), [("de", GERMAN), ("en-GB", ENGLISH), ("ja", ENGLISH)])
def test_in_direct_messages_the_language_is_ones_own(server, bot, german, ana, locale, texts):
    ana.locale = locale
    shown = panel(server, ana, server.dm_channel(ana), "privacy")
    assert shown.content.startswith(f"**{texts.privacy_title}**")


def test_a_store_that_is_down_is_told_of_in_the_language_of_before(
    server, bot, german, store, algebra, ana
):
    answered(server.slash(ana, algebra, "summarize", last=50))
    store.database.engine.dispose()
    with store.database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE servers RENAME TO elsewhere")
    said = answered(server.slash(ana, algebra, "summarize", last=50))
    assert said.content == GERMAN.store_down


def test_an_unexpected_error_is_told_in_it(server, bot, german, algebra, ana, monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError("a bug")

    answer = answered(server.slash(ana, algebra, "summarize", last=50))
    monkeypatch.setattr(bot.context.chat, "judge", broken)
    assert server.click(ana, answer, "👍").wait_for_followup().content == GERMAN.broken


def registered(server):
    """By name, what the bot has registered with Discord."""
    return {command["name"]: command for command in server.commands[None]}


def test_commands_are_named_in_each_persons_language(server, bot):
    commands = registered(server)
    summarize = commands["summarize"]
    assert summarize["description"] == ENGLISH.command_summarize
    assert summarize["description_localizations"] == {"de": GERMAN.command_summarize}
    options = {option["name"]: option for option in summarize["options"]}
    assert options["last"]["description_localizations"] == {"de": GERMAN.option_last}
    [brief, *_] = options["style"]["choices"]
    assert (brief["name"], brief["value"]) == ("brief", "brief")
    assert brief["name_localizations"] == {"de": "kurz"}
    menu = commands["Summarise from here"]
    assert menu["name_localizations"] == {"de": GERMAN.menu_from_here}
    about = {option["name"]: option for option in commands["precis"]["options"]}
    assert about["settings"]["description_localizations"] == {"de": GERMAN.command_settings}
    review = about["review"]
    assert review["description_localizations"] == {"de": GERMAN.moderation.review_command}
    assert commands["Report to moderators"]["name_localizations"] == {
        "de": GERMAN.moderation.menu_report
    }


def test_a_command_has_one_name_in_all_languages(server, bot):
    for name in ("summarize", "catchup", "precis"):
        assert not registered(server)[name].get("name_localizations")
