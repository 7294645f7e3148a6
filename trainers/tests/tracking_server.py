"""A tracking server over a real socket: the routes the trainers use, as MLflow 3 answers them.

It keeps one run and every request, refuses what MLflow refuses, and can be made to fail.
"""

from __future__ import annotations

import contextlib
import json
import threading
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "mdy_test_token"
STATUSES = {"RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"}
API = "/api/2.0/mlflow"
ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts/"


class ApiError(Exception):
    """An MLflow error body with its HTTP status."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class TrackingServer:
    """Start with `with TrackingServer() as server`; server.env holds what a trainer needs."""

    def __init__(self) -> None:
        # Its own for each server: the client keeps an artifact connection for each run.
        self.run_id = uuid.uuid4().hex
        self.lock = threading.RLock()
        self.metrics: list[dict[str, Any]] = []
        self.params: dict[str, str] = {}
        self.tags: dict[str, str] = {}
        self.inputs: list[dict[str, Any]] = []
        self.artifacts: dict[str, bytes] = {}
        self.files: dict[str, bytes] = {}
        self.status = "SCHEDULED"
        self.statuses: list[str] = []
        self.end_time: int | None = None
        self.requests: list[str] = []
        self.progress: list[float] = []
        self.fail_with: int | None = None
        # Called after a request took effect and before it is answered.
        self.after_effect: Callable[[int], None] = lambda _count: None
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True)

    def __enter__(self) -> TrackingServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def env(self) -> dict[str, str]:
        return {
            "MLFLOW_TRACKING_URI": self.url,
            "MLFLOW_TRACKING_TOKEN": TOKEN,
            "MLFLOW_RUN_ID": self.run_id,
        }

    def points(self) -> dict[tuple[str, int], list[float]]:
        """(key, step) to every value ever accepted for it."""
        with self.lock:
            found: dict[tuple[str, int], list[float]] = {}
            for metric in self.metrics:
                found.setdefault((metric["key"], metric["step"]), []).append(metric["value"])
            return found

    def respond(self, method: str, path: str, query: dict[str, str], body: bytes) -> Any:
        """The JSON answer to an API call; raises ApiError."""
        route = (method, path.removeprefix(API))
        data = json.loads(body) if body else {}
        run_id = query.get("run_id") or data.get("run_id") or data.get("run_uuid")
        if run_id != self.run_id:
            raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"Run with id={run_id} not found")
        handlers = {
            ("GET", "/runs/get"): lambda: {"run": self._run()},
            ("GET", "/metrics/get-history"): lambda: self._history(query),
            ("POST", "/runs/update"): lambda: self._update(data),
            ("POST", "/runs/log-batch"): lambda: self._log_batch(data),
            ("POST", "/runs/log-inputs"): lambda: self._log_inputs(data),
            ("POST", "/runs/set-tag"): lambda: self._set_tags([data]),
        }
        if route not in handlers:
            raise ApiError(404, "ENDPOINT_NOT_FOUND", f"no route {method} {path}")
        return handlers[route]()

    def _run(self) -> dict[str, Any]:
        latest: dict[str, dict[str, Any]] = {}
        for metric in self.metrics:
            known = latest.get(metric["key"])
            order = (metric["step"], metric["timestamp"], metric["value"])
            if known is None or order > (known["step"], known["timestamp"], known["value"]):
                latest[metric["key"]] = metric
        run = {
            "info": self._info(),
            "data": {
                "metrics": list(latest.values()),
                "params": [{"key": k, "value": v} for k, v in self.params.items()],
                "tags": [{"key": k, "value": v} for k, v in self.tags.items()],
            },
            "inputs": {"dataset_inputs": self.inputs} if self.inputs else {},
        }
        run["data"] = {k: v for k, v in run["data"].items() if v}
        return run

    def _info(self) -> dict[str, Any]:
        info = {
            "run_id": self.run_id,
            "run_uuid": self.run_id,
            "run_name": "test",
            "experiment_id": "1",
            "user_id": "",
            "status": self.status,
            "start_time": 1_700_000_000_000,
            "artifact_uri": f"mlflow-artifacts:/1/{self.run_id}/artifacts",
            "lifecycle_stage": "active",
        }
        return info | ({"end_time": self.end_time} if self.end_time else {})

    def _history(self, query: dict[str, str]) -> dict[str, Any]:
        found = [m for m in self.metrics if m["key"] == query["metric_key"]]
        found.sort(key=lambda m: (m["timestamp"], m["step"], m["value"]))
        return {"metrics": found} if found else {}

    def _update(self, data: dict[str, Any]) -> dict[str, Any]:
        if "status" in data:
            if data["status"] not in STATUSES:
                raise ApiError(400, "INVALID_PARAMETER_VALUE", f"bad status {data['status']}")
            self.status = data["status"]
            self.statuses.append(self.status)
        if "end_time" in data:
            self.end_time = int(data["end_time"])
        return {"run_info": self._info()}

    def _log_batch(self, data: dict[str, Any]) -> dict[str, Any]:
        metrics, params = data.get("metrics", []), data.get("params", [])
        tags = data.get("tags", [])
        for items, most in ((metrics, 1000), (params, 100), (tags, 100)):
            if len(items) > most:
                raise ApiError(400, "INVALID_PARAMETER_VALUE", f"at most {most} items a batch")
        for param in params:
            old = self.params.get(param["key"])
            if old is not None and old != param["value"]:
                text = f"Changing param values is not allowed. Param with key='{param['key']}'"
                raise ApiError(400, "INVALID_PARAMETER_VALUE", text)
        for metric in metrics:
            step, stamp = int(metric.get("step", 0)), int(metric["timestamp"])
            value = float(metric["value"])
            self.metrics.append(
                {"key": metric["key"], "value": value, "timestamp": stamp, "step": step}
            )
        self.params.update({p["key"]: p["value"] for p in params})
        return self._set_tags(tags)

    def _set_tags(self, tags: list[dict[str, str]]) -> dict[str, Any]:
        for tag in tags:
            self.tags[tag["key"]] = tag["value"]
            if tag["key"] == "modelyard.progress":
                self.progress.append(float(tag["value"]))
        return {}

    def _log_inputs(self, data: dict[str, Any]) -> dict[str, Any]:
        for entry in data.get("datasets", []):
            dataset = entry["dataset"]
            if len(dataset["digest"]) > 36 or not dataset["source_type"] or not dataset["source"]:
                raise ApiError(400, "INVALID_PARAMETER_VALUE", "bad dataset")
            self.inputs.append(entry)
        return {}


def _handler(server: TrackingServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body leave in one packet; two would wait on each other's acknowledgement.
        wbufsize = 1 << 16

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def do_PUT(self) -> None:
            self._serve()

        def log_message(self, *_: object) -> None:
            pass

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            path, body = unquote(parts.path), self._body()
            query = {k: v[0] for k, v in parse_qs(parts.query).items()}
            with server.lock:
                server.requests.append(f"{self.command} {path}")
                try:
                    answer = self._answer(path, query, body)
                    server.after_effect(len(server.requests))
                    self._reply(200, answer)
                except ApiError as error:
                    text = {"error_code": error.code, "message": error.message}
                    self._reply(error.status, json.dumps(text).encode())

        def _answer(self, path: str, query: dict[str, str], body: bytes) -> bytes:
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                raise ApiError(401, "UNAUTHENTICATED", "missing or wrong token")
            if server.fail_with:
                raise ApiError(server.fail_with, "TEMPORARILY_UNAVAILABLE", "made to fail")
            if path.startswith(ARTIFACTS):
                return self._artifact(path.removeprefix(ARTIFACTS), body)
            if path in server.files:
                return server.files[path]
            if self.command == "POST" and self.headers.get_content_type() != "application/json":
                raise ApiError(400, "INVALID_PARAMETER_VALUE", "Bad Request. Content-Type")
            return json.dumps(server.respond(self.command, path, query, body)).encode()

        def _artifact(self, path: str, body: bytes) -> bytes:
            prefix = f"1/{server.run_id}/artifacts/"
            if self.command != "PUT" or not path.startswith(prefix) or ".." in path:
                raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", "no such artifact")
            server.artifacts[path.removeprefix(prefix)] = body
            return b"{}"

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") == "chunked":
                parts = []
                while size := int(self.rfile.readline(), 16):
                    parts.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(parts)
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def _reply(self, status: int, content: bytes) -> None:
            with contextlib.suppress(ConnectionError):
                self._send(status, content)

        def _send(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler
