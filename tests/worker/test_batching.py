import threading

import pytest

from worker.batching import TURN, Batcher


class Recorder:
    """A model that notes its batches, and waits at the first until told to go on."""

    def __init__(self):
        self.batches = []
        self.go_on = threading.Event()

    def __call__(self, items, key):
        self.batches.append((key, list(items)))
        if len(self.batches) == 1:
            assert self.go_on.wait(10)
        if "poison" in items:
            raise ValueError("broken")
        return [f"{key}:{item}" for item in items]


def in_threads(batcher, *calls):
    """Make each (items, key, patient) call in its own thread; results or errors by position."""
    results = [None] * len(calls)

    def call(index, items, key, patient=False):
        try:
            results[index] = batcher(items, key, 10, patient=patient)
        except Exception as error:  # noqa: BLE001 - handed to the test
            results[index] = error

    threads = [
        threading.Thread(target=call, args=(index, *asked)) for index, asked in enumerate(calls)
    ]
    for thread in threads:
        thread.start()
    return results, threads


@pytest.fixture
def model():
    return Recorder()


@pytest.fixture
def batcher(model):
    made = Batcher(model, 4, "test")
    yield made
    model.go_on.set()
    made.close()


def run_together(batcher, model, *calls):
    """Run `calls` so that all wait while a first batch is in hand."""
    first, starting = in_threads(batcher, (["first"], "x"))
    while not model.batches:
        pass
    results, threads = in_threads(batcher, *calls)
    while len(batcher._waiting) < len(calls):
        pass
    model.go_on.set()
    for thread in (*starting, *threads):
        thread.join(10)
    assert first == [["x:first"]]
    return results


def test_results_come_back_in_order(batcher, model):
    model.go_on.set()
    assert batcher(["a", "b", "c", "d", "e"], "k") == ["k:a", "k:b", "k:c", "k:d", "k:e"]
    assert [len(items) for _, items in model.batches] == [4, 1]


def test_jobs_share_batches_in_turn(batcher, model):
    results = run_together(batcher, model, (list("abcdef"), "k"), (["z"], "k"))
    assert results == [[f"k:{c}" for c in "abcdef"], ["k:z"]]
    assert "z" in model.batches[1][1], "the small job waits for the large one"


def test_different_keys_do_not_share_a_batch(batcher, model):
    run_together(batcher, model, (list("abcdef"), "k"), (["z"], "other"))
    assert all(("z" in items) == (key == "other") for key, items in model.batches)
    assert ("other", ["z"]) in model.batches[1:3], "another key gets its turn"


def test_the_patient_come_last_in_small_batches_of_their_own(batcher, model):
    results = run_together(batcher, model, (list("ABC"), "k", True), (list("abcdef"), "k"))
    assert results == [["k:A", "k:B", "k:C"], [f"k:{c}" for c in "abcdef"]]
    assert [items for _, items in model.batches[1:]] == [
        list("abcd"),
        ["e", "f"],
        ["A"],
        ["B"],
        ["C"],
    ]


def test_the_patient_are_not_starved(batcher, model):
    run_together(batcher, model, (["A"], "k", True), (list("abcdefgh") * 5, "k"))
    assert [items for _, items in model.batches].index(["A"]) == TURN


def test_a_job_that_breaks_the_model_fails_alone(batcher, model):
    results = run_together(batcher, model, (["poison"], "k"), (["a", "b"], "k"))
    assert isinstance(results[0], ValueError)
    assert results[1] == ["k:a", "k:b"]


def test_a_call_gives_up_in_time_and_its_items_are_dropped(batcher, model):
    with pytest.raises(TimeoutError):
        batcher(["a"], "k", 0.01)
    with pytest.raises(TimeoutError):
        batcher(["b"], "k", 0.01)
    model.go_on.set()
    assert batcher(["c"], "k", 10) == ["k:c"]
    assert [items for _, items in model.batches] == [["a"], ["c"]]


def test_no_items_need_no_batch(batcher, model):
    assert batcher([], "k") == []
    assert model.batches == []


def test_closing_wakes_those_who_wait(model):
    batcher = Batcher(model, 4, "test")
    _, first = in_threads(batcher, (["first"], "k"))
    while not model.batches:
        pass
    results, threads = in_threads(batcher, (["second"], "k"))
    while not batcher._waiting:
        pass
    closing = threading.Thread(target=batcher.close)
    closing.start()
    while not batcher._closed:
        pass
    model.go_on.set()
    for thread in (*first, *threads, closing):
        thread.join(10)
    assert isinstance(results[0], RuntimeError)
