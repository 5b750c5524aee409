"""`/summarize`, wherever one stands, as people see it."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.bot.discord.serving import answered
from tests.services import wait_until


def long_ago():
    return datetime.now(UTC) - timedelta(days=1)


def covered(answer):
    """How many messages an answer says it is of."""
    return answer.embeds[-1]["fields"][0]["value"].split(",")[0]


def test_a_private_summary_is_seen_by_who_asked_alone(server, bot, algebra, people):
    ana, ben = people[:2]
    use = server.slash(ana, algebra, "summarize", last=50)
    answer = answered(use)
    assert use.acknowledged_after < 3
    assert use.visible_to(ana) == [answer]
    assert use.visible_to(ben) == []
    [embed] = answer.embeds
    assert embed["title"] == "Summary of algebra"
    assert embed["description"].startswith("A summary. [↗](https://discord.com/channels/")
    assert covered(answer) == "50 messages"


def test_a_public_summary_is_seen_by_everybody(server, bot, algebra, people):
    use = server.slash(people[0], algebra, "summarize", last=50, private=False)
    answer = answered(use)
    assert use.visible_to(people[1]) == [answer]
    assert server.messages_by_bot(algebra) == [answer]


def test_a_summary_says_over_which_time_and_by_which_model(server, bot, algebra, people):
    answer = answered(server.slash(people[0], algebra, "summarize", last=2))
    first, last = algebra.messages[-2:]
    told = f"<t:{int(first.at.timestamp())}:f> – <t:{int(last.at.timestamp())}:"
    assert told in answer.embeds[0]["fields"][0]["value"]
    assert answer.embeds[0]["footer"]["text"] == "test"


def test_a_sentence_leads_to_the_message_it_rests_on(server, bot, guild, algebra, people):
    answer = answered(server.slash(people[0], algebra, "summarize", last=2))
    first = algebra.messages[-2]
    link = f"https://discord.com/channels/{guild.id}/{algebra.id}/{first.id}"
    assert answer.embeds[0]["description"] == f"A summary. [↗]({link})"


def test_without_a_window_the_latest_200_are_read(server, bot, algebra, people):
    assert covered(answered(server.slash(people[0], algebra, "summarize"))) == "200 messages"


def test_the_summariser_gets_the_latest_in_order(server, bot, summariser, algebra, people):
    answered(server.slash(people[0], algebra, "summarize", last=3))
    assert summariser.read == [[message.content for message in algebra.messages[-3:]]]


def test_a_public_thread_is_read_whole(server, bot, summariser, algebra, people):
    origin = algebra.messages[0]
    thread = algebra.add_thread("exercise four", from_message=origin, at=long_ago())
    server.fill(thread, people, [f"reply {n}" for n in range(250)])
    answer = answered(server.slash(people[0], thread, "summarize"))
    assert answer.embeds[0]["title"] == "Summary of exercise four"
    [texts] = summariser.read
    assert texts == [origin.content, *(f"reply {n}" for n in range(250))]


def test_a_private_thread_is_read_for_its_members(server, bot, summariser, algebra, people):
    ana, ben = people[:2]
    thread = algebra.add_thread("secret", private=True, owner=ana, members=[ben, server.bot])
    server.fill(thread, [ana], ["hush"])
    answered(server.slash(ben, thread, "summarize", private=False))
    assert summariser.read == [["hush"]]


def test_a_forum_post_is_read_with_its_first_message(server, bot, guild, summariser, people):
    ana, ben = people[:2]
    post = guild.add_forum("questions").add_post("How?", "How does it work?", ana, at=long_ago())
    server.fill(post, [ben], ["Like this."])
    answer = answered(server.slash(ana, post, "summarize", private=False))
    assert answer.embeds[0]["title"] == "Summary of How?"
    assert summariser.read == [["How does it work?", "Like this."]]


def test_the_chat_of_a_voice_channel_is_read(server, bot, guild, summariser, people):
    lounge = guild.add_voice_channel("lounge")
    server.fill(lounge, people, ["Can you hear me?"])
    answered(server.slash(people[0], lounge, "summarize"))
    assert summariser.read == [["Can you hear me?"]]


def test_an_announcement_channel_is_read(server, bot, guild, summariser, people):
    news = guild.add_announcement_channel("news")
    server.fill(news, people[:1], ["We meet on Thursday."])
    answered(server.slash(people[1], news, "summarize"))
    assert summariser.read == [["We meet on Thursday."]]


def test_an_archived_thread_is_read_from_its_channel(server, bot, summariser, algebra, people):
    thread = algebra.add_thread("old", owner=people[0])
    server.fill(thread, people, ["long ago"])
    thread.archive()
    answered(server.slash(people[1], algebra, "summarize", thread=thread))
    assert summariser.read == [["long ago"]]


def test_another_thread_can_be_named(server, bot, summariser, algebra, people):
    thread = algebra.add_thread("exercise four", owner=people[0])
    server.fill(thread, people, ["in the thread"])
    answer = answered(server.slash(people[0], algebra, "summarize", thread=thread))
    assert answer.embeds[0]["title"] == "Summary of exercise four"
    assert summariser.read == [["in the thread"]]


@pytest.mark.parametrize(
    ("style", "shown"),
    [
        ("brief", ["One.", "Two."]),
        ("bullets", ["• One.", "• Two."]),
        ("people", ["**Ana**", "• One.", "**Ben**", "• Two."]),
    ],
)
def test_a_style_lays_it_out(server, bot, summariser, guild, people, style, shown):
    summariser.texts = ("One.", "Two.")
    channel = guild.add_text_channel("calculus")
    server.fill(channel, people, ["first", "second"])
    answer = answered(server.slash(people[0], channel, "summarize", style=style))
    lines = [line.split(" [")[0] for line in answer.embeds[0]["description"].splitlines()]
    assert lines == shown


def test_names_stand_as_plain_text(server, bot, summariser, guild):
    summariser.texts = ("*Star* says so.",)
    star = server.add_user("star", "*Star* <@1>")
    guild.add_member(star)
    channel = guild.add_text_channel("calculus")
    server.fill(channel, [star], ["hello"])
    answer = answered(server.slash(star, channel, "summarize", style="people"))
    assert answer.embeds[0]["description"].startswith(r"**\*Star\* \<\@1\>**")


def test_a_long_summary_is_told_in_several_messages(server, bot, summariser, algebra, people):
    summariser.texts = tuple(f"Sentence {n} {'x' * 400}." for n in range(25))
    use = server.slash(people[0], algebra, "summarize", last=30)
    wait_until(lambda: use.messages and use.messages[-1].buttons, what="the last part")
    parts = [message.embeds[0] for message in use.messages]
    assert len(parts) > 2
    said = "\n".join(part["description"] for part in parts)
    assert [f"Sentence {n} " in said for n in range(25)] == [True] * 25
    assert use.visible_to(people[1]) == []
