"""`/summarize`, `/catchup`, `/precis` and the message shortcuts, as people use them."""

import pytest

from tests.services import wait_until

USAGE = "Précis can't make that out."
PROGRESS = ("Reading", "messages read", "Summarising")


@pytest.fixture
def ana(people):
    return people[0]


@pytest.fixture
def ben(people):
    return people[1]


def answer(use):
    """The message that holds the summary, or the line that there is none."""
    wait_until(lambda: any(is_final(m) for m in use.messages), what="an answer")
    return next(m for m in use.messages if is_final(m))


def is_final(message):
    return not any(word in message.shown for word in PROGRESS)


def test_the_latest_200_messages_are_summed_up_for_who_asks_alone(
    server, bot, summariser, algebra, ana, ben
):
    shown = answer(server.slash(ana, algebra, "summarize"))
    assert "A summary." in shown.shown
    assert len(summariser.conversations[0].messages) == 200
    assert shown.visible_to(ana)
    assert not shown.visible_to(ben)
