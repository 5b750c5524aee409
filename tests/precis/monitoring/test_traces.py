"""Traces: one for each request, whose parts different processes make."""

import asyncio
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

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
    monkeypatch.delitem(sys.modules, "precis.monitoring.span_export", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    settings = load_settings(traces="http://127.0.0.1:4318/v1/traces")
    with pytest.raises(SettingsError, match=r"pip install 'precis-bot\[traces\]'"):
        tracing(settings, "test").__enter__()


class Collector:
    """A peer that takes spans by OTLP over HTTP, once it is up."""

    def __init__(self):
        self.up = False
        self.taken = []

    async def take(self, request):
        if not self.up:
            return web.Response(status=400)
        self.taken.append(await request.read())
        return web.Response(body=b"", content_type="application/x-protobuf")


@pytest.fixture
def collector():
    """Listening; gives it and its address."""
    made, listening, loop = Collector(), threading.Event(), asyncio.new_event_loop()
    app = web.Application()
    app.router.add_post("/v1/traces", made.take)
    server = TestServer(app)

    def serve():
        asyncio.set_event_loop(loop)
        loop.run_until_complete(server.start_server())
        listening.set()
        loop.run_forever()
        loop.run_until_complete(server.close())

    thread = threading.Thread(target=serve)
    thread.start()
    listening.wait()
    made.address = str(server.make_url("/v1/traces"))
    yield made
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_spans_reach_a_collector_before_the_process_ends(collector):
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    collector.up = True
    settings = load_settings(traces=collector.address)
    with tracing(settings, "test"), bound(job=JOB), span("job"):
        pass
    [body] = collector.taken
    assert bytes.fromhex(JOB) in body


def test_an_outage_of_the_collector_is_one_line(collector, caplog):
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    from precis.monitoring.span_export import span_processor  # noqa: PLC0415 - an extra

    processor = span_processor(collector.address)
    with spans_to(processor, "test"), bound(job=JOB):
        for _ in range(3):
            with span("job"):
                pass
            processor.force_flush()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "PRECIS_TRACES" in caplog.text
