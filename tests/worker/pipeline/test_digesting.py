"""Digest jobs through the whole pipeline, with the models that ship."""

from datetime import timedelta

import pytest

from precis.conversation import Conversation
from precis.job import DIGEST_QUEUE, FlagAction, JobRequest, SentenceKind
from precis.settings import load_settings
from tests.conversations import conversation, message
from tests.worker.pipeline.test_summarise import INSULT
from worker.pipeline.summarise import Pipeline
from worker.summariser import Deadline, JobAbandonedError

ORDER = [SentenceKind.TOPIC, SentenceKind.SAID, SentenceKind.QUESTION, SentenceKind.DECISION]
ORDER += [SentenceKind.PROMISE, SentenceKind.LINK]

EXAM = (
    ("Ana", "Should we revise for the algorithms exam together this week?"),
    ("Ben", "Yes, I would like to revise the graphs chapter for the exam."),
    ("Ana", "Let's go with Thursday at five in the library for the revision."),
    ("Ben", "I'll bring the printed notes of the graphs chapter on Thursday."),
    ("Cy", f"{INSULT}. I'll send you nothing, who needs the notes anyway?"),
    ("Cy", "Does anybody know whether the exam has questions on flows this year?"),
)
TRIP = (
    ("Dee", "The bus to the lake leaves at nine on Saturday, here is the map: [maps.example]"),
    ("Eli", "The lake will be cold, I would rather walk around the lake."),
    ("Dee", "We can rent a boat at the lake, four people fit into a boat."),
    ("Eli", "A boat on the lake costs eight euros an hour."),
)


def said(lines, first=0, minute=0.0, **more):
    return tuple(
        message(first + n, author, text, minute + n, **more)
        for n, (author, text) in enumerate(lines)
    )


DAY = Conversation(source="test", messages=(*said(EXAM), *said(TRIP, 10, 300)))


@pytest.fixture(scope="module")
def pipeline():
    made = Pipeline(load_settings(profile="extractive"))
    yield made
    made.close()


def digested(pipeline, people, **request):
    wanted = JobRequest(task="digest", queue=DIGEST_QUEUE, **request)
    return pipeline.summarise(wanted, people, Deadline(timedelta(hours=1)))


def of_kind(result, kind):
    return [each for each in result.summary.sentences if each.kind is kind]


@pytest.fixture(scope="module")
def day(pipeline):
    return digested(pipeline, DAY)


def test_each_topic_is_told_in_the_contracts_order_the_weightiest_first(day):
    keys = [(s.topic, ORDER.index(s.kind)) for s in day.summary.sentences if s.topic is not None]
    assert keys == sorted(keys)
    assert {topic for topic, _ in keys} == {0, 1}
    assert [kind for _, kind in keys].count(0) == 2


def test_a_topic_says_who_took_part_and_where_each_began(day):
    first, second = of_kind(day, SentenceKind.TOPIC)
    assert first.speakers == ("Ana", "Ben", "Cy")
    assert [citation.id for citation in first.citations] == ["0", "1", "5"], "Cy's clean message"
    assert (second.speakers, first.text) == (("Dee", "Eli"), "")


def test_one_to_three_sentences_tell_of_a_topic(day):
    for number in (0, 1):
        told = [each for each in of_kind(day, SentenceKind.SAID) if each.topic == number]
        assert 1 <= len(told) <= 3


def test_what_is_quoted_cites_its_message_and_names_who_said_it(day):
    found = {
        each.kind: (each.text, each.speakers, [citation.id for citation in each.citations])
        for each in day.summary.sentences
        if each.kind not in (SentenceKind.TOPIC, SentenceKind.SAID)
    }
    assert found == {
        SentenceKind.QUESTION: (
            "Does anybody know whether the exam has questions on flows this year?", ("Cy",), ["5"],
        ),
        SentenceKind.DECISION: (
            "Let's go with Thursday at five in the library for the revision.", ("Ana",), ["2"],
        ),
        SentenceKind.PROMISE: (
            "I'll bring the printed notes of the graphs chapter on Thursday.", ("Ben",), ["3"],
        ),
        SentenceKind.LINK: (
            "maps.example: The bus to the lake leaves at nine on Saturday, here is the map",
            ("Dee",), ["10"],
        ),
    }  # fmt: skip


def test_what_is_told_as_an_item_is_not_quoted_once_more(day):
    cited = {citation.id for each in of_kind(day, SentenceKind.SAID) for citation in each.citations}
    assert not cited & {"2", "3", "5", "10"}


def test_a_toxic_message_is_flagged_and_nothing_of_it_is_quoted(day):
    [flag] = day.flags
    assert (flag.target, flag.action) == ("4", FlagAction.NOTED)
    assert "4" not in {c.id for each in day.summary.sentences for c in each.citations}


def test_what_moderators_decided_holds_for_items_too(pipeline):
    promise = "Zed: I'll send you the stupid notes tonight, you idiots"
    people = conversation(promise, "Ana: The exam is on Thursday at ten.")
    assert of_kind(digested(pipeline, people), SentenceKind.PROMISE) == []
    released = digested(pipeline, people, judged={"0": False})
    assert [s.text for s in of_kind(released, SentenceKind.PROMISE)] == [promise[5:]]
    kept = digested(pipeline, DAY, judged={"3": True})
    assert of_kind(kept, SentenceKind.PROMISE) == []


def test_who_is_called_an_insult_is_neither_quoted_nor_named(pipeline):
    rude = "You stupid fucking idiot"
    renamed = DAY.messages[3].model_copy(update={"author_name": rude, "author_id": "x"})
    people = DAY.model_copy(update={"messages": (*DAY.messages[:3], renamed, *DAY.messages[4:])})
    result = digested(pipeline, people)
    assert of_kind(result, SentenceKind.PROMISE) == []
    assert all(rude not in sentence.speakers for sentence in result.summary.sentences)


def test_a_lone_question_is_told_although_its_topic_is_too_small(pipeline):
    lone = message(50, "Flo", "Who has seen my umbrella with the yellow ducks?", 900)
    result = digested(pipeline, DAY.model_copy(update={"messages": (*DAY.messages, lone)}))
    [loose] = [s for s in result.summary.sentences if s.topic is None]
    assert (loose.kind, loose.citations[0].id) == (SentenceKind.QUESTION, "50")


YESTERDAY = said(
    (
        ("Eli", "Does anybody have a spare helmet for the climbing course?"),
        ("Ben", "I'll send you the list of the climbing gear."),
    ),
    first=80,
    minute=-1440.0,
)


def test_what_is_carried_is_linked_but_neither_told_nor_counted(pipeline, day):
    both = Conversation(source="test", messages=(*YESTERDAY, *DAY.messages))
    result = digested(pipeline, both, carried=("80", "81"))
    for kind in ORDER:
        if kind is not SentenceKind.SAID:
            assert of_kind(result, kind) == of_kind(day, kind)
    cited = {c.id for s in of_kind(result, SentenceKind.SAID) for c in s.citations}
    assert not {"80", "81"} & cited
    left = of_kind(result, SentenceKind.OPEN)
    assert [(s.speakers, s.citations[0].id, s.topic) for s in left] == [
        (("Eli",), "80", None),
        (("Ben",), "81", None),
    ]
    assert not {"80", "81"} & set(result.scores)


def test_what_is_answered_since_is_no_longer_open(pipeline):
    answer = message(90, "Cy", "You can have mine.", 20, reply_to="80")
    done = message(91, "Ben", "Here is the list: [gear.example]", 21)
    both = Conversation(source="test", messages=(*YESTERDAY, *DAY.messages[:4], answer, done))
    assert of_kind(digested(pipeline, both, carried=("80", "81")), SentenceKind.OPEN) == []


def test_only_what_is_at_the_beginning_is_carried(pipeline):
    assert digested(pipeline, DAY, carried=("3",)).summary == digested(pipeline, DAY).summary


def test_insults_alone_are_withheld(pipeline):
    result = digested(pipeline, conversation(f"Zed: {INSULT}", f"Yan: {INSULT}"))
    assert result.summary is None
    assert [f.action for f in result.flags] == [FlagAction.NOTED] * 2 + [FlagAction.WITHHELD]


@pytest.mark.parametrize("carried", [(), ("80",)])
def test_nothing_new_makes_an_empty_digest_or_tells_what_is_open(pipeline, carried):
    people = Conversation(source="test", messages=YESTERDAY[: len(carried)])
    result = digested(pipeline, people, carried=carried)
    assert [s.kind for s in result.summary.sentences] == [SentenceKind.OPEN] * len(carried)
    assert result.flags == ()


@pytest.mark.parametrize("text", ["[image]", "🎉", "ok", "明日の会議は何時ですか"])
def test_the_smallest_conversations_have_a_digest(pipeline, text):
    result = digested(pipeline, conversation(f"Ana: {text}"))
    assert [s.text for s in of_kind(result, SentenceKind.SAID)] == [f"Ana: {text}"]


def test_cancelled_work_stops(pipeline):
    deadline = Deadline(timedelta(hours=1))
    deadline.cancel()
    with pytest.raises(JobAbandonedError):
        pipeline.summarise(JobRequest(task="digest"), DAY, deadline)


def test_the_embedded_model_writes_the_gist_and_messages_are_quoted_for_the_rest():
    pipeline = Pipeline(load_settings())
    try:
        result = digested(pipeline, DAY)
    finally:
        pipeline.close()
    by_id = {each.id: each for each in DAY.messages}
    told = of_kind(result, SentenceKind.SAID)
    assert told
    for sentence in told:
        assert sentence.citations
        assert "#Person" not in sentence.text
        if sentence.origin == "extracted":
            [cited] = sentence.citations
            assert sentence.text.startswith(f"{by_id[cited.id].author_name}: ")
    for topic in (0, 1):
        origins = [s.origin for s in told if s.topic == topic]
        assert origins.count("generated") <= 1
