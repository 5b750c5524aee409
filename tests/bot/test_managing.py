"""What managers type, and what becomes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.managing import (
    UnsavableError,
    shown_thresholds,
    written_language,
    written_thresholds,
    written_window,
)
from bot.refusals import told
from bot.texts import ENGLISH, GERMAN
from precis.ask import ServerSettings
from precis.errors import InputError


@pytest.mark.parametrize(
    ("text", "window"), [("500", 500), (" 10 ", 10), ("10,000", 10_000), ("1_000", 1_000)]
)
def test_a_window_is_a_number(text, window):
    assert written_window(text, ENGLISH) == window


@pytest.mark.parametrize("text", ["", "9", "10001", "-50", "many", "1e3", "٣٠٠", "10.5"])
def test_another_window_is_refused_with_what_may_be_written(text):
    with pytest.raises(InputError, match=r"a number from 10 to 10,000\.") as caught:
        written_window(text, ENGLISH)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "thresholds"),
    [
        ("", {}),
        (" , ; ", {}),
        ("toxicity 0.8", {"toxicity": 0.8}),
        ("toxicity 0.8, insult 0.7", {"toxicity": 0.8, "insult": 0.7}),
        ("Toxicity=0.8; INSULT = 1", {"toxicity": 0.8, "insult": 1.0}),
        ("severe toxicity 0", {"severe_toxicity": 0.0}),
        ("toxicity 0.8, toxicity 0.6", {"toxicity": 0.6}),
    ],
)
def test_thresholds_are_labels_and_numbers(text, thresholds):
    assert written_thresholds(text, ENGLISH) == thresholds


@pytest.mark.parametrize(
    "text",
    ["toxicity", "0.8", "toxicity high", "toxicity 1.1", "toxicity -0.1", "toxicity nan",
     "toxicity 0.8 insult 0.7 0.6", "<@1> 0.5", f"{'x' * 51} 0.5"],
)  # fmt: skip
def test_other_thresholds_are_refused_with_an_example(text):
    with pytest.raises(InputError, match=r"such as: toxicity 0\.8, insult 0\.7") as caught:
        written_thresholds(text, ENGLISH)
    assert "\n" not in str(caught.value)


LABELS = st.from_regex(r"[a-z]{1,20}(_[a-z]{1,20})?", fullmatch=True)
SCORES = st.integers(0, 1000).map(lambda n: n / 1000)


@given(st.dictionaries(LABELS, SCORES, max_size=20))
def test_thresholds_are_shown_as_they_are_written(thresholds):
    shown = shown_thresholds(ServerSettings(thresholds=thresholds))
    assert written_thresholds(shown, ENGLISH) == thresholds


def test_a_language_is_one_there_is():
    assert written_language(" EN ", ENGLISH) == "en"
    with pytest.raises(InputError, match="write one of: de, en"):
        written_language("xx", ENGLISH)


def test_what_cannot_be_saved_is_told_in_the_servers_language():
    said = told(UnsavableError("that can't be saved"), GERMAN)
    assert said == "Das lässt sich nicht speichern; wähl andere Werte."
