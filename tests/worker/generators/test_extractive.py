from tests.conversations import conversation
from worker.embeddings import sentence_encoder
from worker.generators.extractive import LONGEST_QUOTE, ExtractiveGenerator
from worker.generators.generator import Decoding
from worker.pipeline.passages import PassageMaker, Piece


def extracted(people, sentences, quotable=None):
    count = len(people.messages)
    vectors = sentence_encoder().encode([m.text for m in people.messages])
    maker = PassageMaker(people, vectors, quotable or [True] * count)
    passage = maker.passage([Piece(i) for i in range(count)], sentences)
    drafts = ExtractiveGenerator().generate([passage], Decoding())[0]
    return [(s.text, s.sources) for s in drafts[0]] if drafts else []


TALK = conversation(
    "Ana: hi",
    "Ben: The revision session for the algorithms exam is on Thursday at six in room 204.",
    "Ana: lol",
    "Cy: So the algorithms revision session is Thursday at six, in room 204?",
    "Dee: I will bring printed notes about dynamic programming for everybody.",
)


def test_the_telling_messages_are_quoted_in_order_and_not_twice():
    quotes = extracted(TALK, 2)
    assert [sources for _, sources in quotes] in ([(1,), (4,)], [(3,), (4,)])
    assert quotes[1][0].startswith("#Person4#: I will bring")


def test_toxic_messages_are_not_quoted():
    quotes = extracted(TALK, 5, [True, False, True, False, True])
    assert [sources for _, sources in quotes] == [(0,), (2,), (4,)]


def test_nothing_quotable_gives_no_candidate():
    assert extracted(TALK, 2, [False] * 5) == []


def test_a_wordless_message_is_quoted_only_for_want_of_better():
    people = conversation("Ana: [image]", "Ben: 🎉", "Cy: the notes are online")
    assert [sources for _, sources in extracted(people, 1)] == [(2,)]
    assert extracted(conversation("Ana: [image]"), 1) == [("#Person1#: [image]", (0,))]


def test_long_messages_are_shortened():
    people = conversation("Ana: " + "The proof goes on and on. " * 40)
    [(text, _)] = extracted(people, 1)
    assert len(text) <= LONGEST_QUOTE + len("#Person1#: ")
