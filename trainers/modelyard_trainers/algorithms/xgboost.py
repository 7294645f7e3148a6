"""XGBoost, histogram method. Data, thresholds and sums are float32, in ONNX as well."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import xgboost as xgb

from ..answers import Answer, binary_probabilities, binary_scores
from ..onnx_export.categories import whole_codes
from ..onnx_export.graph import FLOAT, Graph
from ..onnx_export.outputs import from_margins
from ..onnx_export.trees import Tree, add_trees, split_values, with_sets
from ..protocol import GraphParts, Point, TrainingData
from .boosting import BoostingState, pack, unpack


class XGBoostTrainer:
    """State between chunks: the booster as UBJSON and the early-stopping record."""

    scales_numbers = False

    def __init__(self, data: TrainingData) -> None:
        self._data = data
        self._state = BoostingState(data)
        self.total_steps = self._state.total
        self._booster: xgb.Booster | None = None
        self._train = _matrix(data.x_train, data.threads, data.y_train)
        self._validation = _matrix(data.x_validation, data.threads, data.y_validation)

    @property
    def done(self) -> bool:
        return self._state.done

    def start(self) -> None:
        """Nothing to prepare: the first chunk makes the booster."""

    def advance(self) -> Iterator[Point]:
        settings = {**_settings(self._data), "seed": self._state.chunk_seed()}
        raw = bytearray(_saved(self._booster)) if self._booster else None
        booster = xgb.Booster(settings, [self._train, self._validation], model_file=raw)
        self._booster = booster
        for number in self._state.chunk_rounds():
            booster.update(self._train, number)
            point = Point(
                number + 1,
                _answer(booster, self._train, self._data.classes),
                _answer(booster, self._validation, self._data.classes),
            )
            self._state.record(point)
            yield point

    def save(self) -> bytes:
        return pack(self._state, _saved(self._booster))

    def restore(self, state: bytes) -> None:
        self._booster = xgb.Booster(model_file=bytearray(unpack(self._state, state)))

    def fitted(self) -> tuple[FittedXGBoost, int]:
        kept = self._state.kept_rounds
        booster = xgb.Booster(model_file=bytearray(_saved(self._booster)))[:kept]
        return FittedXGBoost(booster, self._data.classes, self._data.threads), kept


@dataclass(frozen=True)
class FittedXGBoost:
    """A booster cut to the rounds that are kept."""

    booster: xgb.Booster
    classes: int | None
    threads: int

    def answer(self, matrix: np.ndarray) -> Answer:
        return _answer(self.booster, _matrix(matrix, self.threads), self.classes)

    def add_to_graph(self, graph: Graph, matrix: str) -> GraphParts:
        floats = graph.cast(matrix, FLOAT)
        chosen = _categorical_columns(self._dump)
        columns = self.booster.num_features()
        floats = whole_codes(graph, floats, chosen, columns, np.float32, toward_zero=False)
        width = self.classes if self.classes and self.classes > 2 else 1
        base = _base_margins(self._dump, self.classes, width)
        # The base margin is the first summand, as in the framework, so that float sums agree.
        trees = [_stump(base[i], i) for i in range(width)] + self._trees
        sums = add_trees(graph, floats, trees, width, less=True, dtype=np.float32)
        if self.classes is None:
            return GraphParts(prediction=sums, element_type=FLOAT)
        return from_margins(graph, sums, self.classes, np.float32)

    def native_files(self) -> dict[str, bytes]:
        return {"model.ubj": _saved(self.booster)}

    def thresholds(self) -> dict[int, np.ndarray]:
        return split_values(self._trees)

    @cached_property
    def _dump(self) -> dict[str, Any]:
        return json.loads(bytes(self.booster.save_raw("json")))["learner"]

    @cached_property
    def _trees(self) -> list[Tree]:
        model = self._dump["gradient_booster"]["model"]
        return [_tree(t, model["tree_info"][i]) for i, t in enumerate(model["trees"])]


def _settings(data: TrainingData) -> dict[str, Any]:
    given = data.hyperparameters
    names = (
        "learning_rate", "max_depth", "min_child_weight", "subsample", "colsample_bytree",
        "reg_lambda", "reg_alpha", "gamma", "max_bin",
    )  # fmt: skip
    settings = {name: given[name] for name in names}
    settings |= {"tree_method": "hist", "nthread": data.threads, "verbosity": 0}
    if data.classes is None:
        return settings | {"objective": "reg:squarederror"}
    if data.classes == 2:
        return settings | {"objective": "binary:logistic"}
    return settings | {"objective": "multi:softprob", "num_class": data.classes}


def _matrix(matrix: np.ndarray, threads: int, labels: np.ndarray | None = None) -> xgb.DMatrix:
    return xgb.DMatrix(matrix, label=labels, nthread=threads)


def _saved(booster: xgb.Booster | None) -> bytes:
    return bytes(booster.save_raw("ubj")) if booster else b""


def _answer(booster: xgb.Booster, matrix: xgb.DMatrix, classes: int | None) -> Answer:
    if classes is None:
        return Answer(prediction=booster.predict(matrix))
    margins = booster.predict(matrix, output_margin=True)
    probabilities = booster.predict(matrix)
    if classes == 2:
        return Answer(binary_scores(margins), binary_probabilities(probabilities))
    return Answer(margins, probabilities)


def _base_margins(learner: dict[str, Any], classes: int | None, width: int) -> np.ndarray:
    text = learner["learner_model_param"]["base_score"].strip("[]")
    base = np.array([np.float32(part) for part in text.split(",")], dtype=np.float32)
    if classes == 2:
        # Rounded once from a double, as the C library's logf is; numpy's float32 log is not.
        odds = np.float32(1) / base - np.float32(1)
        base = -np.log(odds.astype(np.float64)).astype(np.float32)
    return np.broadcast_to(base, (width,))


def _stump(value: np.float32, target: int) -> Tree:
    one = np.zeros(1, dtype=np.int64)
    return Tree(one, np.zeros(1), one - 1, one - 1, one, np.array([value]), target)


def _tree(dump: dict[str, Any], target: int) -> Tree:
    conditions = np.array(dump["split_conditions"], dtype=np.float32)
    plain = Tree(
        feature=np.array(dump["split_indices"], dtype=np.int64),
        threshold=conditions,
        left=np.array(dump["left_children"], dtype=np.int64),
        right=np.array(dump["right_children"], dtype=np.int64),
        missing_left=np.array(dump["default_left"], dtype=np.int64),
        value=conditions,
        target=target,
    )
    return with_sets(plain, _sets(dump))


def _sets(dump: dict[str, Any]) -> dict[int, tuple[np.ndarray, bool]]:
    """Categories that go right, by node."""
    found = {}
    listed = np.array(dump.get("categories", []), dtype=np.float32)
    places = zip(
        dump.get("categories_nodes", []),
        dump.get("categories_segments", []),
        dump.get("categories_sizes", []),
        strict=True,
    )
    for node, start, size in places:
        found[int(node)] = (listed[start : start + size], False)
    return found


def _categorical_columns(learner: dict[str, Any]) -> list[int]:
    trees = learner["gradient_booster"]["model"]["trees"]
    found = {t["split_indices"][node] for t in trees for node in t.get("categories_nodes", [])}
    return sorted(int(column) for column in found)
