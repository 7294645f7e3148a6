"""Tree ensembles as ONNX nodes whose every comparison is the framework's own.

One precision holds for input, thresholds and sums: float where the framework compares floats
(XGBoost), double elsewhere. So no threshold is ever rounded. The sums leave as float32.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .graph import ML, Graph, ints, strings, tensor


@dataclass(frozen=True)
class Tree:
    """Parallel arrays, one entry a node, root first; left is -1 at a leaf.

    A row goes left when its value compares true with the threshold, or is missing and
    missing_left is set. value is [nodes] for a tree that feeds one output column (target), or
    [nodes, outputs] for one that feeds all.
    """

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    missing_left: np.ndarray
    value: np.ndarray
    target: int = 0
    # Nodes that ask whether the value equals the threshold; None where there are none.
    equal: np.ndarray | None = None


def with_sets(tree: Tree, sets: dict[int, tuple[np.ndarray, bool]]) -> Tree:
    """Makes nodes ask whether a value is among a few; a set is (values, whether they go left).

    ONNX says a set as a chain of equal-nodes whose true branches are one node (as converters of
    LightGBM write it, and onnxruntime reads it).
    """
    if not sets:
        return tree
    columns = {key: list(getattr(tree, key)) for key in _COLUMNS}
    equal = [False] * tree.left.size
    for node, (values, to_left) in sets.items():
        left, right = int(tree.left[node]), int(tree.right[node])
        hit, miss = (left, right) if to_left else (right, left)
        # A gap follows the first node of the chain alone when it goes with the values.
        gap_hits = bool(tree.missing_left[node]) == to_left
        at = node
        # Codes are -1 and up: an empty set holds what no value is.
        codes = values if len(values) else [-2]
        for place, code in enumerate(codes):
            is_last = place + 1 == len(codes)
            after = miss if is_last else len(equal)
            parts = {"feature": tree.feature[node], "threshold": code, "left": hit,
                     "right": after, "missing_left": gap_hits,
                     "value": np.zeros_like(tree.value[node])}  # fmt: skip
            for key, part in parts.items():
                columns[key][at] = part
            equal[at] = True
            if not is_last:
                for column in columns.values():
                    column.append(0)
                equal.append(False)
                at = after
    arrays = {key: np.array(column, dtype=getattr(tree, key).dtype) for key, column in columns.items()}
    return Tree(**arrays, target=tree.target, equal=np.array(equal))


_COLUMNS = ("feature", "threshold", "left", "right", "missing_left", "value")


def add_trees(
    graph: Graph, matrix: str, trees: list[Tree], outputs: int, less: bool, dtype: type
) -> str:
    """The sums of the leaves, float32 [rows, outputs]; less compares with < instead of <=.

    matrix must be of the dtype, which thresholds and leaves then have, too.
    """
    sizes = np.array([tree.left.size for tree in trees])
    leaf = np.concatenate([tree.left < 0 for tree in trees])
    tree_ids = np.repeat(np.arange(len(trees)), sizes)
    node_ids = np.concatenate([np.arange(size) for size in sizes])
    values = np.concatenate([tree.value for tree in trees])[leaf]
    width = 1 if values.ndim == 1 else outputs
    if width == 1:
        targets = np.repeat([tree.target for tree in trees], sizes)[leaf]
    else:
        targets = np.tile(np.arange(outputs), int(leaf.sum()))
    split_mode = "BRANCH_LT" if less else "BRANCH_LEQ"

    equal = np.concatenate(
        [np.zeros(t.left.size, bool) if t.equal is None else t.equal for t in trees]
    )
    modes = np.where(leaf, "LEAF", np.where(equal, "BRANCH_EQ", split_mode))

    def joined(key: str) -> np.ndarray:
        return np.where(leaf, 0, np.concatenate([getattr(tree, key) for tree in trees]))

    return graph.add(
        "TreeEnsembleRegressor",
        matrix,
        domain=ML,
        n_targets=outputs,
        aggregate_function="SUM",
        post_transform="NONE",
        lists=[
            ints("nodes_treeids", tree_ids),
            ints("nodes_nodeids", node_ids),
            ints("nodes_featureids", joined("feature")),
            strings("nodes_modes", modes.tolist()),
            tensor("nodes_values_as_tensor", joined("threshold").astype(dtype)),
            ints("nodes_truenodeids", joined("left")),
            ints("nodes_falsenodeids", joined("right")),
            ints("nodes_missing_value_tracks_true", joined("missing_left")),
            ints("target_treeids", np.repeat(tree_ids[leaf], width)),
            ints("target_nodeids", np.repeat(node_ids[leaf], width)),
            ints("target_ids", targets),
            tensor("target_weights_as_tensor", values.reshape(-1).astype(dtype)),
        ],
    )


def split_values(trees: list[Tree]) -> dict[int, np.ndarray]:
    """Matrix column to the sorted thresholds it is compared with."""
    inner = [tree.left >= 0 for tree in trees]
    features = np.concatenate([t.feature[i] for t, i in zip(trees, inner)])
    thresholds = np.concatenate([t.threshold[i] for t, i in zip(trees, inner)])
    return {int(c): np.unique(thresholds[features == c]) for c in np.unique(features)}
