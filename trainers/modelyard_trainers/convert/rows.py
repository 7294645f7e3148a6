"""Rows on which ONNX and the framework must agree: the example's, random ones, and the edges of trees."""

from __future__ import annotations

from typing import Any

import numpy as np

from .columns import Column, Rows

_RANDOM_ROWS = 400
_EDGES_MAX = 300
_UNKNOWN = "\u2063never seen in training"


def plain_rows(
    columns: list[Column],
    example: list[dict[str, Any]],
    known: dict[str, list[str]],
    thresholds: dict[int, np.ndarray],
    seed: int,
) -> Rows:
    """Rows without gaps and with known categories only."""
    random = np.random.Generator(np.random.PCG64(seed))
    base = _example_rows(columns, example)
    numeric = _random_numbers(columns, base.numeric, thresholds, random)
    texts = [c for c in columns if c.is_category]
    categorical = np.full((len(numeric), len(texts)), "", dtype=object)
    for at, column in enumerate(texts):
        pool = [*known.get(column.name, []), *base.categorical[:, at].tolist()] or ["a", "b"]
        categorical[:, at] = random.choice(np.array(pool, dtype=object), len(numeric))
    return base.joined(Rows(numeric, categorical))


def gap_rows(rows: Rows, seed: int) -> Rows:
    """Rows with numbers missing; empty where there are no numbers."""
    random = np.random.Generator(np.random.PCG64(seed))
    count = min(len(rows), 50) if rows.numeric.shape[1] else 0
    numeric = rows.numeric[:count].copy()
    numeric[random.random(numeric.shape) < 0.3] = np.nan
    return Rows(numeric, rows.categorical[:count])


def unknown_rows(rows: Rows) -> Rows:
    """Rows with categories nobody has seen, and missing ones."""
    width = rows.categorical.shape[1]
    count = min(len(rows), 2 * width)
    categorical = rows.categorical[:count].copy()
    for at in range(count):
        categorical[at, at // 2] = _UNKNOWN if at % 2 else ""
    return Rows(rows.numeric[:count], categorical)


def known_categories(estimator: Any, columns: list[Column]) -> dict[str, list[str]]:
    """Texts that encoders of a column transformer were fitted on, by column."""
    known: dict[str, list[str]] = {}
    steps = [step for _, step in getattr(estimator, "steps", [])] or [estimator]
    for step in steps:
        for _, part, names in getattr(step, "transformers_", []):
            last = part.steps[-1][1] if hasattr(part, "steps") else part
            listed = getattr(last, "categories_", None)
            if listed is None or isinstance(names, str) or len(listed) != len(list(names)):
                continue
            for name, values in zip(names, listed):
                key = name if isinstance(name, str) else columns[int(name)].name
                known[key] = [value for value in values.tolist() if isinstance(value, str)]
    return known


def known_texts(estimator: Any, columns: list[Column], seed: int) -> dict[str, list[str]]:
    """Texts of the words that vectorizers of a column transformer know, by column."""
    random = np.random.Generator(np.random.PCG64(seed))
    found: dict[str, list[str]] = {}
    steps = [step for _, step in getattr(estimator, "steps", [])] or [estimator]
    for step in steps:
        for _, part, names in getattr(step, "transformers_", []):
            last = part.steps[-1][1] if hasattr(part, "steps") else part
            words = sorted(getattr(last, "vocabulary_", None) or {})[:_WORDS_MAX]
            if not words:
                continue
            name = names if isinstance(names, str) else next(iter(names), None)
            key = name if isinstance(name, str) else columns[int(name or 0)].name
            found[key] = [_text_of(words, random) for _ in range(_TEXTS)]
    return found


_WORDS_MAX, _TEXTS = 5_000, 120


_CHANGES = (str, str, str, str.upper, str.title, lambda word: f"ä{word}", lambda word: f"{word}Ö")


def _text_of(words: list[str], random: np.random.Generator) -> str:
    """Some of the words and some that nobody knows, in any case, with marks and blanks between."""
    picked = random.choice(np.array([*words, "unknownword", "x"], dtype=object), random.integers(1, 12))
    cased = [_CHANGES[random.integers(len(_CHANGES))](str(word)) for word in picked]
    between = random.choice(np.array([" ", "  ", ", ", "! ", "-", "\n", "'", "é", "_", "7"], dtype=object), len(cased))
    return "".join(word + mark for word, mark in zip(cased, between))


def _example_rows(columns: list[Column], example: list[dict[str, Any]]) -> Rows:
    numbers, texts = [], []
    for row in example:
        if all(_fits(column, row.get(column.name)) for column in columns):
            numbers.append([float(row[c.name]) for c in columns if not c.is_category])
            texts.append([row[c.name] for c in columns if c.is_category])
    counts = [sum(not c.is_category for c in columns), sum(c.is_category for c in columns)]
    return Rows(
        np.array(numbers, dtype=np.float64).reshape(len(numbers), counts[0]),
        np.array(texts, dtype=object).reshape(len(texts), counts[1]),
    )


def _fits(column: Column, value: Any) -> bool:
    return isinstance(value, str) if column.is_category else isinstance(value, (int, float))


def _random_numbers(
    columns: list[Column],
    base: np.ndarray,
    thresholds: dict[int, np.ndarray],
    random: np.random.Generator,
) -> np.ndarray:
    numeric = [column for column in columns if not column.is_category]
    rows = random.standard_normal((_RANDOM_ROWS, len(numeric)))
    if len(base):
        # About the example's rows, for a scale of one's own would be far from what it was fitted on.
        picked = base[random.integers(len(base), size=_RANDOM_ROWS)]
        rows = picked + rows * (0.5 * np.abs(picked) + 0.1)
    else:
        rows *= 10.0 ** random.integers(0, 3, size=(_RANDOM_ROWS, 1))
    edges = [(c, t) for c, values in thresholds.items() for t in values if c < len(numeric)]
    picked_edges = random.permutation(len(edges))[:_EDGES_MAX]
    extra = rows[random.integers(_RANDOM_ROWS, size=len(picked_edges))].copy()
    for row, at in enumerate(picked_edges):
        column, threshold = edges[at]
        beside = (threshold, np.nextafter(threshold, -np.inf), np.nextafter(threshold, np.inf))
        extra[row, column] = beside[row % 3]
    rows = np.concatenate([rows, extra])
    for at, column in enumerate(numeric):
        if column.type == "integer":
            rows[:, at] = np.round(rows[:, at])
        if column.type == "boolean":
            rows[:, at] = rows[:, at] > 0
    return rows
