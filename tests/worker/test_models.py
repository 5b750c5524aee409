"""What is promoted serves without a restart; what is damaged doesn't; jobs end as they began."""

import json
import logging
import shutil
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import redis

from cli import main
from precis.hashing import sha256_of
from precis.job import JobRequest
from precis.settings import load_settings
from precis.store import Store
from tests.bot.processes import deployed, settings_of, worker_process
from tests.conversations import conversation
from tests.measuring import sample
from tests.services import wait_until
from worker.app import make_app
from worker.asking import JobQueue
from worker.gate.folder import WEIGHTS
from worker.gate.registry import GateRegistry
from worker.pipeline.summarise import Pipeline
from worker.registry import Registry
from worker.summariser import Deadline

SHIPPED = Path(__file__).parents[2] / "models"
ADAPTER = "embedded-ppo"
LOOK = 0.1
TALK = conversation(
    "Ana: The exam is on Thursday at six in room 204.",
    "Ben: Great, I will bring the printed notes of chapter seven.",
    "Ana: Then we meet at five in the library before it.",
)


@pytest.fixture
def models(tmp_path):
    """The shipped models, to be changed; the large ones are links."""
    folder = tmp_path / "models"
    folder.mkdir()
    for name in ("embedded", "gate"):
        (folder / name).symlink_to(SHIPPED / name)
    shutil.copytree(SHIPPED / "adapters", folder / "adapters")
    shutil.copyfile(SHIPPED / "promoted.json", folder / "promoted.json")
    return folder


@pytest.fixture
def pipeline(models):
    made = Pipeline(load_settings(models=models), LOOK)
    yield made
    made.close()


def used(pipeline):
    result = pipeline.summarise(JobRequest(), TALK, Deadline(timedelta(minutes=2)))
    return result.model


def serves(model, **known):
    """Whether the metrics say so."""
    assert sample("precis_model_load_seconds", model=model) > 0
    return sample("precis_model_info", model=model, **known) == 1


def other_gate(models, name="november"):
    """The shipped gate with other weights, in the registry."""
    folder = models.parent / "trained-gate"
    shutil.copytree(SHIPPED / "gate", folder)
    from safetensors.torch import load_file, save_file  # noqa: PLC0415 - torch takes a second

    weights = load_file(folder / WEIGHTS)
    weights["head.bias"] = weights["head.bias"] - 1.0
    save_file(weights, folder / WEIGHTS)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["sha256"] = sha256_of(folder / WEIGHTS)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    GateRegistry(models).add(folder, name)


def test_a_rollback_and_a_promotion_are_taken_up(pipeline, models):
    registry = Registry(models)
    assert used(pipeline).adapter == ADAPTER
    assert serves("generator", name="embedded", version=ADAPTER)
    registry.rollback("embedded")
    wait_until(lambda: used(pipeline).adapter is None, 30, "the model alone")
    assert not serves("generator", name="embedded", version=ADAPTER)
    registry.promote(ADAPTER)
    wait_until(lambda: used(pipeline).adapter == ADAPTER, 30, "the adapter")


def test_a_gate_is_taken_up_and_named_in_each_summary(pipeline, models):
    before = used(pipeline).gate
    other_gate(models)
    GateRegistry(models).promote("november")
    wait_until(lambda: used(pipeline).gate != before, 30, "the new gate")
    GateRegistry(models).rollback()
    wait_until(lambda: used(pipeline).gate == before, 30, "the shipped gate")


@pytest.fixture
def still(models):
    """A pipeline that looks only when it is told to."""
    made = Pipeline(load_settings(models=models), 3_600)
    yield made
    made.close()


def test_a_damaged_adapter_is_refused_and_the_old_one_serves_on(still, models, caplog):
    registry = Registry(models)
    assert used(still).adapter == ADAPTER
    registry.rollback("embedded")
    still._models.look()
    registry.promote(ADAPTER)
    weights = models / "adapters" / ADAPTER / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-10] + b"0123456789")
    with caplog.at_level(logging.ERROR):
        still._models.look()
        still._models.look()
    assert used(still).adapter is None
    assert caplog.text.count("what served goes on serving") == 1  # not at every look


def test_a_damaged_gate_is_refused_and_the_old_one_serves_on(still, models, caplog):
    before = used(still).gate
    other_gate(models)
    GateRegistry(models).promote("november")
    (models / "gates" / "november" / WEIGHTS).write_bytes(b"nothing")
    with caplog.at_level(logging.ERROR):
        still._models.look()
    assert used(still).gate == before
    assert caplog.text.count("what served goes on serving") == 1


def test_what_was_damaged_serves_once_it_is_mended(still, models):
    before = used(still).gate
    other_gate(models)
    GateRegistry(models).promote("november")
    weights = models / "gates" / "november" / WEIGHTS
    whole = weights.read_bytes()
    weights.write_bytes(b"nothing")
    still._models.look()
    assert used(still).gate == before
    weights.write_bytes(whole)
    still._models.look()
    assert used(still).gate != before


def test_an_error_that_nobody_thought_of_does_not_end_the_looking(
    pipeline, models, monkeypatch, caplog
):
    def broken(*_):
        raise RuntimeError("xylophone")

    assert used(pipeline).adapter == ADAPTER
    with monkeypatch.context() as patched:
        patched.setattr("worker.pipeline.models.load_generator", broken)
        Registry(models).rollback("embedded")
        wait_until(lambda: "what served goes on serving" in caplog.text, 30, "the refusal")
    assert "xylophone" not in caplog.text
    assert used(pipeline).adapter == ADAPTER
    shutil.copytree(models / "adapters" / ADAPTER, models / "mild")
    Registry(models).add(models / "mild", "mild")
    Registry(models).promote("mild")
    wait_until(lambda: used(pipeline).adapter not in (ADAPTER, None), 30, "another adapter")


def test_a_damaged_list_of_promotions_changes_nothing(still, models):
    assert used(still).adapter == ADAPTER
    (models / "promoted.json").write_text("[")
    still._models.look()
    assert used(still).adapter == ADAPTER


def test_a_job_in_hand_ends_on_what_it_began_with(pipeline, models):
    slot = pipeline._models.generating("embedded")
    let_go, in_use = threading.Event(), threading.Event()
    seen = []

    def job():
        with slot.use() as (generator, generate):
            in_use.set()
            let_go.wait(30)
            seen.append(generator.adapter)
            seen.append(generate._closed)

    thread = threading.Thread(target=job)
    thread.start()
    assert in_use.wait(30)
    Registry(models).rollback("embedded")
    wait_until(lambda: used(pipeline).adapter is None, 30, "the change")
    let_go.set()
    thread.join(30)
    assert seen == [ADAPTER, False]


def test_a_set_adapter_stays(models):
    made = Pipeline(load_settings(models=models, adapter=models / "adapters" / ADAPTER), LOOK)
    try:
        assert used(made).adapter == ADAPTER
        Registry(models).rollback("embedded")
        made._models.look()
        assert used(made).adapter == ADAPTER
    finally:
        made.close()


@pytest.mark.slow
def test_a_rollback_takes_effect_in_a_running_worker_within_30_seconds(
    models, redis_url, tmp_path, monkeypatch, capsys
):
    redis.Redis.from_url(redis_url).flushall()
    variables = deployed(redis_url, f"sqlite:///{tmp_path / 'precis.db'}", models=str(models))
    settings = settings_of(variables)
    store = Store.open(settings.store_url)
    queue = JobQueue(settings, store, make_app(settings))

    def adapter():
        job_id = queue.submit(JobRequest(profile="embedded"), TALK)
        queue.wait(job_id, timedelta(seconds=60))
        return store.result(job_id).model.adapter

    with worker_process(variables):
        assert adapter() == ADAPTER
        monkeypatch.setenv("PRECIS_MODELS", str(models))
        monkeypatch.setattr("sys.argv", ["precis", "adapters", "rollback"])
        with pytest.raises(SystemExit) as ended:
            main.main()
        assert ended.value.code in (0, None)
        assert "with no adapter" in capsys.readouterr().out
        wait_until(lambda: adapter() is None, 30, "the rollback")
    store.close()
