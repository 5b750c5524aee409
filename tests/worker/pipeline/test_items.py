"""Questions, decisions, promises and links that a digest quotes, and what is open by the end."""

from datetime import timedelta

import numpy as np
import pytest

from precis.conversation import Attachment, Conversation, Reaction
from precis.job import SentenceKind
from tests.conversations import START, message
from worker.pipeline.answering import Talk
from worker.pipeline.items import find_items, still_open


def talk(*lines, told=0, links=None, **changes):
    """A talk of `Author: text` or `Author>N: text` lines, where N is the message that is answered.

    `changes`: of message `mN`. All meanings are unlike each other.
    """
    messages, found = [], []
    for number, line in enumerate(lines):
        head, text = line.split(": ", 1)
        author, _, answered = head.partition(">")
        more = {"reply_to": answered} if answered else {}
        made = message(number, author, text, **more)
        messages.append(made.model_copy(update=changes.get(f"m{number}", {})))
        found.append(int(answered) if answered else None)
    people = Conversation(source="test", messages=tuple(messages))
    return Talk(people, links or found, np.eye(len(lines), 384, dtype=np.float32), told)


def items(spoken, kind, quotable=None):
    found = find_items(spoken, quotable or [True] * len(spoken.messages))
    return [item.text for item in found if item.kind is kind]


def questions(*lines, **changes):
    return items(talk(*lines, **changes), SentenceKind.QUESTION)


def promises(*lines, **changes):
    return items(talk(*lines, **changes), SentenceKind.PROMISE)


ASKED = "Ana: Who has the lecture notes of week five?"


def test_a_question_that_nobody_answers_is_open():
    assert questions(ASKED, "Ben: I had pizza today.") == [
        "Who has the lecture notes of week five?"
    ]


@pytest.mark.parametrize(
    "rest",
    [
        ("Ben>0: They are in the folder.",),
        ("Ben>0: Which course do you mean?", "Ana>1: Databases.", "Ben>2: In the folder."),
        ("Ana>0: The ones about joins.", "Ben>1: They are in the folder."),
        ("Ben>0: no idea, sorry", "Cy>1: They are in the folder."),
        ("Ana>0: never mind, found them",),
        ("Ben: Ana: they are in the folder",),
    ],
)
def test_a_question_that_somebody_else_answers_is_not(rest):
    assert questions(ASKED, *rest) == []


@pytest.mark.parametrize(
    "rest",
    [
        ("Ana>0: Please, it's urgent.",),
        ("Ben>0: no idea, sorry", "Cy>1: same here"),
        ("Ben>0: Which course do you mean?", "Ana>1: Databases."),
        ("Ben>0: 😂",),
    ],
)
def test_its_author_and_who_does_not_know_do_not_answer_it(rest):
    assert len(questions(ASKED, *rest)) == 1


def test_a_thumb_answers_a_question_of_yes_or_no_alone():
    thumb = {"m0": {"reactions": (Reaction(emoji="👍", count=2),)}}
    assert questions("Ana: Is Thursday at five fine with all?", **thumb) == []
    assert len(questions(ASKED, **thumb)) == 1


def test_yes_just_after_it_answers_although_nothing_links_them():
    assert questions("Ana: Shall we meet on Thursday at five?", "Ben: yes, works for me") == []


def test_what_means_the_same_answers_although_nothing_links_them():
    spoken = talk(ASKED, "Ben: The notes of week five are in the folder.")
    spoken._vectors[1] = spoken._vectors[0]
    assert items(spoken, SentenceKind.QUESTION) == []


def test_a_thin_question_comes_with_what_stands_beside_it():
    assert questions("Ana: My program prints nothing at all. Why is that so?") == [
        "My program prints nothing at all. Why is that so?"
    ]


def test_a_decision_is_quoted_without_what_is_around_it():
    spoken = talk("Ana: Good. Decision: we take the early bus on Monday. Bye!")
    assert items(spoken, SentenceKind.DECISION) == ["we take the early bus on Monday."]


def test_a_decision_that_points_elsewhere_comes_with_what_it_points_to():
    spoken = talk("Ana: I suggest that we quiz each other.", "Ben>0: let's do it on Thursday")
    [item] = [i for i in find_items(spoken, [True, True]) if i.kind is SentenceKind.DECISION]
    assert item.text == "I suggest that we quiz each other. → let's do it on Thursday"
    assert item.messages == (1, 0)


def test_a_promise_is_open_until_its_author_says_that_it_is_done():
    lines = ("Ana: I'll book the group room for Thursday.", "Ben: great")
    assert promises(*lines) == ["I'll book the group room for Thursday."]
    assert promises(*lines, "Ana: The group room is booked.") == []
    assert len(promises(*lines, "Ben: I booked a group room once.")) == 1


def test_a_promise_is_kept_by_a_file_in_its_thread():
    file = {"m1": {"attachments": (Attachment(kind="file", name="notes.pdf"),)}}
    assert promises("Ana: I'll send you the notes.", "Ana>0: voilà", **file) == []
    assert len(promises("Ana: I'll send you the notes.", "Ana: voilà", **file)) == 1


def test_who_takes_on_a_request_promises_what_was_asked():
    asked = "Ana: Kann jemand den Raum für Donnerstag buchen?"
    assert promises(asked, "Ben>0: mach ich") == [
        "Kann jemand den Raum für Donnerstag buchen? → mach ich"
    ]
    assert promises("Ana: Es regnet heute schon wieder.", "Ben: mach ich") == []


def test_who_takes_on_a_request_at_once_needs_no_link():
    lines = ("Ana: Kann jemand den Raum für Donnerstag buchen?", "Ben: Mach ich heute Abend.")
    assert promises(*lines) == [
        "Kann jemand den Raum für Donnerstag buchen? → Mach ich heute Abend."
    ]
    assert questions(*lines) == []


def test_links_and_files_are_told_with_what_is_said_of_them():
    file = {"m1": {"attachments": (Attachment(kind="file", name="notes.pdf"),)}}
    spoken = talk(
        "Ana: this helped me a lot: [docs.python.org]",
        "Ben: [file: notes.pdf]",
        "Cy: [tenor.com] [image] [code: python]",
        **file,
    )
    assert items(spoken, SentenceKind.LINK) == [
        "docs.python.org: this helped me a lot",
        "notes.pdf",
    ]


def test_what_may_not_be_quoted_gives_nothing():
    spoken = talk(ASKED, "Ben: I'll send you the notes. See [example.org]")
    assert find_items(spoken, [False, False]) == []


def test_what_is_asked_in_a_message_that_may_not_be_quoted_is_in_no_promise():
    spoken = talk("Ana: Kann jemand den Raum buchen, ihr Deppen?", "Ben>0: mach ich")
    assert items(spoken, SentenceKind.PROMISE, [False, True]) == []


def left(*lines, told, **changes):
    spoken = talk(*lines, told=told, **changes)
    return [item.text for item in still_open(spoken, [True] * len(lines))]


EARLIER = (ASKED, "Ben: I'll send you my slides tonight.")


def test_what_an_earlier_digest_left_open_stays_open_until_it_is_answered_or_kept():
    both = ["Who has the lecture notes of week five?", "I'll send you my slides tonight."]
    assert left(*EARLIER, "Cy: Good morning!", told=2) == both
    assert left(*EARLIER, "Cy>0: They are in the folder.", told=2) == both[1:]
    assert left(*EARLIER, "Ben: here they are", told=2) == both[:1]
    assert left(*EARLIER, "Ana>1: Thanks, got them.", told=2) == both[:1]
    assert left(*EARLIER, "Ana>1: Any news of the slides?", told=2) == both


def test_what_was_left_open_does_not_answer_each_other_for_standing_side_by_side():
    assert len(left(*EARLIER, "Cy: Good morning!", told=2, links=[None, 0, None])) == 2


def test_what_is_older_than_a_week_is_dropped():
    late = {"m2": {"time": START + timedelta(days=8)}}
    assert left(*EARLIER, "Cy: Good morning!", told=2, **late) == []


def test_what_is_carried_is_no_item_of_the_new_messages():
    assert find_items(talk(*EARLIER, "Cy: Good morning!", told=2), [True] * 3) == []
