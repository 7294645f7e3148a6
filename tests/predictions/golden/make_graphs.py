"""Makes graphs.json: models as our exporters and skl2onnx write them, with exact Shapley values.

    PYTHONPATH=trainers PYTHON tests/predictions/golden/make_graphs.py && npx biome format --write tests/predictions/golden

PYTHON has the packages of trainers/requirements.lock, shap 0.51 and onnxmltools 1.14. Values are those
of every coalition of the features over the framework's own margins; where each matrix column is a
feature of its own, shap's interventional TreeExplainer must agree to 1e-6.
"""

from __future__ import annotations

import json
from pathlib import Path

import lightgbm as lgb
import numpy as np
import xgboost as xgb
from golden_case import TRAIN, case, own, prepared, table, target
from handmade_graphs import handmade
from modelyard_trainers.algorithms.lightgbm import FittedLightGBM
from modelyard_trainers.algorithms.linear_model import FittedLinear
from modelyard_trainers.algorithms.xgboost import FittedXGBoost
from modelyard_trainers.convert.sklearn_graph import sklearn_graph
from modelyard_trainers.convert.columns import Column
from modelyard_trainers.convert.tree_endings import tree_ending
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def boosters():
    for classes, gaps, texts, numbers in ((None, True, False, 4), (2, True, True, 4), (3, True, False, 5)):
        data = table(numbers, gaps, texts)
        preprocess = prepared(data)
        matrix = preprocess.transform(*data)
        y = target(*data, classes or "number")
        objective = {None: "reg:squarederror", 2: "binary:logistic", 3: "multi:softprob"}[classes]
        settings = {"objective": objective, "max_depth": 4, "tree_method": "hist", "seed": 1}
        if classes == 3:
            settings["num_class"] = 3
        booster = xgb.train(settings, xgb.DMatrix(matrix[:TRAIN], y[:TRAIN]), 6)

        def margins(numeric, categorical, booster=booster, preprocess=preprocess):
            rows = xgb.DMatrix(preprocess.transform(numeric, categorical))
            return booster.predict(rows, output_margin=True).astype(np.float64).reshape(len(numeric), -1)

        space = {None: "prediction", 2: "log_odds", 3: "score"}[classes]
        tree = None if texts else booster
        yield own(f"xgboost {classes}", preprocess, FittedXGBoost(booster, classes, 1), data, classes, margins, space, tree)
        objective = {None: "regression", 2: "binary", 3: "multiclass"}[classes]
        settings = {"objective": objective, "num_leaves": 8, "verbose": -1, "min_data_in_leaf": 5}
        if classes == 3:
            settings["num_class"] = 3
        machine = lgb.train(settings, lgb.Dataset(matrix[:TRAIN], y[:TRAIN]), 5)

        def raw(numeric, categorical, machine=machine, preprocess=preprocess):
            made = machine.predict(preprocess.transform(numeric, categorical), raw_score=True)
            return np.asarray(made).reshape(len(numeric), -1)

        fitted = FittedLightGBM(machine.model_to_string(), classes)
        yield own(f"lightgbm {classes}", preprocess, fitted, data, classes, raw, space, machine if classes is None else None)


def wide():
    data = table(40, True, False)
    preprocess = prepared(data)
    y = target(*data, 2)
    settings = {"objective": "binary:logistic", "max_depth": 5, "tree_method": "hist", "seed": 1}
    booster = xgb.train(settings, xgb.DMatrix(data[0][:TRAIN], y[:TRAIN]), 12)
    margins = lambda numeric, _: None
    yield own("xgboost of 40 features", preprocess, FittedXGBoost(booster, 2, 1), data, 2, margins, "log_odds", booster)


def forests():
    for classes in (2, 3):
        data = table(5, True, classes == 3)
        preprocess = prepared(data)
        matrix = preprocess.transform(*data)
        forest = RandomForestClassifier(5, max_depth=5, random_state=1)
        forest.fit(matrix[:TRAIN], target(*data, classes)[:TRAIN])
        shares = lambda n, c, f=forest, p=preprocess: f.predict_proba(p.transform(n, c))
        yield own(f"random forest {classes}", preprocess, tree_ending(forest), data, classes, shares, "probability", forest if classes == 2 else None)
    data = table(4, False, False)
    y = target(*data, "number")
    for estimator in (GradientBoostingRegressor(n_estimators=8, random_state=1), ExtraTreesRegressor(4, max_depth=5, random_state=1)):
        estimator.fit(data[0][:TRAIN], y[:TRAIN])
        answers = lambda n, _, e=estimator: e.predict(n)[:, None]
        yield own(type(estimator).__name__, prepared(data), tree_ending(estimator), data, None, answers, "prediction", estimator)
    data = table(4, True, False)
    counts = np.exp(np.clip(target(*data, "number"), -2, 2) / 4)
    histogram = HistGradientBoostingRegressor(loss="poisson", max_iter=6, max_leaf_nodes=6, random_state=1)
    histogram.fit(data[0][:TRAIN], counts[:TRAIN])
    logs = lambda n, _: np.log(histogram.predict(n))[:, None]
    yield own("HistGradientBoosting of counts", prepared(data), tree_ending(histogram), data, None, logs, "log")


def linear():
    for classes in (None, 2, 3):
        data = table(4, True, True)
        preprocess = prepared(data, scale=True)
        matrix = preprocess.transform(*data)
        y = target(*data, classes or "number")
        estimator = LinearRegression() if classes is None else LogisticRegression()
        estimator.fit(matrix[:TRAIN], y[:TRAIN])

        def margins(numeric, categorical, estimator=estimator, preprocess=preprocess):
            rows = preprocess.transform(numeric, categorical)
            made = estimator.predict(rows) if classes is None else estimator.decision_function(rows)
            return made.reshape(len(numeric), -1)

        space = {None: "prediction", 2: "log_odds", 3: "score"}[classes]
        yield own(f"linear {classes}", preprocess, FittedLinear(estimator, classes), data, classes, margins, space)


def converted():
    """As skl2onnx and onnxmltools write them: classifier operators with their own endings."""
    data = table(4, False, False)
    numeric = data[0]
    described = lambda classes: (
        [{"name": "numeric", "datatype": "FP64", "shape": [-1, 4], "columns": [f"n{i}" for i in range(4)]}],
        [{"name": "label", "datatype": "INT64", "shape": [-1]}, {"name": "probabilities", "datatype": "FP32", "shape": [-1, classes]}],
    )
    columns = [Column(f"n{i}", "number") for i in range(4)]
    for classes in (2, 3):
        y = target(*data, classes)[:TRAIN]
        shares = lambda e: lambda n, _: e.predict_proba(n)
        decided = lambda e: lambda n, _: e.decision_function(n).reshape(len(n), -1)
        for estimator, margins, space, tree in (
            (RandomForestClassifier(4, max_depth=4, random_state=1), shares, "probability", True),
            (GradientBoostingClassifier(n_estimators=4, random_state=1), decided, "log_odds" if classes == 2 else "score", classes == 2),
            (make_pipeline(StandardScaler(), LogisticRegression()), decided, "log_odds" if classes == 2 else "score", False),
        ):
            estimator.fit(numeric[:TRAIN], y)
            made = sklearn_graph(estimator, columns, apart=False, double=False)
            content = renamed(made, double=True)
            name = f"skl2onnx {type(estimator).__name__} {classes}"
            yield case(name, content, described(classes), *data, classes, margins(estimator), space, estimator if tree else None)
    from onnxmltools import convert_xgboost
    from onnxmltools.convert.common.data_types import FloatTensorType

    for classes in (2, 3):
        model = xgb.XGBClassifier(n_estimators=4, max_depth=3, base_score=0.4 if classes == 2 else None)
        model.fit(numeric[:TRAIN], target(*data, classes)[:TRAIN])
        made = convert_xgboost(model, initial_types=[("numeric", FloatTensorType([None, 4]))], target_opset=15)
        margins = lambda n, _, m=model: m.predict(n, output_margin=True).astype(np.float64).reshape(len(n), -1)
        yield case(f"onnxmltools xgboost {classes}", renamed(made, double=True), described(classes), *data, classes, margins, "log_odds" if classes == 2 else "score")


def renamed(model, double):
    """The same graph with our names and a double input."""
    from onnx import TensorProto, helper

    graph = model.graph
    source, (label, shares) = graph.input[0].name, [o.name for o in graph.output][:2]
    nodes = [helper.make_node("Cast", ["numeric"], ["rounded"], to=TensorProto.FLOAT)]
    for node in graph.node:
        for at, name in enumerate(node.input):
            if name == source:
                node.input[at] = "rounded"
        if node.op_type == "ZipMap":
            shares = node.input[0]
            continue
        nodes.append(node)
    nodes += [
        helper.make_node("Identity", [label], ["label"]),
        helper.make_node("Identity", [shares], ["probabilities"]),
    ]  # fmt: skip
    if label == "label" or shares == "probabilities":
        drop = {"label"} if label == "label" else set()
        drop |= {"probabilities"} if shares == "probabilities" else set()
        nodes = [n for n in nodes if not (n.op_type == "Identity" and n.output[0] in drop and n.input[0] in drop)]
    made = helper.make_graph(
        nodes, "golden",
        [helper.make_tensor_value_info("numeric", TensorProto.DOUBLE, ["rows", 4])],
        [helper.make_tensor_value_info("label", TensorProto.INT64, ["rows"]),
         helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["rows", None])],
        graph.initializer,
    )  # fmt: skip
    return helper.make_model(made, opset_imports=model.opset_import, ir_version=8).SerializeToString()


if __name__ == "__main__":
    cases = [*boosters(), *wide(), *forests(), *linear(), *converted(), *handmade()]
    path = Path(__file__).with_name("graphs.json")
    path.write_text(json.dumps(cases, separators=(",", ":")) + "\n")
    print(len(cases), "cases", path.stat().st_size, "bytes")
