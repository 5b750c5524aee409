"""Words that nobody knows, and content words that a sentence shares with a few turns."""

import pytest

from eval.wording import shared_words, unknown_words

LINES = [
    "#Person1#: the printer is broken",
    "#Person2#: I called a repairman",
    "#Person1#: thanks",
    "#Person2#: he charges forty dollars",
    "#Person1#: my zorb needs a café",
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#Person1# congratulates nobody.", ["congratulates"]),  # a vocabulary has its limits
        ("They discuss bigergies and a zorb.", ["bigergies"]),
        ("Two zorbs, a cafe, 3:30 and it's late.", []),
        ("She repairs, hurries, judged and judging.", []),
        ("", []),
    ],
)
def test_words_that_neither_the_dialogue_nor_a_vocabulary_holds(text, expected):
    assert unknown_words(text, "\n".join(LINES)) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("#Person2# says that the printer breaks.", 1 / 2),  # `break` isn't the stem of `broken`
        ("#Person2# calls repairmen for broken printers.", 3 / 4),
        ("The printer costs forty dollars.", 1 / 2),  # they never stand near each other
        ("Charging dollars.", 1.0),
        ("The weather is fine.", 0.0),
    ],
)
def test_content_words_in_three_turns_in_a_row_counted_by_hand(sentence, expected):
    assert shared_words(sentence, LINES) == pytest.approx(expected)


def test_without_content_words_there_is_no_share():
    assert shared_words("#Person1# talks to #Person2#.", LINES) is None
    assert shared_words("A zorb.", []) == 0.0
    assert shared_words("A zorb.", LINES[-1:]) == 1.0
