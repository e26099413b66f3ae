"""OpenTelemetry traces.

One root span a request, a child a stage, exported as the standard variables say.

`OTEL_TRACES_EXPORTER` is `otlp` (default when an endpoint is set), `console` or `none`; endpoint,
headers, sampler and resource attributes are the SDK's own variables. Attribute names of the GenAI
conventions still move: they are used here and in `model/call.py` only.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.propagate import extract
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    ConsoleSpanExporter,
    SimpleSpanProcessor,
)
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, get_current_span

from .guards.personal.redaction import redact_all

_TRACE_HEADERS = ("traceparent", "tracestate")  # W3C Trace Context


class Tracing:
    """The tracer of one service.

    Without an exporter spans cost next to nothing, and still give trace ids.
    """

    def __init__(self, service: str, version: str, processor: SpanProcessor | None = None) -> None:
        resource = Resource.create({"service.name": service, "service.version": version})
        processor = processor or _exporter()
        if processor is None:
            self._provider = TracerProvider(resource=resource, sampler=ALWAYS_OFF)
        else:
            self._provider = TracerProvider(resource=resource)
            self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("chassis")

    @contextmanager
    def request(self, name: str, headers: Mapping[str, str]) -> Iterator[Span]:
        """The root span of a request, continuing the caller's trace when it sent one."""
        context = extract(_continued(headers))
        with self._tracer.start_as_current_span(
            name, context=context, kind=SpanKind.SERVER, record_exception=False
        ) as span:
            yield span

    @contextmanager
    def stage(self, name: str) -> Iterator[Span]:
        """The span of one stage.

        An exception marks it as failed, without its text, which may hold data. Inside a request
        that is not recorded there is no span to make: the request's own, which ignores all, serves.
        """
        around = get_current_span()
        if not around.is_recording():
            yield around
            return
        with self._tracer.start_as_current_span(
            name, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield span
            except Exception as error:
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise

    def shutdown(self) -> None:
        """Send what is left, within the exporter's own timeout."""
        self._provider.shutdown()


def _continued(headers: Mapping[str, str]) -> dict[str, str]:
    """The caller's trace; a state with personal data or a key in it is neither kept nor handed on.

    `traceparent` has a fixed form: digits in it that look like a card are none.
    """
    sent = {name: headers[name] for name in _TRACE_HEADERS if name in headers}
    if redact_all(sent.get("tracestate")) != sent.get("tracestate"):
        del sent["tracestate"]
    return sent


def _exporter() -> SpanProcessor | None:
    endpoint = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or os.environ.get(
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
    )
    wanted = os.environ.get("OTEL_TRACES_EXPORTER", "otlp" if endpoint else "none")
    if wanted == "console":
        one_line = ConsoleSpanExporter(
            out=sys.stderr, formatter=lambda span: span.to_json(None) + "\n"
        )
        return SimpleSpanProcessor(one_line)
    if wanted == "otlp":
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        return BatchSpanProcessor(OTLPSpanExporter())
    return None
