"""The native files alone, without this package, answer as the model did."""

from __future__ import annotations

import json

import lightgbm
import numpy as np
import pytest
import skops.io
import xgboost
from jobs import mixed_table
from pipeline import make_spec, train


@pytest.mark.parametrize(
    "algorithm",
    ["logistic_regression", "linear_regression", "random_forest", "xgboost", "lightgbm"],
)
def test_native_files_answer_as_the_model_did(algorithm: str, tmp_path: str) -> None:
    kind = "value" if algorithm == "linear_regression" else "binary"
    prepared, model = train(make_spec(algorithm), mixed_table(300, kind))
    frame = prepared.frame
    matrix = prepared.preprocess.transform(frame.numeric, frame.categorical)
    described = json.loads(json.dumps(prepared.preprocess.to_json()))
    np.testing.assert_array_equal(replay(described, frame.numeric, frame.categorical), matrix)
    answer = model.answer(matrix)
    ((name, content),) = model.native_files().items()
    if name == "model.skops":
        types = skops.io.get_untrusted_types(data=content)
        assert set(types) <= {"sklearn.tree._tree.Tree"}
        estimator = skops.io.loads(content, trusted=types)
        if kind == "value":
            np.testing.assert_allclose(estimator.predict(matrix), answer.prediction)
            return
        second = estimator.predict_proba(matrix)[:, 1]
    elif name == "model.ubj":
        booster = xgboost.Booster(model_file=bytearray(content))
        second = booster.predict(xgboost.DMatrix(matrix))
    else:
        assert name == "model.txt"
        second = lightgbm.Booster(model_str=content.decode()).predict(matrix)
    np.testing.assert_allclose(second, answer.probabilities[:, 1], atol=1e-12)


def replay(described: dict, numeric: np.ndarray, categorical: np.ndarray) -> np.ndarray:
    """preprocess.json by its documented meaning alone."""
    blocks = [numeric]
    if described["scaling"]:
        scaling = {
            k: np.array(v) for k, v in described["scaling"].items() if k != "missingIndicators"
        }
        filled = np.where(np.isnan(numeric), scaling["fill"], numeric)
        blocks = [(filled - scaling["center"]) / scaling["scale"]]
        for name in described["scaling"]["missingIndicators"]:
            blocks.append(np.isnan(numeric[:, [described["numeric"].index(name)]]))
    for i, column in enumerate(described["categorical"]):
        values = categorical[:, i]
        blocks += [(values == value)[:, None] for value in column["categories"]]
        if column["other"]:
            blocks.append(~np.isin(values, column["categories"])[:, None])
    return np.hstack(blocks).astype(np.float64)
