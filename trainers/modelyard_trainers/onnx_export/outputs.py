"""The few graph endings that several algorithms share."""

from __future__ import annotations

import numpy as np

from ..protocol import GraphParts
from .graph import Graph


def from_margins(graph: Graph, margins: str, classes: int, dtype: type = np.float64) -> GraphParts:
    """Margins [rows, 1] (binary) or [rows, classes] as scores and probabilities."""
    if classes > 2:
        return GraphParts(scores=margins, probabilities=graph.add("Softmax", margins, axis=1))
    spread = graph.constant(np.array([[0.0, 1.0]], dtype=dtype))
    second = graph.add("Sigmoid", margins)
    return GraphParts(
        scores=graph.add("Mul", margins, spread), probabilities=two_columns(graph, second, dtype)
    )


def two_columns(graph: Graph, second: str, dtype: type = np.float64) -> str:
    """The probability of the second class, [rows, 1], as both, [rows, 2]."""
    first = graph.add("Sub", graph.constant(np.array(1.0, dtype=dtype)), second)
    return graph.add("Concat", first, second, axis=1)


def linear(graph: Graph, matrix: str, weights: np.ndarray, intercept: np.ndarray) -> str:
    """matrix x weights (columns x outputs) + intercept (outputs), in double precision."""
    product = graph.add("MatMul", matrix, graph.constant(weights.astype(np.float64)))
    return graph.add("Add", product, graph.constant(intercept.astype(np.float64)))
