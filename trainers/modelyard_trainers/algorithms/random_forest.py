"""Random forest, grown a few trees at a time. Sums run in tree order, whatever the threads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import skops.io
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from ..answers import Answer, binary_probabilities
from ..onnx_export.graph import DOUBLE, FLOAT, Graph
from ..onnx_export.outputs import two_columns
from ..onnx_export.trees import Tree, add_trees, split_values
from ..protocol import GraphParts, Point, TrainingData

CHUNKS_MAX = 20
# The only type of a saved forest that skops does not know; its file is the trainer's own.
TRUSTED_TYPES = ["sklearn.tree._tree.Tree"]


class RandomForestTrainer:
    """State between chunks: the forest grown so far (warm_start continues its random stream)."""

    scales_numbers = False

    def __init__(self, data: TrainingData) -> None:
        self._data = data
        self.total_steps: int = data.hyperparameters["n_estimators"]
        self._forest: Any = _forest(data)
        self._sums: list[np.ndarray] = []

    @property
    def done(self) -> bool:
        return self._grown >= self.total_steps

    @property
    def _grown(self) -> int:
        return len(getattr(self._forest, "estimators_", []))

    def start(self) -> None:
        self._sums = [np.zeros(0), np.zeros(0)]
        self._add_votes(0)

    def advance(self) -> Iterator[Point]:
        grown = self._grown
        chunk = -(-self.total_steps // CHUNKS_MAX)
        target = min(grown + chunk, self.total_steps)
        self._forest.set_params(n_estimators=target, n_jobs=self._data.threads)
        self._forest.fit(self._data.x_train, self._data.y_train)
        self._add_votes(grown)
        train, validation = (_answer(s / target, self._data.classes) for s in self._sums)
        yield Point(target, train, validation)

    def save(self) -> bytes:
        return skops.io.dumps(self._forest)

    def restore(self, state: bytes) -> None:
        self._forest = skops.io.loads(state, trusted=TRUSTED_TYPES)
        self.start()

    def fitted(self) -> tuple[FittedForest, int]:
        return FittedForest(self._forest, self._data.classes), self._grown

    def _add_votes(self, first: int) -> None:
        for part, matrix in enumerate((self._data.x_train, self._data.x_validation)):
            floats = _floats(matrix)
            for tree in getattr(self._forest, "estimators_", [])[first:]:
                votes = _votes(tree, floats)
                sums = self._sums[part]
                self._sums[part] = sums + votes if sums.size else votes


@dataclass(frozen=True)
class FittedForest:
    """A grown forest; classes null = regression."""

    forest: Any
    classes: int | None

    def answer(self, matrix: np.ndarray) -> Answer:
        floats = _floats(matrix)
        trees = self.forest.estimators_
        total = _votes(trees[0], floats)
        for tree in trees[1:]:
            total = total + _votes(tree, floats)
        return _answer(total / len(trees), self.classes)

    def add_to_graph(self, graph: Graph, matrix: str) -> GraphParts:
        # scikit-learn compares float32 values with double thresholds.
        rounded = graph.cast(graph.cast(matrix, FLOAT), DOUBLE)
        trees = self._trees()
        width = self.classes if self.classes and self.classes > 2 else 1
        shares = add_trees(graph, rounded, trees, width, less=False, dtype=np.float64)
        if self.classes is None:
            return GraphParts(prediction=shares, element_type=FLOAT)
        if self.classes == 2:
            shares = two_columns(graph, shares, np.float32)
        return GraphParts(scores=shares, probabilities=shares)

    def native_files(self) -> dict[str, bytes]:
        return {"model.skops": skops.io.dumps(self.forest)}

    def thresholds(self) -> dict[int, np.ndarray]:
        return split_values(self._trees())

    def _trees(self) -> list[Tree]:
        return [
            _tree(t.tree_, self.classes, len(self.forest.estimators_))
            for t in self.forest.estimators_
        ]


def _forest(data: TrainingData) -> Any:
    given = data.hyperparameters
    settings = {
        "max_depth": given["max_depth"],
        "min_samples_split": given["min_samples_split"],
        "min_samples_leaf": given["min_samples_leaf"],
        "bootstrap": given["bootstrap"],
        "random_state": data.seed,
        "warm_start": True,
    }
    features = {"auto": None, "all": None, "sqrt": "sqrt", "log2": "log2"}[given["max_features"]]
    if data.classes is None:
        return RandomForestRegressor(**settings, max_features=features or 1.0)
    if given["max_features"] == "auto":
        features = "sqrt"
    return RandomForestClassifier(
        **settings,
        max_features=features,
        criterion=given["criterion"],
        class_weight="balanced" if given["class_weight"] == "balanced" else None,
    )


def _floats(matrix: np.ndarray) -> np.ndarray:
    """Rounded to float32; what is too large becomes infinite, as in the exported graph."""
    with np.errstate(over="ignore"):
        return matrix.astype(np.float32)


def _votes(tree: Any, floats: np.ndarray) -> np.ndarray:
    """[rows, classes] shares of a classification tree, [rows] values of a regression tree."""
    values = tree.tree_.predict(floats)
    return values[:, 0] if values.shape[1] == 1 else values


def _answer(mean: np.ndarray, classes: int | None) -> Answer:
    if classes is None:
        return Answer(prediction=mean)
    if classes == 2:
        mean = binary_probabilities(mean[:, 1])
    # The graph's shares leave the trees as float32, and labels must be ranked alike.
    return Answer(scores=mean.astype(np.float32), probabilities=mean)


def _tree(tree: Any, classes: int | None, trees: int) -> Tree:
    nodes = tree.__getstate__()["nodes"]
    values = tree.value[:, 0, :] / trees
    if classes is None:
        values = values[:, 0]
    elif classes == 2:
        values = values[:, 1]
    return Tree(
        feature=np.maximum(nodes["feature"], 0),
        threshold=nodes["threshold"],
        left=nodes["left_child"],
        right=nodes["right_child"],
        missing_left=nodes["missing_go_to_left"],
        value=values,
    )
