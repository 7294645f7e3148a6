"""ONNX by onnxruntime."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime as ort

from ..oip.tensor import Tensor, TensorSpec, object_array
from .model import OutOfMemory, Unfit, one_line, texts_of

_TYPES = {
    "bool": "BOOL", "uint8": "UINT8", "uint16": "UINT16", "uint32": "UINT32", "uint64": "UINT64",
    "int8": "INT8", "int16": "INT16", "int32": "INT32", "int64": "INT64", "float16": "FP16",
    "float": "FP32", "double": "FP64", "string": "BYTES",
}  # fmt: skip


class OnnxModel:
    """One session."""

    platform = "onnxruntime_onnx"
    classes: list[Any] | None = None
    columns: list[str] | None = None

    def __init__(self, path: str, device: str, threads: int) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        cuda = ["CUDAExecutionProvider"] if device == "cuda" else []
        if cuda and cuda[0] not in ort.get_available_providers():
            raise Unfit("this node's onnxruntime has no CUDA: install onnxruntime-gpu")
        # From memory: tensors in other files are then looked for nowhere.
        with open(path, "rb") as file:
            content = file.read()
        try:
            self._session = ort.InferenceSession(
                content, options, providers=[*cuda, "CPUExecutionProvider"]
            )
        except Exception as error:
            raise Unfit(f"onnxruntime refuses the model: {_reason(error)}") from None
        self.inputs = [_spec("input", value) for value in self._session.get_inputs()]
        self.outputs = [_spec("output", value) for value in self._session.get_outputs()]

    def run(self, arrays: Sequence[np.ndarray], names: Sequence[str]) -> list[Tensor]:
        feeds = {
            spec.name: texts_of(array) if spec.datatype == "BYTES" else array
            for spec, array in zip(self.inputs, arrays)
        }
        try:
            results = self._session.run(list(names), feeds)
        except Exception as error:
            reason = _reason(error)
            if re.search("allocate|bad_alloc|out of memory", reason, re.IGNORECASE):
                raise OutOfMemory from None
            raise Unfit(f"the model cannot run on this input: {reason}") from None
        types = {spec.name: spec.datatype for spec in self.outputs}
        return [_tensor(name, types[name], value) for name, value in zip(names, results)]


def _tensor(name: str, datatype: str, value: Any) -> Tensor:
    array = np.asarray(value)
    if datatype == "BYTES":
        array = object_array([str(one).encode() for one in array.ravel().tolist()], array.shape)
    return Tensor(name, datatype, array)


def _spec(kind: str, value: Any) -> TensorSpec:
    found = re.fullmatch(r"tensor\((\w+)\)", value.type)
    if found is None:
        raise Unfit(
            f"{kind} {value.name} is a sequence or a map; "
            "export the model with plain tensors (zipmap off)"
        )
    datatype = _TYPES.get(found.group(1))
    if datatype is None:
        raise Unfit(f"{kind} {value.name} has the type {value.type}, which is not supported")
    shape = tuple(length if isinstance(length, int) else -1 for length in value.shape)
    return TensorSpec(value.name, datatype, shape)


def _reason(error: Exception) -> str:
    """The runtime's message without source paths of its build."""
    text = re.sub(r"\S*/\S+\.(?:cc|h|cpp):\d+\s*", "", one_line(error))
    return re.sub(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ", "", text).strip()
