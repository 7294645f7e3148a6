"""XGBoost's boosters that are not gbtree: DART as plain trees, gblinear as a sum of products."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..answers import Answer
from ..onnx_export.graph import FLOAT, Graph
from ..onnx_export.outputs import from_margins
from ..protocol import GraphParts


def plain_boosting(booster: Any) -> Any:
    """DART's trees as a gbtree: what dropout left of each tree is multiplied into its leaves."""
    import xgboost

    dump = json.loads(bytes(booster.save_raw("json")))
    dart = dump["learner"]["gradient_booster"]
    for tree, weight in zip(dart["gbtree"]["model"]["trees"], dart["weight_drop"], strict=True):
        tree["split_conditions"] = [
            float(np.float32(value) * np.float32(weight)) if left == -1 else value
            for value, left in zip(tree["split_conditions"], tree["left_children"], strict=True)
        ]
    dump["learner"]["gradient_booster"] = {**dart["gbtree"], "name": "gbtree"}
    return xgboost.Booster(model_file=bytearray(json.dumps(dump).encode()))


@dataclass(frozen=True)
class FittedLinear:
    """margins = known values x weights + start; a missing value adds nothing.

    weights are [columns, outputs], start is [outputs].
    """

    weights: np.ndarray
    start: np.ndarray
    classes: int | None

    def answer(self, matrix: np.ndarray) -> Answer:
        return Answer(prediction=np.nan_to_num(matrix) @ self.weights + self.start)

    def add_to_graph(self, graph: Graph, matrix: str) -> GraphParts:
        values = graph.cast(matrix, FLOAT)
        zero = graph.constant(np.array(0.0, dtype=np.float32))
        known = graph.add("Where", graph.add("IsNaN", values), zero, values)
        sums = [self._sum(graph, known, at) for at in range(self.weights.shape[1])]
        margins = graph.add("Concat", *sums, axis=1) if len(sums) > 1 else sums[0]
        if self.classes is None:
            return GraphParts(prediction=margins, element_type=FLOAT)
        return from_margins(graph, margins, self.classes, np.float32)

    def _sum(self, graph: Graph, known: str, at: int) -> str:
        """One margin, summed in float32 column by column as the framework does: exp tells them apart."""
        weights = self.weights[:, at].astype(np.float32)[np.newaxis]
        first = np.zeros_like(weights)
        first[0, 0] = self.start[at]
        parts = graph.add("Mul", known, graph.constant(weights))
        parts = graph.add("Add", parts, graph.constant(first))
        steps = graph.add("CumSum", parts, graph.constant(np.array(1)))
        return graph.add("Gather", steps, graph.constant(np.array([weights.size - 1])), axis=1)

    def native_files(self) -> dict[str, bytes]:
        return {}

    def thresholds(self) -> dict[int, np.ndarray]:
        return {}


def linear_booster(booster: Any, classes: int | None) -> FittedLinear:
    """The weights of a gblinear; where it starts is its answer to a row of missing values."""
    import xgboost

    dump = json.loads(bytes(booster.save_raw("json")))["learner"]["gradient_booster"]
    columns = booster.num_features()
    weights = np.array(dump["model"]["weights"], dtype=np.float64)
    empty = xgboost.DMatrix(np.full((1, columns), np.nan, dtype=np.float32), nthread=1)
    start = booster.predict(empty, validate_features=False, output_margin=True).ravel()
    # One row a column, then the biases, which the start holds already.
    return FittedLinear(weights.reshape(columns + 1, -1)[:-1], start, classes)
