"""Metrics are declared once, with labels that hold no text, and counted by their values."""

import re

import pytest

from precis.monitoring.declared import FREE, OTHER, Metrics
from precis.monitoring.metrics import METRICS

WORD = re.compile(r"[a-z0-9][a-z0-9_]{0,30}")
FREE_LABELS = {("precis_build_info", "version"), ("precis_model_info", "name")} | {
    ("precis_model_info", "version")
}
"""What the operator installed: the versions of the program and of its models."""
MOST_SERIES = 150


@pytest.fixture
def metrics():
    return Metrics()


def exposed(metrics):
    """The samples, without the times at which they were made."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


@pytest.mark.parametrize("declared", METRICS.declared, ids=lambda declared: declared.name)
def test_a_metrics_labels_have_few_values_that_are_all_known(declared):
    series = 1
    for label, values in declared.labels.items():
        if values is FREE:
            assert (declared.name, label) in FREE_LABELS
            continue
        assert label in {
            "command", "kind", "label", "model", "outcome", "platform", "queue", "reason",
            "stage", "state", "status", "task", "what",
        }  # fmt: skip
        assert all(WORD.fullmatch(value) for value in values)
        series *= len(values)
    assert series <= MOST_SERIES


@pytest.mark.parametrize("declared", METRICS.declared, ids=lambda declared: declared.name)
def test_a_metric_is_named_as_prometheus_has_it(declared):
    assert re.fullmatch(r"precis_[a-z_]+", declared.name)
    assert declared.name.endswith("_total") is (declared.kind == "counter")
    assert declared.says.endswith(".")


def test_each_metric_is_declared_once():
    names = [declared.name for declared in METRICS.declared]
    assert len(names) == len(set(names))


def test_a_value_that_is_not_known_is_counted_as_other(metrics):
    counter = metrics.counter("precis_a_total", "A.", "bot", platform=("discord",))
    counter.inc(platform="discord")
    counter.inc(platform="Ana said: xylophone")
    assert exposed(metrics) == {("precis_a_total", "discord"): 1, ("precis_a_total", OTHER): 1}


def test_what_a_process_counts_is_there_before_the_first_time(metrics):
    metrics.counter("precis_a_total", "A.", "bot", platform=("discord", "slack"), what=("x", "y"))
    metrics.counter("precis_b_total", "B.", "worker", task=("z",))
    metrics.begin("bot", platform="slack")
    assert exposed(metrics) == {
        ("precis_a_total", "slack", "x"): 0,
        ("precis_a_total", "slack", "y"): 0,
    }


def test_of_a_model_only_the_version_that_serves_is_told(metrics):
    gauge = metrics.gauge("precis_a", "A.", "worker", model=("gate",), name=FREE, version=FREE)
    gauge.only(1, "version", model="gate", name="one", version="1")
    gauge.only(1, "version", model="gate", name="other", version="1")
    gauge.only(1, "version", model="gate", name="one", version="2")
    assert set(exposed(metrics)) == {
        ("precis_a", "gate", "one", "2"),
        ("precis_a", "gate", "other", "1"),
    }
