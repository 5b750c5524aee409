"""Which of a channel's messages make a conversation."""

import asyncio
from datetime import timedelta

import pytest

from bot import gathering
from bot.gathering import gather
from bot.platform import Heard
from precis.ask import AskRequest, Wanted
from precis.window import Window
from tests.conversations import START, message

ASKED = {"platform": "discord", "source": "c", "place": "c", "person": "ana"}


def heard(number, author="ben", text="hello"):
    """Message `number`, sent in minute `number`; text None for one that says nothing."""
    said = None if text is None else message(number, author, text)
    return Heard(str(number), author, START + timedelta(minutes=number), said)


def said(count, author="ben"):
    return [heard(n, author) for n in range(count)]


class Gatherer:
    """Gathers from a list of messages, oldest first, and notes what it was told and asked."""

    def __init__(self, messages, *, most=1_000, silent=()):
        self.messages = messages
        self.most = most
        self.silent = set(silent)
        self.read = 0
        self.looked_up = []
        self.progress = []

    async def _history(self):
        for each in reversed(self.messages):
            self.read += 1
            yield each

    async def _opted_out(self, people):
        self.looked_up.append(sorted(people))
        return self.silent & set(people)

    async def _report(self, count):
        self.progress.append(count)

    def __call__(self, **wanted):
        window = Window(
            **{key: wanted.pop(key) for key in ("last", "since", "until") if key in wanted}
        )
        request = AskRequest(**ASKED, wanted=Wanted(window=window, **wanted))
        return asyncio.run(
            gather(self._history(), request, "study", self.most, self._opted_out, self._report)
        )


def ids(gathered):
    return [int(each.id) for each in gathered.conversation.messages]


def minute(number):
    return START + timedelta(minutes=number)


def test_a_whole_channel_is_gathered_in_the_order_it_was_written():
    gathered = Gatherer(said(5))()
    assert ids(gathered) == [0, 1, 2, 3, 4]
    assert not gathered.partial
    assert (gathered.conversation.source, gathered.conversation.channel) == ("discord", "study")


def test_the_last_few():
    assert ids(Gatherer(said(250))(last=3)) == [247, 248, 249]


def test_the_last_few_are_no_part_of_more():
    assert not Gatherer(said(250))(last=3).partial


def test_the_last_few_are_messages_that_say_something():
    talk = [heard(0), heard(1), heard(2, text=None), heard(3), heard(4, text=None)]
    assert ids(Gatherer(talk)(last=2)) == [1, 3]


def test_from_a_time_on():
    assert ids(Gatherer(said(10))(since=minute(7))) == [7, 8, 9]


def test_until_a_time():
    assert ids(Gatherer(said(10))(until=minute(2))) == [0, 1, 2]


def test_between_two_times_the_last_few():
    assert ids(Gatherer(said(10))(since=minute(2), until=minute(7), last=2)) == [6, 7]


def test_a_message_and_what_follows_it():
    assert ids(Gatherer(said(10))(after="7")) == [7, 8, 9]


def test_from_a_message_that_says_nothing_itself():
    talk = [*said(7), heard(7, text=None), heard(8)]
    assert ids(Gatherer(talk)(after="7")) == [8]


def test_since_ones_own_last_message():
    talk = [*said(4), heard(4, "ana"), heard(5), heard(6)]
    assert ids(Gatherer(talk)(since_own=True)) == [5, 6]


def test_since_ones_own_last_message_though_it_was_a_command():
    talk = [heard(0, "ana"), heard(1), heard(2, "ana", text=None), heard(3)]
    assert ids(Gatherer(talk)(since_own=True)) == [3]


def test_since_ones_own_last_message_though_one_opted_out():
    talk = [heard(0), heard(1, "ana"), heard(2)]
    assert ids(Gatherer(talk, silent=["ana"])(since_own=True)) == [2]


def test_a_line_of_the_platforms_own_is_nobodys_last_message():
    joined = Heard("2", None, minute(2), None)
    talk = [heard(0, "ana"), heard(1), joined, heard(3)]
    assert ids(Gatherer(talk)(since_own=True)) == [1, 3]


def test_who_never_wrote_gets_everything():
    assert ids(Gatherer(said(3))(since_own=True)) == [0, 1, 2]


def test_of_more_than_may_be_read_the_latest_are_taken_and_that_is_said():
    gathered = Gatherer(said(30), most=20)()
    assert ids(gathered) == list(range(10, 30))
    assert gathered.partial


@pytest.mark.parametrize("last", [None, 20, 40])
def test_exactly_as_many_as_may_be_read_are_all(last):
    gathered = Gatherer(said(20), most=20)(last=last)
    assert len(ids(gathered)) == 20
    assert not gathered.partial


def test_more_asked_for_than_may_be_read_is_a_part():
    gathered = Gatherer(said(30), most=20)(last=25)
    assert len(ids(gathered)) == 20
    assert gathered.partial


def test_nothing_is_read_beyond_what_is_needed():
    gatherer = Gatherer(said(5_000))
    gatherer(last=150)
    assert gatherer.read == 200, "by pages of a hundred"


def test_a_channel_of_bots_is_not_read_for_ever(monkeypatch):
    monkeypatch.setattr(gathering, "MOST_LOOKED", 500)
    gatherer = Gatherer([heard(0), *(heard(n, "bot", text=None) for n in range(1, 2_000))])
    gathered = gatherer(last=5)
    assert gatherer.read == 500
    assert gathered.partial


def test_people_who_opted_out_are_left_out():
    talk = [heard(n, author) for n, author in enumerate(["ben", "chen", "ben", "dina"])]
    gathered = Gatherer(talk, silent=["ben"])()
    assert ids(gathered) == [1, 3]


def test_as_many_are_gathered_as_asked_for_though_some_opted_out():
    talk = [heard(n, "ben" if n % 2 else "chen") for n in range(400)]
    assert len(ids(Gatherer(talk, silent=["ben"])(last=150))) == 150


def test_each_hundred_people_are_looked_up_once():
    talk = [heard(n, f"p{n % 3}") for n in range(250)]
    gatherer = Gatherer(talk)
    gatherer()
    assert gatherer.looked_up == [["p0", "p1", "p2"]] * 3


def test_progress_is_told_by_hundreds_and_never_beyond_what_is_taken():
    gatherer = Gatherer(said(250), most=150)
    gatherer()
    assert gatherer.progress == [100, 150]


def test_an_empty_channel():
    gathered = Gatherer([])()
    assert ids(gathered) == []
    assert not gathered.partial
