"""Seeded train, validation and test split; stratified, every class in every part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .spec import Spec
from .target import Target


@dataclass(frozen=True)
class Split:
    """Sorted row positions of each part, relative to the target's kept rows."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def split_rows(spec: Spec, target: Target) -> Split:
    """Splits by spec.seed; for classification each class gives at least one row to each part."""
    generator = np.random.Generator(np.random.PCG64(spec.seed))
    if target.task == "regression":
        groups = [np.arange(target.y.size)]
    else:
        groups = [np.flatnonzero(target.y == c) for c in range(len(target.classes or []))]
    parts: list[list[np.ndarray]] = [[], [], []]
    for group in groups:
        shuffled = generator.permutation(group)
        test = _share(group.size, spec.test_split)
        validation = _share(group.size, spec.validation_split)
        parts[2].append(shuffled[:test])
        parts[1].append(shuffled[test : test + validation])
        parts[0].append(shuffled[test + validation :])
    train, validation, test = (np.sort(np.concatenate(part)) for part in parts)
    return Split(train, validation, test)


def _share(rows: int, fraction: float) -> int:
    """At least one row, and never so many that fewer than one is left for each other part."""
    return max(1, min(round(rows * fraction), (rows - 1) // 2))
