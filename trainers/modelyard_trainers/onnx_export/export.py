"""Assembles the whole model: raw inputs, preprocessing, estimator, label rule, fixed outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..answers import TIE_WIDTH
from ..preprocess import Preprocess
from ..protocol import FittedModel
from .graph import DOUBLE, FLOAT, INT64, STRING, Graph
from .preprocessing import add_preprocessing

DATATYPES = {DOUBLE: "FP64", FLOAT: "FP32"}


@dataclass(frozen=True)
class ExportedModel:
    """The ONNX bytes, and its inputs and outputs in the words of the model signature."""

    content: bytes
    inputs: list[dict[str, Any]]
    outputs: list[dict[str, Any]]


def export_model(preprocess: Preprocess, model: FittedModel, classes: int | None) -> ExportedModel:
    """Builds the graph; classes is null for regression."""
    graph = Graph()
    inputs, described_inputs = _inputs(preprocess)
    matrix = add_preprocessing(graph, preprocess)
    parts = model.add_to_graph(graph, matrix)
    if classes is None:
        values = graph.add("Reshape", parts.prediction, graph.constant(np.array([-1])))
        graph.rename(values, "prediction")
        outputs = [("prediction", parts.element_type, None)]
        described = [_output("prediction", DATATYPES[parts.element_type], [-1])]
    else:
        graph.rename(add_labels(graph, parts.scores), "label")
        graph.rename(graph.cast(parts.probabilities, FLOAT), "probabilities")
        outputs = [("label", INT64, None), ("probabilities", FLOAT, classes)]
        described = [
            _output("label", "INT64", [-1]),
            _output("probabilities", "FP32", [-1, classes]),
        ]
    return ExportedModel(graph.build(inputs, outputs), described_inputs, described)


def _inputs(preprocess: Preprocess) -> tuple[list[tuple[str, int, int]], list[dict[str, Any]]]:
    inputs, described = [], []
    numeric = list(preprocess.numeric_names)
    categorical = [column.name for column in preprocess.categories]
    for name, element_type, datatype, columns in (
        ("numeric", DOUBLE, "FP64", numeric),
        ("categorical", STRING, "BYTES", categorical),
    ):
        if columns:
            inputs.append((name, element_type, len(columns)))
            described.append({**_output(name, datatype, [-1, len(columns)]), "columns": columns})
    return inputs, described


def _output(name: str, datatype: str, shape: list[int]) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": shape}


def add_labels(graph: Graph, scores: str) -> str:
    """Class indices [rows]: the first class whose score is within TIE_WIDTH of the best."""
    exact = graph.cast(scores, DOUBLE)
    best = graph.add("ReduceMax", exact, graph.constant(np.array([1])), keepdims=1)
    floor = graph.add("Sub", best, graph.constant(np.array(TIE_WIDTH)))
    eligible = graph.cast(graph.add("GreaterOrEqual", exact, floor), FLOAT)
    return graph.add("ArgMax", eligible, axis=1, keepdims=0)
