"""One model process as the node sees it. Nothing that comes from it is believed unchecked."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..oip.binary_tensor import decode_binary, encode_binary
from ..oip.errors import ProtocolError, bad_request, quoted
from ..oip.tensor import DTYPES, Tensor, TensorSpec, element_count
from ..runtimes.wire import HEAD_MAX, PREFIX, head_bytes, prefix_of

REPLY_BYTES_MAX = 256 * 1024 * 1024
_BUFFER_BYTES = 4 * 1024 * 1024
_PACKAGES = str(Path(__file__).resolve().parents[2])


@dataclass(frozen=True)
class ProcessSpec:
    """What a model process is started with; memory in bytes of address space."""

    folder: str
    file: str
    form: str
    device: str
    threads: int
    features: list[dict[str, Any]] | None
    memory: int


@dataclass(frozen=True)
class RunResult:
    """`ms`: milliseconds in the model."""

    outputs: list[Tensor]
    ms: float


class ModelProcess(asyncio.BufferedProtocol):
    """Starts walled off, loads one file, answers calls in their order, ends with `close`."""

    def __init__(self) -> None:
        self.platform = ""
        self.classes: list[Any] | None = None
        self.columns: list[str] | None = None
        self.walls: dict[str, Any] = {}
        self.inputs: list[TensorSpec] = []
        self.outputs: list[TensorSpec] = []
        self._child: subprocess.Popen[bytes] | None = None
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[asyncio.Future[tuple[dict[str, Any], bytearray]]] = deque()
        self._ended: str | None = None
        self._reset()

    @classmethod
    async def start(cls, spec: ProcessSpec, timeout: float) -> ModelProcess:
        """Raises ProtocolError 400 for a file that cannot be served, 503 when it took too long."""
        made = cls()
        ours, theirs = socket.socketpair()
        try:
            made._child = _spawn(spec, theirs.fileno())
        finally:
            theirs.close()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
        ours.setblocking(False)
        told = made._expect()
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: made, sock=ours)
        try:
            head, _ = await asyncio.wait_for(told, timeout)
            made._take(head)
        except asyncio.TimeoutError:
            await made.close()
            raise ProtocolError(
                503, f"loading the model took more than {timeout:.0f} s", 5
            ) from None
        except BaseException:
            await made.close()
            raise
        return made

    def _take(self, head: dict[str, Any]) -> None:
        if "error" in head:
            raise bad_request(str(head["error"])[:1000])
        self.platform = str(head["platform"])[:100]
        classes = head["classes"]
        self.classes = classes if isinstance(classes, list) else None
        columns = head["columns"]
        self.columns = [str(one) for one in columns] if isinstance(columns, list) else None
        self.walls = head["walls"]
        self.inputs, self.outputs = _specs(head["inputs"]), _specs(head["outputs"])

    @property
    def is_alive(self) -> bool:
        return self._ended is None

    async def run(
        self, inputs: Sequence[Tensor], names: Sequence[str], timeout: float
    ) -> RunResult:
        """One tensor an input, in order. Raises ProtocolError 400, or 503 when it ended."""
        if self._ended is not None or self._transport is None:
            raise self._gone()
        pieces = [encode_binary(tensor) for tensor in inputs]
        sizes = [[list(tensor.shape), len(piece)] for tensor, piece in zip(inputs, pieces)]
        head = head_bytes({"inputs": sizes, "outputs": list(names)})
        told = self._expect()
        size = sum(len(piece) for piece in pieces)
        self._transport.write(b"".join([prefix_of(head, size), head, *pieces]))
        try:
            answer, body = await asyncio.wait_for(told, timeout)
        except asyncio.TimeoutError:
            # It cannot be told to stop, and what it answers later would be taken for the next call's.
            self._end(f"the model gave no answer within {timeout:.0f} s")
            raise self._gone() from None
        if "error" in answer:
            status = 503 if answer.get("status") == 503 else 400
            raise ProtocolError(status, str(answer["error"])[:1000], 1 if status == 503 else None)
        return RunResult(_outputs(answer, body, names, self.outputs), float(answer["ms"]))

    def _expect(self) -> asyncio.Future[tuple[dict[str, Any], bytearray]]:
        told: asyncio.Future[tuple[dict[str, Any], bytearray]] = (
            asyncio.get_running_loop().create_future()
        )
        self._waiting.append(told)
        return told

    def _gone(self) -> ProtocolError:
        return ProtocolError(503, self._ended or "the model's process ended", 1)

    async def close(self) -> None:
        """Ends the process and waits until its memory is given back."""
        self._end("the model was unloaded")
        child = self._child
        if child is not None:
            await asyncio.get_running_loop().run_in_executor(None, child.wait)

    def _end(self, reason: str) -> None:
        if self._ended is None:
            self._ended = reason
        if self._transport is not None:
            self._transport.abort()
        if self._child is not None and self._child.poll() is None:
            with contextlib.suppress(OSError):
                self._child.kill()
        while self._waiting:
            told = self._waiting.popleft()
            if not told.done():
                told.set_exception(self._gone())
                told.exception()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        if self._ended is None:
            self._end(f"the model's process ended{self._why()}")

    def _why(self) -> str:
        if self._child is None:
            return ""
        try:
            code = self._child.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            return ""
        return f" by {signal.Signals(-code).name}" if code < 0 else f" with {code}"

    def get_buffer(self, size_hint: int) -> memoryview:
        return memoryview(self._buffer)[self._at :]

    def buffer_updated(self, count: int) -> None:
        self._at += count
        if self._at < len(self._buffer):
            return
        if self._sizes is None:
            sizes = PREFIX.unpack(self._buffer)
            if not 0 < sizes[0] <= HEAD_MAX or sizes[1] > REPLY_BYTES_MAX:
                return self._end("the model's process answered something else")
            self._sizes = sizes
            self._buffer, self._at = bytearray(sum(sizes)), 0
            return
        head, body = self._buffer[: self._sizes[0]], self._buffer[self._sizes[0] :]
        self._reset()
        try:
            told = json.loads(head)
            if not isinstance(told, dict) or not self._waiting:
                raise ValueError
        except ValueError:
            return self._end("the model's process answered something else")
        waiting = self._waiting.popleft()
        if not waiting.done():
            waiting.set_result((told, body))

    def _reset(self) -> None:
        self._buffer, self._at = bytearray(PREFIX.size), 0
        self._sizes: tuple[int, int] | None = None


def _spawn(spec: ProcessSpec, fd: int) -> subprocess.Popen[bytes]:
    told = json.dumps({**spec.__dict__, "fd": fd, "parent": os.getpid()})
    kept = {name: os.environ[name] for name in ("CUDA_VISIBLE_DEVICES",) if name in os.environ}
    threads = str(spec.threads)
    return subprocess.Popen(
        [sys.executable, "-s", "-m", "modelyard_node.runtimes", told],
        # Nothing of ours: no token, no address.
        env={
            "LANG": "C.UTF-8", "HOME": spec.folder, "TMPDIR": spec.folder,
            "PYTHONPATH": _PACKAGES, "PYTHONDONTWRITEBYTECODE": "1",
            "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads,
            "MKL_NUM_THREADS": threads, "JOBLIB_MULTIPROCESSING": "0",
            # It makes the folder when it is imported, and nothing can be made then.
            "TORCHINDUCTOR_CACHE_DIR": spec.folder, **kept,
        },
        cwd=spec.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, pass_fds=[fd], start_new_session=True,
    )  # fmt: skip


def _specs(listed: Any) -> list[TensorSpec]:
    specs = []
    for one in listed:
        name, datatype, shape = str(one["name"]), one["datatype"], one["shape"]
        if datatype not in DTYPES or not all(isinstance(length, int) for length in shape):
            raise bad_request(f"tensor {quoted(name)} of the model is of no known type")
        specs.append(TensorSpec(name, datatype, tuple(shape)))
    names = {spec.name for spec in specs}
    if not specs or len(names) != len(specs):
        raise bad_request("the model has no inputs or outputs, or two of the same name")
    return specs


def _outputs(
    answer: dict[str, Any], body: bytearray, names: Sequence[str], specs: list[TensorSpec]
) -> list[Tensor]:
    """Raises ProtocolError 503 for an answer that is not what the model promised."""
    types = {spec.name: spec.datatype for spec in specs}
    tensors, at = [], 0
    try:
        for name, datatype, shape, size in answer["outputs"]:
            if datatype != types[name]:
                raise bad_request("another type")
            view = memoryview(body)[at : at + size]
            count = element_count(name, shape)
            tensors.append(
                Tensor(name, datatype, decode_binary(name, datatype, tuple(shape), count, view))
            )
            at += size
    except (ProtocolError, KeyError, TypeError, ValueError):
        raise ProtocolError(503, "the model's answer is not what it promised", 1) from None
    if [tensor.name for tensor in tensors] != list(names):
        raise ProtocolError(503, "the model's answer lacks an output", 1)
    return tensors
