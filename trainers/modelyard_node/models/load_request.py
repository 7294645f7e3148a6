"""The body of a load request, checked."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from ..oip.errors import ProtocolError, bad_request, quoted
from .queue_id import queue_id_of
from .signature import check_signature

FORMS = ("onnx", "pt2", "xgboost", "lightgbm", "skops")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_TEXTS = {
    "artifact": re.compile(r"[0-9a-f]{64}"),
    "workspace_id": re.compile(_UUID),
    "object_id": re.compile(_UUID),
    "object_key": re.compile(r"[A-Za-z0-9+/]{43}="),
    "format": re.compile("|".join(FORMS)),
}
_LONG = {"signature": 4_000_000, "config": 100_000}
_NUMBERS = {
    "max_batch_size": (0, 65_536),
    "max_queue_delay_microseconds": (0, 1_000_000),
    "max_queue_size": (1, 100_000),
    "priority_levels": (0, 100),
    "default_priority_level": (1, 100),
    "default_timeout_microseconds": (1, 600_000_000),
    "intra_op_threads": (1, 64),
}


@dataclass(frozen=True)
class Access:
    """Where the sealed file lies and the key that opens it alone."""

    workspace_id: str
    object_id: str
    key: str


@dataclass(frozen=True)
class LoadRequest:
    """`config` None keeps what is known of a model that is there already; `queue` is the number of
    the queue it describes. Requests of one fingerprint would load the same thing."""

    name: str
    artifact: str
    form: str
    size: int | None
    access: Access | None
    signature: dict[str, Any] | None
    config: dict[str, Any] | None
    queue: int | None
    fingerprint: str


def parse_load_request(name: str, body: dict[str, Any]) -> LoadRequest:
    """Raises ProtocolError 400 that names what is wrong, 501 for files in the request."""
    if not _NAME.fullmatch(name):
        raise bad_request(
            f"model name {quoted(name)} must be 1 to 128 letters, digits, dots, "
            "dashes or underscores"
        )
    parameters = body.get("parameters")
    if not isinstance(parameters, dict):
        raise _invalid("parameters", "must be an object")
    _check_parameters(parameters)
    signature = _json(parameters, "signature")
    config = _json(parameters, "config")
    if config is not None:
        _check_config(config)
    if signature is not None:
        signature = check_signature(signature)
    form = parameters.get("format", "onnx")
    threads = (config or {}).get("intra_op_threads")
    return LoadRequest(
        name=name,
        artifact=parameters["artifact"],
        form=form,
        size=parameters.get("size_bytes"),
        access=_access(parameters),
        signature=signature,
        config=config,
        queue=None if config is None else queue_id_of(parameters["config"]),
        fingerprint=json.dumps([parameters["artifact"], form, signature, threads], sort_keys=True),
    )


def holds_same_file(request: LoadRequest, before: LoadRequest) -> bool:
    """Whether a process that loaded one holds the other; features shape a native model."""
    threads = (before.config or {}).get("intra_op_threads")
    return (
        request.form in ("onnx", "pt2")
        and (before.artifact, before.form) == (request.artifact, request.form)
        and threads == (request.config or {}).get("intra_op_threads")
    )


def _check_parameters(parameters: dict[str, Any]) -> None:
    if any(name.startswith("file:") for name in parameters):
        raise ProtocolError(501, "files in a load request are not supported: name an artifact")
    if "artifact" not in parameters:
        raise _invalid("artifact", "is missing")
    for name, value in parameters.items():
        if name in _TEXTS:
            if not isinstance(value, str) or not _TEXTS[name].fullmatch(value):
                raise _invalid(name, "is not of its form")
        elif name in _LONG:
            if not isinstance(value, str) or len(value) > _LONG[name]:
                raise _invalid(name, "must be a text of bounded length")
        elif name == "size_bytes":
            if type(value) is not int or value < 1:
                raise _invalid(name, "must be an integer of 1 or more")
        else:
            raise _invalid(name[:80], "is not known")


def _json(parameters: dict[str, Any], name: str) -> Any:
    if name not in parameters:
        return None
    try:
        value = json.loads(parameters[name])
    except (ValueError, RecursionError):
        raise bad_request(f"the parameter {name} is not valid JSON") from None
    if not isinstance(value, dict):
        raise _invalid(name, "must be an object")
    return value


def _check_config(config: dict[str, Any]) -> None:
    for name, value in config.items():
        where = f"config.{name[:80]}"
        if name == "mode":
            if value not in ("auto", "fixed", "off"):
                raise _invalid(where, "must be auto, fixed or off")
        elif name == "allow_timeout_override":
            if not isinstance(value, bool):
                raise _invalid(where, "must be true or false")
        elif name == "preferred_batch_size":
            sizes = value if isinstance(value, list) else [None]
            if len(sizes) > 16 or any(
                type(one) is not int or not 1 <= one <= 65_536 for one in sizes
            ):
                raise _invalid(where, "must be a list of 16 sizes at most")
        elif name in _NUMBERS:
            low, high = _NUMBERS[name]
            if type(value) is not int or not low <= value <= high:
                raise _invalid(where, f"must be an integer from {low} to {high}")
        else:
            raise _invalid(where, "is not known")


def _access(parameters: dict[str, Any]) -> Access | None:
    given = [parameters.get(name) for name in ("workspace_id", "object_id", "object_key")]
    if not any(given):
        return None
    if not all(given) or "size_bytes" not in parameters:
        raise bad_request(
            "workspace_id, object_id, object_key and size_bytes must be given together"
        )
    return Access(*given)  # type: ignore[arg-type]


def _invalid(where: str, what: str) -> ProtocolError:
    return bad_request(f"the load request is not valid: {where}: {what}")
