"""The reference profile: how features, target and predictions were distributed, for drift later."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from .answers import Answer
from .columns import Frame
from .target import Target

HISTOGRAM_BINS = 20
CATEGORIES_MAX = 100
QUANTILES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)


def reference_profile(
    frame: Frame, train: np.ndarray, target: Target, target_train: np.ndarray, test: Answer
) -> dict[str, Any]:
    """Features and target over the training rows, predictions over the test rows."""
    features = []
    for column in frame.columns:
        values = column.values[train]
        summary = category_profile(values) if column.is_category else number_profile(values)
        features.append({"name": column.name, "type": column.type, **summary})
    return {
        "version": 1,
        "rows": int(train.size),
        "features": features,
        "target": {"name": target.name, "type": target.type, **_outcome(target, target_train)},
        "predictions": _predictions(target, test),
    }


def number_profile(values: np.ndarray) -> dict[str, Any]:
    """count (of known values), nulls, mean, std, min, max, quantiles, histogram edges and counts."""
    known = values[~np.isnan(values)]
    profile: dict[str, Any] = {"count": int(known.size), "nulls": int(values.size - known.size)}
    if known.size == 0:
        return profile
    edges = np.unique(np.quantile(known, np.linspace(0, 1, HISTOGRAM_BINS + 1)))
    if edges.size < 2:
        edges = np.array([edges[0], np.nextafter(edges[0], np.inf)])
    return {
        **profile,
        "mean": float(known.mean()),
        "std": float(known.std()),
        "min": float(known.min()),
        "max": float(known.max()),
        "quantiles": {str(q): float(v) for q, v in zip(QUANTILES, np.quantile(known, QUANTILES))},
        "histogram": {"edges": edges.tolist(), "counts": np.histogram(known, edges)[0].tolist()},
    }


def category_profile(values: np.ndarray) -> dict[str, Any]:
    """count (of known values), nulls, distinct, counts of the most frequent, and the rest's sum."""
    counts = Counter(values.tolist())
    nulls = counts.pop("", 0)
    top = sorted(counts, key=lambda value: (-counts[value], value))[:CATEGORIES_MAX]
    total = sum(counts.values())
    return {
        "count": total,
        "nulls": nulls,
        "distinct": len(counts),
        "categories": [{"value": value, "count": counts[value]} for value in top],
        "other": total - sum(counts[value] for value in top),
    }


def _outcome(target: Target, y: np.ndarray) -> dict[str, Any]:
    if target.classes is None:
        return number_profile(y)
    return {"count": int(y.size), "nulls": 0, "categories": _class_counts(target.classes, y)}


def _class_counts(classes: list[Any], y: np.ndarray) -> list[dict[str, Any]]:
    counts = np.bincount(y, minlength=len(classes)).tolist()
    return [{"value": value, "count": count} for value, count in zip(classes, counts)]


def _predictions(target: Target, answer: Answer) -> dict[str, Any]:
    if target.classes is None or answer.probabilities is None:
        return number_profile(
            (answer.prediction if answer.prediction is not None else np.empty(0)).astype(np.float64)
        )
    best = answer.probabilities.astype(np.float64).max(axis=1)
    return {
        "count": int(best.size),
        "nulls": 0,
        "categories": _class_counts(target.classes, answer.labels),
        "confidence": number_profile(best),
    }
