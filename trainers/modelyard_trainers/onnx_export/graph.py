"""A small builder for ONNX graphs with the operator sets every Modelyard model is pinned to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, compose, helper, numpy_helper

OPSET = 18
ML_OPSET = 3
IR_VERSION = 8
ML = "ai.onnx.ml"
# Operators of the runtime itself, for texts cut into words.
RUNTIME, RUNTIME_OPSET = "com.microsoft", 1

DOUBLE, FLOAT, INT64, STRING = (
    TensorProto.DOUBLE,
    TensorProto.FLOAT,
    TensorProto.INT64,
    TensorProto.STRING,
)


# Operators that newer sets give more element types and change in nothing else.
_GAINED_TYPES_ONLY = {"Add", "Cast", "Concat", "Div", "Identity", "MatMul", "Mul", "Reshape", "Sub"}


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

    def adopt(self, model: onnx.ModelProto, feeds: list[str]) -> list[str]:
        """Puts a whole model in, fed by our values input by input; answers its outputs' names."""
        versions = {o.domain: o.version for o in model.opset_import}
        if model.functions or not all(_means_the_same(n, versions) for n in model.graph.node):
            raise ValueError("the graph is of another operator set")
        part = compose.add_prefix(model, f"{self._name('part')}/").graph
        for value, taken in zip(part.input, feeds):
            self._nodes.append(helper.make_node("Identity", [taken], [value.name]))
        self._nodes.extend(part.node)
        self._constants.extend(part.initializer)
        return [value.name for value in part.output]

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
            opset_imports=self._opsets(),
        )
        onnx.checker.check_model(model)
        return model.SerializeToString(deterministic=True)

    def _opsets(self) -> list[onnx.OperatorSetIdProto]:
        own = [helper.make_opsetid("", OPSET), helper.make_opsetid(ML, ML_OPSET)]
        if any(node.domain == RUNTIME for node in self._nodes):
            own.append(helper.make_opsetid(RUNTIME, RUNTIME_OPSET))
        return own

    def _name(self, stem: str) -> str:
        self._count += 1
        return f"{stem}_{self._count}"


def _means_the_same(node: onnx.NodeProto, versions: dict[str, int]) -> bool:
    """Whether the node's operator did not change up to the operator sets we are pinned to."""
    pinned = {"": OPSET, ML: ML_OPSET}.get(node.domain, 0)
    least = versions.get(node.domain, pinned)
    if node.domain == "" and node.op_type in _GAINED_TYPES_ONLY:
        return least <= pinned
    if node.domain == RUNTIME:
        return least <= RUNTIME_OPSET
    # The ml domain only added attributes to what these graphs use.
    if node.domain == ML:
        return least <= pinned and node.op_type != "LabelEncoder" or least >= 2
    since = onnx.defs.get_schema(node.op_type, pinned, node.domain).since_version
    return since <= least <= pinned


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
