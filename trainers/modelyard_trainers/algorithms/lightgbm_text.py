"""Reads trees from LightGBM's text format, which holds every double in full."""

from __future__ import annotations

import numpy as np

from ..onnx_export.trees import Tree, with_sets

# Bits of decision_type, as in LightGBM's tree.h.
CATEGORICAL, DEFAULT_LEFT = 1, 2
MISSING_SHIFT, MISSING_NONE, MISSING_NAN = 2, 0, 2


def read_trees(text: str, width: int) -> list[Tree]:
    """The trees in order; tree i feeds output i modulo width."""
    blocks = text.split("\nTree=")[1:]
    return [_tree(block.split("\n\n")[0], i % width) for i, block in enumerate(blocks)]


def _tree(block: str, target: int) -> Tree:
    fields = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
    leaves = np.array(fields["leaf_value"].split(), dtype=np.float64)
    inner = int(fields["num_leaves"]) - 1

    def split_field(name: str, dtype: type) -> np.ndarray:
        listed = np.array(fields.get(name, "").split(), dtype=dtype)[:inner]
        return np.concatenate([listed, np.zeros(leaves.size, dtype=dtype)])

    decisions = split_field("decision_type", np.int64)
    threshold = split_field("threshold", np.float64)
    plain = Tree(
        feature=split_field("split_feature", np.int64),
        threshold=threshold,
        left=_children(split_field("left_child", np.int64), inner),
        right=_children(split_field("right_child", np.int64), inner),
        missing_left=_missing_left(decisions, threshold),
        value=np.concatenate([np.zeros(inner), leaves]),
        target=target,
    )
    return with_sets(plain, _sets(fields, decisions, threshold))


def categorical_columns(text: str) -> list[int]:
    """Columns that trees split by category."""
    found: set[int] = set()
    for block in text.split("\nTree=")[1:]:
        lines = block.split("\n\n")[0].splitlines()
        fields = dict(line.split("=", 1) for line in lines if "=" in line)
        kinds = np.array(fields.get("decision_type", "").split(), dtype=np.int64)
        columns = np.array(fields.get("split_feature", "").split(), dtype=np.int64)
        found.update(columns[(kinds & CATEGORICAL) > 0].tolist())
    return sorted(found)


def _sets(
    fields: dict[str, str], decisions: np.ndarray, threshold: np.ndarray
) -> dict[int, tuple[np.ndarray, bool]]:
    """Categories that go left, by node: bits of the words between two boundaries."""
    nodes = np.flatnonzero(decisions & CATEGORICAL)
    if nodes.size == 0:
        return {}
    bounds = np.array(fields["cat_boundaries"].split(), dtype=np.int64)
    words = np.array(fields["cat_threshold"].split(), dtype=np.uint32)
    found = {}
    for node in nodes:
        index = int(threshold[node])
        part = words[bounds[index] : bounds[index + 1]]
        bits = np.unpackbits(part.astype("<u4").view(np.uint8), bitorder="little")
        found[int(node)] = (np.flatnonzero(bits).astype(np.float64), True)
    return found


def _children(children: np.ndarray, inner: int) -> np.ndarray:
    # A leaf is written as the complement of its number; leaves follow the inner nodes here.
    placed = np.where(children < 0, inner + ~children, children)
    placed[inner:] = -1
    return placed


def _missing_left(decisions: np.ndarray, threshold: np.ndarray) -> np.ndarray:
    kind = np.where(decisions & CATEGORICAL, MISSING_NONE, (decisions >> MISSING_SHIFT) & 3)
    if not np.isin(kind, (MISSING_NONE, MISSING_NAN)).all():
        raise ValueError("splits that treat zero as missing cannot be read")
    # Where training saw no gap, LightGBM reads a gap as zero; no gap is a category.
    plain = np.where(kind == MISSING_NAN, (decisions & DEFAULT_LEFT) > 0, threshold >= 0)
    return plain & ((decisions & CATEGORICAL) == 0)
