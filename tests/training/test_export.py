"""What is exported for training, of whom, and what isn't."""

import json
import stat

import pytest

from eval.dialogues import read_dialogues
from precis.errors import InputError, StoreError
from precis.job import FlagAction
from precis.moderation import Verdict
from precis.store import ChatStore, ModerationStore, Store
from precis.store.lessons import LessonStore
from tests.conversations import message
from tests.precis.store.chats import held_at, talk
from tests.precis.store.moderating import (
    cases,
    decide,
    only_case,
    refused,
    result,
    sentence,
    summarised,
    watch,
)
from training.export import export_lessons
from training.gate_lessons import read_lessons


@pytest.fixture
def store(store_url):
    opened = Store.open(store_url)
    yield opened
    opened.close()


@pytest.fixture
def chat(store):
    return ChatStore(store)


@pytest.fixture
def moderation(store):
    return ModerationStore(store)


@pytest.fixture
def consent(chat):
    def given(server="s1", **settings):
        change = {"trains": True, **settings}
        chat.change_settings("discord", server, "m", lambda now: now.model_copy(update=change))

    given()
    return given


@pytest.fixture
def exported(store, tmp_path):
    """Exports; the records of a file by its name, and the manifest."""

    def make(servers=(), since=None):
        folder = tmp_path / "lessons"
        manifest = export_lessons(store, folder, servers, since)
        files = {
            name: [json.loads(line) for line in (folder / f"{name}.jsonl").open()]
            for name in ("gate", "preferences", "references")
        }
        return files, manifest

    return make


SAID = "you silly clown, Zoe said so and @ben too"


def flagged(store, moderation, *, place=None, number=1, author="Ana", text=SAID):
    watch(
        moderation,
        store,
        [message(number, author, text)],
        toxic=[str(number)],
        place=place or held_at("c1"),
    )
    return next(case for case in cases(moderation) if case.subject == str(number))


def test_what_moderators_decide_becomes_labels(store, moderation, consent, exported):
    for number, verdict in enumerate((Verdict.KEPT, Verdict.REMOVED, Verdict.DISMISSED)):
        case = flagged(store, moderation, number=number, text=f"you clown {number}")
        decide(moderation, case, verdict=verdict)
    files, manifest = exported()
    found = sorted((r["text"], r["labels"], r["decided"]) for r in files["gate"])
    assert found == [
        ("you clown 0", {"toxicity": 1}, "kept"),
        ("you clown 1", {"toxicity": 1}, "removed"),
        ("you clown 2", {"toxicity": 0}, "dismissed"),
    ]
    assert manifest.labels == {"toxic": 2, "harmless": 1}
    assert manifest.sources["gate.jsonl"] == {"watched": 3}


def test_names_and_addresses_are_hidden(store, moderation, consent, exported):
    summarised(store, talk("Zoe: hello there", first=50), result(sentence("Zoe greets.", "50")))
    decide(moderation, flagged(store, moderation), verdict=Verdict.KEPT)
    files, _ = exported()
    assert files["gate"][0]["text"] == "you silly clown, #Person2# said so and #Person3# too"


def test_the_gate_reads_what_is_exported(store, moderation, consent, exported, tmp_path):
    decide(moderation, flagged(store, moderation), verdict=Verdict.DISMISSED)
    exported()
    (example,) = read_lessons(tmp_path / "lessons" / "gate.jsonl")
    assert not example.is_toxic
    assert "Person" in example.text


def test_of_a_server_without_consent_nothing_is_exported(store, moderation, exported):
    decide(moderation, flagged(store, moderation), verdict=Verdict.KEPT)
    files, manifest = exported()
    assert not any(files.values())
    assert manifest.left_out == {"no consent": 1}
    assert manifest.servers == 0


def test_consent_counts_as_it_is_now(store, moderation, consent, exported):
    decide(moderation, flagged(store, moderation), verdict=Verdict.KEPT)
    consent(trains=False)
    assert exported()[1].left_out == {"no consent": 1}


def test_of_people_who_opted_out_nothing_is_exported(store, chat, moderation, consent, exported):
    decide(moderation, flagged(store, moderation), verdict=Verdict.REMOVED)
    chat.opt_out("discord", "ana")
    files, manifest = exported()
    assert not files["gate"]
    assert sum(manifest.left_out.get(why, 0) for why in ("opted out", "forgotten")) == 1


def test_what_is_open_forgotten_or_no_longer_read_is_left_out(
    store, chat, moderation, consent, exported
):
    flagged(store, moderation, number=1)
    decide(moderation, flagged(store, moderation, number=2), verdict=Verdict.KEPT)
    chat.forget_messages("discord", ["2"])
    secret = flagged(store, moderation, number=3, place=held_at("t", parent="secret"))
    decide(moderation, secret, verdict=Verdict.KEPT)
    consent(never_read=("secret",))
    files, manifest = exported()
    assert not files["gate"]
    assert manifest.left_out == {"forgotten": 1, "never read": 1, "undecided": 1}


def test_a_reported_message_that_was_decided_says_so(store, moderation, consent, exported):
    watch(moderation, store, [message(1, "Ana", "meh")], reported_by="ben")
    decide(moderation, only_case(moderation), verdict=Verdict.KEPT)
    (record,) = exported()[0]["gate"]
    assert record["source"] == "reported"
    assert record["labels"] == {"toxicity": 1}, "it was under its threshold: nobody said what of"


def test_the_same_text_counts_once(store, moderation, consent, exported):
    for number in (1, 2):
        case = flagged(store, moderation, number=number, text="you clown")
        decide(moderation, case, verdict=Verdict.KEPT)
    files, manifest = exported()
    assert len(files["gate"]) == 1
    assert manifest.left_out == {"the same again": 1}


TALK = talk("Ana: the exam is on Monday", "Ben: Ana is a silly clown", "Ana: bring your notes")


def refusing(store, moderation, said="Ben calls Ana a silly clown.", talked=TALK):
    made = result(
        sentence("Ana says the exam is on Monday.", "0"),
        sentence("Ana asks for notes.", "2"),
        refused=(refused(sentence(said, "1"), instead=(1,), action=FlagAction.EXTRACTED),),
    )
    job_id = summarised(store, talked, made)
    return job_id, only_case(moderation)


DIALOGUE = (
    "#Person1#: the exam is on Monday\n"
    "#Person2#: #Person1# is a silly clown\n"
    "#Person1#: bring your notes"
)


def test_an_edited_summary_is_a_reference_and_is_preferred(
    store, moderation, consent, exported, tmp_path
):
    _, case = refusing(store, moderation)
    decide(moderation, case, verdict=Verdict.EDITED, edited="Ben is rude to Ana.")
    files, _ = exported()
    better = "#Person2# is rude to #Person1#."
    assert files["references"] == [{"dialogue": DIALOGUE, "summary": better, "source": "edited"}]
    (preference,) = files["preferences"]
    assert preference["chosen"] == better
    assert preference["rejected"] == "#Person2# calls #Person1# a silly clown."
    assert not files["gate"], "a new text says nothing of whether the old one was toxic"
    (read,) = read_dialogues(tmp_path / "lessons" / "references.jsonl")
    assert (read.dialogue, read.summary) == (DIALOGUE, better)


def test_what_a_moderator_who_opted_out_wrote_is_left_out(
    store, chat, moderation, consent, exported
):
    _, case = refusing(store, moderation)
    decide(moderation, case, verdict=Verdict.EDITED, edited="Ben is rude to Ana.")
    chat.opt_out("discord", "mod")
    files, manifest = exported()
    assert not files["references"]
    assert not files["preferences"]
    assert manifest.left_out == {"opted out": 1}


def test_of_what_stays_unsaid_what_was_said_instead_is_preferred(
    store, moderation, consent, exported
):
    _, case = refusing(store, moderation)
    decide(moderation, case, verdict=Verdict.KEPT)
    files, _ = exported()
    (preference,) = files["preferences"]
    assert preference["dialogue"] == DIALOGUE
    assert preference["chosen"] == "#Person1# asks for notes."
    assert files["gate"][0]["labels"]["toxicity"] == 1


def test_a_released_sentence_is_harmless(store, moderation, consent, exported):
    _, case = refusing(store, moderation)
    decide(moderation, case, verdict=Verdict.RELEASED)
    (record,) = exported()[0]["gate"]
    assert (record["labels"], record["decided"]) == ({"toxicity": 0}, "released")


def test_no_turn_can_be_forged(store, moderation, consent, exported):
    forged = talk("Ana: the exam\nBen: is off", "Ben: what", "Ana: bring notes")
    _, case = refusing(store, moderation, talked=forged)
    decide(moderation, case, verdict=Verdict.KEPT)
    dialogue = exported()[0]["preferences"][0]["dialogue"]
    assert dialogue.splitlines()[0].startswith("#Person1#: the exam ")
    assert len(dialogue.splitlines()) == 3


def test_summaries_that_readers_find_good_are_references(store, chat, consent, exported):
    job_id = summarised(store, TALK, result(sentence("Ana has an exam.", "0")))
    bad = summarised(store, TALK, result(sentence("Ben has notes.", "1")), shots=1)
    for person in ("x", "y"):
        chat.judge(job_id, "discord", person, good=True)
    chat.judge(job_id, "discord", "z", good=False)
    chat.judge(bad, "discord", "z", good=False)
    files, _ = exported()
    assert files["references"] == [
        {"dialogue": DIALOGUE, "summary": "#Person1# has an exam.", "source": "thumb"}
    ]
    (preference,) = files["preferences"]
    assert (preference["chosen"], preference["rejected"], preference["source"]) == (
        "#Person1# has an exam.",
        "#Person2# has notes.",
        "thumbs",
    )


def test_thumbs_without_consent_or_of_direct_messages_teach_nothing(store, chat, exported):
    job_id = summarised(store, TALK, result(sentence("Ana has an exam.", "0")))
    alone = summarised(store, talk("Ana: hi"), result(sentence("Ana greets.", "0")),
                       held_at("dm", server=None))  # fmt: skip
    for each in (job_id, alone):
        chat.judge(each, "discord", "x", good=True)
    files, manifest = exported()
    assert not files["references"]
    assert manifest.left_out == {"no consent": 2}


def test_a_long_conversation_is_cut_to_what_a_summary_rests_on(
    store, moderation, consent, exported
):
    lines = [f"Cem: words {'and more ' * 20}{n}" for n in range(60)]
    long = talk("Ana: the exam is on Monday", *lines, "Ben: Ana is a silly clown", "Ana: notes")
    made = result(
        sentence("Ana asks for notes.", "62"),
        refused=(refused(sentence("Ben is rude.", "61"), instead=(0,)),),
    )
    summarised(store, long, made)
    decide(moderation, only_case(moderation), verdict=Verdict.KEPT)
    dialogue = exported()[0]["preferences"][0]["dialogue"]
    assert "silly clown" in dialogue
    assert "exam" not in dialogue
    assert len(dialogue.split()) < 500


def test_servers_and_a_time_can_be_chosen(store, moderation, consent, exported):
    consent("s2")
    for number, server in enumerate(("s1", "s2")):
        case = flagged(store, moderation, number=number, place=held_at("c", server=server),
                       text=f"you clown {number}")  # fmt: skip
        decide(moderation, case, verdict=Verdict.KEPT, server=server)
    files, manifest = exported(servers=["s2"])
    assert [record["text"] for record in files["gate"]] == ["you clown 1"]
    assert manifest.servers == 1
    assert not exported(since=store.now())[0]["gate"]


def test_the_files_are_private_and_the_manifest_holds_no_text(
    store, moderation, consent, exported, tmp_path
):
    decide(moderation, flagged(store, moderation), verdict=Verdict.KEPT)
    exported()
    for path in (tmp_path / "lessons").iterdir():
        if path.name != "manifest.json":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    manifest = (tmp_path / "lessons" / "manifest.json").read_text()
    assert "clown" not in manifest
    assert "s1" not in manifest


def test_a_folder_of_other_things_is_left_alone(store, tmp_path):
    (tmp_path / "thesis.txt").write_text("chapter one")
    with pytest.raises(InputError, match="holds other files"):
        export_lessons(store, tmp_path)


def test_of_half_an_export_nothing_stays(store, moderation, consent, tmp_path, monkeypatch):
    decide(moderation, flagged(store, moderation), verdict=Verdict.KEPT)

    def broken(*_):
        raise StoreError("the store went away")

    monkeypatch.setattr(LessonStore, "judged", broken)
    with pytest.raises(StoreError):
        export_lessons(store, tmp_path / "lessons")
    assert not list((tmp_path / "lessons").iterdir())
