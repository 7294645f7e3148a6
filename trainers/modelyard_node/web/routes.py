"""Every address of the node but inference itself."""

from __future__ import annotations

from typing import Any

from ..metrics import metrics_text
from ..models.load_request import parse_load_request
from ..models.model import LoadedModel
from ..oip.errors import ProtocolError, bad_request
from ..oip.json_text import parse_json
from ..oip.tensor import TensorSpec
from .body import read_body, send_body, send_json
from .context import NodeContext, Request
from .infer import infer

# Load requests carry a signature of at most 4 MB, escaped once more.
_CONTROL_BYTES = 16 * 1024 * 1024
_VERSION = "1"
_EXTENSIONS = [
    "binary_tensor_data", "classification", "model_configuration", "model_repository",
    "parameters", "schedule_policy", "statistics",
]  # fmt: skip
_UNSUPPORTED = {
    "systemsharedmemory": "shared memory",
    "cudasharedmemory": "shared memory",
    "trace": "trace settings",
    "logging": "log settings",
}


async def route_health(context: NodeContext, request: Request) -> bool:
    """Health needs no token: probes cannot send one. False for any other path."""
    if len(request.path) != 3 or request.path[:2] != ["v2", "health"]:
        return False
    probe = request.path[2]
    if probe not in ("live", "ready"):
        return False
    _allow(request, "GET")
    status = 200 if probe == "live" or context.ready else 503
    await send_json(request.send, {"live": True, "ready": context.ready}, status)
    return True


async def route(context: NodeContext, request: Request) -> None:
    """Answers one request. Raises ProtocolError."""
    path = request.path
    if path == ["metrics"]:
        _allow(request, "GET")
        text = metrics_text(context.store).encode()
        return await send_body(request.send, 200, "text/plain; version=0.0.4; charset=utf-8", text)
    if path[:1] != ["v2"]:
        raise _not_found()
    if len(path) == 1:
        _allow(request, "GET")
        about = {"name": "modelyard-node-python", "version": _VERSION, "extensions": _EXTENSIONS}
        return await send_json(request.send, about)
    if path[1] == "models" and len(path) > 2:
        return await _models(context, request)
    if path[1] == "repository":
        return await _repository(context, request)
    if path[1] in _UNSUPPORTED:
        raise ProtocolError(501, f"this node does not support {_UNSUPPORTED[path[1]]}")
    raise _not_found()


async def _models(context: NodeContext, request: Request) -> None:
    store, send = context.store, request.send
    first, rest = request.path[2], request.path[3:]
    if first == "stats" and not rest:
        _allow(request, "GET")
        listed = [store.stats_of(name).as_json(name) for name in store.names()]
        return await send_json(send, {"model_stats": listed})
    if rest[:1] == ["versions"] and len(rest) > 1:
        if rest[1] != _VERSION:
            raise ProtocolError(404, f"only version {_VERSION} exists here")
        rest = rest[2:]
    if len(rest) > 1:
        raise _not_found()
    action = rest[0] if rest else None
    if action == "infer":
        _allow(request, "POST")
        return await infer(context, first, request)
    if action not in (None, "ready", "stats", "config"):
        raise _not_found()
    _allow(request, "GET")
    stats = store.stats_of(first)
    if action == "ready":
        return await send_json(send, {"name": first, "live": True, "ready": True})
    if action == "stats":
        return await send_json(send, {"model_stats": [stats.as_json(first)]})
    described = _config if action == "config" else _metadata

    async def describe(model: LoadedModel) -> dict[str, Any]:
        return described(first, model)

    await send_json(send, await store.use(first, describe))


def _metadata(name: str, model: LoadedModel) -> dict[str, Any]:
    return {
        "name": name,
        "versions": [_VERSION],
        "platform": model.process.platform,
        "inputs": [spec.as_json() for spec in model.inputs],
        "outputs": [spec.as_json() for spec in model.outputs],
        **_known_of(model),
    }


def _known_of(model: LoadedModel) -> dict[str, Any]:
    """What a native model knows and tensors do not say."""
    told = {"columns": model.process.columns, "classes": model.process.classes}
    known = {name: value for name, value in told.items() if value is not None}
    return {"parameters": known} if known else {}


def _config(name: str, model: LoadedModel) -> dict[str, Any]:
    """In the terms of Triton: where requests are merged, dimensions are told without the first."""
    merged = model.rows_max > 0

    def tensor(spec: TensorSpec) -> dict[str, Any]:
        kind = "STRING" if spec.datatype == "BYTES" else spec.datatype
        dims = spec.shape[1:] if merged else spec.shape
        return {"name": spec.name, "data_type": f"TYPE_{kind}", "dims": list(dims)}

    return {
        "name": name,
        "platform": model.process.platform,
        "backend": "python",
        "version_policy": {"specific": {"versions": [1]}},
        "max_batch_size": model.rows_max,
        "input": [tensor(spec) for spec in model.inputs],
        "output": [tensor(spec) for spec in model.outputs],
        **({"dynamic_batching": {}} if merged else {}),
    }


async def _repository(context: NodeContext, request: Request) -> None:
    store, path = context.store, request.path
    if path[2:] == ["index"]:
        _allow(request, "POST")
        body = await _read_json(request)
        return await send_json(request.send, store.index(body.get("ready") is True))
    if len(path) != 5 or path[2] != "models" or path[4] not in ("load", "unload"):
        raise _not_found()
    _allow(request, "POST")
    body = await _read_json(request)
    if path[4] == "load":
        await store.load(parse_load_request(path[3], body))
    else:
        await store.unload(path[3])
    await send_json(request.send, {})


async def _read_json(request: Request) -> dict[str, Any]:
    body = await read_body(request.headers, request.receive, _CONTROL_BYTES)
    parsed = parse_json(body) if body else {}
    if not isinstance(parsed, dict):
        raise bad_request("the body must be a JSON object")
    return parsed


def _allow(request: Request, method: str) -> None:
    if request.method != method:
        raise ProtocolError(405, f"this address answers {method} only")


def _not_found() -> ProtocolError:
    return ProtocolError(404, "this address does not exist on an inference node")
