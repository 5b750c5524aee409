"""The peers' clock: a busy machine slows it down, so that nothing is too late because of that."""

import asyncio

import pytest

from tests.clocks import TICK
from tests.peers.loop import Clock
from tests.services import until


class Patience:
    """The seconds that a program could have worked, as the test sets them."""

    def __init__(self):
        self.seconds, self.looks = 50.0, 0

    def look(self):
        self.looks += 1
        return self.seconds

    async def looked_at(self):
        """Until the clock has been looked at several times since."""
        before = self.looks
        await until(lambda: self.looks > before + 3, what="looks at the clock")


@pytest.fixture
def patience(monkeypatch):
    made = Patience()
    monkeypatch.setattr("tests.peers.loop.patient_seconds", made.look)
    return made


def test_what_is_due_waits_for_a_machine_that_is_busy(patience):
    due = []

    async def scenario():
        Clock().call_later(TICK, due.append, "late")
        await patience.looked_at()
        assert due == []
        patience.seconds += TICK
        await until(lambda: due, what="what is due")

    asyncio.run(scenario())
    assert due == ["late"]


def test_what_arrives_by_then_is_dealt_with_before(patience):
    """Also where the loop finds both at once."""
    order = []

    async def scenario():
        Clock().call_later(0.0, order.append, "due")
        patience.seconds += 10.0
        ours, theirs = asyncio.Queue(), asyncio.Queue()
        ours.put_nowait("arrived")
        theirs.put_nowait(await ours.get())
        order.append(await theirs.get())
        await until(lambda: len(order) == 2, what="both")

    asyncio.run(scenario())
    assert order == ["arrived", "due"]


def test_a_test_that_moves_the_clock_on_makes_things_old_and_hastens_nothing(patience):
    clock, due = Clock(), []
    made, now = clock.patient(), clock.now()

    async def scenario():
        clock.call_later(TICK, due.append, "late")
        clock.advance(3_600)
        await patience.looked_at()

    asyncio.run(scenario())
    assert clock.patient() - made == 3_600
    assert clock.now() - now >= 3_600
    assert due == []
