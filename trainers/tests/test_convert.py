"""Conversion of native models: every covered kind answers alike, hostile ones stay inside."""

from __future__ import annotations

import json
import os
import pickle
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import onnxruntime
import pandas as pd
import pytest
import skops.io
import xgboost
from sklearn.base import BaseEstimator, is_classifier
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_diabetes, load_iris
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, RidgeClassifier
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier

from modelyard_trainers.convert.job import convert
from modelyard_trainers.convert.load import load_model
from modelyard_trainers.errors import BadInput

TRAINERS = Path(__file__).parents[1]
LIMITS = {"memory": 4 << 30, "seconds": 120, "file": 512 << 20}
SPECIES = np.array(["setosa", "versicolor", "virginica"])


def spec_of(name: str, **spec: Any) -> dict[str, Any]:
    return {"signature": None, "modelFile": f"input/{name}", "limits": LIMITS} | spec


def run(folder: Path, name: str, content: bytes, **spec: Any) -> subprocess.CompletedProcess[str]:
    """One conversion as the worker starts it."""
    (folder / "input").mkdir()
    (folder / "input" / name).write_bytes(content)
    whole = {**spec_of(name, **spec), "parent": os.getpid()}
    (folder / "spec.json").write_text(json.dumps(whole))
    return subprocess.run(
        [sys.executable, "-m", "modelyard_trainers.convert", "spec.json"],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"], "PYTHONPATH": str(TRAINERS), "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip


def converted(folder: Path, name: str, content: bytes, **spec: Any) -> tuple[dict[str, Any], Any]:
    """A conversion of a file of ours, without walls, which cost seconds each."""
    (folder / name).write_bytes(content)
    loaded = load_model(spec["form"], spec["flavor"], str(folder / name))
    made = convert(loaded, spec.get("signature"), None)
    assert made.description["parity"]["labelFlips"] == 0
    return made.description, onnxruntime.InferenceSession(made.content)


def numbers(session: Any, matrix: np.ndarray) -> dict[str, np.ndarray]:
    names = [value.name for value in session.get_outputs()]
    return dict(zip(names, session.run(names, {"numeric": matrix.astype(np.float64)})))


CLASSIFIERS = [
    LogisticRegression(max_iter=500),
    make_pipeline(StandardScaler(), LogisticRegression()),
    RandomForestClassifier(10, random_state=1),
    make_pipeline(SimpleImputer(), MinMaxScaler(), RandomForestClassifier(10, random_state=1)),
    GradientBoostingClassifier(n_estimators=8),
    HistGradientBoostingClassifier(max_iter=8),
    DecisionTreeClassifier(),
    SVC(probability=True, random_state=1),
    RidgeClassifier(),
]
REGRESSORS = [
    LinearRegression(),
    make_pipeline(SimpleImputer(add_indicator=False), StandardScaler(), Ridge()),
    RandomForestRegressor(10, random_state=1),
    ExtraTreesRegressor(10, random_state=1),
    GradientBoostingRegressor(n_estimators=8),
    HistGradientBoostingRegressor(max_iter=8, loss="poisson"),
    make_pipeline(StandardScaler(), SVR()),
    MLPRegressor(max_iter=20, random_state=1),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("model", [*CLASSIFIERS, *REGRESSORS], ids=lambda m: str(m)[:60])
def test_estimators_answer_alike_as_onnx(model: BaseEstimator, tmp_path: Path) -> None:
    if is_classifier(model):
        matrix, target = load_iris(return_X_y=True)
        target = SPECIES[target]
    else:
        matrix, target = load_diabetes(return_X_y=True)
    model.fit(matrix, target)
    content = skops.io.dumps(model)
    description, session = converted(tmp_path, "m", content, form="skops", flavor="sklearn")
    answers = numbers(session, matrix)
    if is_classifier(model):
        labels = np.array(description["signature"]["classes"])[answers["label"]]
        assert (labels == model.predict(matrix)).all()
    else:
        np.testing.assert_allclose(answers["prediction"], model.predict(matrix), rtol=1e-4)


def test_a_frame_of_numbers_and_texts_is_taken_column_by_column(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "age (years)": np.linspace(18, 80, 60),
            "city": np.array(["Bern", "Oslo", "Rome"], dtype=object)[np.arange(60) % 3],
            "visits": np.arange(60) % 7,
        }
    )
    chosen = ColumnTransformer(
        [
            ("numbers", StandardScaler(), ["age (years)", "visits"]),
            ("texts", OneHotEncoder(handle_unknown="ignore"), ["city"]),
        ]
    )
    model = make_pipeline(chosen, LogisticRegression()).fit(frame, frame["visits"] > 3)
    signature = [
        {"type": "double", "name": "age (years)"},
        {"type": "string", "name": "city"},
        {"type": "long", "name": "visits"},
    ]
    facts = {"form": "pickle", "flavor": "sklearn", "signature": signature}
    description, session = converted(tmp_path, "m", pickle.dumps(model), **facts)
    features = {f["name"]: f for f in description["signature"]["features"]}
    assert features["city"]["categories"] == ["Bern", "Oslo", "Rome"]
    assert features["visits"]["type"] == "integer"
    feed = {
        "numeric": frame[["age (years)", "visits"]].to_numpy(np.float64),
        "categorical": frame[["city"]].to_numpy(object),
    }
    shares = session.run(["probabilities"], feed)[0]
    np.testing.assert_allclose(shares, model.predict_proba(frame), atol=1e-5)


@pytest.mark.parametrize("objective", ["reg:squarederror", "count:poisson", "binary:logistic"])
def test_xgboost_boosters_answer_alike_as_onnx(objective: str, tmp_path: Path) -> None:
    matrix, target = load_diabetes(return_X_y=True)
    values = (target > 140) if objective == "binary:logistic" else target
    model = xgboost.train({"objective": objective}, xgboost.DMatrix(matrix, values), 8)
    content = bytes(model.save_raw("ubj"))
    session = converted(tmp_path, "m.ubj", content, form="native", flavor="xgboost")[1]
    answers = numbers(session, matrix)
    given = answers.get("prediction", answers.get("probabilities", np.zeros((1, 2))).T[-1])
    np.testing.assert_allclose(given, model.predict(xgboost.DMatrix(matrix)), rtol=1e-4)


@pytest.mark.parametrize(
    ("booster", "objective"),
    [("dart", "reg:squarederror"), ("dart", "count:poisson"), ("dart", "binary:logistic"),
     ("dart", "multi:softprob"), ("gblinear", "reg:squarederror"),
     ("gblinear", "binary:logistic"), ("gblinear", "multi:softprob")],
)  # fmt: skip
def test_xgboost_without_plain_trees_answers_alike(booster: str, objective: str, tmp_path: Path) -> None:
    matrix, target = load_diabetes(return_X_y=True)
    values = {"binary:logistic": target > 140, "multi:softprob": target // 120}.get(objective, target / 100)
    settings: dict[str, Any] = {"objective": objective, "booster": booster, "seed": 3}
    if booster == "dart":
        settings |= {"rate_drop": 0.5, "skip_drop": 0.1}
    if objective == "multi:softprob":
        settings |= {"num_class": 3}
    matrix[::7, 2] = np.nan
    data = xgboost.DMatrix(matrix, values)
    model = xgboost.train(settings, data, 8)
    content = bytes(model.save_raw("ubj"))
    session = converted(tmp_path, "m.ubj", content, form="native", flavor="xgboost")[1]
    answers = numbers(session, matrix)
    given = answers.get("prediction", answers.get("probabilities", np.zeros((1, 2))))
    expected = model.predict(data)
    np.testing.assert_allclose(given if expected.ndim == given.ndim else given[:, -1], expected, rtol=1e-4)


def test_a_row_is_of_the_cluster_whose_center_is_nearest(tmp_path: Path) -> None:
    matrix, _ = load_iris(return_X_y=True)
    model = make_pipeline(StandardScaler(), KMeans(4, n_init=2, random_state=1)).fit(matrix)
    facts = {"form": "skops", "flavor": "sklearn"}
    description, session = converted(tmp_path, "m", skops.io.dumps(model), **facts)
    assert description["signature"]["classes"] == [0, 1, 2, 3]
    assert (numbers(session, matrix)["label"] == model.predict(matrix)).all()


@pytest.mark.parametrize("form", ["native", "skops", "pickle"])
def test_lightgbm_answers_alike_as_onnx(form: str, tmp_path: Path) -> None:
    matrix, target = load_iris(return_X_y=True)
    model = lightgbm.LGBMClassifier(n_estimators=8, verbose=-1).fit(matrix, SPECIES[target])
    content = {
        "native": lambda: model.booster_.model_to_string().encode(),
        "skops": lambda: skops.io.dumps(model),
        "pickle": lambda: pickle.dumps(model),
    }[form]()
    description, session = converted(tmp_path, "m", content, form=form, flavor="lightgbm")
    np.testing.assert_allclose(
        numbers(session, matrix)["probabilities"], model.predict_proba(matrix), atol=1e-5
    )
    assert description["signature"]["classes"] == ([0, 1, 2] if form == "native" else SPECIES.tolist())


def test_a_skops_file_with_types_nobody_trusts_is_refused(tmp_path: Path) -> None:
    content = skops.io.dumps(LogisticRegression().set_params(class_weight=Path))
    with pytest.raises(BadInput, match=r"not trusted: pathlib"):
        converted(tmp_path, "m", content, form="skops", flavor="sklearn")


class Hostile:
    """Runs a text of Python when it is unpickled."""

    def __init__(self, code: str) -> None:
        self.code = code

    def __reduce__(self) -> Any:
        return exec, (self.code, {})


ATTEMPTS = {
    "read a file": "print(open({canary!r}).read())",
    "write a file": "open({canary!r}, 'w').write('gone')",
    "write beside its input": "open('more', 'w').write('more')",
    "remove a file": "os.unlink({canary!r})",
    "change a file's mode": "os.chmod({canary!r}, 0o777)",
    "change a file's flags": "fcntl.ioctl(os.open('input/model.pkl', 0), 0x40086602, bytes(8))",
    "change a file's time": "os.utime({canary!r})",
    "open a socket": "socket.create_connection(('127.0.0.1', {port}), 2)",
    "start a program": "subprocess.run(['id'])",
    "fork": "os.fork()",
    "put a link in place of the output": "os.symlink({canary!r}, 'link')",
    "take the output away": "os.unlink('model.onnx')",
    "read its parent's environment": "open('/proc/%d/environ' % os.getppid()).read()",
    "end its parent": "os.kill(os.getppid(), 9)",
    "keep memory beyond its limit": "os.memfd_create('x')",
    "eat memory": "bytearray(64 << 30)",
}
CODE = """
import fcntl, os, socket, subprocess, sys
for name, attempt in {attempts!r}.items():
    try:
        exec(attempt)
        print('DID', name)
    except BaseException as error:
        print('REFUSED', name, type(error).__name__)
sys.stdout.flush()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the walls are Linux's")
def test_a_hostile_pickle_reaches_nothing(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    canary.write_text("a secret of the house")
    mode = canary.stat().st_mode
    work = tmp_path / "work"
    work.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        port = server.getsockname()[1]
        attempts = {n: a.format(canary=str(canary), port=port) for n, a in ATTEMPTS.items()}
        content = pickle.dumps(Hostile(CODE.format(attempts=attempts)))
        done = run(work, "model.pkl", content, form="pickle", flavor="sklearn")
        with pytest.raises(BlockingIOError):
            server.accept()
    assert done.returncode == 64, done.stdout + done.stderr
    assert [line for line in done.stdout.splitlines() if line.startswith("DID")] == []
    assert done.stdout.count("REFUSED") == len(ATTEMPTS), done.stdout
    assert "secret" not in done.stdout + done.stderr
    assert canary.read_text() == "a secret of the house"
    assert canary.stat().st_mode == mode
    walls = json.loads((work / "walls.json").read_text())
    assert walls["files"] >= 1 and walls["calls"] is True and walls["limits"] is True
