import json

import pytest

from eval.cache import Cached
from eval.systems import CHUNK
from tests.eval.talks import Echo, dialogue, silent

TALKS = [dialogue(f"#Person1#: number {n}") for n in range(5)]


def test_a_second_run_generates_nothing_and_says_the_same(tmp_path):
    first = Cached(Echo(), tmp_path).summaries(TALKS, silent)
    again = Echo()
    assert Cached(again, tmp_path).summaries(TALKS, silent) == first
    assert again.asked == []
    assert again.prepared == 0


def test_only_what_is_missing_is_generated_in_the_order_asked_for(tmp_path):
    Cached(Echo(), tmp_path).summaries(TALKS[:2], silent)
    system = Echo()
    mixed = [TALKS[3], TALKS[1], TALKS[4], TALKS[3]]
    made = Cached(system, tmp_path).summaries(mixed, silent)
    assert [summary.text for summary in made] == [d.dialogue for d in mixed]
    assert system.asked == [TALKS[3].dialogue, TALKS[4].dialogue]


def test_other_settings_have_summaries_of_their_own(tmp_path):
    Cached(Echo(weights="a"), tmp_path).summaries(TALKS, silent)
    other = Echo(weights="b")
    Cached(other, tmp_path).summaries(TALKS, silent)
    assert len(other.asked) == len(TALKS)


def test_a_line_that_was_cut_short_is_generated_again_and_spoils_no_other(tmp_path):
    cached = Cached(Echo(), tmp_path)
    cached.summaries(TALKS[:3], silent)
    cached.path.write_bytes(cached.path.read_bytes()[:-9])
    system = Echo()
    made = Cached(system, tmp_path).summaries(TALKS[:4], silent)
    assert system.asked == [TALKS[2].dialogue, TALKS[3].dialogue]
    assert [summary.text for summary in made] == [d.dialogue for d in TALKS[:4]]
    last = Echo()
    Cached(last, tmp_path).summaries(TALKS[:4], silent)
    assert last.asked == []


@pytest.mark.parametrize(
    "line",
    ["[]", "7", '{"dialogue": "x"}', '{"sentences": [["a", "b"]], "dialogue": "x"}', "\x00\ufffd"],
)
def test_lines_that_are_no_records_are_passed_over(tmp_path, line):
    cached = Cached(Echo(), tmp_path)
    expected = cached.summaries(TALKS, silent)
    cached.path.write_text(line + "\n" + cached.path.read_text())
    again = Echo()
    assert Cached(again, tmp_path).summaries(TALKS, silent) == expected
    assert again.asked == []


def test_an_interrupted_run_keeps_its_finished_chunks(tmp_path):
    many = [dialogue(f"#Person1#: {n}") for n in range(CHUNK + 10)]

    class Interrupted(Echo):
        def summaries(self, dialogues, progress):
            if self.asked:
                raise KeyboardInterrupt
            return super().summaries(dialogues, progress)

    with pytest.raises(KeyboardInterrupt):
        Cached(Interrupted(), tmp_path).summaries(many, silent)
    system = Echo()
    Cached(system, tmp_path).summaries(many, silent)
    assert system.asked == [d.dialogue for d in many[CHUNK:]]


def test_progress_goes_from_start_to_end(tmp_path):
    shares = []
    many = [dialogue(f"#Person1#: {n}") for n in range(2 * CHUNK)]
    Cached(Echo(), tmp_path).summaries(many, lambda _, share: shares.append(share))
    assert shares == sorted(shares)
    assert shares[0] == pytest.approx(0.5)
    assert shares[-1] == 1.0


def test_the_file_holds_digests_for_dialogues(tmp_path):
    cached = Cached(Echo(), tmp_path)
    cached.summaries(TALKS[:1], silent)
    record = json.loads(cached.path.read_text())
    assert set(record) == {"dialogue", "sentences"}
    assert len(record["dialogue"]) == 32
