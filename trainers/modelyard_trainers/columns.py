"""Turns Arrow columns into the two matrices a model takes, noting what is left out and why."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .errors import BadInput
from .hyperparameters import limits

# Beyond float32, which two of the frameworks compute in.
MAGNITUDE_MAX = 1e30
ID_DISTINCT_MIN = 50
ID_SHARE = 0.9
ID_NAME = re.compile(
    r"^(|id|index|row|rowid|row_?(id|number|nr)|uuid|guid|unnamed: ?0|.*_id)$", re.IGNORECASE
)
UNSUPPORTED_DROPPED = "dates, times and nested values are not used; derive numbers or text from it"


@dataclass(frozen=True)
class Column:
    """One feature: float64 with NaN for missing, or (category) objects of str with "" for missing."""

    name: str
    type: str
    values: np.ndarray

    @property
    def is_category(self) -> bool:
        return self.type == "category"


@dataclass(frozen=True)
class Frame:
    """The usable features of a dataset, numeric ones apart from categorical ones."""

    columns: tuple[Column, ...]
    dropped: tuple[dict[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    numeric: np.ndarray = field(init=False)
    categorical: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        rows = len(self.columns[0].values)
        numbers = [c.values for c in self.columns if not c.is_category]
        texts = [c.values for c in self.columns if c.is_category]
        numeric = np.column_stack(numbers) if numbers else np.empty((rows, 0))
        categorical = np.column_stack(texts) if texts else np.empty((rows, 0), dtype=object)
        object.__setattr__(self, "numeric", np.ascontiguousarray(numeric, dtype=np.float64))
        object.__setattr__(self, "categorical", categorical.astype(object))

    @property
    def numeric_columns(self) -> list[Column]:
        return [c for c in self.columns if not c.is_category]

    @property
    def categorical_columns(self) -> list[Column]:
        return [c for c in self.columns if c.is_category]


def build_frame(table: pa.Table, target: str, wanted: tuple[str, ...] | None) -> Frame:
    """Selects and converts the feature columns; raises BadInput when none is usable."""
    missing = [name for name in wanted or () if name not in table.column_names]
    if missing:
        raise BadInput(f"the dataset has no column {missing[0]!r}")
    names = wanted or [name for name in table.column_names if name != target]
    if len(names) > limits()["featuresMax"]:
        raise BadInput(f"{len(names)} features are more than the {limits()['featuresMax']} allowed")
    kept: list[Column] = []
    dropped: list[dict[str, str]] = []
    notes: list[str] = []
    for name in names:
        column = _column(name, table.column(name), explicit=wanted is not None, notes=notes)
        if isinstance(column, Column):
            kept.append(column)
        else:
            dropped.append({"name": name, "reason": column})
            notes.append(f"column {name!r} dropped: {column}")
    if not kept:
        raise BadInput("no usable feature column is left; " + "; ".join(notes)[:500])
    return Frame(tuple(kept), tuple(dropped), tuple(notes))


def _column(name: str, data: pa.ChunkedArray, explicit: bool, notes: list[str]) -> Column | str:
    kind = data.type
    if pa.types.is_null(kind) or data.null_count == len(data):
        return "all values are missing"
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        raise BadInput(f"column {name!r} is not UTF-8 text; save the file as UTF-8")
    if pa.types.is_dictionary(kind):
        data = pc.cast(data, kind.value_type)
        kind = data.type
    if _is_text(kind):
        return _category(name, data, explicit, notes)
    numeric = number_values(data)
    if numeric is None:
        if explicit:
            raise BadInput(f"feature {name!r} is of type {kind}: {UNSUPPORTED_DROPPED}")
        return f"type {kind}: {UNSUPPORTED_DROPPED}"
    return _number(name, type_name(kind), numeric, explicit, notes)


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def type_name(kind: pa.DataType) -> str:
    """The signature's word for an Arrow type that number_values or texts accept."""
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "integer"
    return "category" if _is_text(kind) else "number"


def number_values(data: pa.ChunkedArray) -> np.ndarray | None:
    """Float64 values with NaN for missing, or None when the type is not numeric or boolean."""
    kind = data.type
    if pa.types.is_boolean(kind):
        data = pc.cast(data, pa.int8())
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        return None
    values = pc.cast(data, pa.float64(), safe=False).to_numpy()
    return np.array(values, dtype=np.float64)


def text_values(data: pa.ChunkedArray) -> np.ndarray:
    """Objects of str; missing is the empty text."""
    filled = pc.fill_null(pc.cast(data, pa.large_string()), "")
    return np.array(filled.to_pylist(), dtype=object)


def _number(
    name: str, kind: str, values: np.ndarray, explicit: bool, notes: list[str]
) -> Column | str:
    wild = ~np.isnan(values) & ~(np.abs(values) <= MAGNITUDE_MAX)
    if wild.any():
        values[wild] = np.nan
        notes.append(f"column {name!r}: {int(wild.sum())} infinite or huge values count as missing")
    known = values[~np.isnan(values)]
    if known.size == 0:
        return "all values are missing"
    distinct = np.unique(known).size
    if distinct == 1:
        notes.append(f"column {name!r} is constant and cannot help the model")
    unique = distinct == known.size == len(values) and distinct > ID_DISTINCT_MIN
    if kind == "integer" and unique and ID_NAME.match(name) and not explicit:
        return "it is a row identifier: every value is different"
    return Column(name, kind, values)


def _category(name: str, data: pa.ChunkedArray, explicit: bool, notes: list[str]) -> Column | str:
    values = text_values(data)
    known = values[values != ""]
    if known.size == 0:
        return "all values are missing"
    distinct = len(set(known.tolist()))
    if distinct == 1 and known.size == values.size:
        notes.append(f"column {name!r} is constant and cannot help the model")
    if distinct > ID_DISTINCT_MIN and distinct > ID_SHARE * known.size and not explicit:
        return f"it is free text or an identifier: {distinct} different values in {known.size} rows"
    return Column(name, "category", values)


def json_value(column: Column, row: int) -> Any:
    """One raw value as JSON types it; null when missing."""
    value = column.values[row]
    if column.is_category:
        return value or None
    if np.isnan(value):
        return None
    if column.type == "boolean":
        return bool(value)
    return int(value) if column.type == "integer" else float(value)
