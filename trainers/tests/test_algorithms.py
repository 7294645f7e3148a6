"""Every algorithm on real data: what is learned, logged and stored."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from jobs import LOADERS, mixed_table, spec_for, table_of, write_csv
from tracking_server import TrackingServer

from modelyard_trainers.cancel import CancelSwitch
from modelyard_trainers.job import run_job
from modelyard_trainers.onnx_export.parity import OnnxModel
from modelyard_trainers.spec import read_spec
from modelyard_trainers.tracking import Tracking

# The least test accuracy (or R²) that says the algorithm has learned the set.
QUALITY = [
    ("logistic_regression", "breast_cancer", 0.94),
    ("logistic_regression", "wine", 0.94),
    ("random_forest", "breast_cancer", 0.92),
    ("random_forest", "iris", 0.85),
    ("random_forest", "diabetes", 0.25),
    ("xgboost", "breast_cancer", 0.92),
    ("xgboost", "wine", 0.85),
    ("xgboost", "diabetes", 0.15),
    ("lightgbm", "breast_cancer", 0.92),
    ("lightgbm", "iris", 0.85),
    ("lightgbm", "diabetes", 0.15),
    ("linear_regression", "diabetes", 0.35),
]
KINDS = {"model", "native", "requirements", "profile", "signature", "example", "card",
         "environment", "evaluation"}  # fmt: skip


def train(
    server: TrackingServer, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, **fields: Any
) -> dict[str, Any]:
    """Runs a job in this process and gives back its result document."""
    for key, value in server.env.items():
        monkeypatch.setenv(key, value)
    table = table_of(name) if name in LOADERS else mixed_table(400, name)
    target = "target" if name in LOADERS else "outcome"
    spec_path = folder / "spec.json"
    path = write_csv(table, folder)
    fields = {"target": target, "datasetName": name} | fields
    spec_path.write_text(json.dumps(spec_for(path, folder / "work", **fields)))
    run_job(read_spec(str(spec_path)), Tracking(), CancelSwitch())
    return json.loads(server.artifacts["modelyard/result.json"])


@pytest.mark.parametrize(("algorithm", "name", "least"), QUALITY)
def test_an_algorithm_learns_and_leaves_everything_behind(
    server: TrackingServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    algorithm: str,
    name: str,
    least: float,
) -> None:
    result = train(server, tmp_path, monkeypatch, name, algorithm=algorithm)
    test = result["metrics"]["test"]
    assert (test["accuracy"] if result["task"] == "classification" else test["r2"]) >= least
    assert result["parity"]["labelFlips"] == 0 and result["parity"]["maxAbsDiff"] <= 1e-5
    assert result["parity"]["rows"] > result["rows"]["validation"] + result["rows"]["test"]
    check_files(server, result)
    check_metrics(server, result)
    assert server.params["algorithm"] == algorithm
    assert server.inputs[0]["dataset"]["name"] == name
    assert server.inputs[0]["tags"] == [{"key": "mlflow.data.context", "value": "training"}]
    assert server.status == "FINISHED"


def check_files(server: TrackingServer, result: dict[str, Any]) -> None:
    assert {f["kind"] for f in result["files"]} == KINDS
    assert {f["path"] for f in result["files"]} | {"modelyard/result.json"} == set(server.artifacts)
    for file in result["files"]:
        content = server.artifacts[file["path"]]
        assert len(content) == file["sizeBytes"]
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
    assert json.loads(server.artifacts["model/signature.json"]) == result["signature"]
    card = server.artifacts["model/model_card.md"].decode()
    assert card.startswith("# ") and "Held-out metrics" in card
    table = pq.read_table(io.BytesIO(server.artifacts["evaluation/predictions.parquet"]))
    assert table.num_rows == result["rows"]["validation"] + result["rows"]["test"]
    assert len(set(table.column("index").to_pylist())) == table.num_rows


def check_metrics(server: TrackingServer, result: dict[str, Any]) -> None:
    points = server.points()
    assert {len(values) for values in points.values()} == {1}
    latest = {key: points[key, max(s for k, s in points if k == key)][0] for key, _ in points}
    for split, prefix in (("validation", "val"), ("test", "test")):
        for name, value in result["metrics"][split].items():
            assert latest[f"{prefix}_{name}"] == value
    loss = "log_loss" if result["task"] == "classification" else "rmse"
    steps = sorted(step for key, step in points if key == f"train_{loss}")
    assert steps and steps == sorted(s for k, s in points if k == f"val_{loss}")


@pytest.mark.parametrize("algorithm", ["logistic_regression", "random_forest", "lightgbm"])
def test_the_stored_model_answers_the_stored_example_as_the_stored_predictions(
    server: TrackingServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, algorithm: str
) -> None:
    result = train(server, tmp_path, monkeypatch, "multi", algorithm=algorithm)
    example = json.loads(server.artifacts["model/input_example.json"])["inputs"]
    outputs = OnnxModel(server.artifacts["model/model.onnx"]).run(*tensors(result, example))
    table = pq.read_table(
        io.BytesIO(server.artifacts["evaluation/predictions.parquet"])
    ).to_pylist()
    expected = [row for row in table if row["split"] == "test"][: len(example)]
    classes = result["classes"]
    assert [classes[label] for label in outputs["label"]] == [r["prediction"] for r in expected]
    stored = [[row[f"probability_{c}"] for c in range(len(classes))] for row in expected]
    np.testing.assert_allclose(outputs["probabilities"], stored, atol=1e-5)


def tensors(result: dict[str, Any], rows: list[dict[str, Any]]) -> tuple[np.ndarray, np.ndarray]:
    """Rows of raw JSON values as the signature says they become tensors."""
    columns = {i["name"]: i["columns"] for i in result["signature"]["inputs"]}
    numeric = [[_number(row[c]) for c in columns["numeric"]] for row in rows]
    texts = [["" if row[c] is None else row[c] for c in columns["categorical"]] for row in rows]
    return np.array(numeric, dtype=np.float64), np.array(texts, dtype=object)


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)


def test_the_signature_types_features_target_and_classes(
    server: TrackingServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = train(server, tmp_path, monkeypatch, "binary", algorithm="xgboost")
    features = {f["name"]: f for f in result["signature"]["features"]}
    assert {n: f["type"] for n, f in features.items()} == {
        "size": "number", "count": "integer", "flag": "boolean", "color": "category",
        "city": "category",
    }  # fmt: skip
    assert (features["count"]["min"], features["count"]["max"]) == (0, 8)
    assert sorted(features["color"]["categories"]) == ["blue", "green", "grün", "red"]
    assert len(features["city"]["categories"]) <= 100
    assert result["classes"] == [False, True]
    assert result["signature"]["target"] == {"name": "outcome", "type": "boolean"}
    assert result["signature"]["inputs"][0] == {
        "name": "numeric", "datatype": "FP64", "shape": [-1, 3],
        "columns": ["size", "count", "flag"],
    }  # fmt: skip
    profile = json.loads(server.artifacts["model/reference_profile.json"])
    size = next(f for f in profile["features"] if f["name"] == "size")
    assert sum(size["histogram"]["counts"]) == size["count"]
    assert size["count"] + size["nulls"] == result["rows"]["train"]
    assert sum(c["count"] for c in profile["predictions"]["categories"]) == result["rows"]["test"]


def test_the_same_job_gives_the_same_model_and_another_seed_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = []
    for number, seed in enumerate((1, 1, 2)):
        folder = tmp_path / str(number)
        folder.mkdir()
        with TrackingServer() as server:
            train(server, folder, monkeypatch, "multi", algorithm="random_forest", seed=seed)
            digests.append(hashlib.sha256(server.artifacts["model/model.onnx"]).hexdigest())
    assert digests[0] == digests[1] != digests[2]


def test_unusable_columns_are_dropped_and_noted(
    server: TrackingServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow as pa

    rows = 120
    table = pa.table(
        {
            "id": list(range(rows)),
            "name": [f"person {i}" for i in range(rows)],
            "empty": pa.nulls(rows, pa.string()),
            "same": [1.0] * rows,
            "wild": [float("inf") if i == 3 else i * 0.5 for i in range(rows)],
            "when": pa.array([i * 86_400 for i in range(rows)], pa.timestamp("s")),
            "outcome": [None if i == 0 else ["a", "b"][i % 2] for i in range(rows)],
        }
    )
    monkeypatch.setattr("test_algorithms.mixed_table", lambda *_: table)
    result = train(server, tmp_path, monkeypatch, "special", algorithm="lightgbm")
    dropped = {d["name"] for d in result["droppedFeatures"]}
    assert dropped == {"id", "name", "empty", "when"}
    assert [f["name"] for f in result["signature"]["features"]] == ["same", "wild"]
    notes = " ".join(result["notes"])
    assert "1 rows without a target value dropped" in notes
    assert "'same' is constant" in notes and "infinite or huge" in notes
    assert sum(result["rows"].values()) == rows - 1
