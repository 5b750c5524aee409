"""Which language a message is in, and strong insults that no gate judges."""

import pytest

from worker.gate.languages import insults_not_judged, language_of

TALK = {
    "en": [
        "When is the exam on organic chemistry?",
        "lol no",
        "I will bring the printed slides tomorrow",
    ],
    "de": ["Wann ist die Klausur in Chemie?", "keine Ahnung", "Ich bringe morgen die Folien mit"],
    "es": [
        "¿Cuándo es el examen de química?",
        "ni idea",
        "Mañana traigo las diapositivas impresas",
    ],
    "ru": ["Когда экзамен по химии?", "не знаю", "Завтра принесу распечатанные слайды"],
}
JUDGED = {"en", "de"}


@pytest.mark.parametrize("language", TALK)
def test_a_short_message_is_in_the_language_of_the_talk_around_it(language):
    assert [language_of(TALK[language], index) for index in range(3)] == [language] * 3


@pytest.mark.parametrize("text", ["", "123", "🎉🎉", "..."])
def test_what_has_no_letters_is_in_no_language(text):
    assert language_of([text], 0) is None


def test_doubt_is_told_as_doubt():
    assert language_of(["ok"], 0) is None


@pytest.mark.parametrize(
    "text",
    [
        "Eres un imbécil y un hijo de puta",
        "ERES UN IMBECIL",
        "ferme ta gueule, connard",
        "Ты мудак, иди нахуй",
        "amına koyayım senin",
        "你这个傻逼",
        "spierdalaj, skurwysynu",
        "eres un im\u200bbécil",
    ],
)
def test_a_strong_insult_of_a_language_that_is_not_judged_is_seen(text):
    assert insults_not_judged([text], JUDGED) == [True]


@pytest.mark.parametrize(
    "text",
    [
        "¿Cuándo es el examen de química?",
        "La hora del examen es a las nueve",
        "We store the events in MongoDB and plot the kurva",
        "The connardian formula is on page nine of the second chapter",
        "Randi sent a nice pic of the poster",
    ],
)
def test_ordinary_talk_in_any_language_is_left_alone(text):
    assert insults_not_judged([text], JUDGED) == [False]


def test_a_message_that_is_surely_in_a_judged_language_is_the_gates_alone():
    text = "The essay explains why the word connard is so common in French films"
    assert insults_not_judged([text], JUDGED) == [False]
    assert insults_not_judged([text], {"de"}) == [True]
