"""Categorical columns of boosters: codes as the frameworks read them."""

from __future__ import annotations

import numpy as np

from .graph import Graph


def whole_codes(
    graph: Graph, values: str, columns: list[int], width: int, dtype: type, toward_zero: bool
) -> str:
    """values with the categorical columns cut to whole codes; negative ones are no category.

    toward_zero: -0.5 is code 0, as LightGBM has it; else it is no category, as XGBoost has it.
    """
    if not columns:
        return values
    chosen = np.zeros((1, width), dtype=bool)
    chosen[0, columns] = True
    zero = graph.constant(np.array(0, dtype=dtype))
    none = graph.constant(np.array(-1, dtype=dtype))
    below = graph.add("Ceil", values) if toward_zero else none
    codes = graph.add("Where", graph.add("Less", values, zero), below, graph.add("Floor", values))
    return graph.add("Where", graph.constant(chosen), codes, values)
