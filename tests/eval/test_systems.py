from eval.systems import LEAD, LONGEST, Extractive, lead, longest
from tests.eval.talks import TALK, dialogue, silent

LINES = TALK.dialogue.splitlines()


def test_lead_takes_the_first_three_turns():
    assert lead(TALK) == LINES[:3]


def test_longest_takes_the_three_of_most_characters_in_their_order():
    assert longest(TALK) == [LINES[1], LINES[3], LINES[4]]


def test_of_equally_long_turns_the_first_is_taken():
    assert longest(dialogue("#Person1#: aa", "#Person2#: bb", "#Person1#: cc"), 2) == [
        "#Person1#: aa", "#Person2#: bb",
    ]  # fmt: skip


def test_a_short_dialogue_gives_what_it_has():
    one = dialogue("#Person1#: Hello?")
    assert lead(one) == longest(one) == ["#Person1#: Hello?"]


def test_baselines_say_their_turns_as_extracted_sentences():
    for make, texts in ((LEAD, lead(TALK)), (LONGEST, longest(TALK))):
        [summary] = make().summaries([TALK], silent)
        assert [s.text for s in summary.sentences] == texts
        assert {s.origin for s in summary.sentences} == {"extracted"}
        assert summary.text == " ".join(texts)


def test_extractive_quotes_with_the_numbers_of_the_data():
    turned = dialogue(*[line.replace("Person1", "Person5") for line in LINES])
    plain, other, empty = Extractive().summaries([TALK, turned, dialogue("")], silent)
    assert plain.sentences
    assert all(sentence.text in LINES for sentence in plain.sentences)
    assert other.text == plain.text.replace("Person1", "Person5")
    assert empty.text == ""
