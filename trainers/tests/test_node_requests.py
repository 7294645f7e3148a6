"""What a request to the Python node brings along: the queue of its deployment and its trace."""

from __future__ import annotations

import http.server
import json
import os
import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from modelyard_node.models.queue_id import QUEUES_MAX, queue_id_of
from node_process import Artifacts, NodeProcess, fp
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from test_node_models import scaled, until

pytestmark = pytest.mark.skipif(os.name == "nt", reason="model processes need Unix sockets")
ROWS = [[float(at), 0.0, 1.0] for at in range(8)]
TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class Collector:
    """Keeps the spans it is sent, and the headers they came with."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.headers: list[Any] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                request = ExportTraceServiceRequest.FromString(body)
                outer.headers.append(self.headers)
                for of_service in request.resource_spans:
                    for scope in of_service.scope_spans:
                        outer.spans += scope.spans
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture(scope="module")
def artifacts() -> Iterator[Artifacts]:
    made = Artifacts()
    yield made
    made.close()


def calls_of(node: NodeProcess, **headers: str) -> int:
    """How many calls of the model the eight rows become in the queue a header names."""

    def executions() -> int:
        return node.ask("/v2/models/m/stats")[1]["model_stats"][0]["execution_count"]

    before = executions()
    status, body = node.ask("/v2/models/m/infer", {"inputs": [fp("input", ROWS)]}, **headers)
    assert status == 200, body
    return executions() - before


def load(node: NodeProcess, artifact: str, rows_max: int) -> str:
    """The number of the queue that this policy makes, as a gateway counts it."""
    config = {"mode": "fixed", "max_batch_size": rows_max}
    assert node.load("m", artifact, config=config) == (200, {})
    return str(queue_id_of(json.dumps(config)))


def test_deployments_of_one_version_each_have_the_queue_they_asked_for(
    artifacts: Artifacts,
) -> None:
    # The number that the gateway's code gives this text.
    assert queue_id_of('{"mode":"auto"}') == 564658217
    node = NodeProcess(artifacts.url)
    try:
        artifact = artifacts.put(scaled(2))
        small, large = load(node, artifact, 2), load(node, artifact, 8)
        assert calls_of(node, modelyard_queue=small) == 4
        assert calls_of(node, modelyard_queue=large) == 1
        # What names none, or one that is not known, waits in the queue that was told last.
        assert calls_of(node) == 1
        assert calls_of(node, modelyard_queue="1") == 1
        assert calls_of(node, modelyard_queue="-2") == 1
        (child,) = node.children()
        os.kill(child, signal.SIGKILL)
        until(lambda: node.infer("m", fp("input", ROWS))[0] == 200)
        assert calls_of(node, modelyard_queue=small) == 4
        for rows_max in range(100, 100 + QUEUES_MAX):
            load(node, artifact, rows_max)
        assert calls_of(node, modelyard_queue=small) == 1
    finally:
        assert node.close() == 0


def test_a_request_is_a_span_in_the_trace_of_who_asks(artifacts: Artifacts) -> None:
    collector = Collector()
    node = NodeProcess(
        artifacts.url,
        OTEL_EXPORTER_OTLP_ENDPOINT=collector.url,
        OTEL_EXPORTER_OTLP_HEADERS="x-tenant=a%20b",
    )
    try:
        load(node, artifacts.put(scaled(2)), 8)
        asked = {"inputs": [fp("input", ROWS)]}
        path = "/v2/models/m/infer"
        assert node.ask(path, asked, traceparent=f"00-{TRACE}-{CALLER}-01")[0] == 200
        assert node.ask(path, {"inputs": []}, traceparent=f"00-{TRACE}-{CALLER}-01")[0] == 400
        # Not sampled by its caller, and no trace at all.
        other = TRACE.replace("4b", "5b")
        assert node.ask(path, asked, traceparent=f"00-{other}-{CALLER}-00")[0] == 200
        assert node.ask(path, asked, traceparent="nonsense")[0] == 200
    finally:
        assert node.close() == 0
        collector.server.shutdown()
    mine = [span for span in collector.spans if span.trace_id.hex() == TRACE]
    assert [(one.name, one.parent_span_id.hex()) for one in mine] == [("execute", CALLER)] * 2
    assert [one.status.code for one in mine] == [0, 2]
    assert not any(span.trace_id.hex() == other for span in collector.spans)
    (own,) = [span for span in collector.spans if span.trace_id.hex() != TRACE]
    assert own.parent_span_id == b""
    assert collector.headers[0]["x-tenant"] == "a b"


def test_a_collector_that_is_away_keeps_nobody_waiting(artifacts: Artifacts) -> None:
    node = NodeProcess(artifacts.url, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9")
    try:
        load(node, artifacts.put(scaled(2)), 8)
        assert calls_of(node) == 1
    finally:
        assert node.close() == 0
    assert not any("request_failed" in line for line in node.log)
