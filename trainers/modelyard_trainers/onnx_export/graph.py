"""A small builder for ONNX graphs with the operator sets every Modelyard model is pinned to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 18
ML_OPSET = 3
IR_VERSION = 8
ML = "ai.onnx.ml"

DOUBLE, FLOAT, INT64, STRING = (
    TensorProto.DOUBLE,
    TensorProto.FLOAT,
    TensorProto.INT64,
    TensorProto.STRING,
)


class Graph:
    """Collects nodes and constants; value names are unique and the same on every build."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._count = 0

    def constant(self, value: np.ndarray) -> str:
        """The name of an initializer holding the array."""
        name = self._name("const")
        self._constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def add(
        self,
        operator: str,
        *inputs: str,
        domain: str = "",
        lists: Sequence[onnx.AttributeProto] = (),
        **attributes: Any,
    ) -> str:
        """The name of the node's only output; lists are ready-made attributes (ints, tensor)."""
        output = self._name(operator.lower())
        node = helper.make_node(operator, list(inputs), [output], domain=domain, **attributes)
        node.attribute.extend(lists)
        self._nodes.append(node)
        return output

    def cast(self, value: str, to: int) -> str:
        return self.add("Cast", value, to=to)

    def rename(self, value: str, name: str) -> str:
        """Gives a value the fixed name of a graph output."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        return name

    def build(
        self, inputs: list[tuple[str, int, int]], outputs: list[tuple[str, int, int | None]]
    ) -> bytes:
        """Serialized model; inputs are (name, element type, columns), outputs the same or 1-D."""
        graph = helper.make_graph(
            self._nodes,
            "modelyard",
            [helper.make_tensor_value_info(n, t, ["rows", width]) for n, t, width in inputs],
            [
                helper.make_tensor_value_info(n, t, ["rows"] if width is None else ["rows", width])
                for n, t, width in outputs
            ],
            self._constants,
        )
        model = helper.make_model(
            graph,
            producer_name="modelyard",
            ir_version=IR_VERSION,
            opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(ML, ML_OPSET)],
        )
        onnx.checker.check_model(model)
        return model.SerializeToString(deterministic=True)

    def _name(self, stem: str) -> str:
        self._count += 1
        return f"{stem}_{self._count}"


def ints(name: str, values: np.ndarray) -> onnx.AttributeProto:
    """An integer-list attribute, built without the per-item checks that are slow on large trees."""
    attribute = onnx.AttributeProto(name=name, type=onnx.AttributeProto.INTS)
    attribute.ints.extend(np.asarray(values, dtype=np.int64).tolist())
    return attribute


def tensor(name: str, values: np.ndarray) -> onnx.AttributeProto:
    """A tensor attribute."""
    attribute = onnx.AttributeProto(name=name, type=onnx.AttributeProto.TENSOR)
    attribute.t.CopyFrom(numpy_helper.from_array(values))
    return attribute


def strings(name: str, values: list[str]) -> onnx.AttributeProto:
    """A text-list attribute."""
    attribute = onnx.AttributeProto(name=name, type=onnx.AttributeProto.STRINGS)
    attribute.strings.extend(value.encode() for value in values)
    return attribute
