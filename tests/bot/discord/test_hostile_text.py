"""Nothing that people write, are called or name makes the bot do what it should not."""

import pytest

from tests.bot.discord.markdown import effects
from tests.bot.discord.serving import answered


def pinged(server):
    """Who was notified by any message of the bot's."""
    places = [*server.world.channels.values(), *server.world.dms.values()]
    there = {message for place in places for message in server.messages_by_bot(place)}
    there |= {message for use in server.interactions for message in use.messages}
    return {user for message in there for user in message.pinged}


def lines(message):
    """Of each embed's description, without the links that the bot itself put there."""
    link = r" [↗](https://discord.com/channels/"
    for embed in message.embeds:
        for line in embed["description"].splitlines():
            yield line.split(link)[0].removeprefix("• ")


def test_names_of_people_are_harmless(server, bot, summariser, guild, people):
    channel = guild.add_text_channel("calculus")
    names = ["@everyone", "[x](https://evil.example)", "`x`", "**x**", "\u202eabc", "# x", "<@1>"]
    crowd = [server.add_user(f"user{n}", name) for n, name in enumerate(names)]
    for person in crowd:
        guild.add_member(person)
    server.fill(channel, crowd, ["hello"] * len(crowd))
    summariser.texts = tuple("Hello." for _ in crowd)
    answer = answered(server.slash(people[1], channel, "summarize", style="people"))
    headings = [line for line in lines(answer) if line.startswith("**")]
    assert len(headings) == len(names)
    assert [effects(heading[2:-2]) for heading in headings] == [[]] * len(names)
    assert pinged(server) == set()


@pytest.mark.parametrize(
    "name", ["@everyone", "**x** [a](https://evil.example)", "\u202eabc", "x" * 100, "`x` <@1>"]
)
def test_the_name_of_a_thread_is_harmless(server, bot, algebra, people, name):
    thread = algebra.add_thread(name, owner=people[0])
    server.fill(thread, people, ["hello"])
    answer = answered(server.slash(people[1], thread, "summarize", private=False))
    assert effects(answer.embeds[0]["title"]) == []
    assert pinged(server) == set()


def test_a_link_that_a_summary_brings_along_is_not_shown(server, bot, summariser, algebra, people):
    said = server.say(algebra, people[1], "hello")
    link = f"https://discord.com/channels/{algebra.guild.id}/{algebra.id}/{said.id}"
    summariser.texts = (f"See {link} or https://evil.example.",)
    answer = answered(server.slash(people[0], algebra, "summarize", last=1))
    [line] = lines(answer)
    assert "link" not in effects(line)


def test_what_is_typed_as_an_option_pings_nobody(server, bot, algebra, people):
    use = server.slash(people[0], algebra, "summarize", since=f"{people[1].mention} @everyone")
    use.wait_for_answer()
    assert pinged(server) == set()


def test_no_line_of_a_whole_conversation_with_the_bot_pings(server, bot, algebra, people):
    ana, ben = people[:2]
    public = answered(server.slash(ana, algebra, "summarize", private=False))
    private = answered(server.slash(ana, algebra, "summarize"))
    server.click(ana, private, "Share").wait_for_followup()
    server.click(ben, public, "Delete").wait_for_followup()
    server.click(ben, public, "👍").wait_for_followup()
    server.slash(ana, algebra, "precis", "settings").wait_for_answer()
    server.slash(ben, algebra, "precis", "privacy").wait_for_answer()
    assert len(server.interactions) == 7
    assert pinged(server) == set()
    bodies = [request.json or {} for request in server.requests if isinstance(request.json, dict)]
    said = [each for body in bodies for each in (body, body.get("data") or {})]
    texts = [each for each in said if each.get("content")]
    assert len(texts) >= 7
    assert [each for each in texts if each.get("allowed_mentions", {}).get("parse") != []] == []
