"""The model signature: what the model takes and gives, as the gateway, the node and the UI read it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from .columns import Column, Frame, json_value
from .onnx_export.export import ExportedModel
from .target import Target

CATEGORIES_MAX = 100
EXAMPLE_ROWS = 3


def model_signature(frame: Frame, target: Target, exported: ExportedModel) -> dict[str, Any]:
    """The signature document; ranges and categories are those of all rows that had a target."""
    return {
        "task": target.task,
        "features": [_feature(column) for column in frame.columns],
        "target": {"name": target.name, "type": target.type},
        "classes": target.classes,
        "inputs": exported.inputs,
        "outputs": exported.outputs,
    }


def input_example(frame: Frame, rows: np.ndarray) -> dict[str, Any]:
    """Up to three rows in the form a prediction request takes."""
    return {
        "inputs": [
            {column.name: json_value(column, int(row)) for column in frame.columns}
            for row in rows[:EXAMPLE_ROWS]
        ]
    }


def _feature(column: Column) -> dict[str, Any]:
    # A gap is always answered, whether or not training had one: every graph handles it.
    feature: dict[str, Any] = {"name": column.name, "type": column.type, "nullable": True}
    if column.is_category:
        counts = Counter(value for value in column.values.tolist() if value)
        ranked = sorted(counts, key=lambda value: (-counts[value], value))
        return {**feature, "categories": ranked[:CATEGORIES_MAX]}
    if column.type == "boolean":
        return feature
    known = column.values[~np.isnan(column.values)]
    low, high = float(known.min()), float(known.max())
    if column.type == "integer":
        low, high = int(low), int(high)
    return {**feature, "min": low, "max": high, "mean": float(known.mean())}
