"""Counts what became of jobs, for the metrics. Knows nothing of how a job is worked on."""

from precis.job import SUMMARY_TARGET, FlagAction, JobState, Result
from precis.monitoring.metrics import (
    GATE_OUTCOMES,
    JOBS,
    NO_LABEL,
    PASSED,
    RETRIES,
    STAGE_SECONDS,
    WAIT_SECONDS,
)
from precis.store import Claim


def task_of(held: Claim) -> str:
    """What a job is: `summarise`, `score` or `digest`; others are of another version."""
    return str(held.request.get("task", "summarise"))


def count_claim(held: Claim) -> None:
    """A job is taken up: how long it waited, unless it has been tried before."""
    if held.attempt == 1:
        queue = str(held.request.get("queue", ""))
        WAIT_SECONDS.observe(held.waited.total_seconds(), queue=queue)


def count_result(held: Claim, result: Result) -> None:
    """A summary or a digest is made, or withheld: how long each stage took, what the gate did."""
    task = task_of(held)
    state = JobState.DONE if result.summary else JobState.WITHHELD
    JOBS.inc(task=task, outcome=state)
    for stage, seconds in result.timings.items():
        STAGE_SECONDS.observe(seconds, task=task, stage=stage)
    for flag in result.flags:
        GATE_OUTCOMES.inc(outcome=flag.action, label=flag.label)
    if all(flag.target != SUMMARY_TARGET for flag in result.flags):
        GATE_OUTCOMES.inc(outcome=PASSED, label=NO_LABEL)


def count_scored(held: Claim, toxic: list[str], seconds: float) -> None:
    """Messages are scored; `toxic` are the labels of those over a threshold."""
    JOBS.inc(task=task_of(held), outcome=JobState.DONE)
    STAGE_SECONDS.observe(seconds, task=task_of(held), stage="total")
    for label in toxic:
        GATE_OUTCOMES.inc(outcome=FlagAction.NOTED, label=label)


def count_failure(held: Claim) -> None:
    """A job ended without a result."""
    JOBS.inc(task=task_of(held), outcome=JobState.FAILED)


def count_retry(held: Claim) -> None:
    """A try failed, and there will be another."""
    RETRIES.inc(task=task_of(held))
