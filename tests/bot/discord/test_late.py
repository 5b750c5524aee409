"""What is said after an interaction's token has died: once, and nothing is left beside it."""

import pytest

from tests.peers.discord_server import Permission
from tests.services import wait_until

SENT = "POST /channels/{}/messages"
FOLLOWUP = "POST /webhooks/{}/{}"


@pytest.fixture
def ana(people):
    return people[0]


def waits(server, waiting, person, place, **options):
    """An ask whose job is at work."""
    use = server.slash(person, place, "summarize", last=30, **options)
    wait_until(lambda: waiting.begun.acquire(blocking=False), what="a job in hand")
    wait_until(lambda: use.text.startswith("Summarising"), what="the last line before the answer")
    return use


def late(server, waiting, person, place, **options):
    """The same, after its token has died."""
    use = waits(server, waiting, person, place, **options)
    server.expire_tokens()
    return use


def statuses(server, before):
    return [request.status for request in server.requests_to(SENT)[before:]]


@pytest.mark.parametrize("private", [True, False])
def test_of_an_answer_whose_token_dies_between_two_parts_the_rest_is_sent(
    server, bot_that_waits, waiting, algebra, ana, private
):
    waiting.texts = tuple(f"n{n:02} {'x' * 500}" for n in range(20))
    use = waits(server, waiting, ana, algebra, private=private)
    hang = server.hang(FOLLOWUP)
    waiting.go.set()
    wait_until(lambda: hang.waiting, what="the second part")
    server.expire_tokens()
    hang.release()

    def written():
        rest = server.dms(ana) if private else server.messages_by_bot(algebra)
        return [use.original, *(message for message in rest if message is not use.original)]

    wait_until(lambda: written()[-1].buttons, what="the last part")
    said = "".join(message.embeds[0]["description"] for message in written())
    assert [said.count(f"n{n:02} ") for n in range(20)] == [1] * 20


def test_the_line_beside_a_late_public_answer_is_taken_away(
    server, bot_that_waits, waiting, algebra, ana
):
    late(server, waiting, ana, algebra, private=False)
    waiting.go.set()
    wait_until(lambda: [m for m in server.messages_by_bot(algebra) if m.embeds], what="the answer")
    wait_until(lambda: len(server.messages_by_bot(algebra)) == 1, what="the line to be gone")
    [answer] = server.messages_by_bot(algebra)
    assert answer.embeds[0]["description"].startswith("A summary.")


def test_the_line_beside_a_late_last_word_is_taken_away(
    server, bot_that_waits, waiting, algebra, ana
):
    waiting.withhold = True
    late(server, waiting, ana, algebra, private=False)
    waiting.go.set()
    wait_until(
        lambda: (
            [m.content.startswith("No summary") for m in server.messages_by_bot(algebra)] == [True]
        ),
        what="the last word alone",
    )


def test_what_others_asked_stays_where_a_line_is_taken_away(
    server, bot_that_waits, waiting, algebra, ana, people
):
    late(server, waiting, ana, algebra, private=False)
    other = server.slash(people[1], algebra, "summarize", last=30, private=False)
    waiting.go.set()
    wait_until(lambda: other.original and other.original.embeds, what="the answer in time")
    wait_until(lambda: len(server.messages_by_bot(algebra)) == 2, what="the line to be gone")
    assert not other.original.deleted


def test_a_late_refusal_shows_nothing_in_public(server, bot_that_waits, waiting, algebra, ana):
    late(server, waiting, ana, algebra, private=False)
    algebra.set_overwrite(server.bot, deny=Permission.READ_MESSAGE_HISTORY)
    waiting.go.set()
    wait_until(lambda: server.dms(ana), what="the refusal")
    [said] = server.dms(ana)
    assert said.content.startswith(f"Précis can't read the message history of {algebra.mention}")
    # The bot can't find its line where it can't read, but there is nothing in it.
    assert [message.embeds for message in server.messages_by_bot(algebra)] == [[]]


@pytest.mark.parametrize("private", [True, False])
def test_a_late_last_word_whose_sending_met_a_fault_comes_once(
    server, bot_that_waits, waiting, algebra, ana, private
):
    waiting.withhold = True
    late(server, waiting, ana, algebra, private=private)
    before = len(server.requests_to(SENT))
    server.fail(SENT, None, times=1, after_effect=True)
    waiting.go.set()
    wait_until(lambda: statuses(server, before) == [0, 200], what="a second try")
    written = server.dms(ana) if private else server.messages_by_bot(algebra)
    assert len([m for m in written if m.content.startswith("No summary")]) == 1


def test_a_late_refusal_whose_sending_met_a_fault_comes_once(
    server, bot_that_waits, waiting, algebra, ana, people
):
    ben = people[1]
    late(server, waiting, ben, algebra, private=False)
    algebra.set_overwrite(ben, deny=Permission.READ_MESSAGE_HISTORY)
    before = len(server.requests_to(SENT))
    server.fail(SENT, None, times=1, after_effect=True)
    waiting.go.set()
    wait_until(lambda: statuses(server, before) == [0, 200], what="a second try")
    assert len(server.dms(ben)) == 1
    assert server.messages_by_bot(algebra) == []
