"""What a native model takes: its columns in order, and rows of them as each framework wants them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import BadInput

# Types of MLflow's column specifications, and ours.
_TYPES = {
    "double": "number", "float": "number", "integer": "integer", "long": "integer",
    "boolean": "boolean", "string": "category",
}  # fmt: skip
COLUMNS_MAX = 10_000


@dataclass(frozen=True)
class Column:
    """type: number, integer, boolean or category."""

    name: str
    type: str

    @property
    def is_category(self) -> bool:
        return self.type == "category"


@dataclass(frozen=True)
class Rows:
    """numeric float64 [rows, numeric columns], categorical str [rows, categories]."""

    numeric: np.ndarray
    categorical: np.ndarray

    def __len__(self) -> int:
        return len(self.numeric)

    def joined(self, other: Rows) -> Rows:
        return Rows(
            np.concatenate([self.numeric, other.numeric]),
            np.concatenate([self.categorical, other.categorical]),
        )

    def frame(self, columns: list[Column]) -> Any:
        """A pandas DataFrame with the columns by name."""
        import pandas

        numeric, categorical = iter(self.numeric.T), iter(self.categorical.T)
        return pandas.DataFrame(
            {c.name: next(categorical if c.is_category else numeric) for c in columns}
        )


def read_columns(signature: Any, names: list[str] | None, width: int | None) -> list[Column]:
    """The columns: of the logged signature, in the model's own order, or what the model knows."""
    listed = _listed(signature)
    if not listed:
        if names is None and width is None:
            raise BadInput("the model says neither the names nor the number of its columns")
        names = names or [f"feature_{at}" for at in range(width or 0)]
        listed = [Column(str(name), "number") for name in names]
    elif names and {c.name for c in listed} == set(names):
        by_name = {c.name: c for c in listed}
        listed = [by_name[name] for name in names]
    if width is not None and len(listed) != width:
        raise BadInput(f"the signature has {len(listed)} columns, the model takes {width}")
    if not 1 <= len(listed) <= COLUMNS_MAX or len({c.name for c in listed}) != len(listed):
        raise BadInput("the columns of the model are too many, or have the same name")
    return listed


def _listed(signature: Any) -> list[Column]:
    entries = signature if isinstance(signature, list) else []
    if len(entries) == 1 and entries[0].get("type") == "tensor":
        return _of_tensor(entries[0].get("tensor-spec") or {})
    columns = []
    for at, entry in enumerate(entries):
        kind = _TYPES.get(str(entry.get("type")))
        if kind is None:
            raise BadInput(f"columns of the type {str(entry.get('type'))[:50]} cannot be served")
        columns.append(Column(str(entry.get("name") or f"feature_{at}"), kind))
    return columns


def _of_tensor(spec: dict[str, Any]) -> list[Column]:
    shape = spec.get("shape")
    if not isinstance(shape, list) or len(shape) != 2 or not isinstance(shape[1], int):
        raise BadInput("only models of rows and columns can be served")
    if shape[1] < 1:
        return []
    return [Column(f"feature_{at}", "number") for at in range(min(shape[1], COLUMNS_MAX + 1))]
