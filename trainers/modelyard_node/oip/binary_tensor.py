"""The binary form of tensors: little endian, row-major; BYTES as a 32-bit length and its bytes."""

from __future__ import annotations

import struct

import numpy as np

from .errors import bad_request, quoted
from .tensor import DTYPES, Tensor, object_array

_LENGTH = struct.Struct("<I")


def decode_binary(
    name: str, datatype: str, shape: tuple[int, ...], count: int, data: memoryview
) -> np.ndarray:
    """Elements of one tensor; fixed-size data is a view over `data`. Raises ProtocolError 400."""
    if datatype == "BYTES":
        return object_array(_decode_bytes(name, count, data), shape)
    expected = count * DTYPES[datatype].itemsize
    if len(data) != expected:
        raise bad_request(
            f"tensor {quoted(name)}: expected {expected} bytes of binary data, got {len(data)}"
        )
    if datatype == "BOOL":
        raw = np.frombuffer(data, dtype=np.uint8)
        if raw.size and raw.max() > 1:
            raise bad_request(f"tensor {quoted(name)}: a BOOL byte must be 0 or 1")
        return raw.astype(np.bool_).reshape(shape)
    array = np.frombuffer(data, dtype=DTYPES[datatype]).reshape(shape)
    return array if array.flags.aligned else array.copy()


def _decode_bytes(name: str, count: int, data: memoryview) -> list[bytes]:
    # Four bytes an element at least: a huge count is refused before anything is made for it.
    too_few = bad_request(
        f"tensor {quoted(name)}: expected at least {count * 4} bytes of binary data "
        f"for {count} BYTES elements, got {len(data)}"
    )
    if count * 4 > len(data):
        raise too_few
    values: list[bytes] = []
    at = 0
    while len(values) < count:
        if at + 4 > len(data):
            raise too_few
        (length,) = _LENGTH.unpack_from(data, at)
        if at + 4 + length > len(data):
            raise bad_request(
                f"tensor {quoted(name)}: element {len(values)} runs past its binary data"
            )
        values.append(bytes(data[at + 4 : at + 4 + length]))
        at += 4 + length
    if at != len(data):
        raise bad_request(
            f"tensor {quoted(name)}: {len(data) - at} bytes of binary data are left over"
        )
    return values


def encode_binary(tensor: Tensor) -> bytes | memoryview:
    """The binary form of a tensor's elements, without a copy where they lie in one piece."""
    if tensor.datatype == "BYTES":
        parts: list[bytes] = []
        for value in tensor.array.ravel().tolist():
            parts += (_LENGTH.pack(len(value)), value)
        return b"".join(parts)
    array = np.ascontiguousarray(tensor.array, dtype=DTYPES[tensor.datatype])
    return array.reshape(-1).view(np.uint8).data if array.size else b""
