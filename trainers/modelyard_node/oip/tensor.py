"""Tensors in memory: numpy arrays, BYTES as arrays of objects that are bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .errors import bad_request, quoted

RANK_MAX = 32
_SAFE = 2**53 - 1
# BF16 has no type in numpy: its raw 16 bits.
DTYPES: dict[str, np.dtype] = {
    "BOOL": np.dtype(np.bool_),
    "UINT8": np.dtype(np.uint8),
    "UINT16": np.dtype("<u2"),
    "UINT32": np.dtype("<u4"),
    "UINT64": np.dtype("<u8"),
    "INT8": np.dtype(np.int8),
    "INT16": np.dtype("<i2"),
    "INT32": np.dtype("<i4"),
    "INT64": np.dtype("<i8"),
    "FP16": np.dtype("<f2"),
    "BF16": np.dtype("<u2"),
    "FP32": np.dtype("<f4"),
    "FP64": np.dtype("<f8"),
    "BYTES": np.dtype(object),
}


@dataclass(frozen=True)
class TensorSpec:
    """What a model declares about one input or output; -1 is a dimension of any length."""

    name: str
    datatype: str
    shape: tuple[int, ...]

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "datatype": self.datatype, "shape": list(self.shape)}


@dataclass
class Tensor:
    """A named array; `array` has the tensor's shape and the dtype of its datatype."""

    name: str
    datatype: str
    array: np.ndarray
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape


def element_count(name: str, shape: Sequence[Any]) -> int:
    """The product of a shape from a caller. Raises ProtocolError 400 for one that is none."""
    if len(shape) > RANK_MAX:
        raise bad_request(
            f"tensor {quoted(name)}: shape has {len(shape)} dimensions, "
            f"at most {RANK_MAX} are allowed"
        )
    count, zero = 1, False
    for length in shape:
        if isinstance(length, bool) or not isinstance(length, (int, float)):
            raise bad_request(f"tensor {quoted(name)}: shape must be a list of integers")
        if length < 0:
            raise bad_request(f"tensor {quoted(name)}: shape must not have negative dimensions")
        if length > _SAFE:
            raise bad_request(f"tensor {quoted(name)}: a dimension of its shape is too large")
        if length != int(length):
            raise bad_request(f"tensor {quoted(name)}: shape must be a list of integers")
        zero = zero or length == 0
        count *= int(length) or 1
        if count > _SAFE:
            raise bad_request(f"tensor {quoted(name)}: the product of its shape is too large")
    return 0 if zero else count


def check_tensor_bytes(name: str, datatype: str, count: int, bytes_max: int) -> None:
    """Refuses a tensor whose elements would need more than `bytes_max` bytes."""
    # A BYTES element is at least a length on the wire and a pointer in memory.
    size = count * (8 if datatype == "BYTES" else DTYPES[datatype].itemsize)
    if size > bytes_max:
        raise bad_request(
            f"tensor {quoted(name)}: {size} bytes are more than the limit of {bytes_max} bytes"
        )


def format_shape(shape: Sequence[int]) -> str:
    return f"[{','.join(str(int(length)) for length in shape)}]"


def object_array(values: Sequence[bytes], shape: Sequence[int]) -> np.ndarray:
    """Bytes as an array; numpy would make nested arrays of equal lengths otherwise."""
    array = np.empty(len(values), dtype=object)
    for at, value in enumerate(values):
        array[at] = value
    return array.reshape(tuple(int(length) for length in shape))
