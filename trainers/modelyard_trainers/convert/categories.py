"""What the codes of a booster's categorical columns stand for, and columns of texts as codes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import BadInput
from ..onnx_export.graph import DOUBLE, ML, Graph, ints, strings
from .columns import Column, Rows


def xgboost_categories(learner: dict[str, Any]) -> dict[int, list[Any]]:
    """Categories that XGBoost keeps of a data frame; empty where it was trained on codes."""
    model = learner["gradient_booster"].get("model") or {}
    found: dict[int, list[Any]] = {}
    for column, entry in enumerate((model.get("cats") or {}).get("enc", [])):
        values = entry["values"]
        if "offsets" not in entry:
            found[column] = list(values)
        elif entry["offsets"] and min(values) < 0:
            # XGBoost counts characters where it cuts bytes: names outside ASCII are lost.
            found[column] = []
        elif entry["offsets"]:
            text, bounds = bytes(values).decode(), entry["offsets"]
            found[column] = [text[a:b] for a, b in zip(bounds, bounds[1:])]
    return found


def lightgbm_categories(header: dict[str, str], listed: Any) -> dict[int, list[Any]]:
    """Categories that LightGBM keeps of a data frame; empty where it was trained on codes."""
    infos = header.get("feature_infos", "").split()
    columns = [at for at, info in enumerate(infos) if info != "none" and not info.startswith("[")]
    if not listed or len(columns) != len(listed):
        return {}
    return {column: list(values) for column, values in zip(columns, listed)}


def require_codes(columns: list[Column], categories: dict[int, list[Any]]) -> None:
    """Raises BadInput for columns whose values no code is known for."""
    for at, column in enumerate(columns):
        known = categories.get(at)
        if column.is_category and not (known and all(isinstance(v, str) for v in known)):
            raise BadInput(
                f"the booster does not say which categories the texts of {column.name} are: train "
                "it on a data frame whose column has the type category, and log that model; "
                "XGBoost loses names that are not ASCII"
            )
        if not column.is_category and known and list(known) != list(range(len(known))):
            raise BadInput(
                f"the categories of {column.name} are not the numbers 0, 1, 2 …: make them texts "
                "before the column becomes a category"
            )


def coded(rows: Rows, columns: list[Column], categories: dict[int, list[Any]]) -> np.ndarray:
    """The matrix a booster takes: texts as codes, unknown and missing ones as gaps."""
    numeric, texts = iter(rows.numeric.T), iter(rows.categorical.T)
    parts = []
    for at, column in enumerate(columns):
        if not column.is_category:
            parts.append(next(numeric))
            continue
        codes = {value: float(code) for code, value in enumerate(categories[at])}
        parts.append(np.array([codes.get(value, np.nan) for value in next(texts)], dtype=np.float64))
    return np.column_stack(parts)


def coded_matrix(graph: Graph, columns: list[Column], categories: dict[int, list[Any]]) -> str:
    """The same in the graph, double [rows, columns]."""
    if not any(column.is_category for column in columns):
        return "numeric"
    places = {True: 0, False: 0}
    parts = []
    for at, column in enumerate(columns):
        place = graph.constant(np.array([places[column.is_category]], dtype=np.int64))
        places[column.is_category] += 1
        if not column.is_category:
            parts.append(graph.add("Gather", "numeric", place, axis=1))
            continue
        values = [str(value) for value in categories[at]]
        lists = [strings("keys_strings", values), ints("values_int64s", np.arange(len(values)))]
        text = graph.add("Gather", "categorical", place, axis=1)
        code = graph.cast(
            graph.add("LabelEncoder", text, domain=ML, lists=lists, default_int64=-1), DOUBLE
        )
        gap, zero = graph.constant(np.array(np.nan)), graph.constant(np.array(0.0))
        parts.append(graph.add("Where", graph.add("Less", code, zero), gap, code))
    return graph.add("Concat", *parts, axis=1)


def numeric_places(
    thresholds: dict[int, np.ndarray], columns: list[Column]
) -> dict[int, np.ndarray]:
    """Thresholds by place among the numeric columns instead of all."""
    places = [at for at, column in enumerate(columns) if not column.is_category]
    return {place: thresholds[at] for place, at in enumerate(places) if at in thresholds}
