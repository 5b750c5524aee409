"""Traces: one for each request, whose parts different processes make."""

import sys
from datetime import UTC, datetime, timedelta

import pytest

from precis.errors import SettingsError
from precis.monitoring.context import bound
from precis.monitoring.traces import record, record_request, span, spans_to, tracing
from precis.settings import load_settings

REQUEST, JOB = "5f" * 16, "91" * 16
BEGUN = datetime(2026, 3, 29, 18, tzinfo=UTC)


@pytest.fixture
def spans():
    """Gives the finished spans, by name."""
    export = pytest.importorskip("opentelemetry.sdk.trace.export")
    memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    exporter = memory.InMemorySpanExporter()
    with spans_to(export.SimpleSpanProcessor(exporter), "test"):
        yield lambda: {each.name: each for each in exporter.get_finished_spans()}


def test_parts_that_know_only_the_request_are_one_trace_below_its_first_span(spans):
    with bound(request=REQUEST), span("gather"):
        pass
    with bound(request=REQUEST, job=JOB):
        record("queue", BEGUN, BEGUN + timedelta(seconds=2))
        with span("job", task="summarise"), span("embed"):
            pass
        record_request(BEGUN, BEGUN + timedelta(seconds=9), outcome="answered")
    made = spans()
    assert {each.context.trace_id for each in made.values()} == {int(REQUEST, 16)}
    first = made["request"]
    assert first.parent is None
    assert (first.end_time - first.start_time) == 9_000_000_000
    for name in ("gather", "queue", "job"):
        assert made[name].parent.span_id == first.context.span_id, name
    assert made["embed"].parent.span_id == made["job"].context.span_id
    assert len({each.context.span_id for each in made.values()}) == 5
    assert made["job"].attributes == {
        "precis.request": REQUEST, "precis.job": JOB, "task": "summarise",
    }  # fmt: skip


def test_a_job_without_a_request_is_a_trace_of_its_own(spans):
    with bound(job=JOB), span("job"):
        pass
    assert spans()["job"].context.trace_id == int(JOB, 16)


def test_what_an_exception_says_is_in_no_span(spans):
    with pytest.raises(ValueError, match="xylophone"), bound(job=JOB), span("job"):
        raise ValueError("xylophone")
    assert "xylophone" not in spans()["job"].to_json()


def test_without_an_address_there_are_no_spans_and_no_library_is_needed(settings, monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with tracing(settings, "test"), bound(request=REQUEST), span("gather"):
        record("queue", BEGUN, BEGUN)
        record_request(BEGUN, BEGUN)


def test_a_library_that_is_missing_is_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    settings = load_settings(traces="http://127.0.0.1:4318/v1/traces")
    with pytest.raises(SettingsError, match=r"pip install 'precis-bot\[traces\]'"):
        tracing(settings, "test").__enter__()
