"""Bad specs and bad data are refused with a message that says what to change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from jobs import spec_for, write_csv

from modelyard_trainers.dataset import read_table
from modelyard_trainers.errors import BadInput
from modelyard_trainers.prepare import prepare
from modelyard_trainers.spec import read_spec

ROWS = 60
NUMBERS = [float(i % 17) for i in range(ROWS)]
LABELS = ["yes" if i % 3 else "no" for i in range(ROWS)]


def good() -> dict[str, list[Any]]:
    return {"x": NUMBERS, "z": NUMBERS[::-1], "target": LABELS}


def refuse(tmp_path: Path, columns: dict[str, Any], **fields: Any) -> str:
    """The message with which a dataset and spec are refused."""
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table(columns), path)
    return refuse_file(tmp_path, path, **fields)


def refuse_file(tmp_path: Path, path: Path, **fields: Any) -> str:
    spec_path = tmp_path / "spec.json"
    spec_path.write_text(json.dumps(spec_for(path, tmp_path / "work", **fields)))
    with pytest.raises(BadInput) as refused:
        spec = read_spec(str(spec_path))
        prepare(spec, read_table(path, spec.dataset.format))
    return str(refused.value)


SPEC_CASES: list[tuple[dict[str, Any], str]] = [
    ({"algorithm": "perceptron"}, "unknown algorithm 'perceptron'"),
    ({"algorithm": None}, "algorithm must be a non-empty text"),
    ({"task": "clustering"}, "task must be null, classification or regression"),
    ({"target": ""}, "target must be a non-empty text"),
    ({"target": "nope"}, "no column 'nope'"),
    ({"features": []}, "features must be null or a non-empty list"),
    ({"features": ["x", "x"]}, "names a column twice"),
    ({"features": ["x", "target"]}, "must not be one of the features"),
    ({"features": ["x", "gone"]}, "no column 'gone'"),
    ({"validationSplit": 0}, "validationSplit must be between"),
    ({"testSplit": "0.2"}, "testSplit must be a number"),
    ({"testSplit": True}, "testSplit must be a number"),
    ({"validationSplit": 0.5, "testSplit": 0.5}, "together must be at most 0.8"),
    ({"seed": -1}, "seed must be a whole number"),
    ({"seed": 1.5}, "seed must be a whole number"),
    ({"hyperparameters": [1]}, "hyperparameters must be an object"),
    ({"dataset": {"format": "csv"}}, "either path or url"),
    ({"dataset": {"path": "a", "format": "xls", "sha256": "0" * 64}}, "csv or parquet"),
    ({"dataset": {"path": "a", "format": "csv", "sha256": "0"}}, "64 hexadecimal digits"),
    ({"hyperparameters": {"c": 1}}, "unknown hyperparameter 'c'"),
    ({"hyperparameters": {"random_state": 1}}, "set the seed as 'seed'"),
    ({"hyperparameters": {"C": 0}}, "'C' must be between 1e-06"),
    ({"hyperparameters": {"C": "1"}}, "'C' must be a number"),
    ({"hyperparameters": {"C": None}}, "'C' must not be null"),
    ({"hyperparameters": {"max_iter": 1.5}}, "must be a whole number"),
    ({"hyperparameters": {"fit_intercept": 1}}, "must be true or false"),
    ({"hyperparameters": {"class_weight": "some"}}, "must be one of none, balanced"),
    (
        {"algorithm": "xgboost", "hyperparameters": {"eta": 0.1, "learning_rate": 0.2}},
        "given twice",
    ),
    (
        {"algorithm": "linear_regression"},
        "linear_regression does regression, but the target 'target' (text)",
    ),
    ({"task": "regression", "algorithm": "xgboost"}, "regression needs a numeric target"),
]


@pytest.mark.parametrize(("fields", "words"), SPEC_CASES)
def test_a_bad_spec_is_refused(tmp_path: Path, fields: dict[str, Any], words: str) -> None:
    assert words in refuse(tmp_path, good(), **fields)


def half(value: Any) -> list[Any]:
    return [value] * ROWS


DATA_CASES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"target": half("one")}, {}, "one class only ('one')"),
    ({"target": half(None)}, {}, "has no values"),
    ({"target": pa.nulls(ROWS)}, {}, "has no values"),
    ({"target": half([1])}, {}, "is of type list"),
    ({"target": ["rare"] + half("often")[1:]}, {}, "class 'rare' of 'target' has 1 row(s)"),
    ({"target": [f"u{i}" for i in range(ROWS)]}, {}, "has 1 row(s)"),
    ({"target": [None] * 50 + ["a", "b"] * 5}, {}, "10 rows with a target are too few"),
    ({"target": NUMBERS}, {"algorithm": "logistic_regression", "task": "regression"}, "regression"),
    (
        {"target": [i * 0.37 for i in range(ROWS)]},
        {},
        "logistic_regression does classification, but the target 'target' (numbers) asks for "
        "regression",
    ),
    ({"target": half(3.5)}, {"algorithm": "xgboost"}, "is constant"),
    ({"target": [1e300 * i for i in range(ROWS)]}, {"algorithm": "xgboost"}, "beyond 1e30"),
    ({"x": half(None), "z": half(None)}, {}, "no usable feature column is left"),
    ({"x": half([1])}, {"features": ["x"]}, "is of type list"),
    ({"x": half(b"\xff")}, {}, "not UTF-8"),
]


@pytest.mark.parametrize(("columns", "fields", "words"), DATA_CASES)
def test_bad_data_is_refused(
    tmp_path: Path, columns: dict[str, Any], fields: dict[str, Any], words: str
) -> None:
    assert words in refuse(tmp_path, good() | columns, **fields)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty file"),
        (b"x,target\n", "no rows"),
        (b"x,x,target\n1,2,3\n", "duplicate columns: x"),
        (b"x,target\n1,2,3\n1,2\n", "not a readable csv file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "the dataset"),
        (b"x,target\n" + b"\xff\xfe,a\n\xff\xfe,b\n" * 30, "not UTF-8"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    assert words in refuse_file(tmp_path, path)


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    path.write_text("a,b\n1,2\n")
    assert "not a readable parquet file" in refuse_file(tmp_path, path)


def test_too_many_features_are_refused(tmp_path: Path) -> None:
    columns = {f"f{i}": [0.0] * ROWS for i in range(5001)}
    assert "5001 features are more than" in refuse(tmp_path, columns | {"target": LABELS})


def test_text_in_a_numeric_column_late_in_the_file_makes_it_a_category(tmp_path: Path) -> None:
    rows = [f"{i},{i % 7},{'yes' if i % 2 else 'no'}" for i in range(200_000)]
    rows[-1] = "oops,3,yes"
    path = tmp_path / "data.csv"
    path.write_text("x,z,target\n" + "\n".join(rows) + "\n")
    table = read_table(path, "csv")
    assert pa.types.is_string(table.schema.field("x").type)
    assert pa.types.is_integer(table.schema.field("z").type)


def test_csv_types_gaps_and_quotes_are_read(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text('a,b,c,d\n1,true,"x, y",1.5\n,NA,,nan\n3,false,"two\nlines",-2\n')
    table = read_table(path, "csv")
    assert [str(field.type) for field in table.schema] == ["int64", "bool", "string", "double"]
    assert table.column("c").to_pylist() == ["x, y", None, "two\nlines"]
    assert write_csv(table, tmp_path, "again.csv").is_file()
