"""Repeats a fitted Preprocess inside the graph, in double precision, operation by operation."""

from __future__ import annotations

import numpy as np

from ..preprocess import CategoryColumn, Preprocess, Scaling
from .graph import DOUBLE, ML, Graph, ints, strings


def add_preprocessing(graph: Graph, preprocess: Preprocess) -> str:
    """The name of the double matrix [rows, width] made from inputs "numeric" and "categorical"."""
    blocks = []
    if preprocess.numeric_names:
        blocks += _numeric(graph, preprocess.scaling)
    for position, column in enumerate(preprocess.categories):
        blocks.append(_one_hot(graph, column, position))
    return blocks[0] if len(blocks) == 1 else graph.add("Concat", *blocks, axis=1)


def _numeric(graph: Graph, scaling: Scaling | None) -> list[str]:
    if scaling is None:
        return [graph.add("Identity", "numeric")]
    gaps = graph.add("IsNaN", "numeric")
    filled = graph.add("Where", gaps, graph.constant(scaling.fill), "numeric")
    centered = graph.add("Sub", filled, graph.constant(scaling.center))
    blocks = [graph.add("Div", centered, graph.constant(scaling.scale))]
    if scaling.indicators:
        positions = graph.constant(np.array(scaling.indicators, dtype=np.int64))
        blocks.append(graph.cast(graph.add("Gather", gaps, positions, axis=1), DOUBLE))
    return blocks


def _one_hot(graph: Graph, column: CategoryColumn, position: int) -> str:
    texts = graph.add(
        "Gather", "categorical", graph.constant(np.array([position], dtype=np.int64)), axis=1
    )
    codes = graph.add(
        "LabelEncoder",
        texts,
        domain=ML,
        lists=[
            strings("keys_strings", list(column.kept)),
            ints("values_int64s", np.arange(len(column.kept))),
        ],
        default_int64=len(column.kept) if column.other else -1,
    )
    hits = graph.add("Equal", codes, graph.constant(np.arange(column.width, dtype=np.int64)[None]))
    return graph.cast(hits, DOUBLE)
