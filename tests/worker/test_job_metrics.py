"""What a worker counts of its jobs."""

import logging
from datetime import timedelta

import pytest

from precis.errors import PrecisError
from precis.job import Flag, FlagAction, JobRequest, Scored
from precis.monitoring.logs import add_ids
from precis.store import Store
from tests.measuring import Rise
from tests.worker.summarisers import TALK, Quick, Refusing, result_for
from worker.batching import Batcher
from worker.running import JobRunner


@pytest.fixture
def store(settings):
    opened = Store.open(settings.store_url)
    yield opened
    opened.close()


def run(settings, store, summariser, **asked):
    job_id = store.submit(JobRequest(**asked), TALK)
    JobRunner(settings, store, summariser, "worker").run(job_id)
    return job_id


def jobs(outcome, task="summarise"):
    return Rise("precis_jobs_total", task=task, outcome=outcome)


def gate(outcome, label="none"):
    return Rise("precis_gate_outcomes_total", outcome=outcome, label=label)


def test_a_summary_counts_with_its_stages_and_its_wait(settings, store):
    class Timed:
        def summarise(self, request, conversation, deadline):
            return result_for(request).model_copy(update={"timings": {"embed": 0.2, "total": 3.0}})

    done, passed = jobs("done"), gate("passed")
    stages = [
        Rise("precis_stage_seconds_sum", task="summarise", stage=stage)
        for stage in ("embed", "total")
    ]
    waited = Rise("precis_job_wait_seconds_count", queue="interactive")
    run(settings, store, Timed())
    assert (done.by, passed.by, waited.by) == (1, 1, 1)
    assert [round(stage.by, 6) for stage in stages] == [0.2, 3.0]


def test_a_summary_that_the_gate_withholds_is_counted_by_label(settings, store):
    withheld, passed, ended = gate("withheld", "insult"), gate("passed"), jobs("withheld")
    run(settings, store, Refusing())
    assert (withheld.by, passed.by, ended.by) == (1, 0, 1)


def test_a_toxic_message_is_noted_and_the_summary_passes(settings, store):
    flag = Flag(
        target="0", label="made_up", threshold=0.5, scores={"made_up": 1}, action=FlagAction.NOTED
    )

    class Noting:
        def summarise(self, request, conversation, deadline):
            return result_for(request).model_copy(update={"flags": (flag,)})

    noted, passed = gate("noted", "other"), gate("passed")
    run(settings, store, Noting())
    assert (noted.by, passed.by) == (1, 1)


def test_messages_that_are_scored_count_by_the_label_that_is_furthest_over(settings, store):
    class Scoring:
        def score(self, request, conversation, deadline):
            scores = {"insult": 0.9, "toxicity": 0.85}
            limits = {"insult": 0.7, "toxicity": 0.8}
            return Scored(
                gate="g",
                scores={"0": scores, "1": {"insult": 0.1, "toxicity": 0.1}},
                thresholds=limits,
                own_thresholds=limits,
            )

    noted, done = gate("noted", "insult"), jobs("done", "score")
    seconds = Rise("precis_stage_seconds_count", task="score", stage="total")
    run(settings, store, Scoring(), task="score", queue="watch", frontend="discord")
    assert (noted.by, done.by, seconds.by) == (1, 1, 1)


def test_a_try_that_fails_counts_as_a_retry_and_the_last_as_a_failure(settings, store):
    retries, failed = Rise("precis_job_retries_total", task="summarise"), jobs("failed")
    waited = Rise("precis_job_wait_seconds_count", queue="interactive")
    settings = settings.model_copy(update={"job_tries": 2})
    job_id = run(settings, store, Quick(ValueError()))
    assert (retries.by, failed.by) == (1, 0)
    # As when the retry is due.
    later = Store(store.database, lambda: store.now() + timedelta(minutes=1))
    JobRunner(settings, later, Quick(ValueError()), "worker").run(job_id)
    assert (retries.by, failed.by) == (1, 1)
    assert waited.by == 1, "a retry waits on purpose"


def test_a_job_that_cannot_be_done_counts_as_a_failure(settings, store):
    retries, failed = Rise("precis_job_retries_total", task="summarise"), jobs("failed")
    run(settings, store, Quick(PrecisError("no")))
    assert (retries.by, failed.by) == (0, 1)


def test_a_result_that_comes_too_late_is_not_counted(settings, store):
    class TakenOver:
        def summarise(self, request, conversation, deadline):
            store.cancel(job_id, "taken away")
            return result_for(request)

    done = jobs("done")
    job_id = store.submit(JobRequest(), TALK)
    JobRunner(settings, store, TakenOver(), "worker").run(job_id)
    assert done.by == 0


def test_batches_are_counted_with_their_fill():
    batches = Rise("precis_batch_seconds_count", model="generator")
    items = Rise("precis_batch_items_sum", model="generator")
    fill = Rise("precis_batch_fill_sum", model="generator")
    batcher = Batcher(lambda items, _: items, 4, "embedded")
    assert batcher([1, 2, 3, 4, 5, 6]) == [1, 2, 3, 4, 5, 6]
    batcher.close()
    assert (batches.by, items.by, fill.by) == (2, 6, 1.5)


def test_lines_that_are_logged_while_a_job_is_worked_on_have_its_id(settings, store, caplog):
    caplog.handler.addFilter(add_ids)
    caplog.set_level(logging.INFO)

    class Speaking:
        def summarise(self, request, conversation, deadline):
            logging.getLogger("worker.pipeline.x").info("at work")
            return result_for(request)

    job_id = run(settings, store, Speaking())
    assert {record.job for record in caplog.records} == {job_id}
    assert "at work" in caplog.messages
