"""Boosters of XGBoost and LightGBM: what they predict, and their trees as ONNX, exact to the bit."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import BadInput
from ..onnx_export.graph import Graph
from ..protocol import FittedModel, GraphParts
from .categories import lightgbm_categories, xgboost_categories
from .xgboost_kinds import linear_booster, plain_boosting

_XGB_IDENTITY = {"reg:squarederror", "reg:absoluteerror", "reg:pseudohubererror", "reg:linear"}
_XGB_EXP = {"count:poisson", "reg:gamma", "reg:tweedie"}
_LGB_IDENTITY = {"regression", "regression_l1", "huber", "fair", "quantile", "mape", "regression_l2"}
_LGB_EXP = {"poisson", "gamma", "tweedie"}
SEVERAL_TARGETS = (
    "a model with several targets cannot be served, because a deployment answers one value a row: "
    "log one model a target"
)


@dataclass(frozen=True)
class BoosterFacts:
    """A booster; predict answers probabilities [rows, classes], or values [rows]."""

    fitted: FittedModel
    classes: list[Any] | None
    names: list[str] | None
    width: int
    predict: Callable[[np.ndarray], np.ndarray]
    exponential: bool = False
    # Categories by column, in the order of their codes, where the model knows them.
    categories: dict[int, list[Any]] = field(default_factory=dict)

    def add_to_graph(self, graph: Graph, matrix: str) -> GraphParts:
        parts = self.fitted.add_to_graph(graph, matrix)
        if not self.exponential:
            return parts
        return GraphParts(
            prediction=graph.add("Exp", parts.prediction), element_type=parts.element_type
        )

    def thresholds(self) -> dict[int, np.ndarray]:
        return self.fitted.thresholds()


def booster_facts(loaded: Any) -> BoosterFacts | None:
    """Facts of a booster, or of an estimator of these frameworks; None for anything else."""
    module = type(loaded).__module__.split(".")[0]
    if module == "xgboost":
        return _xgboost(loaded)
    if module == "lightgbm":
        return _lightgbm(loaded)
    return None


def _xgboost(loaded: Any) -> BoosterFacts:
    import xgboost

    from ..algorithms.xgboost import FittedXGBoost

    wrapped = not isinstance(loaded, xgboost.Booster)
    booster = loaded.get_booster() if wrapped else loaded
    learner = json.loads(bytes(booster.save_raw("json")))["learner"]
    kind = learner["gradient_booster"]["name"]
    best = booster.attr("best_iteration")
    # Estimators answer with the best round where training stopped early; boosters, and linear ones, with all.
    if best is not None and kind != "gblinear" and (wrapped or booster.attr("scikit_learn") is not None):
        booster = booster[: int(best) + 1]
    objective = learner["objective"]["name"]
    count = _xgb_classes(objective, learner)

    def predict(matrix: np.ndarray) -> np.ndarray:
        data = xgboost.DMatrix(matrix, nthread=1)
        if objective == "multi:softmax":
            margins = booster.predict(data, validate_features=False, output_margin=True)
            shares = np.exp(margins - margins.max(axis=1, keepdims=True))
            return shares / shares.sum(axis=1, keepdims=True)
        values = booster.predict(data, validate_features=False)
        return np.column_stack([1 - values, values]) if count == 2 else values

    exponential = objective in _XGB_EXP
    if kind == "gblinear":
        fitted: FittedModel = linear_booster(booster, count)
    else:
        _require_plain_trees(learner)
        trees = plain_boosting(booster) if kind == "dart" else booster
        fitted = FittedXGBoost(_with_margin_base(trees) if exponential else trees, count, 1)
    return BoosterFacts(
        fitted,
        _class_values(loaded, wrapped, count),
        booster.feature_names,
        booster.num_features(),
        predict,
        exponential,
        xgboost_categories(learner),
    )


def _class_values(loaded: Any, wrapped: bool, count: int | None) -> list[Any] | None:
    if count is None:
        return None
    return np.asarray(loaded.classes_).tolist() if wrapped else list(range(count))


def _require_plain_trees(learner: dict[str, Any]) -> None:
    booster = learner["gradient_booster"]
    trees = booster.get("gbtree", booster)["model"]["trees"]
    if any(int(tree["tree_param"].get("size_leaf_vector", 1) or 1) > 1 for tree in trees):
        raise BadInput(
            "trees with vector leaves answer several targets at once, which no deployment does: "
            "train one model a target, or with multi_strategy=one_output_per_tree and one target"
        )


def _xgb_classes(objective: str, learner: dict[str, Any]) -> int | None:
    if objective in _XGB_IDENTITY or objective in _XGB_EXP:
        targets = int(learner["learner_model_param"].get("num_target", 1) or 1)
        if targets > 1:
            raise BadInput(SEVERAL_TARGETS)
        return None
    if objective == "binary:logistic":
        return 2
    if objective in ("multi:softprob", "multi:softmax"):
        return int(learner["learner_model_param"]["num_class"])
    raise BadInput(f"XGBoost's objective {objective[:50]} cannot be converted")


def _with_margin_base(booster: Any) -> Any:
    """Base scores of exponential objectives are kept as values; trees sum up logarithms of them."""
    import xgboost

    dump = json.loads(bytes(booster.save_raw("json")))
    parameters = dump["learner"]["learner_model_param"]
    values = [float(part) for part in parameters["base_score"].strip("[]").split(",")]
    parameters["base_score"] = "[" + ",".join(repr(float(np.log(v))) for v in values) + "]"
    dump["learner"]["objective"] = {
        "name": "reg:squarederror", "reg_loss_param": {"scale_pos_weight": "1"},
    }  # fmt: skip
    return xgboost.Booster(model_file=bytearray(json.dumps(dump).encode()))


def _lightgbm(loaded: Any) -> BoosterFacts:
    import lightgbm

    from ..algorithms.lightgbm import FittedLightGBM

    wrapped = not isinstance(loaded, lightgbm.Booster)
    booster = loaded.booster_ if wrapped else loaded
    # The best round where training stopped early, as predict takes it.
    text = booster.model_to_string()
    header = dict(
        line.split("=", 1) for line in text.split("\nTree=")[0].splitlines() if "=" in line
    )
    objective = header.get("objective", "").split(" ")
    count = _lgb_classes(objective, header)
    if "linear_tree=1" in text or "is_linear=1" in text:
        raise BadInput("LightGBM's linear trees cannot be converted")
    if "average_output" in text.split("\nTree=")[0]:
        raise BadInput("LightGBM's random forests cannot be converted")

    def predict(matrix: np.ndarray) -> np.ndarray:
        values = np.asarray(booster.predict(matrix))
        return np.column_stack([1 - values, values]) if count == 2 else values

    return BoosterFacts(
        FittedLightGBM(text, count),
        _class_values(loaded, wrapped, count),
        booster.feature_name(),
        booster.num_feature(),
        predict,
        objective[0] in _LGB_EXP,
        lightgbm_categories(header, booster.pandas_categorical),
    )


def _lgb_classes(objective: list[str], header: dict[str, str]) -> int | None:
    name = objective[0]
    if (name in _LGB_IDENTITY and "sqrt" not in objective) or name in _LGB_EXP:
        return None
    if name == "binary" and "sigmoid:1" in objective:
        return 2
    if name == "multiclass":
        return int(header["num_class"])
    raise BadInput(f"LightGBM's objective {' '.join(objective)[:50]} cannot be converted")
