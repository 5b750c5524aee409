"""Sends spans to a collector, and says once when it can't. Imported only where traces are on."""

import logging
from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    SpanExporter,
    SpanExportResult,
)

logger = logging.getLogger(__name__)

SECONDS = 3.0
"""For a batch, with all tries; a process that stops waits for the last one."""


def span_processor(address: str) -> SpanProcessor:
    """What sends spans to `address`, in batches and in a thread of its own."""
    # The library tells of each try.
    logging.getLogger("opentelemetry.exporter.otlp").setLevel(logging.CRITICAL)
    return BatchSpanProcessor(OneLineExporter(OTLPSpanExporter(endpoint=address, timeout=SECONDS)))


class OneLineExporter(SpanExporter):
    """Logs an outage of the collector as one line, however long it lasts."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._failing = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """As the other does; spans that can't be sent are lost."""
        result = self._exporter.export(spans)
        failing = result is not SpanExportResult.SUCCESS
        if failing and not self._failing:
            logger.warning("traces can't be sent and are lost; check PRECIS_TRACES")
        elif self._failing and not failing:
            logger.info("traces are sent again")
        self._failing = failing
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)
