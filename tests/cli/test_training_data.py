"""`precis train export` as operators run it."""

import json
from datetime import timedelta

import pytest

from precis.moderation import Decision, Verdict
from precis.settings import load_settings
from precis.store import ChatStore, ModerationStore, Store
from tests.cli.calling import called
from tests.conversations import message
from tests.precis.store.moderating import watch


@pytest.fixture
def decided():
    """A message that moderators found toxic, of a server that lets the models train."""
    store = Store.open(load_settings().store_url)
    ChatStore(store).change_settings(
        "discord", "s1", "m", lambda now: now.model_copy(update={"trains": True})
    )
    moderation = ModerationStore(store)
    watch(moderation, store, [message(1, "Ana", "you xylophone")], toxic=["1"])
    (case,) = moderation.list_cases()
    decision = Decision(person="mod", verdict=Verdict.KEPT)
    moderation.decide("discord", "s1", [case.id], decision)
    yield store.now()
    store.close()


def test_it_says_how_much_there_is_and_prints_no_text(decided, tmp_path):
    run = called("train", "export", "--output", str(tmp_path / "lessons"))
    assert run.returncode == 0, run.stderr
    assert "gate.jsonl: 1" in run.stdout
    assert "xylophone" not in run.stdout + run.stderr
    assert "xylophone" in (tmp_path / "lessons" / "gate.jsonl").read_text()


def test_the_manifest_is_printed_as_json(decided, tmp_path):
    chosen = ("--server", "s1", "--since", "1d", "--json")
    run = called("train", "export", "--output", str(tmp_path / "lessons"), *chosen)
    assert json.loads(run.stdout)["labels"] == {"toxic": 1, "harmless": 0}


def test_later_times_are_left_out(decided, tmp_path):
    later = (decided + timedelta(days=2)).strftime("%Y-%m-%d")
    run = called("train", "export", "--output", str(tmp_path / "lessons"), "--since", later)
    assert "gate.jsonl: 0" in run.stdout, run.stderr


def test_of_a_server_that_does_not_consent_nothing_is_written_over(decided, tmp_path):
    lessons = tmp_path / "lessons"
    assert called("train", "export", "--output", str(lessons), "--server", "s1").returncode == 0
    before = {each.name: each.read_bytes() for each in lessons.iterdir()}
    run = called("train", "export", "--output", str(lessons), "--server", "s2")
    assert run.returncode == 2
    assert run.stderr.startswith("precis: s2: no such server lets the models train")
    assert {each.name: each.read_bytes() for each in lessons.iterdir()} == before


def test_without_consent_it_says_who_gives_it(tmp_path):
    run = called("train", "export", "--output", str(tmp_path / "lessons"))
    assert "its managers decide that in its settings" in run.stdout


def test_a_folder_of_other_things_is_refused_in_a_line(tmp_path):
    (tmp_path / "thesis.txt").write_text("chapter one")
    run = called("train", "export", "--output", str(tmp_path))
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1
    assert "holds other files" in run.stderr
