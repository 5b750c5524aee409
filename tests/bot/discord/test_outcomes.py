"""What people are told where there is no summary, and what is asked twice."""

import pytest
from sqlalchemy import select

from precis.job import JobState
from precis.store.tables import asks
from tests.bot.discord.serving import answered
from tests.services import wait_until


def states(store):
    with store.database.reading() as connection:
        return list(connection.scalars(select(asks.c.state).order_by(asks.c.created_at)))


def test_a_withheld_summary_is_told_in_one_line(server, bot, summariser, algebra, people):
    summariser.withhold = True
    answer = answered(server.slash(people[0], algebra, "summarize"))
    assert "toxicity gate" in answer.content
    assert "\n" not in answer.content
    assert (answer.embeds, answer.buttons) == ([], [])


def test_a_job_that_failed_is_told_with_its_reason(server, bot, summariser, algebra, people):
    summariser.fail = "No model is there; run make setup."
    answer = answered(server.slash(people[0], algebra, "summarize"))
    assert answer.content == "That didn't work: No model is there; run make setup."


def test_a_reason_longer_than_a_message_is_cut(server, bot, summariser, algebra, people):
    summariser.fail = "long " * 1_000
    answer = answered(server.slash(people[0], algebra, "summarize"))
    assert len(answer.content) <= 2_000
    assert answer.content.endswith("…")


def test_a_bug_is_told_without_its_words(server, bot, summariser, algebra, people):
    summariser.texts = None  # not what the stand-in can work with
    use = server.slash(people[0], algebra, "summarize")
    answer = answered(use, seconds=60)
    assert "an internal error, three times" in answer.content
    assert "TypeError" not in answer.content


def test_an_ask_is_ended_when_it_is_answered(server, bot, store, algebra, people):
    answered(server.slash(people[0], algebra, "summarize"))
    wait_until(lambda: states(store) == ["answered"], what="the ask's end")
    with store.database.reading() as connection:
        assert list(connection.scalars(select(asks.c.reply))) == [{}]


def test_an_ask_that_is_refused_is_ended(server, bot, store, guild, people):
    answered(server.slash(people[0], guild.add_text_channel("empty"), "summarize"))
    wait_until(lambda: states(store) == ["failed"], what="the ask's end")


def test_a_refusal_that_discord_does_not_take_is_told_when_it_does(
    server, bot, store, guild, people
):
    empty = guild.add_text_channel("empty")
    # The line that reading begins, and the one that there is nothing.
    server.fail("PATCH /webhooks/{}/{}/messages/@original", None, times=2)
    answer = answered(server.slash(people[0], empty, "summarize"), 40)
    assert "nothing to summarise" in answer.content
    wait_until(lambda: states(store) == ["failed"])


def test_the_same_asked_again_is_answered_from_the_store(
    server, bot, summariser, store, algebra, people
):
    first = answered(server.slash(people[0], algebra, "summarize", last=50, private=False))
    # The first answer is in the channel now, and is none of its messages.
    second = answered(server.slash(people[1], algebra, "summarize", last=50))
    assert second.embeds == first.embeds
    assert len(summariser.requests) == 1
    assert store.count_jobs()[JobState.DONE] == 1


def test_a_withheld_summary_is_not_tried_again(server, bot, summariser, algebra, people):
    summariser.withhold = True
    for person in people[:2]:
        assert "toxicity gate" in answered(server.slash(person, algebra, "summarize")).content
    assert len(summariser.requests) == 1


def test_a_failed_summary_is_tried_again(server, bot, summariser, algebra, people):
    summariser.fail = "Not now."
    answered(server.slash(people[0], algebra, "summarize"))
    summariser.fail = None
    assert answered(server.slash(people[0], algebra, "summarize")).embeds


def test_the_same_asked_in_another_style_is_summarised_anew(
    server, bot, summariser, algebra, people
):
    for style in ("brief", "bullets"):
        answered(server.slash(people[0], algebra, "summarize", last=50, style=style))
    assert len(summariser.requests) == 2


def test_after_a_new_message_it_is_summarised_anew(server, bot, summariser, algebra, people):
    answered(server.slash(people[0], algebra, "summarize"))
    server.say(algebra, people[1], "one more thing")
    answered(server.slash(people[0], algebra, "summarize"))
    assert len(summariser.requests) == 2


def test_an_edited_message_is_read_as_it_is_now(server, bot, summariser, algebra, people):
    said = server.say(algebra, people[1], "what I said")
    answered(server.slash(people[0], algebra, "summarize", last=1))
    server.edit(said, "what I meant")
    answered(server.slash(people[0], algebra, "summarize", last=1))
    assert summariser.read == [["what I said"], ["what I meant"]]


def test_two_people_at_once_are_both_answered_with_one_summary(
    server, bot_that_waits, waiting, algebra, people
):
    uses = [
        server.slash(person, algebra, "summarize", last=50, private=private)
        for person, private in ((people[0], True), (people[1], False))
    ]
    wait_until(lambda: waiting.begun.acquire(blocking=False), what="a job in hand")
    wait_until(lambda: all(use.original for use in uses), what="both to wait")
    waiting.go.set()
    first, second = (answered(use) for use in uses)
    assert first.embeds == second.embeds
    assert len(waiting.requests) == 1
    assert [use.visible_to(people[2]) for use in uses] == [[], [second]]


def test_one_who_comes_later_joins_the_job_that_runs(
    server, bot_that_waits, store, waiting, algebra, people
):
    first = server.slash(people[0], algebra, "summarize", last=50)
    wait_until(lambda: waiting.begun.acquire(blocking=False), what="a job in hand")
    second = server.slash(people[1], algebra, "summarize", last=50)
    wait_until(lambda: states(store) == ["waiting", "waiting"], what="both to wait")
    waiting.go.set()
    assert answered(first).embeds == answered(second).embeds
    assert len(waiting.requests) == 1


def test_while_it_works_it_says_what_is_happening(server, bot_that_waits, waiting, algebra, people):
    use = server.slash(people[0], algebra, "summarize", last=50)
    wait_until(
        lambda: use.original and use.original.content == "Summarising 50 messages…",
        what="a line of progress",
    )
    waiting.go.set()
    answer = answered(use)
    assert (answer.content, use.messages) == ("", [answer])


def test_while_one_waits_ones_place_in_the_queue_is_told(
    server, guild, bot_that_waits, settings, waiting, people
):
    busy = settings.concurrency
    channels = [guild.add_text_channel(f"c{n}") for n in range(busy + 2)]
    for channel in channels:
        server.fill(channel, people, 5)
    for person, channel in zip(people * 2, channels[:busy], strict=False):
        server.slash(person, channel, "summarize")
    for _ in range(busy):
        wait_until(lambda: waiting.begun.acquire(blocking=False), what="a job in hand")
    use = server.slash(people[3], channels[busy], "summarize")
    wait_until(
        lambda: (
            use.original
            and use.original.content == f"5 messages read. {busy} before you in the queue."
        ),
        what="its place in the queue",
    )


@pytest.mark.parametrize("private", [True, False])
def test_an_answer_has_the_buttons_that_fit(server, bot, algebra, people, private):
    answer = answered(server.slash(people[0], algebra, "summarize", private=private))
    labels = [button["label"] for button in answer.buttons]
    assert labels == ["👍", "👎", "Share" if private else "Delete", "Report"]
