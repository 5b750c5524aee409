"""The clock for deadlines: slow as the machine is slow, and not as a program is."""

import pytest

from tests.clocks import MOST, TICK, LoadClock, patient_seconds
from tests.services import wait_until


class Machine:
    """What a process sees of its machine."""

    def __init__(self):
        self.now, self.had, self.load = 100.0, 7.0, 0.5
        self.clock = LoadClock(lambda: self.now, lambda: self.had, lambda: self.load)

    def goes_on(self, seconds, *, every=TICK, worked=0.0):
        """The clock's thread gets to look `every` so many seconds."""
        for _ in range(round(seconds / every)):
            self.now += every
            self.had += every * worked
            self.clock.tick()
        return self.clock.seconds()


@pytest.fixture
def machine():
    return Machine()


@pytest.mark.parametrize("worked", [0.0, 0.5, 2.0])
def test_where_there_is_room_it_counts_real_time(machine, worked):
    assert machine.goes_on(3.0, worked=worked) == pytest.approx(3.0)


def test_where_four_programs_want_each_core_a_second_takes_four(machine):
    machine.load = 4.0
    assert machine.goes_on(12.0) == pytest.approx(3.0)


def test_a_process_that_is_held_up_finds_no_time_gone(machine):
    assert machine.goes_on(30.0, every=10.0) == pytest.approx(3 * MOST)


def test_a_process_that_holds_itself_up_does(machine):
    """By work that lets no other thread of it run."""
    assert machine.goes_on(4.0, every=4.0, worked=1.0) == pytest.approx(4.0)


def test_it_goes_by_itself_and_never_back():
    seen = [patient_seconds()]
    wait_until(lambda: seen.append(patient_seconds()) or seen[-1] > seen[0])
    assert seen == sorted(seen)


def test_waiting_in_vain_ends():
    with pytest.raises(pytest.fail.Exception, match=r"waited 0\.2 s for rain in vain"):
        wait_until(lambda: False, 0.2, "rain")
