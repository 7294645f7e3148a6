"""One golden case: a graph, rows, and the Shapley values of what it answers."""

from __future__ import annotations

import base64
import gzip
import itertools
import math
import warnings

import numpy as np
import onnxruntime
import shap
from modelyard_trainers.onnx_export.export import export_model
from modelyard_trainers.preprocess import CategoryColumn, Preprocess, Scaling

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
