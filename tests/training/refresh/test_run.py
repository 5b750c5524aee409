"""A run of the refresh: says what is missing, goes on where it was, and leaves no chat text."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from filelock import FileLock

from precis.errors import InputError
from tests.training.refresh.taught import decisions, dialogues, write_lessons
from training.gate_candidate import CandidateConfig
from training.refresh.adapters import AdapterConfig, Bench, promote_adapter
from training.refresh.lessons import Amounts, Least, Lessons, held_out, talk
from training.refresh.ranks import narrowed
from training.refresh.rule import Outcome
from training.refresh.run import Refresh
from worker.gate.embedded import EmbeddedScorer
from worker.gate.registry import GateRegistry
from worker.generators.profiles import profile_named
from worker.registry import Registry, check_adapter, read_manifest, write_manifest

TALKS = dialogues()


class Exporting:
    """Counts how often it was asked."""

    def __init__(self, talks, decided):
        self.lessons = talks, decided
        self.times = 0

    def __call__(self, folder):
        self.times += 1
        write_lessons(folder, *self.lessons)


def refresh(models, tmp_path, export, **more):
    return Refresh(
        models=models,
        profile=profile_named("embedded", models),
        output=tmp_path / "refresh",
        export=export,
        gate=lambda: EmbeddedScorer(GateRegistry(models).promoted()),
        gate_config=CandidateConfig(epochs=1, fewest_replayed=64),
        adapter_config=AdapterConfig(
            lora={"epochs": 1, "dev_examples": 2}, least_steps=2, ppo={"steps": 0}
        ),
        **more,
    )


def silent(_what, _share):
    """Nobody looks."""


def test_too_little_data_says_how_much_is_missing_and_changes_nothing(models, tmp_path):
    before = (models / "promoted.json").read_bytes()
    run = refresh(models, tmp_path, Exporting(TALKS[:5], decisions(30)[:47]))
    report = run.run(silent)
    assert report.outcomes[0].untried == (
        "too little data: 20 more decisions that a text is toxic and "
        "33 more decisions that a text is harmless are needed"
    )
    assert report.outcomes[1].untried == (
        "too little data: 15 more references or preferences are needed"
    )
    assert (models / "promoted.json").read_bytes() == before
    assert GateRegistry(models).serving() == "shipped"


def test_where_too_little_is_held_out_nothing_is_trained(models, tmp_path):
    few = [each for each in TALKS if held_out(each)][:4]
    talks = few + [each for each in TALKS if not held_out(each)]
    run = refresh(models, tmp_path, Exporting(talks, decisions(3)))
    missing = "too little data: 6 more dialogues are needed to judge by"
    assert run.look(silent).lines[-1].startswith(f"adapter of embedded: {missing}")
    assert run.run(silent).outcomes[1].untried.startswith(missing)


@pytest.mark.parametrize("interrupted", [False, True])
def test_what_passed_serves_once_unless_another_serves_by_now(models, tmp_path, interrupted):
    bench = a_bench(models, tmp_path)
    passed = Outcome("adapter", "embedded-ppo", promoted="candidate")
    if interrupted:
        bench.registry.add(bench.work / "candidate")
    for _ in range(2):
        assert promote_adapter(passed, bench).promoted == "candidate"
    assert bench.registry.serving()["embedded"] == "candidate"
    assert bench.registry.rollback("embedded") == "embedded-ppo"
    bench.registry.add(bench.work / "candidate", "an-operators")
    bench.registry.promote("an-operators")
    assert promote_adapter(passed, bench).overtaken == "an-operators"
    assert bench.registry.serving()["embedded"] == "an-operators"


def a_bench(models, tmp_path):
    """Where the serving adapter lies as a candidate, too."""
    profile = profile_named("embedded", models)
    registry = Registry(models, {"embedded": profile})
    work = tmp_path / "work"
    shutil.copytree(registry.promoted("embedded"), work / "candidate")
    manifest = read_manifest(work / "candidate").model_copy(update={"name": "candidate"})
    write_manifest(work / "candidate", manifest)
    return Bench(profile, registry, work, AdapterConfig(), silent)


def test_a_run_of_other_data_begins_anew(models, tmp_path):
    export = Exporting(TALKS[:3], decisions(3))
    for origin in ("one server", "one server", "another"):
        refresh(models, tmp_path, export, origin=origin)._begin(silent)
    assert export.times == 2


def test_what_was_killed_leaves_no_chat_text_for_long(models, tmp_path):
    clock = [datetime(2026, 1, 1, tzinfo=UTC)]
    run = refresh(models, tmp_path, Exporting(TALKS[:3], decisions(3)), now=lambda: clock[0])
    run._begin(silent)
    (tmp_path / "refresh" / "looked").mkdir()
    run.look(silent)
    assert (tmp_path / "refresh" / "current").exists(), "it may go on"
    clock[0] += timedelta(days=1)
    run.look(silent)
    assert [each.name for each in (tmp_path / "refresh").iterdir()] in ([".lock"], [])


@pytest.mark.slow
def test_a_run_that_was_interrupted_goes_on_and_exports_nothing_anew(models, tmp_path):
    export = Exporting(TALKS, decisions(10))
    run = refresh(models, tmp_path, export, least=Least(labels=500, summaries=5))

    def stopped(what, _share):
        if what.startswith("loading"):
            raise InterruptedError

    with pytest.raises(InterruptedError):
        run.run(stopped)  # the LoRA is trained, and nothing is judged
    [adapter] = (tmp_path / "refresh" / "current").glob("embedded-*-lora")
    weights = (adapter / "adapter_model.safetensors").stat().st_mtime_ns
    told = []

    def watched(what, _share):
        told.append(what)
        if adapter.is_dir():
            assert (adapter / "adapter_model.safetensors").stat().st_mtime_ns == weights

    report = run.run(watched)
    assert export.times == 1
    assert report.outcomes[1].rulings[0].candidate == adapter.name
    assert not [each for each in told if each.startswith("epoch")], "it isn't trained again"


def test_what_was_exported_yesterday_is_not_learned_from(models, tmp_path):
    export = Exporting(TALKS[:3], decisions(3))
    folder = tmp_path / "refresh" / "current"
    clock = [datetime(2026, 1, 1, tzinfo=UTC)]
    run = refresh(models, tmp_path, export, now=lambda: clock[0])
    run._begin(silent)
    run._begin(silent)
    assert export.times == 1
    clock[0] += timedelta(days=1)
    (folder / "data" / "older.txt").touch()
    run._begin(silent)
    assert export.times == 2
    assert not (folder / "data" / "older.txt").exists()


def test_a_report_holds_no_chat_text_and_the_export_goes(models, tmp_path):
    refresh(models, tmp_path, Exporting(TALKS[:3], decisions(3))).run(silent)
    output = tmp_path / "refresh"
    assert not (output / "current").exists()
    written = "".join(each.read_text() for each in output.rglob("*.*") if each.is_file())
    assert "Refresh of" in written
    assert not [each for each in TALKS[:3] if each.summary in written or each.dialogue in written]
    assert not [text for text, _ in decisions(3) if text in written]


def test_looking_trains_nothing_and_leaves_nothing(models, tmp_path):
    lines = refresh(models, tmp_path, Exporting(TALKS, decisions(5))).look(silent).lines
    assert "decisions: 5 toxic, 5 harmless" in lines
    assert "references and preferences: 60" in lines
    assert lines[-1] == "adapter of embedded: candidates would be trained"
    assert [each.name for each in (tmp_path / "refresh").iterdir()] in ([".lock"], [])


def test_two_runs_in_one_folder_are_refused(models, tmp_path):
    (tmp_path / "refresh").mkdir()
    with (
        FileLock(tmp_path / "refresh" / ".lock"),
        pytest.raises(InputError, match="another refresh is at work"),
    ):
        refresh(models, tmp_path, Exporting([], [])).run(silent)


def test_what_is_held_out_is_neither_learned_nor_met_with_insults(tmp_path):
    write_lessons(tmp_path, TALKS, decisions())
    made = talk(Lessons.read(tmp_path), None, Amounts())
    learned = {each.dialogue for each in made.train}
    assert learned.isdisjoint(each.dialogue for each in made.own)
    assert all(map(held_out, made.own))
    assert len(learned) + len(made.own) == len(TALKS)
    met = {line for each in made.insulting for line in each.dialogue.splitlines()}
    unmet = {line for each in made.toxic for line in each.dialogue.splitlines()}
    toxic = {text for text, kind in decisions() if kind}
    said = [{line.split(": ", 1)[1] for line in lines} & toxic for lines in (met, unmet)]
    assert all(said)
    assert said[0].isdisjoint(said[1])


def test_a_rank_is_brought_down_without_loss_where_it_is_no_more_than_that(models):
    """Two of rank 32, one of them doing nothing: 32 are enough for what they do."""
    import torch  # noqa: PLC0415
    from safetensors.torch import load_file, save_file  # noqa: PLC0415

    folder = models / "adapters" / "embedded-ppo"
    before = load_file(folder / "adapter_model.safetensors")
    wide = {
        name: torch.cat([each, torch.zeros_like(each)], dim=0 if "lora_A" in name else 1)
        for name, each in before.items()
    }
    save_file(wide, folder / "adapter_model.safetensors")
    config = json.loads((folder / "adapter_config.json").read_text())
    scale = config["lora_alpha"] / config["r"]
    config |= {"r": 64, "lora_alpha": 64 * scale}
    (folder / "adapter_config.json").write_text(json.dumps(config))
    assert narrowed(folder, 32)
    assert not narrowed(folder, 32)
    after = load_file(folder / "adapter_model.safetensors")
    for name in [each for each in before if "lora_A" in each]:
        other = name.replace("lora_A", "lora_B")
        assert after[name].shape == before[name].shape
        torch.testing.assert_close(
            after[other] @ after[name], scale * before[other] @ before[name], atol=1e-4, rtol=1e-3
        )
    check_adapter(folder, profile_named("embedded", models))


def test_a_damaged_adapter_that_serves_is_one_line(models, tmp_path):
    shutil.rmtree(Registry(models).promoted("embedded"))
    run = refresh(models, tmp_path, Exporting(TALKS, decisions(3)))
    with pytest.raises(Exception, match="embedded-ppo") as raised:
        run.run(silent)
    assert "\n" not in str(raised.value)


@pytest.mark.slow
def test_old_data_is_replayed_judged_by_and_rewards_ppo(models, tmp_path, data):
    run = refresh(
        models, tmp_path, Exporting(TALKS, decisions(3)), data=data,
        amounts=Amounts(replayed=8, judged=6),
    )  # fmt: skip
    small = {"steps": 1, "batch": 2, "mini_batch": 2, "longest_summary": 8}
    config = replace(run.adapter_config, ppo=small, reward_examples=32)
    report = replace(run, adapter_config=config).run(silent)
    lora, ppo = report.outcomes[1].rulings
    assert (lora.candidate[-4:], ppo.candidate[-4:]) == ("lora", "-ppo")
    texts = {each.name: each.texts for each in ppo.measures}
    assert texts["ROUGE-Lsum, old dialogues"] == 6
    assert texts["ROUGE-Lsum, new summaries"] == report.talk.counts["new ones to judge by"]
    assert report.talk.counts["to learn from"] == 8 + sum(not held_out(each) for each in TALKS)
