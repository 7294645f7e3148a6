"""A node as a process of its own, beside a server that gives it model files."""

from __future__ import annotations

import hashlib
import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DEADLINE_S = 120


class Artifacts:
    """Files by digest, as the product gives them; counts what is asked for."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked = 0
        self.cut_after: int | None = None
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.answer(self)

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        self.files[digest] = content
        return digest

    def answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        self.asked += 1
        content = self.files.get(request.path.rsplit("/", 1)[1])
        if content is None:
            request.send_response(404)
            request.send_header("content-length", "0")
            request.end_headers()
            return
        wanted = request.headers.get("range")
        start = int(wanted[6:].rstrip("-")) if wanted else 0
        part = content[start:]
        request.send_response(206 if wanted else 200)
        request.send_header("content-length", str(len(part)))
        request.end_headers()
        cut, self.cut_after = self.cut_after, None
        if cut is None:
            request.wfile.write(part)
        else:
            request.wfile.write(part[:cut])
            request.close_connection = True

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class NodeProcess:
    """Ends with `close`."""

    def __init__(self, artifacts: str | None, **env: str) -> None:
        source = ["--artifacts", artifacts] if artifacts else []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "modelyard_node", *source],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "NODE_PORT": "0", **env},
        )  # fmt: skip
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        self.log: list[str] = []
        threading.Thread(target=self._read_log, daemon=True).start()

    def _read_log(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(line)

    def ask(
        self, path: str, body: Any = None, method: str | None = None, **headers: str
    ) -> tuple[int, Any]:
        """Status and parsed JSON; bytes go as they are."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, data=data, headers=named, method=method)
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE_S) as reply:
                return reply.status, _parsed(reply.read())
        except urllib.error.HTTPError as error:
            return error.code, _parsed(error.read())

    def load(self, name: str, artifact: str, form: str = "onnx", **more: Any) -> tuple[int, Any]:
        texts = {key: json.dumps(value) for key, value in more.items() if value is not None}
        parameters = {"artifact": artifact, "format": form, **texts}
        return self.ask(f"/v2/repository/models/{name}/load", {"parameters": parameters})

    def infer(self, name: str, *inputs: dict[str, Any], **more: Any) -> tuple[int, Any]:
        return self.ask(f"/v2/models/{name}/infer", {"inputs": list(inputs), **more})

    def children(self) -> list[int]:
        """Model processes it has now."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def close(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return content


def fp(name: str, rows: list[list[float]], datatype: str = "FP64") -> dict[str, Any]:
    flat = [value for row in rows for value in row]
    return {"name": name, "datatype": datatype, "shape": [len(rows), len(rows[0])], "data": flat}
