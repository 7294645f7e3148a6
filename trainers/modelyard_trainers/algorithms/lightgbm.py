"""LightGBM. Data, thresholds and sums are doubles, in ONNX as well; sums leave as float32."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import lightgbm as lgb
import numpy as np

from ..answers import Answer
from ..onnx_export.categories import whole_codes
from ..onnx_export.graph import FLOAT, Graph
from ..onnx_export.outputs import from_margins
from ..onnx_export.trees import Tree, add_trees, split_values
from ..protocol import GraphParts, Point, TrainingData
from .boosting import BoostingState, pack, unpack
from .lightgbm_text import categorical_columns, read_trees
from .linear_model import margin_answer

# kZeroThreshold of LightGBM's meta.h, a float.
ZERO_WIDTH = np.array(np.float32(1e-35), dtype=np.float64)


class LightGBMTrainer:
    """State between chunks: the booster's text and the early-stopping record."""

    scales_numbers = False

    def __init__(self, data: TrainingData) -> None:
        self._data = data
        self._state = BoostingState(data)
        self.total_steps = self._state.total
        self._text = ""

    @property
    def done(self) -> bool:
        return self._state.done

    def start(self) -> None:
        """Nothing to prepare: the first chunk makes the booster."""

    def advance(self) -> Iterator[Point]:
        data = self._data
        settings = {**_settings(data), "seed": self._state.chunk_seed()}
        booster = lgb.Booster(model_str=self._text) if self._text else None
        matrices = (data.x_train, data.x_validation)
        sums = [_raw(booster, matrix, 0, -1) if booster else 0.0 for matrix in matrices]
        rows = lgb.Dataset(data.x_train, data.y_train, params=settings, free_raw_data=False)
        first = self._state.rounds
        for number in self._state.chunk_rounds():
            if number == first:
                # The public way to a booster that continues another and can still be updated.
                booster = lgb.train(
                    settings, rows, 1, init_model=booster, keep_training_booster=True
                )
            else:
                booster.update()
            if booster.current_iteration() <= number:
                self._state.exhausted = True
                break
            sums = [s + _raw(booster, m, number, 1) for s, m in zip(sums, matrices)]
            point = Point(number + 1, *(_answer(s, data.classes) for s in sums))
            self._state.record(point)
            yield point
        self._text = booster.model_to_string(num_iteration=-1)

    def save(self) -> bytes:
        return pack(self._state, self._text.encode())

    def restore(self, state: bytes) -> None:
        self._text = unpack(self._state, state).decode()

    def fitted(self) -> tuple[FittedLightGBM, int]:
        kept = self._state.kept_rounds
        text = lgb.Booster(model_str=self._text).model_to_string(num_iteration=kept)
        return FittedLightGBM(text, self._data.classes), kept


@dataclass(frozen=True)
class FittedLightGBM:
    """A booster's text, cut to the rounds that are kept."""

    text: str
    classes: int | None

    def answer(self, matrix: np.ndarray) -> Answer:
        return _answer(_raw(self._booster, matrix, 0, -1), self.classes)

    def add_to_graph(self, graph: Graph, matrix: str) -> GraphParts:
        width = self.classes if self.classes and self.classes > 2 else 1
        # LightGBM reads values this close to zero as zero before it compares them.
        tiny = graph.add("LessOrEqual", graph.add("Abs", matrix), graph.constant(ZERO_WIDTH))
        values = graph.add("Where", tiny, graph.constant(np.array(0.0)), matrix)
        chosen = categorical_columns(self.text)
        columns = self._booster.num_feature()
        values = whole_codes(graph, values, chosen, columns, np.float64, toward_zero=True)
        sums = add_trees(graph, values, self._trees, width, less=False, dtype=np.float64)
        if self.classes is None:
            return GraphParts(prediction=sums, element_type=FLOAT)
        return from_margins(graph, sums, self.classes, np.float32)

    def native_files(self) -> dict[str, bytes]:
        return {"model.txt": self.text.encode()}

    def thresholds(self) -> dict[int, np.ndarray]:
        return split_values(self._trees)

    @cached_property
    def _booster(self) -> lgb.Booster:
        return lgb.Booster(model_str=self.text)

    @cached_property
    def _trees(self) -> list[Tree]:
        return read_trees(self.text, self.classes if self.classes and self.classes > 2 else 1)


def _settings(data: TrainingData) -> dict[str, Any]:
    given = data.hyperparameters
    settings: dict[str, Any] = {
        "learning_rate": given["learning_rate"],
        "num_leaves": given["num_leaves"],
        "max_depth": given["max_depth"],
        "min_data_in_leaf": given["min_child_samples"],
        "bagging_fraction": given["subsample"],
        "bagging_freq": 1 if given["subsample"] < 1 else 0,
        "feature_fraction": given["colsample_bytree"],
        "lambda_l2": given["reg_lambda"],
        "lambda_l1": given["reg_alpha"],
        "min_gain_to_split": given["min_split_gain"],
        "max_bin": given["max_bin"],
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": data.threads,
        "verbose": -1,
    }
    if data.classes is None:
        return settings | {"objective": "regression"}
    if data.classes == 2:
        return settings | {"objective": "binary"}
    return settings | {"objective": "multiclass", "num_class": data.classes}


def _raw(booster: lgb.Booster, matrix: np.ndarray, first: int, rounds: int) -> np.ndarray:
    return booster.predict(matrix, raw_score=True, start_iteration=first, num_iteration=rounds)


def _answer(sums: np.ndarray, classes: int | None) -> Answer:
    if classes is None:
        return Answer(prediction=sums)
    answer = margin_answer(sums)
    # The graph's margins leave the trees as float32, and labels must be ranked alike.
    return replace(answer, scores=answer.scores.astype(np.float32))
