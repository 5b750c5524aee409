"""What was deleted of late."""

from bot.deleted import REMEMBERED, Deleted


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_messages_deleted_of_late_are_known():
    deleted = Deleted(Clock())
    deleted.note({"1", "2"})
    deleted.note({"3"})
    assert deleted.among(["0", "1", "3"]) == {"1", "3"}


def test_what_was_deleted_long_ago_is_not_kept():
    clock = Clock()
    deleted = Deleted(clock)
    deleted.note({"1"})
    clock.now = REMEMBERED + 1
    deleted.note({"2"})
    assert deleted.among(["1", "2"]) == {"2"}
