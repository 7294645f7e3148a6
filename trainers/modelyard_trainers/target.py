"""Reads the target column: decides the task, the classes, and which rows can be learned from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .columns import number_values, text_values, type_name
from .errors import BadInput
from .hyperparameters import algorithm_entry, limits
from .spec import Spec

INTEGER_CLASSES_MAX = 20
ROWS_PER_INTEGER_CLASS = 5


@dataclass(frozen=True)
class Target:
    """y is int64 class indices (classification) or float64 values (regression), one per kept row.

    classes holds JSON-typed values in the order of the indices; null for regression.
    """

    name: str
    type: str
    task: str
    classes: list[Any] | None
    y: np.ndarray
    rows: np.ndarray
    notes: tuple[str, ...]


def read_target(table: pa.Table, spec: Spec) -> Target:
    """Raises BadInput when the target is unknown, empty, of one class or unfit for the algorithm."""
    if spec.target not in table.column_names:
        names = ", ".join(table.column_names[:20])
        raise BadInput(f"the dataset has no column {spec.target!r} for the target; it has {names}")
    data = table.column(spec.target)
    if data.null_count == len(data):
        raise BadInput(f"the target {spec.target!r} has no values")
    if pa.types.is_dictionary(data.type):
        data = pc.cast(data, data.type.value_type)
    kind = type_name(data.type)
    values = text_values(data) if kind == "category" else number_values(data)
    if values is None:
        raise BadInput(f"the target {spec.target!r} is of type {data.type}; use text or numbers")
    known = values != "" if kind == "category" else np.isfinite(values)
    rows = np.flatnonzero(known)
    if rows.size == 0:
        raise BadInput(f"the target {spec.target!r} has no values")
    notes = []
    if rows.size < len(values):
        notes.append(f"{len(values) - rows.size} rows without a target value dropped")
    if rows.size < limits()["rowsMin"]:
        raise BadInput(
            f"{rows.size} rows with a target are too few; at least {limits()['rowsMin']}"
        )
    values = values[rows]
    task = _task(spec, kind, values)
    if task == "regression":
        return _regression(spec.target, kind, values, rows, tuple(notes))
    classes, y = _classes(spec.target, kind, values)
    return Target(spec.target, kind, task, classes, y, rows, tuple(notes))


def _task(spec: Spec, kind: str, values: np.ndarray) -> str:
    supported = algorithm_entry(spec.algorithm)["tasks"]
    natural = _natural_task(kind, values)
    task = spec.task
    if task is None:
        whole_numbers = kind != "category" and bool(np.all(values == np.round(values)))
        bends = kind in ("integer", "number") and whole_numbers
        task = natural if natural in supported or not bends else supported[0]
    if task not in supported:
        other = "linear_regression" if task == "regression" else "logistic_regression"
        what = "text" if kind == "category" else f"{kind}s"
        raise BadInput(
            f"{spec.algorithm} does {' and '.join(supported)}, but the target {spec.target!r} "
            f"({what}) asks for {task}; choose another algorithm (for example {other}) or target"
        )
    if task == "regression" and kind in ("category", "boolean"):
        raise BadInput(f"regression needs a numeric target; {spec.target!r} is {kind}")
    return task


def _natural_task(kind: str, values: np.ndarray) -> str:
    if kind in ("category", "boolean"):
        return "classification"
    if kind == "number":
        return "regression"
    distinct = np.unique(values).size
    few = distinct <= INTEGER_CLASSES_MAX and distinct * ROWS_PER_INTEGER_CLASS <= values.size
    return "classification" if few else "regression"


def _regression(
    name: str, kind: str, values: np.ndarray, rows: np.ndarray, notes: tuple[str, ...]
) -> Target:
    if np.unique(values).size < 2:
        raise BadInput(f"the target {name!r} is constant; there is nothing to learn")
    if np.abs(values).max() > 1e30:
        raise BadInput(f"the target {name!r} has values beyond 1e30; rescale it")
    return Target(name, kind, "regression", None, values.astype(np.float64), rows, notes)


def _classes(name: str, kind: str, values: np.ndarray) -> tuple[list[Any], np.ndarray]:
    plain = sorted(set(values.tolist()))
    index = {value: i for i, value in enumerate(plain)}
    y = np.array([index[value] for value in values.tolist()], dtype=np.int64)
    bounds = limits()
    if len(plain) < 2:
        raise BadInput(f"the target {name!r} has one class only ({plain[0]!r}); two are needed")
    if len(plain) > bounds["classesMax"]:
        raise BadInput(
            f"the target {name!r} has {len(plain)} different values, more than the "
            f"{bounds['classesMax']} classes allowed; use regression or another target"
        )
    counts = np.bincount(y)
    rare = int(counts.argmin())
    if counts[rare] < bounds["rowsPerClassMin"]:
        raise BadInput(
            f"class {_typed(kind, plain[rare])!r} of {name!r} has {counts[rare]} row(s); each class "
            f"needs {bounds['rowsPerClassMin']} (train, validation, test): add rows, merge or remove it"
        )
    return [_typed(kind, value) for value in plain], y


def _typed(kind: str, value: Any) -> Any:
    if kind == "boolean":
        return bool(value)
    return int(value) if kind == "integer" else value
