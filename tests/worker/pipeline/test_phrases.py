"""What is a question, a decision, a promise, and what only looks like one; English and German."""

import pytest

from worker.pipeline import phrases


@pytest.mark.parametrize(
    "sentence",
    [
        "Who has the lecture notes of week 5?",
        "is the exam in room 204 or in the main hall? :thinking:",
        "does anybody know when the library closes",
        "What time do we meet tomorrow? 🙏",
        "Hat jemand die Notizen der letzten Woche?",
        "weiß jemand wo die Übung stattfindet",
    ],
)
def test_what_wants_an_answer_is_a_question(sentence):
    assert phrases.asks(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "How are you all doing?",
        "Why?",
        "what's up with you today?",
        "The exam was hard, wasn't it?",
        "We meet at five, right?",
        "Who would have thought that it rains?",
        "Na, wie geht's euch denn so?",
        "Das war leicht, oder?",
        "I wonder what she asked.",
    ],
)
def test_greetings_tags_and_rhetoric_are_none(sentence):
    assert not phrases.asks(sentence)


@pytest.mark.parametrize(
    "text", ["At five.", "yes", "👍", "Use a cache. Did you try one?", "Um fünf"]
)
def test_an_answer_says_something(text):
    assert phrases.answers(text)


@pytest.mark.parametrize(
    "text",
    [
        "no idea, sorry",
        "Which sheet do you mean?",
        "😂",
        "good question",
        "I looked for that too",
        "it isn't in the book either",
        "keine Ahnung",
        "+1",
        "hmm",
    ],
)
def test_who_does_not_know_or_asks_back_does_not_answer(text):
    assert not phrases.answers(text)


@pytest.mark.parametrize(
    "sentence",
    [
        "Let's go with the 2023 paper.",
        "ok let's do Thursday at five then",
        "We've decided to split the report in two.",
        "so we agreed on the blue design",
        "Final: Saturday at ten in B204.",
        "We'll meet in front of the library.",
        "Then it's Thursday at 15:30.",
        "So Saturday at 7 at my place.",
        "Dann machen wir das am Freitag um drei.",
        "Wir haben beschlossen, die zweite Aufgabe zu streichen.",
        "Beschluss: wir nehmen den Raum im Keller.",
    ],
)
def test_what_several_settled_is_a_decision(sentence):
    assert phrases.decides(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Let's go with the 2023 paper?",
        "Should we go with the old plan?",
        "Maybe we'll meet in the library.",
        "If we decided to split it, it would be easier.",
        "We haven't decided what to do.",
        "let's say n is the number of nodes",
        "Agreed!",
        "Wenn wir uns treffen, dann machen wir das.",
        "Wir haben noch nichts beschlossen.",
    ],
)
def test_wishes_doubts_and_hypotheses_are_none(sentence):
    assert not phrases.decides(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "I'll send you the notes tonight.",
        "i will book the room for Thursday",
        "I can bring the printed slides.",
        "I’ll upload a corrected version later",
        "I'm bringing cake for everybody",
        "Ich schicke euch die Lösung heute Abend.",
        "Die Notizen lade ich nachher hoch.",
        "ich kann den Beamer mitbringen",
        "Ich werde die Aufgabe bis morgen erledigen.",
    ],
)
def test_what_somebody_will_do_for_others_is_a_promise(sentence):
    assert phrases.promises(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "I'll send you the notes?",
        "Maybe I'll bring cake on Saturday.",
        "I hope I can bring the slides.",
        "I'll do my best tomorrow.",
        "I'll be late on Thursday.",
        "I can see the problem now.",
        "as far as I can check it works",
        "I don't think I'll make slides.",
        "Then I'll do nothing until Sunday.",
        "She said that he will bring cake.",
        "Ich frage mich, ob das stimmt.",
        "Vielleicht bringe ich Kuchen mit.",
        "Ich kann nicht kommen oder helfen.",
    ],
)
def test_wishes_idioms_and_others_promises_are_none(sentence):
    assert not phrases.promises(sentence)


@pytest.mark.parametrize(
    "text", ["mach ich", "on it!", "sure, will do", "I'll do it tonight", "Klar, übernehme ich"]
)
def test_a_promise_may_not_say_what_it_takes_on(text):
    assert phrases.accepts(text)


@pytest.mark.parametrize("text", ["Uploaded!", "here it is", "the room is booked", "Ist erledigt."])
def test_what_is_done_is_known(text):
    assert phrases.is_done(text)


@pytest.mark.parametrize(
    "text", ["not done yet", "I'll have it done tomorrow?", "I'll post the printed copies"]
)
def test_what_is_to_be_done_is_not_done(text):
    assert not phrases.is_done(text)


def test_what_goes_on_from_another_message_says_little_alone():
    assert phrases.leans("because it was late")
    assert phrases.leans("Yes, exactly.")
    assert not phrases.leans("Great. I suggest the morning for graphs and the afternoon for sets.")
    assert not phrases.leans("The room is too small for eight.")


def test_a_decision_loses_its_label_alone():
    assert phrases.without_label("Decision: we take the bus") == "we take the bus"
    assert phrases.without_label("We decided: the bus") == "We decided: the bus"
