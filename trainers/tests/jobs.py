"""Makes datasets and specs, and runs trainers as the product does: as processes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import sklearn.datasets

PACKAGE_ROOT = Path(__file__).parent.parent
LOADERS = {
    "breast_cancer": sklearn.datasets.load_breast_cancer,
    "iris": sklearn.datasets.load_iris,
    "wine": sklearn.datasets.load_wine,
    "diabetes": sklearn.datasets.load_diabetes,
}


@dataclass(frozen=True)
class Ended:
    """How a trainer process ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def message(self) -> str:
        return self.stderr.strip().splitlines()[-1] if self.stderr.strip() else ""


def table_of(name: str) -> pa.Table:
    """One of scikit-learn's built-in sets, its target as text for classification."""
    data = LOADERS[name]()
    columns = {n: data.data[:, i] for i, n in enumerate(data.feature_names)}
    if name == "diabetes":
        return pa.table(columns | {"target": data.target})
    return pa.table(columns | {"target": [str(data.target_names[i]) for i in data.target]})


def mixed_table(rows: int, outcome: str, seed: int = 0) -> pa.Table:
    """Numbers, whole numbers, booleans and text with gaps; outcome: binary, multi or value."""
    random = np.random.default_rng(seed)
    size = random.normal(50, 20, rows)
    count = random.integers(0, 9, rows)
    flag = random.random(rows) < 0.4
    color = random.choice(["red", "green", "blue", "grün"], rows)
    city = [f"city {i}" for i in random.integers(0, 70, rows)]
    signal = (
        size / 20 + count * 0.7 + flag * 2.0 + (color == "red") * 1.5 + random.normal(0, 0.7, rows)
    )
    outcomes = {
        "binary": [bool(v) for v in signal > np.median(signal)],
        "multi": [
            ["low", "mid", "high"][i] for i in np.digitize(signal, np.quantile(signal, [0.4, 0.7]))
        ],
        "value": signal * 100 + 1000,
    }

    def gap(values: list[Any], share: float) -> list[Any]:
        return [None if random.random() < share else value for value in values]

    return pa.table(
        {
            "size": pa.array(gap(size.tolist(), 0.1), pa.float64()),
            "count": pa.array(gap(count.tolist(), 0.05), pa.int64()),
            "flag": pa.array(gap(flag.tolist(), 0.05), pa.bool_()),
            "color": pa.array(gap(color.tolist(), 0.1), pa.string()),
            "city": pa.array(city, pa.string()),
            "outcome": pa.array(outcomes[outcome]),
        }
    )


def write_csv(table: pa.Table, folder: Path, name: str = "data.csv") -> Path:
    path = folder / name
    pacsv.write_csv(table, path)
    return path


def spec_for(path: Path, work_dir: Path, **fields: Any) -> dict[str, Any]:
    """A valid spec for a dataset file; fields replace or add."""
    spec = {
        "jobId": "job-1",
        "algorithm": "logistic_regression",
        "task": None,
        "target": "target",
        "features": None,
        "dataset": {
            "path": str(path),
            "format": "parquet" if path.suffix == ".parquet" else "csv",
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        },
        "hyperparameters": {},
        "validationSplit": 0.2,
        "testSplit": 0.2,
        "seed": 42,
        "workDir": str(work_dir),
    }
    return spec | fields


def start(
    spec: dict[str, Any] | str, env: dict[str, str], folder: Path, *runner: str
) -> subprocess.Popen[str]:
    """Starts a trainer; runner replaces "-m modelyard_trainers"."""
    path = folder / "spec.json"
    path.write_text(spec if isinstance(spec, str) else json.dumps(spec))
    return subprocess.Popen(
        [sys.executable, *(runner or ("-m", "modelyard_trainers")), "--spec", str(path)],
        cwd=PACKAGE_ROOT,
        env={
            **os.environ,
            "PYTHONPATH": str(PACKAGE_ROOT),
            "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
            **env,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(spec: dict[str, Any] | str, env: dict[str, str], folder: Path, *runner: str) -> Ended:
    """Runs a trainer to its end."""
    process = start(spec, env, folder, *runner)
    stdout, stderr = process.communicate(timeout=120)
    return Ended(process.returncode, stdout, stderr)
