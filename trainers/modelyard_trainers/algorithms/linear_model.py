"""What the two linear algorithms share: their fitted form, its ONNX and its native files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import skops.io
from scipy.special import expit, softmax

from ..answers import Answer, binary_probabilities, binary_scores
from ..onnx_export.graph import DOUBLE, Graph
from ..onnx_export.outputs import from_margins, linear
from ..protocol import GraphParts


@dataclass(frozen=True)
class FittedLinear:
    """A scikit-learn linear estimator; classes null = regression."""

    estimator: Any
    classes: int | None

    def answer(self, matrix: np.ndarray) -> Answer:
        if self.classes is None:
            return Answer(prediction=self.estimator.predict(matrix))
        return margin_answer(self.estimator.decision_function(matrix))

    def add_to_graph(self, graph: Graph, matrix: str) -> GraphParts:
        weights = np.atleast_2d(self.estimator.coef_).T
        intercept = np.broadcast_to(np.atleast_1d(self.estimator.intercept_), weights.shape[1:])
        margins = linear(graph, matrix, weights, np.array(intercept))
        if self.classes is None:
            return GraphParts(prediction=margins, element_type=DOUBLE)
        return from_margins(graph, margins, self.classes)

    def native_files(self) -> dict[str, bytes]:
        return {"model.skops": skops.io.dumps(self.estimator)}

    def thresholds(self) -> dict[int, np.ndarray]:
        return {}


def margin_answer(margins: np.ndarray) -> Answer:
    """Logistic margins ([rows] for two classes, [rows, classes] for more) as an answer."""
    if margins.ndim == 1:
        return Answer(
            scores=binary_scores(margins), probabilities=binary_probabilities(expit(margins))
        )
    return Answer(scores=margins, probabilities=softmax(margins, axis=1))
