"""The ONNX model answers as the framework does, on any dataset and at every edge."""

from __future__ import annotations

import numpy as np
import onnx
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jobs import mixed_table
from pipeline import export_and_check, make_spec, train

from modelyard_trainers.answers import Answer
from modelyard_trainers.errors import TrainingFailed
from modelyard_trainers.onnx_export.parity import Parity, boundary_rows, compare

ALGORITHMS = {
    "logistic_regression": ["binary", "multi"],
    "linear_regression": ["value"],
    "random_forest": ["binary", "multi", "value"],
    "xgboost": ["binary", "multi", "value"],
    "lightgbm": ["binary", "multi", "value"],
}
CASES = [(algorithm, kind) for algorithm, kinds in ALGORITHMS.items() for kind in kinds]
FEW_TREES = {"random_forest": 12, "xgboost": 15, "lightgbm": 15}

# Values that sit on thresholds, differ by one float32 or float64 step, or are extreme.
AWKWARD = [
    0.0, -0.0, 1.0, 1e-40, -1e-40, 0.1, 0.30000000000000004, 0.3, 1 / 3, 16777216.0, 16777217.0,
    1e29, -1e29, 5e-324, float(np.nextafter(1.0, 2.0)), float(np.nextafter(np.float32(1), np.float32(2))),
]  # fmt: skip
NUMBERS = st.one_of(
    st.none(), st.sampled_from(AWKWARD), st.floats(-1e6, 1e6), st.integers(-3, 3).map(float)
)
TEXTS = st.one_of(
    st.none(), st.sampled_from(["a", "b", "", " ", "ä🙂", "NA", "0"]), st.text(max_size=3)
)


@st.composite
def tables(draw: st.DrawFn, kind: str) -> pa.Table:
    """24 to 60 rows of awkward numbers, whole numbers, booleans and texts, repeated into ties."""
    rows = draw(st.integers(24, 60))

    def column(values: st.SearchStrategy) -> list:
        pool = draw(st.lists(values, min_size=1, max_size=12))
        return [pool[draw(st.integers(0, len(pool) - 1))] for _ in range(rows)]

    outcome = {
        "binary": lambda i: bool(i % 2),
        "multi": lambda i: ["p", "q", "r"][i % 3],
        "value": lambda i: draw(st.floats(-1e9, 1e9)) if i % 5 else float(i),
    }[kind]
    features = {
        "n1": pa.array(column(NUMBERS), pa.float64()),
        "n2": pa.array(column(NUMBERS), pa.float64()),
        "i": pa.array(column(st.one_of(st.none(), st.integers(-(2**53), 2**53))), pa.int64()),
        "b": pa.array(column(st.one_of(st.none(), st.booleans())), pa.bool_()),
        "t": pa.array(column(TEXTS), pa.string()),
        "u": pa.array(column(TEXTS), pa.string()),
    }
    usable = {k: v for k, v in features.items() if any(x not in (None, "") for x in v.to_pylist())}
    usable = usable or {"n1": pa.array([float(i) for i in range(rows)])}
    return pa.table(usable | {"outcome": pa.array([outcome(i) for i in range(rows)])})


@pytest.mark.parametrize(("algorithm", "kind"), CASES)
def test_any_dataset_exports_to_an_equal_model(algorithm: str, kind: str) -> None:
    trees = {"n_estimators": FEW_TREES[algorithm]} if algorithm in FEW_TREES else {}
    if algorithm == "lightgbm":
        trees["min_child_samples"] = 2

    @settings(
        max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(table=tables(kind), seed=st.integers(0, 1000))
    def holds(table: pa.Table, seed: int) -> None:
        spec = make_spec(algorithm, hyperparameters=trees, seed=seed)
        _, parity = export_and_check(*train(spec, table))
        parity.require()

    holds()


@pytest.mark.parametrize(("algorithm", "kind"), CASES)
@pytest.mark.parametrize("seed", range(3))
def test_mixed_data_with_gaps_exports_to_an_equal_model(
    algorithm: str, kind: str, seed: int
) -> None:
    table = mixed_table(500, kind, seed)
    prepared, model = train(make_spec(algorithm, seed=seed), table)
    exported, parity = export_and_check(prepared, model)
    parity.require()
    assert parity.label_flips == 0
    assert parity.rows > 500
    assert [i["name"] for i in exported.inputs] == ["numeric", "categorical"]
    onnx.checker.check_model(onnx.load_from_string(exported.content), full_check=True)


@pytest.mark.parametrize("algorithm", ["random_forest", "xgboost", "lightgbm"])
def test_values_on_and_beside_every_threshold_go_the_frameworks_way(algorithm: str) -> None:
    random = np.random.default_rng(3)
    # Few distinct values with a float32 step between some: thresholds fall on and between them.
    steps = [np.float64(np.float32(0.1)), 0.1, 0.2, np.nextafter(0.2, 1), 0.7, 1e-3, -0.1]
    values = random.choice(steps, (600, 3))
    outcome = (values.sum(axis=1) + random.normal(0, 0.1, 600) > 0.6).astype(int)
    table = pa.table({f"f{i}": values[:, i] for i in range(3)} | {"outcome": outcome})
    prepared, model = train(make_spec(algorithm, hyperparameters={"n_estimators": 60}), table)
    _, parity = export_and_check(prepared, model)
    parity.require()
    thresholds = model.thresholds()
    edges, _ = boundary_rows(
        prepared.preprocess, thresholds, prepared.frame.numeric, prepared.frame.categorical, 1
    )
    for column, values in thresholds.items():
        assert np.isin(values, edges[:, column]).all()


def test_forest_ties_are_labeled_alike() -> None:
    # Two rows alike but for the label: every tree that sees both votes one half each.
    table = pa.table(
        {"x": [float(i // 2) for i in range(200)], "outcome": [i % 2 for i in range(200)]}
    )
    for trees in (2, 10, 30):
        spec = make_spec(
            "random_forest", hyperparameters={"n_estimators": trees, "bootstrap": False}
        )
        prepared, model = train(spec, table)
        _, parity = export_and_check(prepared, model)
        assert parity.label_flips == 0


def test_many_classes_export_to_an_equal_model() -> None:
    random = np.random.default_rng(0)
    outcome = np.repeat(np.arange(25), 24)
    table = pa.table(
        {"x": outcome + random.normal(0, 1, 600), "outcome": [f"c{i}" for i in outcome]}
    )
    for algorithm in ("logistic_regression", "random_forest", "xgboost", "lightgbm"):
        trees = {} if algorithm == "logistic_regression" else {"n_estimators": 10}
        _, parity = export_and_check(*train(make_spec(algorithm, hyperparameters=trees), table))
        parity.require()


def test_a_difference_or_a_flip_is_refused() -> None:
    expected = Answer(scores=np.array([[0.6, 0.4]]), probabilities=np.array([[0.6, 0.4]]))
    near = {"probabilities": np.array([[0.6, 0.4]], np.float32), "label": np.array([0])}
    compare(expected, near).require()
    with pytest.raises(TrainingFailed, match="1 label flips"):
        compare(expected, near | {"label": np.array([1])}).require()
    with pytest.raises(TrainingFailed, match=r"differs from the framework by 2e-05"):
        compare(expected, near | {"probabilities": np.array([[0.60002, 0.4]])}).require()
    with pytest.raises(TrainingFailed, match="parity check failed"):
        Parity(1, float("nan"), 0).require()
