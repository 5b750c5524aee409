"""The loop closes: decisions, an export, candidates, a promotion, and a summary written by it.

And the other way: candidates that are worse are refused, and nothing changes.
"""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from cli.refreshing import SCHEDULE
from precis.job import JobRequest
from precis.store import Store
from precis.store.tables import schedules
from precis.store.training_runs import RunState, ScheduleStore
from tests.bot.processes import PRECIS, deployed, running, settings_of, worker_process
from tests.conversations import conversation
from tests.services import wait_until
from tests.training.refresh.taught import decisions, dialogues, teach, write_lessons
from training.gate_candidate import CandidateConfig
from training.refresh.adapters import AdapterConfig
from training.refresh.run import Refresh
from worker.app import make_app
from worker.asking import JobQueue
from worker.gate.embedded import EmbeddedScorer
from worker.gate.registry import SHIPPED, GateRegistry
from worker.generators.profiles import profile_named
from worker.registry import Registry

pytestmark = pytest.mark.slow

TALK = conversation(
    "Ana: Shall we plan the picnic?",
    "Ben: Yes, Saturday is good for me.",
    "Ana: Fine, can you bring a blanket?",
    "Ben: I will.",
)
SOON = timedelta(minutes=2)


@pytest.fixture
def variables(redis_url, postgresql_url, models, tmp_path):
    return deployed(
        redis_url, postgresql_url, models=str(models), profile="embedded", lease="PT20S",
        home=str(tmp_path / "home"),
    )  # fmt: skip


@pytest.fixture
def opened(variables):
    store = Store.open(variables["PRECIS_STORE"])
    yield store
    store.close()


def summarised_by(variables, store):
    """What a summary of the talk says, and which models wrote and judged it."""
    settings = settings_of(variables)
    queue = JobQueue(settings, store, make_app(settings))
    job_id = queue.submit(JobRequest(), TALK)
    queue.wait(job_id, SOON)
    result = store.result(job_id)
    return " ".join(each.text for each in result.summary.sentences), result.model


def due(store):
    """A week has passed."""
    with store.database.writing() as connection:
        earlier = datetime.now(UTC) - timedelta(seconds=1)
        connection.execute(update(schedules).values(next_at=earlier))


@pytest.mark.xfail(
    reason="the candidate's rate is not yet tuned for the gate on e5: it forgets too much"
)
def test_what_moderators_decide_is_learned_and_serves(poor_gate, models, variables, opened):
    teach(opened, dialogues(), decisions())
    options = {"steps": 2}
    with worker_process(variables) as serving:
        _, before = summarised_by(variables, opened)
        ScheduleStore(opened).set_schedule(SCHEDULE, timedelta(weeks=1), options)
        due(opened)
        with running([*PRECIS, "worker", "--queues", "training"], variables):
            wait_until(lambda: _ended(opened), 600, "the refresh")
        [run] = ScheduleStore(opened).runs()
        assert run.state is RunState.DONE, run.outcome
        adapter = Registry(models).serving()["embedded"]
        gate = GateRegistry(models).serving()
        assert (adapter, gate) != ("embedded-ppo", SHIPPED), run.outcome
        assert "embedded-2" in adapter, run.outcome
        assert gate.startswith("gate-2"), run.outcome
        wait_until(lambda: serving.log.count("serves from now on") == 2, 30, "both taken up")
        text, after = summarised_by(variables, opened)
    assert after.adapter == adapter
    assert before.adapter == "embedded-ppo"
    assert after.gate == EmbeddedScorer(GateRegistry(models).promoted()).name != before.gate
    assert text.startswith("Plan: the picnic"), "in the manner that moderators taught"


def _ended(store):
    runs = ScheduleStore(store).runs()
    return runs and runs[0].ended_at is not None


def test_worse_candidates_are_refused_and_nothing_changes(models, tmp_path):
    """Trained at rates that undo what was known."""
    before = (models / "promoted.json").read_bytes()
    names = Registry(models).names()
    run = Refresh(
        models=models,
        profile=profile_named("embedded", models),
        output=tmp_path / "refresh",
        export=lambda folder: write_lessons(folder, dialogues(), decisions()),
        gate=lambda: EmbeddedScorer(GateRegistry(models).promoted()),
        gate_config=CandidateConfig(learning_rate=0.05, epochs=1, fewest_replayed=200),
        adapter_config=AdapterConfig(
            lora={"epochs": 1, "learning_rate": 3.0, "dev_examples": 2}, least_steps=6,
            ppo={"steps": 0},
        ),
    )  # fmt: skip
    report = run.run(lambda _what, _share: None)
    assert [each.promoted for each in report.outcomes] == [None, None]
    assert all("worse" in each.line for each in report.outcomes), report.line
    assert (models / "promoted.json").read_bytes() == before
    assert (Registry(models).names(), GateRegistry(models).names()) == (names, [SHIPPED])
    told = json.loads((tmp_path / "refresh" / "report.json").read_text())
    assert [each["promoted"] for each in told["outcomes"]] == [None, None]
    assert not (tmp_path / "refresh" / "current").exists(), "what was exported goes"
