"""Inference requests as they come, JSON alone or with binary tensors behind it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .binary_tensor import decode_binary
from .errors import ProtocolError, bad_request, quoted
from .json_tensor import decode_json, spelled
from .json_text import parse_json
from .tensor import DTYPES, Tensor, TensorSpec, check_tensor_bytes, element_count

_SAFE = 2**53 - 1
_ID_MAX = 1024
_RESERVED = {"priority", "timeout", "headers", "binary_data_output", "unit"}


@dataclass(frozen=True)
class RequestedOutput:
    """`classification` asks for the k best classes instead of the values."""

    name: str
    binary: bool
    classification: int | None


@dataclass(frozen=True)
class InferRequest:
    """Outputs None: every output of the model."""

    inputs: list[Tensor]
    outputs: list[RequestedOutput] | None
    binary_output: bool
    id: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def echoed(self) -> dict[str, Any]:
        """What a reply repeats: parameters that mean something to the caller alone."""
        return {
            name: _finite(value)
            for name, value in self.parameters.items()
            if name not in _RESERVED and not name.startswith(("triton_", "sequence_"))
        }

    @property
    def priority(self) -> int | None:
        """1 is the highest; None for the model's default."""
        priority = _whole(self.parameters, "priority", "an integer of 0 or more")
        if priority > 2**32 - 1:
            raise bad_request("the parameter priority is too large")
        return priority or None

    @property
    def timeout(self) -> float | None:
        """Seconds it may wait in the queue; None for the model's setting."""
        micros = _whole(self.parameters, "timeout", "an integer number of microseconds")
        return micros / 1e6 if micros else None


def parse_infer_request(
    body: bytes,
    header_length: str | None,
    bytes_max: int,
    raw_input: Callable[[], TensorSpec],
) -> InferRequest:
    """Reads a request; a header length of 0 means a raw body. Raises ProtocolError 400 or 501."""
    length = _header_length(header_length, len(body))
    if length == 0:
        return _raw(body, raw_input(), bytes_max)
    head = parse_json(body if length is None else body[:length])
    if not isinstance(head, dict):
        raise bad_request("the body must be a JSON object")
    parameters = _parameters(head, "the request")
    binary_output = _flag(parameters, "binary_data_output", False)
    binary = memoryview(b"") if length is None else memoryview(body)[length:]
    return InferRequest(
        id=_id(head),
        parameters=parameters,
        inputs=parse_tensors(head.get("inputs"), "input", binary, bytes_max),
        outputs=_outputs(head, binary_output),
        binary_output=binary_output,
    )


def _finite(value: Any) -> Any:
    """JSON has no NaN and no infinity: as text, like elements."""
    if isinstance(value, float) and not math.isfinite(value):
        return spelled(value)
    return value


def _header_length(value: str | None, size: int) -> int | None:
    if value is None:
        return None
    length = int(value) if re.fullmatch(r"[0-9]{1,15}", value) else -1
    if not 0 <= length <= size:
        raise bad_request(
            f"Inference-Header-Content-Length must be a number from 0 to the body's {size} bytes"
        )
    return length


def _id(head: dict[str, Any]) -> str | None:
    value = head.get("id")
    if value is None:
        return None
    if not isinstance(value, str):
        raise bad_request("id must be a string")
    if len(value) > _ID_MAX:
        raise bad_request(f"id is longer than {_ID_MAX} characters")
    return value


def _parameters(fields: dict[str, Any], where: str) -> dict[str, Any]:
    raw = fields.get("parameters")
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        raise bad_request(f"parameters of {where} must be an object")
    for name, value in raw.items():
        if not isinstance(value, (str, int, float, bool)):
            raise bad_request(
                f"parameter {quoted(name)} of {where} must be a string, a number or a boolean"
            )
    return raw


def parse_tensors(list_: Any, kind: str, binary: memoryview, bytes_max: int) -> list[Tensor]:
    """Each with JSON data, or with the next `binary_data_size` bytes behind the JSON."""
    if not isinstance(list_, list):
        raise bad_request(f"{kind}s must be a list")
    tensors: list[Tensor] = []
    names: set[str] = set()
    at = 0
    for entry in list_:
        name, datatype, shape, count, parameters = _header(entry, kind)
        if name in names:
            raise bad_request(f"{kind} {quoted(name)} is given twice")
        names.add(name)
        check_tensor_bytes(name, datatype, count, bytes_max)
        size = _binary_size(parameters, name)
        if size is None:
            array = decode_json(name, datatype, shape, count, entry.get("data"))
        else:
            if entry.get("data") is not None:
                raise bad_request(f"{kind} {quoted(name)} has both data and binary_data_size")
            if size > len(binary) - at:
                raise bad_request(
                    f"{kind} {quoted(name)}: binary_data_size {size} is more than "
                    f"the {len(binary) - at} bytes left"
                )
            array = decode_binary(name, datatype, shape, count, binary[at : at + size])
            at += size
        tensors.append(Tensor(name, datatype, array, parameters))
    if at != len(binary):
        raise bad_request(f"{len(binary) - at} bytes behind the last binary tensor")
    return tensors


def _header(entry: Any, kind: str) -> tuple[str, str, tuple[int, ...], int, dict[str, Any]]:
    if not isinstance(entry, dict):
        raise bad_request(f"each {kind} must be an object")
    name = _name(entry, kind)
    datatype = entry.get("datatype")
    if not isinstance(datatype, str) or datatype not in DTYPES:
        raise bad_request(f"{kind} {quoted(name)}: datatype {quoted(datatype)} is not known")
    shape = entry.get("shape")
    if not isinstance(shape, list):
        raise bad_request(f"{kind} {quoted(name)}: shape must be a list")
    count = element_count(name, shape)
    parameters = _parameters(entry, f"{kind} {quoted(name)}")
    _refuse_shared_memory(parameters, name)
    return name, datatype, tuple(int(length) for length in shape), count, parameters


def _refuse_shared_memory(parameters: dict[str, Any], tensor: str) -> None:
    if "shared_memory_region" in parameters:
        raise ProtocolError(
            501,
            f"tensor {quoted(tensor)}: shared memory is not supported, "
            "send the tensor with the request",
        )


def _name(entry: dict[str, Any], kind: str) -> str:
    name = entry.get("name")
    if not isinstance(name, str) or not name:
        raise bad_request(f"each {kind} must have a name")
    return name


def _binary_size(parameters: dict[str, Any], name: str) -> int | None:
    size = parameters.get("binary_data_size")
    if size is None:
        return None
    if type(size) is not int or not 0 <= size <= _SAFE:
        raise bad_request(f"input {quoted(name)}: binary_data_size must be an integer of 0 or more")
    return size


def _outputs(head: dict[str, Any], binary_output: bool) -> list[RequestedOutput] | None:
    list_ = head.get("outputs")
    if list_ is None:
        return None
    if not isinstance(list_, list):
        raise bad_request("outputs must be a list")
    outputs: list[RequestedOutput] = []
    for entry in list_:
        if not isinstance(entry, dict):
            raise bad_request("each output must be an object")
        name = _name(entry, "output")
        if any(one.name == name for one in outputs):
            raise bad_request(f"output {quoted(name)} is asked for twice")
        parameters = _parameters(entry, f"output {quoted(name)}")
        _refuse_shared_memory(parameters, name)
        binary = _flag(parameters, "binary_data", binary_output)
        outputs.append(RequestedOutput(name, binary, _classification(parameters, name)))
    return outputs or None


def _flag(parameters: dict[str, Any], name: str, default: bool) -> bool:
    value = parameters.get(name, default)
    if not isinstance(value, bool):
        raise bad_request(f"parameter {name} must be true or false")
    return value


def _classification(parameters: dict[str, Any], name: str) -> int | None:
    count = parameters.get("classification")
    if count is None:
        return None
    if type(count) is not int or not 0 <= count <= 2**31 - 1:
        raise bad_request(f"output {quoted(name)}: classification must be an integer of 0 or more")
    return count or None


def _whole(parameters: dict[str, Any], name: str, expected: str) -> int:
    value = parameters.get(name, 0)
    if type(value) is not int or not 0 <= value <= _SAFE:
        raise bad_request(f"the parameter {name} must be {expected}")
    return value


def _raw(body: bytes, spec: TensorSpec, bytes_max: int) -> InferRequest:
    """The whole body is the one input; its variable dimension follows from the body's length."""
    variable = sum(length < 0 for length in spec.shape)
    if variable > 1:
        raise bad_request("a raw request needs an input with at most one variable dimension")
    fixed = 1
    for length in spec.shape:
        fixed *= length if length >= 0 else 1
    if spec.datatype == "BYTES":
        if fixed != 1:
            raise bad_request("a raw request carries exactly one BYTES element")
        framed = len(body).to_bytes(4, "little") + body
        array = decode_binary(spec.name, "BYTES", (1,) * len(spec.shape), 1, memoryview(framed))
    else:
        size = fixed * DTYPES[spec.datatype].itemsize
        if variable and size and len(body) % size:
            raise bad_request(f"the raw body must be a multiple of {size} bytes, got {len(body)}")
        length = len(body) // size if variable and size else 1
        shape = tuple(length if one < 0 else one for one in spec.shape)
        count = fixed * (length if variable else 1)
        check_tensor_bytes(spec.name, spec.datatype, count, bytes_max)
        array = decode_binary(spec.name, spec.datatype, shape, count, memoryview(body))
    return InferRequest([Tensor(spec.name, spec.datatype, array)], None, binary_output=True)
