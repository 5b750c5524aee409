"""Traces by OpenTelemetry, for operators who want them: a trace for each summary request.

A request's trace has the request's id, and a digest's the digest's, so bot and worker find the
same one without telling each other. The libraries are an extra, and imported only where
PRECIS_TRACES is set. Spans hold ids, numbers and names of stages, never text.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from precis import __version__
from precis.errors import SettingsError
from precis.monitoring.context import Ids, current_ids
from precis.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.trace import Tracer

_SPAN_BITS = (1 << 64) - 1
_tracer: "Tracer | None" = None
_root: ContextVar[int | None] = ContextVar("precis_root_span", default=None)
"""The id of the trace whose first span is made just now."""


@contextmanager
def tracing(settings: Settings, service: str) -> Iterator[None]:
    """Send spans to the address of the settings while the block lasts; nothing without one.

    Raises SettingsError where the libraries are missing.
    """
    if settings.traces is None:
        yield
        return
    try:
        from precis.monitoring.span_export import span_processor  # noqa: PLC0415
    except ImportError:
        raise SettingsError(
            "PRECIS_TRACES is set, but OpenTelemetry isn't installed; "
            "pip install 'precis-bot[traces]', or unset it"
        ) from None
    with spans_to(span_processor(settings.traces), service):
        yield


@contextmanager
def spans_to(processor: "SpanProcessor", service: str) -> Iterator[None]:
    """Hand spans to a processor while the block lasts."""
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator  # noqa: PLC0415

    class IdGenerator(RandomIdGenerator):
        """Gives a request's first span the ids that the others know it by."""

        def generate_trace_id(self) -> int:
            return _root.get() or super().generate_trace_id()

        def generate_span_id(self) -> int:
            trace = _root.get()
            return _first_span(trace) if trace else super().generate_span_id()

    global _tracer  # noqa: PLW0603 - one for the process, as the library has it
    resource = Resource.create({"service.name": service, "service.version": __version__})
    provider = TracerProvider(resource=resource, id_generator=IdGenerator(), shutdown_on_exit=False)
    provider.add_span_processor(processor)
    _tracer = provider.get_tracer("precis", __version__)
    try:
        yield
    finally:
        _tracer = None
        provider.shutdown()


def span(name: str, **attributes: str | int | float) -> Any:
    """A context manager: what happens in it, as a part of what is around it.

    Without anything around it, it is a part of the bound request or job.
    """
    if _tracer is None:
        return nullcontext()
    from opentelemetry import trace  # noqa: PLC0415

    around = None if trace.get_current_span().is_recording() else _remote(current_ids())
    return _tracer.start_as_current_span(
        name,
        context=around,
        attributes={**_known(current_ids()), **attributes},
        record_exception=False,  # its message may quote chat text
        set_status_on_exception=False,
    )


def record(name: str, begun: datetime, ended: datetime, **attributes: str | int | float) -> None:
    """A span of the bound request or job that is over, and that nobody was there to measure."""
    if _tracer is not None:
        made = _tracer.start_span(
            name,
            context=_remote(current_ids()),
            attributes={**_known(current_ids()), **attributes},
            start_time=_nanoseconds(begun),
        )
        made.end(_nanoseconds(ended))


def record_request(begun: datetime, ended: datetime, **attributes: str | int | float) -> None:
    """The bound request from its beginning to its end: what all its other spans are parts of."""
    ids = current_ids()
    trace = _trace_id(ids)
    if _tracer is None or trace is None:
        return
    from opentelemetry.context import Context  # noqa: PLC0415

    token = _root.set(trace)
    try:
        made = _tracer.start_span(
            "request",
            context=Context(),
            attributes={**_known(ids), **attributes},
            start_time=_nanoseconds(begun),
        )
    finally:
        _root.reset(token)
    made.end(_nanoseconds(ended))


def _remote(ids: Ids) -> Any:
    """The context of a request's first span, wherever it is made; None where none is bound."""
    from opentelemetry import trace as api  # noqa: PLC0415

    trace = _trace_id(ids)
    if trace is None:
        return None
    first = api.SpanContext(
        trace,
        _first_span(trace),
        is_remote=True,
        trace_flags=api.TraceFlags(api.TraceFlags.SAMPLED),
    )
    return api.set_span_in_context(api.NonRecordingSpan(first))


def _trace_id(ids: Ids) -> int | None:
    """The bound request's id as a number, else the job's: both are 128 bits in hexadecimal."""
    try:
        return int(ids.request or ids.job or "", 16) & ((1 << 128) - 1) or None
    except ValueError:
        return None


def _first_span(trace: int) -> int:
    return trace & _SPAN_BITS or 1


def _known(ids: Ids) -> dict[str, str]:
    found = {"precis.request": ids.request, "precis.job": ids.job}
    return {name: value for name, value in found.items() if value}


def _nanoseconds(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp() * 1_000_000_000)
