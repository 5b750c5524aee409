"""Which words weighed most."""

from worker.gate.explanation import heaviest_words


class Counting:
    """Finds a text the worse, the more bad words it holds."""

    def __init__(self):
        self.name, self.thresholds = "counting", {"toxicity": 0.5}

    def score(self, texts):
        return [
            {"toxicity": min(1.0, 0.5 * text.count("fool") + 0.2 * text.count("silly"))}
            for text in texts
        ]


def words(text, **more):
    return [
        (each.word, round(each.drop, 2))
        for each in heaviest_words(Counting(), text, "toxicity", **more)
    ]


def test_the_heaviest_word_comes_first_and_weightless_ones_do_not_come():
    assert words("you silly old fool") == [("fool", 0.5), ("silly", 0.2)]


def test_a_repeated_word_is_left_out_everywhere():
    assert words("fool fool") == [("fool", 1.0)]


def test_no_more_words_are_told_of_than_asked_for():
    assert words("you silly old fool", most=1) == [("fool", 0.5)]


def test_of_a_long_text_the_first_words_are_tried():
    assert words(" ".join(f"word{n}" for n in range(500)) + " fool") == []


def test_an_empty_text_has_none():
    assert words("") == []
