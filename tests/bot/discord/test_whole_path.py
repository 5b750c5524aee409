"""A study group and its bot, from the command to the answer, each part a process of its own."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.bot.discord.processes import QUICKLY, bot_process, database, deployed, worker_process
from tests.bot.discord.serving import answered
from tests.peers.discord_server import discord_server
from tests.services import wait_until

NAMES = ("Ana", "Ben", "Chen", "Dina", "Emil")
TALK = (
    "Has anybody solved exercise four of the algebra sheet?",
    "I got as far as the second part, then the integral defeated me.",
    "The trick is to substitute u for the inner function first.",
    "Professor Lindqvist said that the exam is on the third of March.",
    "Then we should meet on Thursday at six in the library to revise.",
    "I will bring the old exams from last year, there are four of them.",
    "The proof of the second theorem will certainly be asked.",
    "Could somebody explain why the kernel is a normal subgroup?",
    "Because conjugation maps it to itself, look at page ninety.",
    "Room twelve is booked for us until eight o'clock.",
)
LINK = re.compile(r"\[[^\]]+\]\((https://discord\.com/channels/(\d+)/(\d+)/(\d+))\)")


@pytest.fixture(scope="module")
def discord():
    with discord_server() as running:
        yield running
        assert running.violations == []


@pytest.fixture(scope="module")
def group(discord):
    return [discord.add_user(name.lower(), name) for name in NAMES]


@pytest.fixture(scope="module")
def guild(discord, group):
    return discord.add_guild("Study group", owner=group[0], members=group[1:])


@pytest.fixture(scope="module")
def bot(discord, guild, redis_url, postgresql):
    """The bot and a worker, on Redis and PostgreSQL."""
    with database(postgresql) as url:
        variables = deployed(redis_url, url)
        with worker_process(variables), bot_process(discord, variables) as process:
            yield process


def channel(discord, guild, group):
    return guild.add_text_channel("algebra")


def thread(discord, guild, group):
    return guild.add_text_channel("questions").add_thread("Sheet four", owner=group[1])


def post(discord, guild, group):
    first = datetime.now(UTC) - timedelta(hours=7)
    forum = guild.add_forum("forum")
    return forum.add_post("Exam in March", "What will be asked?", group[2], at=first)


def written(discord, place, group):
    """300 messages by five people, a minute apart; what each says differs."""
    texts = [f"{TALK[n % len(TALK)]} ({n // len(TALK) + 1})" for n in range(300)]
    start = datetime.now(UTC) - timedelta(hours=6)
    return discord.fill(place, group, texts, start=start, step=timedelta(minutes=1))


@pytest.mark.parametrize("private", [True, False], ids=["private", "public"])
@pytest.mark.parametrize("make", [channel, thread, post])
def test_a_study_group_reads_what_was_said(discord, guild, group, bot, make, private):
    place = make(discord, guild, group)
    said = written(discord, place, group)
    ana, others = group[0], group[1:]
    use = discord.slash(ana, place, "summarize", last=300, private=private)
    answer = answered(use, 60)
    assert use.acknowledged_after < 3
    read(answer, place, {message.id: message for message in said})
    assert use.visible_to(ana) == [answer]
    for other in others:
        assert use.visible_to(other) == ([] if private else [answer])
    if private:
        assert discord.messages_by_bot(place) == []
    else:
        assert discord.messages_by_bot(place) == [answer]
    labels = [button["label"] for button in answer.buttons]
    assert labels == ["👍", "👎", "Share" if private else "Delete"]


def read(answer, place, said):
    """As a person would: title, each sentence and where it leads, the footer."""
    assert answer.content == ""
    [embed] = answer.embeds
    assert embed["title"] == f"Summary of {place.name}"
    lines = embed["description"].splitlines()
    assert 2 <= len(lines) <= 30
    for line in lines:
        speaker, _, told = line.partition(": ")
        assert speaker in NAMES
        [(_, server, channel_id, message_id), *_] = LINK.findall(line)
        assert (int(server), int(channel_id)) == (place.guild.id, place.id)
        source = said[int(message_id)]
        assert source.author.global_name == speaker
        assert told.split(" [")[0].replace("\\", "").startswith(source.content.split(" (")[0])
    [covers] = embed["fields"]
    assert covers["value"].startswith("300 messages, ")
    first, last = (int(moment) for moment in re.findall(r"<t:(\d+):", covers["value"]))
    times = sorted(message.at for message in said.values())
    assert (first, last) == (int(times[0].timestamp()), int(times[-1].timestamp()))
    assert embed["footer"]["text"] == "extractive (all-MiniLM-L6-v2)"


def test_while_it_works_it_says_what_it_does(discord, guild, group, bot):
    place = channel(discord, guild, group)
    written(discord, place, group)
    hang = discord.hang(f"GET /channels/{place.id}/messages")
    use = discord.slash(group[1], place, "summarize", last=300)
    wait_until(lambda: use.text == "Reading the messages…", what="word of what it does")
    assert hang.waiting == 1
    hang.release()
    assert answered(use).embeds


def test_asking_again_for_an_unchanged_window_is_answered_from_the_store(
    discord, guild, group, bot
):
    place = channel(discord, guild, group)
    written(discord, place, group)
    first = answered(discord.slash(group[0], place, "summarize", last=300))
    use = discord.slash(group[1], place, "summarize", last=300)
    again = answered(use)
    assert again.embeds == first.embeds
    edits = discord.requests_to(f"PATCH /webhooks/*/{use.token}/messages/@original")
    assert len(edits) == 2  # what it does, and the answer: no place in a queue


def test_one_process_does_it_all_and_goes_on_after_a_restart(tmp_path, server):
    people = [server.add_user(name.lower(), name) for name in NAMES]
    study = server.add_guild("Study group", owner=people[0], members=people[1:])
    place = study.add_text_channel("algebra")
    said = written(server, place, people)
    variables = {**QUICKLY, "PRECIS_HOME": str(tmp_path), "PRECIS_PROFILE": "extractive"}
    with bot_process(server, variables, "--embedded") as process:
        use = server.slash(people[3], place, "summarize", last=300, private=False)
        answer = answered(use, 60)
        read(answer, place, {message.id: message for message in said})
        assert use.visible_to(people[4]) == [answer]
        left = server.slash(people[0], place, "summarize", last=250, private=False)
        wait_until(lambda: "250 messages" in left.text, what="the job that is left")
        assert process.stop(20) == 0
    assert (tmp_path / "precis.db").exists()
    with bot_process(server, variables, "--embedded"):
        answered(left, 60)
    assert server.messages_by_bot(place) == [answer, left.original]
    assert "250 messages, " in left.original.embeds[0]["fields"][0]["value"]
