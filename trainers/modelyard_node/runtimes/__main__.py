"""The model process: python -m modelyard_node.runtimes SPEC. Walls first, then the file, then calls.

SPEC is JSON: {"fd", "parent", "folder", "file", "form", "device", "threads", "features",
"memory"}. Nothing but this module's standard library is imported before the walls stand.
"""

from __future__ import annotations

import ctypes.util
import json
import os
import socket
import sys
import tempfile
import time
from typing import Any

from modelyard_trainers.convert.walls import Limits, Walls, raise_walls

from .wire import PREFIX, head_bytes, prefix_of

# Forms whose loader runs what the file holds.
CODE_FORMS = {"pt2", "skops"}
_UNLIMITED = 2**40
_FILES_MAX = 512
_DEVICES = ("/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools", "/proc/driver/nvidia")


def main() -> int:
    """Raises the walls, loads, then answers calls until the node hangs up."""
    spec = json.loads(sys.argv[1])
    connection = socket.socket(fileno=spec["fd"])
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    walls = raise_walls(
        [spec["folder"], here, os.path.realpath(here)],
        Limits(memory=spec["memory"], seconds=_UNLIMITED, file=1024 * 1024, files=_FILES_MAX),
        spec["parent"],
        devices=_devices() if spec["device"] == "cuda" else [],
    )
    # Libraries ask for a place at import, and try to write there; nothing can be written.
    tempfile.tempdir = spec["folder"]
    # PyTorch, which scikit-learn imports where it is there, would look by starting a compiler; the
    # walls refuse that by an error nobody expects.
    ctypes.util.find_library = lambda _name: None
    serve(connection, spec, walls)
    return 0


def _devices() -> list[str]:
    numbered = [f"/dev/{name}" for name in os.listdir("/dev") if name.startswith("nvidia")]
    return sorted({*numbered, *_DEVICES})


def serve(connection: socket.socket, spec: dict[str, Any], walls: Walls) -> None:
    """Tells what it loaded, or why not, and answers calls."""
    model, told = _load(spec, walls)
    _send(connection, {**told, "walls": walls.as_json()}, [])
    if model is None:
        return
    from ..oip.binary_tensor import decode_binary, encode_binary
    from .model import OutOfMemory, Unfit

    shapes = [(one.name, one.datatype) for one in model.inputs]
    while (frame := _receive(connection)) is not None:
        head, body = frame
        arrays, at = [], 0
        for (name, datatype), (shape, size) in zip(shapes, head["inputs"]):
            count = 1
            for length in shape:
                count *= length
            view = memoryview(body)[at : at + size]
            arrays.append(decode_binary(name, datatype, tuple(shape), count, view))
            at += size
        started = time.perf_counter()
        try:
            tensors = model.run(arrays, head["outputs"])
        except Unfit as error:
            _send(connection, {"error": str(error), "status": 400}, [])
            continue
        except (OutOfMemory, MemoryError):
            message = "not enough memory to run the model on this input"
            _send(connection, {"error": message, "status": 503}, [])
            continue
        ms = (time.perf_counter() - started) * 1000
        pieces = [encode_binary(tensor) for tensor in tensors]
        outputs = [
            [tensor.name, tensor.datatype, list(tensor.shape), len(piece)]
            for tensor, piece in zip(tensors, pieces)
        ]
        _send(connection, {"ms": ms, "outputs": outputs}, pieces)


def _load(spec: dict[str, Any], walls: Walls) -> tuple[Any, dict[str, Any]]:
    form = spec["form"]
    if form in CODE_FORMS and not walls.enough_for_pickle:
        return None, {
            "error": "this machine cannot wall off a model that brings code along "
            "(it needs Linux with Landlock and seccomp), so it was not read"
        }
    # Code that a model brings along runs from here on.
    try:
        from .model import Unfit

        try:
            model = _open(spec)
        except Unfit as error:
            return None, {"error": str(error)}
    except MemoryError:
        return None, {"error": "loading the model needs more memory than a model may have here"}
    except Exception as error:
        reason = " ".join(str(error).split())[:300]
        return None, {"error": f"the model cannot be loaded: {type(error).__name__}: {reason}"}
    return model, {
        "platform": model.platform,
        "classes": model.classes,
        "columns": model.columns,
        "inputs": [one.as_json() for one in model.inputs],
        "outputs": [one.as_json() for one in model.outputs],
    }


def _open(spec: dict[str, Any]) -> Any:
    path, form = os.path.join(spec["folder"], spec["file"]), spec["form"]
    if form == "onnx":
        from .onnx_model import OnnxModel

        return OnnxModel(path, spec["device"], spec["threads"])
    if form == "pt2":
        from .torch_model import TorchModel

        return TorchModel(path, spec["device"], spec["threads"])
    from .native_model import FrameworkModel

    return FrameworkModel(path, form, spec["features"])


def _send(connection: socket.socket, head: dict[str, Any], pieces: list[Any]) -> None:
    packed = head_bytes(head)
    size = sum(len(piece) for piece in pieces)
    first = prefix_of(packed, size) + packed
    if size < 65_536:
        connection.sendall(b"".join([first, *pieces]))
        return
    connection.sendall(first)
    for piece in pieces:
        connection.sendall(piece)


def _receive(connection: socket.socket) -> tuple[dict[str, Any], bytearray] | None:
    start = _exactly(connection, PREFIX.size)
    if start is None:
        return None
    head_size, body_size = PREFIX.unpack(start)
    head = _exactly(connection, head_size)
    body = _exactly(connection, body_size)
    if head is None or body is None:
        return None
    return json.loads(head), body


def _exactly(connection: socket.socket, size: int) -> bytearray | None:
    """The next bytes; None when the node is gone."""
    data = bytearray(size)
    view, at = memoryview(data), 0
    while at < size:
        count = connection.recv_into(view[at:])
        if count == 0:
            return None
        at += count
    return data


if __name__ == "__main__":
    sys.exit(main())
