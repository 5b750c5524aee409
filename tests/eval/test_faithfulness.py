import pytest

from eval.faithfulness import copied, faithfulness_figures, judge, strange
from eval.passages import passages
from eval.systems import Sentence, Summary
from tests.eval.talks import TALK, dialogue, silent
from worker.embeddings import sentence_encoder

FAR = "The government of the island raised the price of sugar."


def told(*texts, origin="generated"):
    return Summary(tuple(Sentence(text, origin) for text in texts))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#Person2# looks for Ana's notebook in room 12.", ()),
        ("#Person2# looks for Bert's notebook in room 13.", ("Bert's", "13")),
        ("#Person0# looks for the notebook.", ("#Person0#",)),
        ("The notebook is blue.", ()),
    ],
)
def test_names_numbers_and_people_that_the_dialogue_does_not_hold(text, expected):
    [passage] = passages([TALK], None)
    assert strange(text, passage) == expected


def test_copied_n_grams_counted_by_hand():
    lines = ["#Person1#: the red door", "#Person2#: is open now"]
    sentence = ["the red door is open"]  # "door is" crosses two turns: nobody said it
    assert copied(sentence, lines, 1) == 1.0
    assert copied(sentence, lines, 2) == pytest.approx(3 / 4)
    assert copied(sentence, lines, 3) == pytest.approx(1 / 3)
    assert copied(sentence, lines, 4) == 0.0
    assert copied(["Red", "door"], lines, 2) is None
    assert copied(["#Person1# opens"], lines, 1) == pytest.approx(1 / 2)


def test_a_figure_for_each_thing_counted():
    said = TALK.dialogue.splitlines()
    summaries = [
        told(said[1], said[4], origin="extracted"),
        told("The blue notebook of Ana may be in the lab.", FAR),
        told(),
        told("#Person7# lost a key."),
    ]
    judged = judge([TALK] * 4, summaries, sentence_encoder(), silent)
    assert [each.strange for each in judged] == [(), (), (), ("#Person0#",)]
    assert [each.supported for each in judged[:3]] == [(True, True), (True, False), ()]
    assert judged[0].copied == (1.0, 1.0, 1.0, 1.0)
    figures = faithfulness_figures(judged)
    assert figures.summaries == 4
    assert figures.sentences == 5
    assert figures.empty == 1
    assert figures.strange.mean == pytest.approx(1 / 4)
    assert figures.generated == pytest.approx(3 / 5)
    assert figures.copied["1"].mean < 1.0
    assert figures.unknown.mean == 0.0


def test_words_are_counted_of_written_sentences_and_not_of_quotes():
    quote = told(TALK.dialogue.splitlines()[1], origin="extracted")
    made_up = told("#Person2# looks for the notebook of bigergies.")
    judged = judge([TALK] * 2, [quote, made_up], sentence_encoder(), silent)
    assert [each.unknown for each in judged] == [(), ("bigergies",)]
    assert judged[0].shared == ()
    figures = faithfulness_figures(judged)
    assert figures.unknown.mean == pytest.approx(1 / 2)
    assert figures.shared.mean == pytest.approx(2 / 3), "looked and notebook"
    assert faithfulness_figures(judged[:1]).shared is None


def test_each_summary_is_held_against_its_own_dialogue():
    other = dialogue(
        "#Person1#: The government of the island raised the price of sugar last week.",
        "#Person2#: And of flour too.",
    )
    right = judge([TALK, other], [told(), told(FAR)], sentence_encoder(), silent)
    assert right[1].supported == (True,)


def test_people_are_compared_by_the_datas_numbers():
    turned = dialogue("#Person2#: I bake a cake.", "#Person1#: Great, I bring tea.")
    [judged] = judge([turned], [told("#Person2# bakes.")], sentence_encoder(), silent)
    assert judged.strange == ()


def test_summaries_without_sentences_leave_shares_open():
    figures = faithfulness_figures(judge([TALK], [told()], sentence_encoder(), silent))
    assert figures.supported is None
    assert figures.generated is None
    assert figures.copied == dict.fromkeys("1234")
