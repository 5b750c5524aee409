import numpy as np
import pytest

from precis.job import FlagAction
from tests.conversations import conversation
from worker.generators.generator import Decoding, DraftSentence
from worker.pipeline.drafting import Drafting
from worker.pipeline.grounding import grounded
from worker.pipeline.passages import PassageMaker, Piece, restore_names

PEOPLE = conversation("Ben: the exam is on Monday at 10", "Ana: you idiot, it is on Friday")
LIMITS = {"toxicity": 0.5, "insult": 0.9}


def score(texts):
    return [
        {"toxicity": 0.8 if "idiot" in t else 0.1, "insult": 0.2 if "idiot" in t else 0.0}
        for t in texts
    ]


class Model:
    """Gives the drafts it was made with: of the first try, then of the second."""

    def __init__(self, *tries):
        self.tries = list(tries)
        self.asked = []

    def __call__(self, passages, decoding):
        self.asked.append(decoding)
        drafts = self.tries.pop(0)
        return [[(DraftSentence(text),) for text in drafts] for _ in passages]


def embed(texts):
    """As like the first two messages as can be; not at all if a text is beside the point."""
    beside = [[0.0 if "weather" in text else 1.0] * 2 + [0.0] * 382 for text in texts]
    return np.array(beside, dtype=np.float32).reshape(len(texts), 384)


def drafting(model, names, writes=True):
    return Drafting(model, writes, embed, score, LIMITS, names)


def said_of(model, quotable=(True, False), sentences=2):
    maker = PassageMaker(PEOPLE, np.eye(2, 384, dtype=np.float32), quotable)
    passage = maker.passage([Piece(0), Piece(1)], sentences=sentences)
    return drafting(model, PEOPLE.names).draft([passage], Decoding())[0]


def texts(said):
    return [sentence.text for sentence in said.draft]


def origins(said):
    return [sentence.origin for sentence in said.draft]


CLEAN, TOXIC = "#Person1# says that the exam is on Monday.", "#Person2# says that he is an idiot."


def test_a_clean_first_candidate_is_taken_without_a_flag():
    said = said_of(Model([CLEAN, TOXIC]))
    assert (texts(said), origins(said), said.flags) == ([CLEAN], ["generated"], ())


def test_a_toxic_candidate_loses_to_a_clean_one_of_the_same_beam():
    said = said_of(Model([TOXIC, CLEAN]))
    assert texts(said) == [CLEAN]
    [flag] = said.flags
    assert (flag.target, flag.label, flag.threshold) == ("summary", "toxicity", 0.5)
    assert flag.scores == {"toxicity": 0.8, "insult": 0.2}
    assert flag.action is FlagAction.CHANGED


def test_a_beam_without_a_clean_candidate_is_generated_again():
    model = Model([TOXIC], [TOXIC, CLEAN])
    said = said_of(model)
    assert [decoding.sample for decoding in model.asked] == [False, True]
    assert texts(said) == [CLEAN]
    assert [flag.action for flag in said.flags] == [FlagAction.REGENERATED]


def test_then_clean_messages_are_quoted():
    said = said_of(Model([TOXIC], [TOXIC]))
    assert texts(said) == ["#Person1#: the exam is on Monday at 10"]
    assert origins(said) == ["extracted"]
    assert [flag.action for flag in said.flags] == [FlagAction.EXTRACTED]


def test_what_remains_toxic_is_withheld():
    said = said_of(Model([TOXIC], [TOXIC]), quotable=(False, False))
    assert said.draft == ()
    assert [flag.action for flag in said.flags] == [FlagAction.WITHHELD]


@pytest.mark.parametrize(
    "invented",
    [
        "#Person3# leaves.",
        "#Person1# meets Theodore.",
        "The exam is at 11.",
        "Theodore leaves.",
        "#Person1# has 2 exams.",
    ],
)
def test_a_draft_with_an_invented_name_or_number_is_not_said(invented):
    said = said_of(Model([invented, CLEAN]))
    assert texts(said) == [CLEAN]
    assert said.flags == ()


def test_a_draft_that_its_writer_is_not_sure_of_is_not_said():
    unsure = DraftSentence(CLEAN.replace("Monday", "Monday at 10"), sure=False)

    def model(passages, decoding):
        return [[(unsure,), (DraftSentence(CLEAN),)] for _ in passages]

    assert texts(said_of(model)) == [CLEAN]


def test_who_is_only_spoken_to_is_not_told_of():
    people = conversation("Ana: Ben, you still owe us exercise two", "Ben: sure, on Sunday")
    maker = PassageMaker(people, np.eye(2, 384, dtype=np.float32), (True, True))
    passage = maker.passage([Piece(0), Piece(1)], sentences=1)
    [row] = grounded((DraftSentence("#Person2# owes exercise two."),), embed_first(["x"]), passage)
    assert not row


def embed_first(texts):
    """As like the first message as can be."""
    return np.array([[1.0] + [0.0] * 383 for _ in texts], dtype=np.float32)


def test_a_toxic_display_name_is_judged_with_the_sentence():
    people = PEOPLE.model_copy(
        update={"messages": (PEOPLE.messages[0].model_copy(update={"author_name": "idiot"}),)}
    )
    maker = PassageMaker(people, np.eye(1, 384, dtype=np.float32), [True])
    passage = maker.passage([Piece(0)], sentences=1)
    model = Model([CLEAN], [CLEAN])
    assert drafting(model, people.names).draft([passage], Decoding())[0].draft == ()


def test_passages_are_settled_one_by_one():
    maker = PassageMaker(PEOPLE, np.eye(2, 384, dtype=np.float32), (True, False))
    passages = [maker.passage([Piece(0)], 1), maker.passage([Piece(0), Piece(1)], 1)]

    def model(asked, decoding):
        drafts = [[CLEAN], [TOXIC]] if len(asked) == 2 else [[TOXIC]]
        return [[(DraftSentence(text),) for text in each] for each in drafts]

    first, second = drafting(model, PEOPLE.names).draft(passages, Decoding())
    assert (origins(first), origins(second)) == (["generated"], ["extracted"])


def test_a_toxic_name_costs_its_owner_alone():
    people = conversation(
        "idiot: the exam is on Monday at 10", "Ana: the exam is in the big hall on Monday"
    )
    maker = PassageMaker(people, np.eye(2, 384, dtype=np.float32), (True, True))
    passage = maker.passage([Piece(0), Piece(1)], sentences=2)
    [said] = drafting(Model([]), people.names, writes=False).draft([passage], Decoding())
    assert texts(said) == ["#Person2#: the exam is in the big hall on Monday"]


def test_a_placeholder_in_foreign_digits_names_nobody():
    people = conversation("Ana: #Person٢# was late for the exam", "Bob: the exam was long")
    maker = PassageMaker(people, np.eye(2, 384, dtype=np.float32), (True, True))
    passage = maker.passage([Piece(0), Piece(1)], sentences=2)
    said = drafting(Model([]), people.names, writes=False).draft([passage], Decoding())
    shown = [restore_names(text, passage, people.names) for text in texts(said[0])]
    assert shown == ["Ana: #Person٢# was late for the exam", "Bob: the exam was long"]


class Sentences(Model):
    """As `Model`, each draft of several sentences."""

    def __call__(self, passages, decoding):
        self.asked.append(decoding)
        drafts = self.tries.pop(0)
        return [[tuple(map(DraftSentence, draft)) for draft in drafts] for _ in passages]


INVENTED = "#Person2# meets Theodore."


def test_an_ungrounded_sentence_is_written_again_then_gives_way_to_a_quote():
    model = Sentences([[CLEAN, INVENTED]], [[INVENTED], [CLEAN, "#Person3# leaves."]])
    said = said_of(model)
    assert [decoding.sample for decoding in model.asked] == [False, True]
    assert texts(said) == [CLEAN, "#Person1#: the exam is on Monday at 10"]
    assert origins(said) == ["generated", "extracted"]
    assert said.flags == (), "what is made up is no matter for moderators"


def test_a_sentence_that_no_message_supports_is_not_said():
    said = said_of(Sentences([["#Person1# likes the weather."]], [[CLEAN]]))
    assert texts(said) == [CLEAN]


def test_without_room_for_quotes_the_grounded_sentences_stand_alone():
    said = said_of(Sentences([[CLEAN, INVENTED]], [[INVENTED]]), sentences=1)
    assert (texts(said), origins(said)) == ([CLEAN], ["generated"])


def test_what_somebody_else_said_is_not_told_of_them():
    people = conversation("Ben: the exam is on Monday at 10", "Ana: I bake a lemon cake")
    maker = PassageMaker(people, np.eye(2, 384, dtype=np.float32), (True, True))
    passage = maker.passage([Piece(0), Piece(1)], sentences=1)
    wrong, right = "#Person1# bakes a lemon cake.", "#Person2# bakes a lemon cake."

    def as_the_cake(texts):
        return np.tile(np.eye(2, 384, dtype=np.float32)[1], (len(texts), 1))

    one = Drafting(Model([wrong, right]), True, as_the_cake, score, LIMITS, people.names)
    assert texts(one.draft([passage], Decoding())[0]) == [right]


def refused(said):
    return [sentence.text for sentence in said.refused]


def test_what_the_gate_refused_is_kept_with_what_is_said_instead():
    said = said_of(Sentences([[CLEAN, TOXIC], [CLEAN]]))
    assert (texts(said), refused(said)) == ([CLEAN], [CLEAN, TOXIC])


def test_the_first_refused_draft_is_kept_of_several():
    worse = "#Person2# says that everybody is an idiot."
    said = said_of(Model([TOXIC, worse], [worse, CLEAN]))
    assert (texts(said), refused(said)) == ([CLEAN], [TOXIC])


def test_what_remains_toxic_is_kept_although_nothing_is_said():
    said = said_of(Model([TOXIC], [TOXIC]), quotable=(False, False))
    assert (said.draft, refused(said)) == ((), [TOXIC])


def test_nothing_is_refused_of_a_clean_draft_nor_of_an_invented_one():
    assert said_of(Model([CLEAN, TOXIC])).refused == ()
    assert said_of(Model(["#Person1# meets Theodore.", CLEAN])).refused == ()


def quoted(people, harmless):
    maker = PassageMaker(people, np.eye(2, 384, dtype=np.float32), (True, True))
    passage = maker.passage([Piece(0), Piece(1)], sentences=2)
    one = Drafting(Model([]), False, embed, score, LIMITS, people.names, frozenset(harmless))
    [said] = one.draft([passage], Decoding())
    return said


IDIOT = "#Person2#: you idiot, it is on Friday"


def test_words_that_moderators_found_harmless_are_quoted():
    said = quoted(PEOPLE, harmless=[1])
    assert IDIOT in texts(said)
    assert (said.flags, said.refused) == ((), ())


def test_the_same_words_undecided_are_not_quoted():
    said = quoted(PEOPLE, harmless=[])
    assert texts(said) == ["#Person1#: the exam is on Monday at 10"]


def test_harmless_words_of_a_toxic_name_are_not_quoted():
    people = conversation("Ben: the exam is on Monday at 10", "idiot: you idiot, it is on Friday")
    assert texts(quoted(people, harmless=[1])) == ["#Person1#: the exam is on Monday at 10"]


def test_what_is_written_about_harmless_words_is_judged():
    maker = PassageMaker(PEOPLE, np.eye(2, 384, dtype=np.float32), (True, True))
    passage = maker.passage([Piece(1), Piece(0)], sentences=1)
    toxic = "#Person1# says that he is an idiot."
    one = Drafting(
        Model([toxic], [toxic]), True, embed, score, LIMITS, PEOPLE.names, frozenset([0, 1])
    )
    [said] = one.draft([passage], Decoding())
    assert toxic not in texts(said)
    assert refused(said) == [toxic]
