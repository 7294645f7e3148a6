"""The one preprocessing of all algorithms, small enough to be repeated node by node in ONNX.

Matrix columns, in order: numeric features (imputed and standardized for linear models, as they are
for trees), a missing indicator for each numeric feature that had gaps (linear models), then one-hot
columns of each category. An unknown category is all zeros, or the "other" column where the
rare categories were put together.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from .columns import Frame

CATEGORIES_MAX = 50


@dataclass(frozen=True)
class Scaling:
    """Per numeric feature: what replaces a missing value, what is subtracted, what divides."""

    fill: np.ndarray
    center: np.ndarray
    scale: np.ndarray
    indicators: tuple[int, ...]


@dataclass(frozen=True)
class CategoryColumn:
    """The kept categories of one feature, and whether the rest share an "other" column."""

    name: str
    kept: tuple[str, ...]
    other: bool

    @property
    def width(self) -> int:
        return len(self.kept) + int(self.other)


@dataclass(frozen=True)
class Preprocess:
    """A fitted preprocessing; scaling is None when numbers pass through with their gaps."""

    numeric_names: tuple[str, ...]
    scaling: Scaling | None
    categories: tuple[CategoryColumn, ...]

    def transform(self, numeric: np.ndarray, categorical: np.ndarray) -> np.ndarray:
        """Float64 matrix, rows x width, row-major."""
        blocks = [numeric]
        if self.scaling is not None:
            gaps = np.isnan(numeric)
            filled = np.where(gaps, self.scaling.fill, numeric)
            blocks = [(filled - self.scaling.center) / self.scaling.scale]
            blocks.append(gaps[:, list(self.scaling.indicators)].astype(np.float64))
        for position, column in enumerate(self.categories):
            blocks.append(_one_hot(column, categorical[:, position]))
        return np.ascontiguousarray(np.hstack(blocks), dtype=np.float64)

    def column_names(self) -> list[str]:
        """A readable name for each matrix column."""
        names = list(self.numeric_names)
        if self.scaling is not None:
            names += [f"{self.numeric_names[i]} is missing" for i in self.scaling.indicators]
        for column in self.categories:
            names += [f"{column.name}={value}" for value in column.kept]
            names += [f"{column.name}=<other>"] * int(column.other)
        return names

    def to_json(self) -> dict[str, Any]:
        """The preprocessing as plain data, stored beside the native model."""
        scaling = self.scaling and {
            "fill": self.scaling.fill.tolist(),
            "center": self.scaling.center.tolist(),
            "scale": self.scaling.scale.tolist(),
            "missingIndicators": [self.numeric_names[i] for i in self.scaling.indicators],
        }
        return {
            "version": 1,
            "numeric": list(self.numeric_names),
            "scaling": scaling,
            "categorical": [
                {"name": c.name, "categories": list(c.kept), "other": c.other}
                for c in self.categories
            ],
            "columns": self.column_names(),
        }


def fit_preprocess(frame: Frame, train: np.ndarray, scale: bool) -> Preprocess:
    """Learns medians, spreads and categories from the training rows alone."""
    numeric = frame.numeric[train]
    return Preprocess(
        numeric_names=tuple(c.name for c in frame.numeric_columns),
        scaling=_fit_scaling(numeric) if scale else None,
        categories=tuple(
            _fit_category(c.name, frame.categorical[train, i])
            for i, c in enumerate(frame.categorical_columns)
        ),
    )


def _fit_scaling(numeric: np.ndarray) -> Scaling:
    fill = np.zeros(numeric.shape[1])
    indicators = []
    for i in range(numeric.shape[1]):
        known = numeric[~np.isnan(numeric[:, i]), i]
        fill[i] = np.median(known) if known.size else 0.0
        if 0 < known.size < numeric.shape[0]:
            indicators.append(i)
    filled = np.where(np.isnan(numeric), fill, numeric)
    scale = filled.std(axis=0)
    # A spread that is rounding noise would blow the noise up to a feature.
    scale[~(scale > 1e-12 * np.maximum(1.0, np.abs(filled).max(axis=0, initial=0.0)))] = 1.0
    return Scaling(fill, filled.mean(axis=0), scale, tuple(indicators))


def _fit_category(name: str, values: np.ndarray) -> CategoryColumn:
    counts = Counter(values.tolist())
    ranked = sorted(counts, key=lambda value: (-counts[value], value))
    return CategoryColumn(name, tuple(ranked[:CATEGORIES_MAX]), len(ranked) > CATEGORIES_MAX)


def _one_hot(column: CategoryColumn, values: np.ndarray) -> np.ndarray:
    index = {value: i for i, value in enumerate(column.kept)}
    fallback = len(column.kept) if column.other else -1
    codes = np.array([index.get(value, fallback) for value in values.tolist()], dtype=np.int64)
    return (codes[:, None] == np.arange(column.width)).astype(np.float64)
