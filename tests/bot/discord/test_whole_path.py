"""A post of a forum, which only Discord has, from the command to the answer.

Channels, threads and all else are in `tests/scenarios`.
"""

from datetime import UTC, datetime, timedelta

from tests.bot.discord.serving import answered

TALK = ("Only the proofs of chapter two.", "And of chapter three?", "No, she left that out.")


def test_a_post_of_a_forum_is_read_with_what_it_began_with(server, bot, summariser, guild, people):
    asked_at = datetime.now(UTC) - timedelta(hours=7)
    post = guild.add_forum("forum").add_post(
        "Exam in March", "What will be asked?", people[2], at=asked_at
    )
    server.fill(post, people, list(TALK))
    answer = answered(server.slash(people[0], post, "summarize", private=False))
    assert summariser.read == [["What will be asked?", *TALK]]
    assert answer.embeds[0]["title"] == "Summary of Exam in March"
    assert server.messages_by_bot(post) == [answer]
