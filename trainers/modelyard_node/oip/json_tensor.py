"""The JSON form of tensors: nested or flat, row-major, range-checked, exact."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np

from .errors import ProtocolError, bad_request, quoted
from .tensor import DTYPES, Tensor, format_shape, object_array

_FLOATS = {"FP32", "FP64"}
_NON_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_SAFE = 2**53 - 1


def decode_json(
    name: str, datatype: str, shape: tuple[int, ...], count: int, data: Any
) -> np.ndarray:
    """Elements of one tensor. Raises ProtocolError 400."""
    if datatype in ("FP16", "BF16"):
        raise bad_request(
            f"tensor {quoted(name)}: {datatype} has no JSON form, send it as binary data"
        )
    if not isinstance(data, list):
        raise bad_request(f"tensor {quoted(name)}: data must be a list")
    flat = _flattened(data)
    if len(flat) != count:
        few = "few" if len(flat) < count else "many"
        raise bad_request(
            f"tensor {quoted(name)}: too {few} elements, shape {format_shape(shape)} "
            f"needs {count}, got {len(flat)}"
        )
    if datatype == "BYTES":
        return object_array([_text(name, value) for value in flat], shape)
    return _numbers(name, datatype, flat).reshape(shape)


def _flattened(data: list[Any]) -> list[Any]:
    while list in set(map(type, data)):
        flat: list[Any] = []
        for value in data:
            if type(value) is list:
                flat.extend(value)
            else:
                flat.append(value)
        data = flat
    return data


def _text(name: str, value: Any) -> bytes:
    if not isinstance(value, str):
        raise _wrong(name, "BYTES", value)
    try:
        return value.encode("utf-8")
    except UnicodeEncodeError:
        raise _wrong(name, "BYTES", "a text that is no Unicode") from None


def _numbers(name: str, datatype: str, flat: list[Any]) -> np.ndarray:
    dtype = DTYPES[datatype]
    kinds = set(map(type, flat))
    try:
        if datatype in _FLOATS:
            if not kinds <= {int, float}:
                flat = [_as_float(name, datatype, value) for value in flat]
            with np.errstate(over="ignore"):
                return np.array(flat, dtype=np.float64).astype(dtype, copy=False)
        if datatype == "BOOL":
            return np.array([_as_bool(name, value) for value in flat], dtype=dtype)
        limits = np.iinfo(dtype)
        if kinds != {int}:
            flat = [_as_integer(name, datatype, value) for value in flat]
        if flat and (min(flat) < limits.min or max(flat) > limits.max):
            outside = next(one for one in flat if not limits.min <= one <= limits.max)
            raise _wrong(name, datatype, outside)
        return np.array(flat, dtype=dtype)
    except OverflowError:
        # Only an integer beyond the largest double.
        wrong = next(one for one in flat if isinstance(one, int) and abs(one) > 2**1023)
        raise _wrong(name, datatype, wrong) from None


def _as_float(name: str, datatype: str, value: Any) -> float:
    if type(value) in (int, float):
        return float(value)
    if isinstance(value, str) and value in _NON_FINITE:
        return _NON_FINITE[value]
    raise _wrong(name, datatype, value)


def _as_integer(name: str, datatype: str, value: Any) -> int:
    if type(value) is int:
        return value
    # 1.0 and 1e2 are integers in JSON.
    if type(value) is float and value.is_integer() and abs(value) <= _SAFE:
        return int(value)
    raise _wrong(name, datatype, value)


def _as_bool(name: str, value: Any) -> bool:
    if value is True or value is False:
        return value
    if type(value) in (int, float) and value in (0, 1):
        return bool(value)
    raise _wrong(name, "BOOL", value)


def _wrong(name: str, datatype: str, value: Any) -> ProtocolError:
    if isinstance(value, str):
        shown = quoted(value)
    elif isinstance(value, dict):
        shown = "an object"
    else:
        shown = json.dumps(value)[:80]
    hint = ' (write "NaN" for no value)' if value is None and datatype in _FLOATS else ""
    return bad_request(f"tensor {quoted(name)}: {shown} is not a {datatype} element{hint}")


def encode_json(tensor: Tensor) -> str:
    """The elements as flat JSON; what JSON cannot spell becomes "NaN", "Infinity", "-Infinity".

    Raises ProtocolError 400 for FP16, BF16 and BYTES that are not UTF-8.
    """
    name, datatype, flat = tensor.name, tensor.datatype, tensor.array.ravel()
    if datatype in ("FP16", "BF16"):
        raise bad_request(
            f"tensor {quoted(name)}: {datatype} has no JSON form, ask for it as binary data"
        )
    if datatype == "BYTES":
        try:
            texts = [value.decode("utf-8") for value in flat.tolist()]
        except UnicodeDecodeError:
            raise bad_request(
                f"tensor {quoted(name)}: its BYTES are not UTF-8, ask for them as binary data"
            ) from None
        return json.dumps(texts)
    values = flat.tolist()
    if datatype in _FLOATS and not np.isfinite(flat).all():
        values = [value if math.isfinite(value) else spelled(value) for value in values]
    return json.dumps(values, separators=(",", ":"))


def spelled(value: float) -> str:
    """A number that JSON cannot spell, as every client reads it."""
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
