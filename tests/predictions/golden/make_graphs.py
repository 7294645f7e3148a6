"""Makes graphs.json: models as our exporters and skl2onnx write them, with exact Shapley values.

    PYTHONPATH=trainers PYTHON tests/predictions/golden/make_graphs.py

PYTHON has the packages of trainers/requirements.lock, shap 0.51 and onnxmltools 1.14. Values are those
of every coalition of the features over the framework's own margins; where each matrix column is a
feature of its own, shap's interventional TreeExplainer must agree to 1e-6.
"""

from __future__ import annotations

import base64
import gzip
import itertools
import json
import math
import warnings
from pathlib import Path

import lightgbm as lgb
import numpy as np
import onnxruntime
import shap
import xgboost as xgb
from modelyard_trainers.algorithms.lightgbm import FittedLightGBM
from modelyard_trainers.algorithms.linear_model import FittedLinear
from modelyard_trainers.algorithms.xgboost import FittedXGBoost
from modelyard_trainers.convert.sklearn_graph import sklearn_graph
from modelyard_trainers.convert.columns import Column
from modelyard_trainers.convert.tree_endings import tree_ending
from modelyard_trainers.onnx_export.export import export_model
from modelyard_trainers.preprocess import CategoryColumn, Preprocess, Scaling
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

warnings.filterwarnings("ignore")
GENERATOR = np.random.Generator(np.random.PCG64(7))
TRAIN, BACKGROUND, ROWS = 240, 6, 3
COLORS = ("red", "green", "blue", "grey")


def table(numbers: int, gaps: bool, categories: bool):
    """Numbers that single precision holds exactly, and texts."""
    rows = TRAIN + BACKGROUND + ROWS
    numeric = np.round(GENERATOR.normal(size=(rows, numbers)) * 2, 0) + np.round(
        GENERATOR.random((rows, numbers)) * 8
    ) / 8
    if gaps:
        numeric[GENERATOR.random(numeric.shape) < 0.15] = np.nan
    texts = GENERATOR.choice([*COLORS, "never seen", ""], size=(rows, 1)).astype(object)
    return numeric, texts if categories else np.empty((rows, 0), dtype=object)


def target(numeric, texts, kind):
    x = np.nan_to_num(numeric)
    value = x[:, 0] * x[:, 1] + 2 * (x[:, 2] > 0.5) - x[:, 3] + 0.1 * GENERATOR.normal(size=len(x))
    if texts.shape[1]:
        value = value + 2.0 * (texts[:, 0] == "red")
    if kind == "number":
        return value
    if kind == 2:
        return (value > 0).astype(int)
    return np.digitize(value, np.quantile(value, [0.3, 0.7]))


def shapley(value, row, background):
    """Of every coalition; value maps rows [n, features] to numbers."""
    features = row.shape[0]
    worth = {}
    for coalition in itertools.product((False, True), repeat=features):
        mixed = background.copy()
        mixed[:, list(coalition)] = row[list(coalition)]
        worth[coalition] = value(mixed).mean()
    found = np.zeros(features)
    for coalition, before in worth.items():
        size = sum(coalition)
        share = math.factorial(size) * math.factorial(features - size - 1) if size < features else 0
        for f in range(features):
            if not coalition[f]:
                after = tuple(True if i == f else on for i, on in enumerate(coalition))
                found[f] += share / math.factorial(features) * (worth[after] - before)
    return worth[(False,) * features], found


def case(name, content, described, numeric, texts, classes, margins, space, tree=None):
    """One entry; margins(joined rows) is [rows, outputs] of what is explained."""
    numbers = [f"n{i}" for i in range(numeric.shape[1])]
    names = [*numbers, *(["color"] if texts.shape[1] else [])]
    joined = np.concatenate([numeric.astype(object), texts], axis=1)
    background, rows = joined[TRAIN : TRAIN + BACKGROUND], joined[TRAIN + BACKGROUND :]
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    feeds = {"numeric": rows[:, : len(numbers)].astype(np.float64), "categorical": rows[:, len(numbers) :]}
    kinds = {"FP32": np.float32, "FP64": np.float64, "BYTES": object}
    feeds = {i["name"]: feeds[i["name"]].astype(kinds[i["datatype"]]) for i in described[0]}
    answers = dict(zip([o.name for o in session.get_outputs()], session.run(None, feeds)))
    bases, values = [], []
    for at, row in enumerate(rows):
        column = 0 if classes is None else int(answers["label"][at])

        def value(mixed, column=column):
            made = margins(mixed[:, : len(numbers)].astype(np.float64), mixed[:, len(numbers) :])
            if made.shape[1] == 1:
                return made[:, 0] if classes is None or column == 1 else -made[:, 0]
            return made[:, column]

        if len(names) <= 8:
            base, found = shapley(value, row, background)
        if tree is not None:
            explainer = shap.TreeExplainer(
                tree, background.astype(np.float64), feature_perturbation="interventional",
                model_output="raw",
            )  # fmt: skip
            theirs = np.asarray(explainer.shap_values(row[None].astype(np.float64), check_additivity=False))[0]
            expected = np.atleast_1d(explainer.expected_value)
            if theirs.ndim == 1:
                sign = -1 if classes is not None and column == 0 else 1
                theirs, expected = sign * theirs, sign * expected[0]
            else:
                theirs, expected = theirs[:, column], expected[column]
            if len(names) <= 8:
                np.testing.assert_allclose(theirs, found, atol=1e-6)
                np.testing.assert_allclose(expected, base, atol=1e-6)
            base, found = expected, theirs
        bases.append(float(base))
        values.append([float(v) for v in found])
    plain = lambda v: None if v == "" or v != v else v
    return {
        "name": name,
        "onnx": base64.b64encode(gzip.compress(content, 9, mtime=0)).decode(),
        "signature": {
            "task": "regression" if classes is None else "classification",
            "features": [
                {"name": n, "type": "category" if n == "color" else "number", "nullable": True}
                for n in names
            ],
            "target": {"name": "y", "type": "number" if classes is None else "integer"},
            "classes": None if classes is None else list(range(classes)),
            "inputs": described[0],
            "outputs": described[1],
        },
        "space": space,
        "background": [dict(zip(names, map(plain, row))) for row in background],
        "rows": [dict(zip(names, map(plain, row))) for row in rows],
        "answers": {k: v.tolist() for k, v in answers.items()},
        "base": bases,
        "values": values,
    }


def own(name, preprocess, fitted, data, classes, margins, space, tree=None):
    exported = export_model(preprocess, fitted, classes)
    described = (exported.inputs, exported.outputs)
    return case(name, exported.content, described, *data, classes, margins, space, tree)


def prepared(data, scale=False):
    numeric, texts = data
    scaling = None
    if scale:
        known = numeric[:TRAIN]
        fill = np.nanmedian(known, axis=0)
        gaps = tuple(i for i in range(known.shape[1]) if np.isnan(known[:, i]).any())
        scaling = Scaling(fill, np.nanmean(known, axis=0), np.nanstd(known, axis=0), gaps)
    categories = (CategoryColumn("color", COLORS[:3], True),) if texts.shape[1] else ()
    return Preprocess(tuple(f"n{i}" for i in range(numeric.shape[1])), scaling, categories)


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


MODES = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]


def drawn_trees(count, depth=3):
    """Full binary trees of every comparison: node i is followed by 2i + 1 and 2i + 2."""
    inner, total = 2**depth - 1, 2 ** (depth + 1) - 1
    return [
        {
            "column": GENERATOR.integers(0, 4, inner),
            "mode": GENERATOR.integers(0, 6, inner),
            "value": GENERATOR.choice([-1.0, -0.5, 0.0, 0.25, 1.0], inner),
            "missing": GENERATOR.integers(0, 2, inner),
            "leaf": GENERATOR.normal(size=total - inner).astype(np.float32),
        }
        for _ in range(count)
    ]


def handmade():
    """Operators written attribute by attribute; onnxruntime itself says what coalitions are worth."""
    from onnx import TensorProto, helper, numpy_helper

    data = table(4, True, False)
    inputs = [{"name": "numeric", "datatype": "FP32", "shape": [-1, 4], "columns": [f"n{i}" for i in range(4)]}]
    outputs = [{"name": "prediction", "datatype": "FP32", "shape": [-1, 1]}]
    inner, leaves = 7, 8

    def built(node, ml):
        graph = helper.make_graph(
            [node], "golden",
            [helper.make_tensor_value_info("numeric", TensorProto.FLOAT, ["rows", 4])],
            [helper.make_tensor_value_info("prediction", TensorProto.FLOAT, ["rows", 1])],
        )  # fmt: skip
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", ml)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()

    def old(trees, **more):
        padded = lambda key, kind: [kind(v) for t in trees for v in [*t[key], *[0] * leaves]]
        ids = list(range(inner + leaves))
        follow = lambda side: [2 * i + side if i < inner else 0 for _ in trees for i in ids]
        each = range(len(trees))
        return helper.make_node(
            "TreeEnsembleRegressor", ["numeric"], ["prediction"], domain="ai.onnx.ml", n_targets=1,
            nodes_treeids=[t for t in each for _ in ids], nodes_nodeids=[i for _ in each for i in ids],
            nodes_featureids=padded("column", int), nodes_values=padded("value", float),
            nodes_modes=[m for t in trees for m in [*[MODES[k] for k in t["mode"]], *["LEAF"] * leaves]],
            nodes_truenodeids=follow(1), nodes_falsenodeids=follow(2),
            nodes_missing_value_tracks_true=padded("missing", int),
            target_treeids=[t for t in each for _ in range(leaves)],
            target_nodeids=[inner + i for _ in each for i in range(leaves)],
            target_ids=[0] * (len(trees) * leaves),
            target_weights=[float(w) for t in trees for w in t["leaf"]], **more,
        )  # fmt: skip

    def new(trees, aggregate):
        lasts = range(inner // 2, inner)
        follow = lambda side: [
            at * leaves + 2 * i + side - inner if i in lasts else at * inner + 2 * i + side
            for at in range(len(trees)) for i in range(inner)
        ]  # fmt: skip
        ends = [int(i in lasts) for _ in trees for i in range(inner)]
        joined = lambda key, kind: np.concatenate([t[key] for t in trees]).astype(kind)
        return helper.make_node(
            "TreeEnsemble", ["numeric"], ["prediction"], domain="ai.onnx.ml", n_targets=1,
            aggregate_function=aggregate, post_transform=0,
            tree_roots=[at * inner for at in range(len(trees))],
            nodes_featureids=joined("column", int).tolist(),
            nodes_splits=numpy_helper.from_array(joined("value", np.float32)),
            nodes_modes=numpy_helper.from_array(joined("mode", np.uint8)),
            nodes_truenodeids=follow(1), nodes_trueleafs=ends,
            nodes_falsenodeids=follow(2), nodes_falseleafs=ends,
            nodes_missing_value_tracks_true=joined("missing", int).tolist(),
            leaf_targetids=[0] * (len(trees) * leaves),
            leaf_weights=numpy_helper.from_array(joined("leaf", np.float32)),
        )  # fmt: skip

    for name, node, ml, space in (
        ("every comparison, base values", old(drawn_trees(5), base_values=[0.75]), 3, "prediction"),
        ("average of trees, base values", old(drawn_trees(4), base_values=[0.5], aggregate_function="AVERAGE"), 3, "prediction"),
        ("least of trees", old(drawn_trees(3), aggregate_function="MIN"), 3, None),
        ("greatest of trees", old(drawn_trees(3), aggregate_function="MAX"), 3, None),
        ("TreeEnsemble, sum", new(drawn_trees(5), 1), 5, "prediction"),
        ("TreeEnsemble, average", new(drawn_trees(4), 0), 5, "prediction"),
        ("TreeEnsemble, greatest", new(drawn_trees(3), 3), 5, None),
    ):
        content = built(node, ml)
        session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        worth = lambda n, _, s=session: s.run(None, {"numeric": n.astype(np.float32)})[0].astype(np.float64)
        yield case(name, content, (inputs, outputs), *data, None, worth, space)


if __name__ == "__main__":
    cases = [*boosters(), *wide(), *forests(), *linear(), *converted(), *handmade()]
    path = Path(__file__).with_name("graphs.json")
    path.write_text(json.dumps(cases, separators=(",", ":")) + "\n")
    print(len(cases), "cases", path.stat().st_size, "bytes")
