"""scikit-learn's tree ensembles as ONNX with the framework's own comparisons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..onnx_export.graph import DOUBLE, FLOAT, Graph
from ..onnx_export.outputs import from_margins, two_columns
from ..onnx_export.trees import Tree, add_trees, split_values
from ..protocol import GraphParts

_FORESTS = {"RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier",
            "ExtraTreesRegressor"}  # fmt: skip
_SINGLE = {"DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier",
           "ExtraTreeRegressor"}  # fmt: skip
_BAGGED = {"BaggingClassifier", "BaggingRegressor"}
_GRADIENT = {"GradientBoostingClassifier", "GradientBoostingRegressor"}
_HISTOGRAM = {"HistGradientBoostingClassifier", "HistGradientBoostingRegressor"}
_EXPONENTIAL_LOSSES = {"poisson", "gamma"}


@dataclass(frozen=True)
class TreeEnding:
    """Trees, how their sums become answers, and whether values are read as float32 first."""

    trees: list[Tree]
    classes: int | None
    averaged: bool
    rounds_input: bool
    margin_factor: float = 1.0
    exponential: bool = False

    def add_to_graph(self, graph: Graph, matrix: str) -> GraphParts:
        values = graph.cast(graph.cast(matrix, FLOAT), DOUBLE) if self.rounds_input else matrix
        width = self.classes if self.classes and self.classes > 2 else 1
        sums = add_trees(graph, values, self.trees, width, less=False, dtype=np.float64)
        if self.classes is None:
            value = graph.add("Exp", sums) if self.exponential else sums
            return GraphParts(prediction=value, element_type=FLOAT)
        if not self.averaged:
            if self.margin_factor != 1.0:
                factor = graph.constant(np.array(self.margin_factor, dtype=np.float32))
                sums = graph.add("Mul", sums, factor)
            return from_margins(graph, sums, self.classes, np.float32)
        shares = two_columns(graph, sums, np.float32) if self.classes == 2 else sums
        return GraphParts(scores=shares, probabilities=shares)

    def thresholds(self) -> dict[int, np.ndarray]:
        return split_values(self.trees)


def tree_ending(estimator: Any) -> TreeEnding | None:
    """The estimator's trees; None for another estimator, or a form of these that is not covered."""
    if not type(estimator).__module__.startswith("sklearn."):
        return None
    name = type(estimator).__name__
    classes = len(estimator.classes_) if hasattr(estimator, "classes_") else None
    if name in _FORESTS and estimator.n_outputs_ == 1:
        count = len(estimator.estimators_)
        trees = [_averaged(tree.tree_, classes, count) for tree in estimator.estimators_]
        return TreeEnding(trees, classes, averaged=True, rounds_input=True)
    if name in _SINGLE and estimator.n_outputs_ == 1:
        tree = _averaged(estimator.tree_, classes, 1)
        return TreeEnding([tree], classes, averaged=True, rounds_input=True)
    if name in _BAGGED:
        return _bagged(estimator, classes)
    if name in _GRADIENT:
        return _gradient(estimator, classes)
    if name in _HISTOGRAM:
        return _histogram(estimator, classes)
    return None


def _averaged(tree: Any, classes: int | None, count: int) -> Tree:
    values = tree.value[:, 0, :] / count
    if classes is None:
        values = values[:, 0]
    elif classes == 2:
        values = values[:, 1]
    return _of_nodes(tree, values, 0)


def _bagged(estimator: Any, classes: int | None) -> TreeEnding | None:
    parts = estimator.estimators_
    count = len(parts)
    alike = all(
        type(part).__name__ in _SINGLE
        and part.n_outputs_ == 1
        and (classes is None or len(part.classes_) == classes)
        for part in parts
    )
    if not alike:
        return None
    trees = []
    for part, chosen in zip(parts, estimator.estimators_features_):
        tree = _averaged(part.tree_, classes, count)
        trees.append(replace(tree, feature=np.asarray(chosen, dtype=np.int64)[tree.feature]))
    return TreeEnding(trees, classes, averaged=True, rounds_input=True)


def inner_trees(estimator: Any) -> list[Any]:
    """Trees of scikit-learn within an ensemble of other models, and within itself."""
    if hasattr(estimator, "tree_"):
        return [estimator.tree_]
    inner: list[Any] = []
    for key in ("estimators_", "calibrated_classifiers_", "steps"):
        inner += _flat(getattr(estimator, key, []))
    inner.append(getattr(estimator, "estimator", None))
    parts = (part for part in inner if part is not None and not isinstance(part, str))
    return [tree for part in parts for tree in inner_trees(part)]


def _flat(parts: Any) -> list[Any]:
    if not isinstance(parts, (list, tuple, np.ndarray)):
        return [parts]
    return [one for part in parts for one in _flat(part)]


def inner_thresholds(trees: list[Any]) -> dict[int, np.ndarray]:
    """Column to the thresholds of such trees, where they read the columns themselves."""
    found: dict[int, list[np.ndarray]] = {}
    for tree in trees:
        nodes = tree.__getstate__()["nodes"]
        for column in np.unique(nodes["feature"][nodes["left_child"] >= 0]):
            own = (nodes["feature"] == column) & (nodes["left_child"] >= 0)
            found.setdefault(int(column), []).append(nodes["threshold"][own])
    return {column: np.unique(np.concatenate(parts)) for column, parts in found.items()}


def _of_nodes(tree: Any, values: np.ndarray, target: int) -> Tree:
    nodes = tree.__getstate__()["nodes"]
    return Tree(
        feature=np.maximum(nodes["feature"], 0),
        threshold=nodes["threshold"],
        left=nodes["left_child"],
        right=nodes["right_child"],
        missing_left=nodes["missing_go_to_left"],
        value=values,
        target=target,
    )


def _constant(value: float, target: int) -> Tree:
    one = np.zeros(1, dtype=np.int64)
    return Tree(one, np.zeros(1), one - 1, one - 1, one, np.array([value]), target)


def _gradient(estimator: Any, classes: int | None) -> TreeEnding | None:
    init = estimator.init_
    if init != "zero" and not type(init).__name__.startswith("Dummy"):
        return None
    row = np.zeros((1, estimator.n_features_in_), dtype=np.float32)
    start = np.asarray(estimator._raw_predict_init(row), dtype=np.float64).ravel()
    trees = [_constant(float(value), at) for at, value in enumerate(start)]
    for stage in estimator.estimators_:
        for at, tree in enumerate(stage):
            values = tree.tree_.value[:, 0, 0] * estimator.learning_rate
            trees.append(_of_nodes(tree.tree_, values, at))
    factor = 2.0 if estimator.loss == "exponential" else 1.0
    return TreeEnding(trees, classes, averaged=False, rounds_input=True, margin_factor=factor)


def _histogram(estimator: Any, classes: int | None) -> TreeEnding | None:
    if estimator._preprocessor is not None:
        return None
    start = np.asarray(estimator._baseline_prediction, dtype=np.float64).ravel()
    trees = [_constant(float(value), at) for at, value in enumerate(start)]
    for stage in estimator._predictors:
        for at, predictor in enumerate(stage):
            nodes = predictor.nodes
            if nodes["is_categorical"].any():
                return None
            leaf = nodes["is_leaf"].astype(bool)
            trees.append(
                Tree(
                    feature=nodes["feature_idx"].astype(np.int64),
                    threshold=nodes["num_threshold"],
                    left=np.where(leaf, -1, nodes["left"].astype(np.int64)),
                    right=np.where(leaf, -1, nodes["right"].astype(np.int64)),
                    missing_left=nodes["missing_go_to_left"],
                    value=nodes["value"],
                    target=at,
                )
            )
    exponential = classes is None and estimator.loss in _EXPONENTIAL_LOSSES
    return TreeEnding(
        trees, classes, averaged=False, rounds_input=False, exponential=exponential
    )
