"""What people write behind `/digest`."""

import pytest

from bot.slack.arguments import MOST_WRITTEN, UnclearError
from bot.slack.digest_arguments import DigestArguments, full_zone, parse_digest
from precis.job import Style
from precis.schedule import parse_clock, parse_days

BULLETS = Style.BULLETS


def options(text):
    """What is given, without the act."""
    found = parse_digest(f"here {text}")
    given = {name: getattr(found, name) for name in DigestArguments.__slots__}
    return {name: value for name, value in given.items() if value not in (None, (), "here")}


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("", "help"), ("help", "help"), ("Hilfe", "help"), ("here", "here"), ("HIER", "here"),
        ("me", "me"), ("to me", "me"), ("an mich", "me"), ("mir", "me"), ("list", "list"),
        ("pause", "pause"), ("aussetzen", "pause"), ("weiter", "resume"), ("Vorschau", "preview"),
        ("stopp", "stop"), ("“me”", "me"),
    ],
)  # fmt: skip
def test_what_to_do(text, act):
    assert parse_digest(text) == DigestArguments(act)


@pytest.mark.parametrize("text", ["to <#C1|a>", "an <#C1>", "nach <#C1|>", "To <#C1|a>,"])
def test_to_a_channel(text):
    assert parse_digest(text) == DigestArguments("to", "C1")


@pytest.mark.parametrize(("text", "number"), [("stop 2", 2), ("stop #2", 2), ("pause 10.", 10)])
def test_one_of_the_list(text, number):
    assert parse_digest(text).number == number


@pytest.mark.parametrize(
    ("text", "given"),
    [
        (
            "at 18:00 on weekdays zone Europe/Berlin least 10 style bullets weekly <#C1|a> <#C2|>",
            {
                "time": "18:00", "days": "weekdays", "zone": "Europe/Berlin", "least": 10,
                "style": BULLETS, "weekly": True, "channels": ("C1", "C2"),
            },
        ),
        ("um 18 Uhr am Montag ab 10 Nachrichten in Stichpunkten, wöchentlich",
         {"time": "18Uhr", "days": "montag", "least": 10, "style": BULLETS, "weekly": True}),
        ("6 pm", {"time": "6pm"}),
        ("at 9", {"time": "9"}),
        ("um 18 am Mo", {"time": "18", "days": "mo"}),
        ("Mon, Wed and Fri", {"days": "mon wed fri"}),
        ("on Mon and Wed at 7:30am", {"days": "mon wed", "time": "7:30am"}),
        ("every Monday", {"days": "monday"}),
        ("jeden Freitag", {"days": "freitag"}),
        ("every day", {"days": "every day"}),
        ("daily", {"weekly": False, "days": "daily"}),
        ("täglich am Montag", {"weekly": False, "days": "montag"}),
        ("at least 5 messages", {"least": 5}),
        ("of <#C1|a><#C2|b>", {"channels": ("C1", "C2")}),
        ("without <#C1|a> and <#C2|b> daily <#C3|c>",
         {"without": ("C1", "C2"), "channels": ("C3",), "weekly": False, "days": "daily"}),
        ("ohne <#C1|a>, <#C2|b>", {"without": ("C1", "C2")}),
        ("Europe/Berlin", {"zone": "Europe/Berlin"}),
        ("utc", {"zone": "utc"}),
        ("as people", {"style": Style.PEOPLE}),
        ("on Funday", {"days": "funday"}),  # the use case tells what is wrong with it
        ("at noon", {"time": "noon"}),
    ],
)  # fmt: skip
def test_options_in_any_order(text, given):
    assert options(text) == given


@pytest.mark.parametrize("time", ["6 pm", "18 Uhr", "18:00 Uhr", "7.30", "9h"])
def test_times_are_understood_further_on(time):
    assert parse_clock(options(f"at {time}")["time"])


@pytest.mark.parametrize("days", ["weekdays", "every day", "Mo Mi Fr", "Tue and Thu"])
def test_days_are_understood_further_on(days):
    assert parse_days(options(days)["days"])


@pytest.mark.parametrize(
    "text",
    [
        "there", "to", "to <@U1>", "to nowhere", "to #algebra", "here now", "here least many",
        "here least 0", "here least 99999", "here at", "here zone", "here 18:00 19:00",
        "here bullets brief", "here without", "here without bullets", "here <@U1>", "stop x",
        "stop 0", "stop 1 2", "<#C1|a>", "2", "here <!channel>", "here " + "x" * MOST_WRITTEN,
    ],
)  # fmt: skip
def test_what_is_not_understood(text):
    with pytest.raises(UnclearError):
        parse_digest(text)


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("new_york", "America/New_York"),
        ("UTC", "UTC"),
        ("Atlantis", "Atlantis"),
        (None, None),
    ],
)
def test_zones_by_their_names_or_cities(typed, zone):
    assert full_zone(typed) == zone
