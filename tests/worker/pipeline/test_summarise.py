"""The whole pipeline with the models that ship."""

import threading
from datetime import timedelta

import pytest

from precis.conversation import Conversation
from precis.errors import InputError
from precis.job import FlagAction, JobRequest, Style
from precis.settings import load_settings
from tests.conversations import conversation, message
from worker.generators.generator import DraftSentence
from worker.pipeline.summarise import Pipeline
from worker.summariser import Deadline, JobAbandonedError, JobTimedOutError

INSULT = "you are such a stupid idiot, shut up you moron"
TALK = conversation(
    "Ana: The revision session for the algorithms exam is on Thursday at six in room 204.",
    "Ben: Great, I will bring the printed notes of chapter seven.",
    f"Zed: {INSULT}",
    "Cy: Can somebody explain memoisation to me before the exam?",
    "Ana: Cy: you store each result in a table so that it is computed only once.",
)


@pytest.fixture(scope="module")
def pipeline():
    made = Pipeline(load_settings())
    yield made
    made.close()


def summarised(pipeline, people, **request):
    return pipeline.summarise(JobRequest(**request), people, Deadline(timedelta(hours=1)))


def test_a_summary_cites_real_messages_and_names_real_people(pipeline):
    result = summarised(pipeline, TALK)
    assert result.summary.sentences
    ids, names = {m.id for m in TALK.messages}, set(TALK.names.values())
    for sentence in result.summary.sentences:
        assert sentence.citations
        assert {citation.id for citation in sentence.citations} <= ids
        assert set(sentence.speakers) <= names
        assert "#Person" not in sentence.text


def test_the_embedded_model_writes(pipeline):
    origins = {s.origin for s in summarised(pipeline, STUDY).summary.sentences}
    assert "generated" in origins


def test_quotes_alone_can_be_asked_for(pipeline):
    result = summarised(pipeline, TALK, profile="extractive")
    assert {sentence.origin for sentence in result.summary.sentences} == {"extracted"}


def test_a_toxic_message_is_flagged_and_not_quoted(pipeline):
    result = summarised(pipeline, TALK, profile="extractive")
    [flag] = result.flags
    assert (flag.target, flag.action) == ("2", FlagAction.NOTED)
    assert flag.scores[flag.label] >= flag.threshold
    assert all("2" not in {c.id for c in s.citations} for s in result.summary.sentences)
    assert all("Zed" not in s.speakers for s in result.summary.sentences)


ABROAD = (
    ("es", "Mañana traigo las diapositivas impresas del segundo capítulo.", "Eres un hijo de puta"),
    ("fr", "Demain j'apporte les diapositives imprimées du deuxième chapitre.", "Ferme ta gueule"),
    ("ru", "Завтра я принесу распечатанные слайды второй главы.", "Пошел нахуй, мудак"),
    ("de", "Morgen bringe ich die gedruckten Folien von Kapitel zwei mit.", "Du dummes Arschloch"),
)


@pytest.mark.parametrize(("language", "plain", "rude"), ABROAD)
def test_an_insult_in_another_language_is_not_quoted(pipeline, language, plain, rude):
    talk = conversation(f"Ana: {plain}", f"Zed: {rude}", f"Ben: {plain[:-1]} y z.")
    result = summarised(pipeline, talk, profile="extractive")
    cited = {
        citation.id for sentence in result.summary.sentences for citation in sentence.citations
    }
    assert "1" not in cited
    assert cited
    assert result.flags or language != "de", "German is judged, so it is flagged as well"


def test_an_insult_in_another_language_that_moderators_found_harmless_is_quoted(pipeline):
    talk = conversation("Zed: Eres un hijo de puta", "Zed: Eres un hijo de puta")
    judged = {"0": False, "1": False}
    assert summarised(pipeline, talk, profile="extractive", judged=judged).summary.sentences


def test_a_conversation_of_insults_alone_is_withheld(pipeline):
    result = summarised(pipeline, conversation(f"Zed: {INSULT}", f"Yan: {INSULT}"))
    assert result.summary is None
    assert [f.action for f in result.flags] == [FlagAction.NOTED] * 2 + [FlagAction.WITHHELD]


def test_an_empty_conversation_has_an_empty_summary(pipeline):
    result = summarised(pipeline, Conversation(source="test"))
    assert result.summary.sentences == ()
    assert result.flags == ()


@pytest.mark.parametrize("text", ["[image]", "🎉", "ok", "שלום לכולם", "明日の会議は何時ですか"])
def test_the_smallest_conversations_are_summarised(pipeline, text):
    [sentence] = summarised(pipeline, conversation(f"Ana: {text}")).summary.sentences
    assert text in sentence.text
    assert sentence.speakers == ("Ana",)


def test_people_groups_sentences_by_speaker(pipeline):
    result = summarised(pipeline, TALK, style=Style.PEOPLE)
    firsts = [sentence.speakers[0] for sentence in result.summary.sentences]
    assert firsts == sorted(firsts, key=firsts.index)
    assert result.summary.style is Style.PEOPLE


def test_which_models_were_used_is_said(pipeline):
    model = summarised(pipeline, TALK).model
    assert (model.profile, model.adapter) == ("embedded", "embedded-ppo")
    assert model.gate.startswith("embedded-gate@")
    assert {"embed", "gate", "segment", "generate", "cite", "total"} == set(
        summarised(pipeline, TALK).timings
    )


def test_an_unknown_profile_is_refused(pipeline):
    with pytest.raises(InputError, match="embedded, extractive, flan-t5-base"):
        summarised(pipeline, TALK, profile="gpt-9")


def test_past_the_deadline_the_work_stops(pipeline):
    with pytest.raises(JobTimedOutError, match="smaller window"):
        pipeline.summarise(JobRequest(), TALK, Deadline(timedelta(microseconds=1)))


def test_cancelled_work_stops(pipeline):
    deadline = Deadline(timedelta(hours=1))
    deadline.cancel()
    with pytest.raises(JobAbandonedError):
        pipeline.summarise(JobRequest(), TALK, deadline)


def test_jobs_at_once_get_what_each_gets_alone(pipeline):
    other = conversation("Di: The bus leaves at nine tomorrow.", "Ed: I will be late, wait for me.")
    # Quotes: in bf16, what a model writes may differ with the batch it is written in.
    quotes = {"profile": "extractive"}
    alone = [summarised(pipeline, people, **quotes).summary for people in (TALK, other)]
    together = [None] * 8

    def work(number):
        together[number] = summarised(pipeline, (TALK, other)[number % 2], **quotes).summary

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone * 4


@pytest.mark.slow
def test_long_conversations_get_at_most_twelve_sentences(pipeline):
    topics = ["the exam on Monday", "pizza for lunch", "the broken printer", "a trip to the lake"]
    lines = [
        message(n, "ABCDEF"[n % 6], f"I think {topics[n // 15 % 4]} needs a decision, point {n}")
        for n in range(180)
    ]
    result = summarised(pipeline, Conversation(source="test", messages=tuple(lines)))
    assert 6 <= len(result.summary.sentences) <= 12


STUDY = conversation(
    "Ana: Shall we meet on Thursday at 4 in the library to revise for the exam?",
    "Ben: Thursday is fine with me, but I have a lecture until 5.",
    "Ana: Then at 5. I will book the small room.",
    "Ben: Great, I will bring the notes of the last two weeks.",
)


class Written:
    """A generator that writes what it is told of any passage."""

    name, adapter, origin = "written", "an-adapter", "generated"

    def __init__(self, *texts):
        self.texts = texts

    def window(self, shots):
        return None

    def generate(self, passages, decoding):
        return [[(DraftSentence(text),) for text in self.texts] for _ in passages]


@pytest.fixture
def written(monkeypatch):
    """A pipeline whose generator writes given texts, behind the real gate."""
    made = []

    def build(*texts):
        monkeypatch.setattr("worker.pipeline.models.load_generator", lambda *_: Written(*texts))
        made.append(Pipeline(load_settings()))
        return made[-1]

    yield build
    for pipeline in made:
        pipeline.close()


def test_a_written_sentence_is_cited_by_meaning(written):
    result = summarised(written("#Person1# announces a revision session on Thursday."), TALK)
    [sentence] = result.summary.sentences
    assert sentence.text == "Ana announces a revision session on Thursday."
    assert [citation.id for citation in sentence.citations] == ["0"]
    assert (sentence.speakers, sentence.origin) == (("Ana",), "generated")
    assert result.model.adapter == "an-adapter"


def test_a_toxic_sentence_gives_way_to_a_clean_candidate(written):
    clean = "#Person1# announces a revision session on Thursday."
    result = summarised(written(f"#Person1#, {INSULT}.", clean), TALK)
    assert [s.origin for s in result.summary.sentences] == ["generated"]
    assert [f.action for f in result.flags if f.target == "summary"] == [FlagAction.CHANGED]


def test_when_nothing_written_is_clean_messages_are_quoted(written):
    result = summarised(written(f"#Person1#, {INSULT}."), TALK)
    assert {s.origin for s in result.summary.sentences} == {"extracted"}
    assert [f.action for f in result.flags if f.target == "summary"] == [FlagAction.EXTRACTED]
