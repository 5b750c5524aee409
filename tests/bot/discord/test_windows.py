"""Which messages a question is about, and what is said where there are none."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from precis.job import Style
from precis.settings import load_settings
from tests.bot.discord.managing import change
from tests.bot.discord.serving import answered, bot_running
from tests.bot.discord.summarisers import Telling

NOW = datetime.now(UTC)


@pytest.fixture
def history(server, guild, people):
    """A channel with messages of the last days: 30 hours ago, 3 hours ago, an hour ago."""
    channel = guild.add_text_channel("history")
    for hours in (30, 3, 1):
        when = datetime.now(UTC) - timedelta(hours=hours)
        server.fill(channel, people[:1], [f"{hours} hours ago"], start=when)
    return channel


@pytest.mark.parametrize(
    ("since", "read"),
    [
        ("2h", ["1 hours ago"]),
        ("4h", ["3 hours ago", "1 hours ago"]),
        ("2d", ["30 hours ago", "3 hours ago", "1 hours ago"]),
        ("yesterday", None),
        (f"{NOW - timedelta(days=3):%Y-%m-%d}", ["30 hours ago", "3 hours ago", "1 hours ago"]),
        (f"{NOW - timedelta(hours=2):%Y-%m-%d %H:%M}", ["1 hours ago"]),
    ],
    # Named without the time: the processes of a run collect them in different minutes.
    ids=["2h", "4h", "2d", "yesterday", "a date", "a date and a clock"],
)
def test_from_a_time_on(server, bot, summariser, history, people, since, read):
    answered(server.slash(people[0], history, "summarize", since=since))
    if read is None:  # depends on the hour of the day
        midnight = (datetime.now(UTC) - timedelta(days=1)).replace(hour=0, minute=0, second=0)
        read = [m.content for m in history.messages if m.at >= midnight]
    assert summariser.read == [read]


def test_from_a_time_on_the_last_few(server, bot, summariser, history, people):
    answered(server.slash(people[0], history, "summarize", since="4h", last=1))
    assert summariser.read == [["1 hours ago"]]


def test_a_time_is_one_of_the_operators_time_zone(server, guild, settings, store, people):
    zone = ZoneInfo("Pacific/Kiritimati")
    now = datetime.now(zone)
    channel = guild.add_text_channel("travel")
    for minutes in (60, 10):
        start = now - timedelta(minutes=minutes)
        server.fill(channel, people[:1], [f"{minutes} minutes ago"], start=start)
    summariser = Telling()
    there = settings.model_copy(update={"timezone": zone.key})
    with bot_running(server, there, store, summariser):
        clock = f"{now - timedelta(minutes=30):%H:%M}"
        answered(server.slash(people[0], channel, "summarize", since=clock))
    assert summariser.read == [["10 minutes ago"]]


def test_what_is_no_time_is_refused_in_the_servers_language(server, bot, guild, history, people):
    change(bot, guild, language="de")
    use = server.slash(people[0], history, "summarize", since="soon").wait_for_ack()
    assert use.text.startswith("since: Das ist keine Zeit; schreib 2h")


@pytest.mark.parametrize("since", ["soon", "2026-02-30", "25:00", "@everyone", "**x** [a](b)"])
def test_what_is_no_time_is_refused_in_one_line(server, bot, summariser, history, people, since):
    use = server.slash(people[0], history, "summarize", since=since).wait_for_ack()
    answer = use.wait_for_answer()
    assert use.ephemeral
    assert "write 2h, 3d, yesterday, 14:00, 2026-01-31" in answer.content
    assert "\n" not in answer.content
    assert answer.mentions.everyone is False
    assert summariser.read == []


def test_an_empty_channel_is_told_in_one_line(server, bot, guild, people):
    channel = guild.add_text_channel("empty")
    answer = answered(server.slash(people[0], channel, "summarize"))
    assert answer.content.startswith("There is nothing to summarise in that window")


def test_a_window_with_nothing_in_it_is_told_in_one_line(server, bot, history, people):
    answer = answered(server.slash(people[0], history, "summarize", since="10m"))
    assert answer.content.startswith("There is nothing to summarise in that window")
    assert "\n" not in answer.content


def test_bots_commands_and_system_lines_are_not_read(server, bot, summariser, guild, people):
    channel = guild.add_text_channel("mixed")
    robot = server.add_user("robot", bot=True)
    guild.add_member(robot)
    server.say(channel, people[0], "hello")
    server.say(channel, robot, "beep")
    server.say(channel, people[0], "!play a song")
    server.say(channel, people[1], "", kind=7)  # joined
    server.say(channel, people[0], "bye")
    answered(server.slash(people[0], channel, "summarize"))
    assert summariser.read == [["hello", "bye"]]


def test_the_bots_own_answers_are_not_read(server, bot, summariser, algebra, people):
    answered(server.slash(people[0], algebra, "summarize", last=2, private=False))
    answered(server.slash(people[0], algebra, "summarize", last=3))
    assert summariser.read[1] == [message.content for message in algebra.messages[-4:-1]]


def test_mentions_markup_and_files_are_read_as_text(server, bot, summariser, guild, people):
    ana, ben = people[:2]
    channel = guild.add_text_channel("markup")
    role = guild.add_role("Tutors")
    server.say(channel, ana, f"**Hi** {ben.mention} and {role.mention} in {channel.mention}")
    server.say(channel, ben, "look: <:party:1> ```py\nx = 1\n``` [here](https://example.org/a)")
    server.say(channel, ben, "", attachments=["notes.pdf"])
    answered(server.slash(ana, channel, "summarize"))
    assert summariser.read == [
        ["Hi Ben and Tutors in #markup", "look: :party: [code: py] here", "[file: notes.pdf]"]
    ]


def test_of_a_larger_window_than_may_be_read_the_latest_are_told(
    server, bot, store, guild, algebra, people
):
    change(bot, guild, largest_window=50)
    answer = answered(server.slash(people[0], algebra, "summarize", last=100))
    [field] = answer.embeds[0]["fields"]
    assert field["value"].startswith("50 messages")
    assert "There were more; these are the latest 50." in field["value"]


def test_a_window_that_just_fits_is_whole(server, bot, store, guild, algebra, people):
    change(bot, guild, largest_window=300)
    answer = answered(server.slash(people[0], algebra, "summarize", since="1d"))
    [field] = answer.embeds[0]["fields"]
    assert field["value"].startswith("300 messages")
    assert "There were more" not in field["value"]


def test_no_server_may_read_more_than_its_operator_lets_it(server, guild, tmp_path, store, people):
    settings = load_settings(home=tmp_path / "home", max_messages=20)
    channel = guild.add_text_channel("long")
    server.fill(channel, people, 30)
    with bot_running(server, settings, store):
        answer = answered(server.slash(people[0], channel, "summarize", last=25))
    assert answer.embeds[0]["fields"][0]["value"].startswith("20 messages")


def test_the_servers_style_is_taken_unless_one_asks_for_another(
    server, bot, summariser, guild, algebra, people
):
    change(bot, guild, style=Style.BULLETS, thresholds={"toxicity": 0.6})
    answered(server.slash(people[0], algebra, "summarize", last=2))
    answered(server.slash(people[0], algebra, "summarize", last=2, style="people"))
    assert [request.style for request in summariser.requests] == ["bullets", "people"]
    assert summariser.requests[0].thresholds == {"toxicity": 0.6}
