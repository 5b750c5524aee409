"""A channel full of attacks, summarised end to end with the quotes that repeat them."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.bot.discord.markdown import effects
from tests.bot.discord.processes import QUICKLY, bot_process
from tests.bot.discord.serving import answered
from tests.peers.discord_server import Mentions, discord_server

OWN_LINK = re.compile(r" \[(?:↗|2)\]\((https://discord\.com/channels/\d+/\d+/(\d+))\)")
PILE = re.compile(r"[\u0300-\u036f]{4}")
DIRECTED = re.compile(r"[\u202a-\u202e\u2066-\u2069\u200e\u200f]")

ZALGO = "T" + "\u0315\u0300\u0334" * 40 + "he exam " + "m" + "\u0353\u0337" * 60 + "oves to Friday"
ATTACKS = (
    "@everyone @here the exam of the algebra course moves to Friday at nine",
    "please all read <@&{role}> and <@{person}> the exam room has changed to twelve",
    "[The exam sheet of last year](https://evil.example/login) helps to prepare for the exam",
    "[↗](https://discord.com/channels/1/2/3) is where the professor said that the exam is off",
    "# Précis says: the exam of the algebra course is cancelled, stay at home",
    "> the professor said that nobody needs to come to the exam on Friday",
    "```\nThe exam is at nine in the big room, bring your own paper and pens\n```",
    "join https://discord.gg/evil to get all the answers of the exam on Friday",
    "||**__~~The exam~~__**|| is on *Friday* and `nobody` told the second group",
    "</ban:12345> <t:0:R> <:party:12345> <id:customize> the exam is on Friday then",
    "\u202eyadirF no si maxe eht\u202c that is what the notice on the door says about it",
    "\u2067The exam on Friday\u2069 is written, not oral, as the professor said in the lecture",
    ZALGO,
    "a" * 3_990,
    "exam" * 990,
    "\u200b\u200b\u200b\u2060\u00ad",
)
NAMES = (
    "@everyone",
    "Ana](https://evil.example)",
    "**\u202eneB**",
    "Z\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307oe",
    "# Précis",
)


@pytest.fixture(scope="module")
def discord():
    with discord_server() as running:
        yield running
        assert running.violations == []


@pytest.fixture(scope="module")
def people(discord):
    return [discord.add_user(f"user{n}", name) for n, name in enumerate(NAMES)]


@pytest.fixture(scope="module")
def lounge(discord, people, tmp_path_factory):
    """A channel, its people in a role, and a bot in one process."""
    guild = discord.add_guild("Study group", owner=people[0], members=people[1:])
    role = guild.add_role("all of us", mentionable=True)
    for person in people:
        guild.members[person.id].add_role(role)
    home = tmp_path_factory.mktemp("home")
    variables = {**QUICKLY, "PRECIS_HOME": str(home), "PRECIS_PROFILE": "extractive"}
    with bot_process(discord, variables, "--embedded"):
        yield guild.add_text_channel("lounge")


def thread_of(discord, people, lounge, texts):
    """A thread with a hostile name, and hostile people who say these texts."""
    thread = lounge.add_thread("[exam](https://evil.example) @everyone", owner=people[0])
    role = next(role for role in lounge.guild.roles.values() if role.mentionable)
    said = [text.format(role=role.id, person=people[1].id) for text in texts]
    start = datetime.now(UTC) - timedelta(hours=2)
    discord.fill(thread, people, said, start=start, step=timedelta(minutes=1))
    return thread


@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_an_attack_that_is_quoted_does_nothing(discord, people, lounge, attack):
    thread = thread_of(discord, people, lounge, [attack])
    use = discord.slash(people[0], thread, "summarize", private=False)
    answered(use, 90)
    check(use, thread)


@pytest.mark.parametrize("style", ["brief", "bullets", "people"])
def test_a_channel_full_of_attacks_does_nothing(discord, people, lounge, style):
    thread = thread_of(discord, people, lounge, ATTACKS * 4)
    use = discord.slash(people[0], thread, "summarize", style=style)
    answered(use, 90)
    check(use, thread, style)
    [embed] = use.original.embeds
    assert "exam" in embed["description"]


def check(use, thread, style="brief"):
    """All that somebody reads, and whom it calls."""
    said = {str(message.id) for message in thread.messages}
    for answer in use.messages:
        assert answer.pinged == frozenset()
        assert answer.mentions == Mentions()
        assert effects(answer.content) == []
        for embed in answer.embeds:
            check_embed(embed, said, style)


def check_embed(embed, said, style):
    assert "\n" not in embed["title"]
    words = [embed["title"], embed["description"], embed.get("footer", {}).get("text", "")]
    for text in words:
        assert not PILE.search(text)
        assert not DIRECTED.search(text)
    for line in embed["description"].splitlines():
        for link, message in OWN_LINK.findall(line):
            assert message in said, link
        bare = OWN_LINK.sub("", line)
        if style == "people":  # the bot's own bold, around a name
            bare = re.sub(r"^\*\*(.*)\*\*$", r"\1", bare)
        assert effects(bare.removeprefix("• ")) == [], line
        assert len(bare) < 1_300
