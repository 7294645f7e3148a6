"""Spans of this node, in the traces of those who ask it, for an OpenTelemetry collector."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import unquote

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_TIMEOUT_S = 3.0
_SERVICE = "modelyard-python-node"


class Tracing:
    """Nothing of it waits for the collector but `close`, and that not long."""

    def __init__(self, endpoint: str, headers: str) -> None:
        """`headers`: name=value pairs with commas between, values percent-encoded."""
        exporter = _Exporter(f"{endpoint.rstrip('/')}/v1/traces", _headers_of(headers))
        self._provider = TracerProvider(resource=Resource.create({"service.name": _SERVICE}))
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("modelyard")
        self._context = TraceContextTextMapPropagator()

    @contextmanager
    def execute(self, traceparent: str | None, model: str) -> Iterator[None]:
        """The span of one request; a malformed header counts as none."""
        parent = self._context.extract({"traceparent": traceparent} if traceparent else {})
        span = self._tracer.start_span("execute", parent, kind=SpanKind.SERVER)
        span.set_attribute("modelyard.model", model)
        try:
            yield
        except Exception as error:
            span.set_status(StatusCode.ERROR, str(error)[:1000])
            raise
        finally:
            span.end()

    def close(self) -> None:
        """Sends the last spans."""
        self._provider.shutdown()


class _Exporter(SpanExporter):
    """OTLP over HTTP in protobuf. Spans that a collector does not take are lost."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self._url = url
        self._headers = {"content-type": "application/x-protobuf", **headers}

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        request = ExportTraceServiceRequest()
        of_service = request.resource_spans.add()
        for name, value in (spans[0].resource.attributes if spans else {}).items():
            of_service.resource.attributes.add(key=name).value.string_value = str(value)
        scope = of_service.scope_spans.add()
        scope.scope.name = "modelyard"
        scope.spans.extend(_message_of(span) for span in spans)
        body = request.SerializeToString()
        post = urllib.request.Request(self._url, data=body, headers=self._headers, method="POST")
        try:
            with urllib.request.urlopen(post, timeout=_TIMEOUT_S) as reply:
                reply.read(65_536)
        except (OSError, ValueError):
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS


def _message_of(span: ReadableSpan) -> SpanMessage:
    context, parent = span.get_span_context(), span.parent
    message = SpanMessage(
        trace_id=context.trace_id.to_bytes(16, "big"),
        span_id=context.span_id.to_bytes(8, "big"),
        parent_span_id=b"" if parent is None else parent.span_id.to_bytes(8, "big"),
        name=span.name,
        kind=SpanMessage.SPAN_KIND_SERVER,
        start_time_unix_nano=span.start_time or 0,
        end_time_unix_nano=span.end_time or 0,
    )
    for name, value in (span.attributes or {}).items():
        message.attributes.add(key=name).value.string_value = str(value)
    message.status.code = span.status.status_code.value
    message.status.message = span.status.description or ""
    return message


def _headers_of(text: str) -> dict[str, str]:
    pairs = (one.partition("=") for one in text.split(",") if "=" in one)
    return {name.strip().lower(): unquote(value.strip()) for name, _, value in pairs}
