"""Tree ensembles as ONNX nodes whose every comparison is the framework's own.

One precision holds for input, thresholds and sums: float where the framework compares floats
(XGBoost), double elsewhere. So no threshold is ever rounded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .graph import ML, ML_OPSET_OLDER_TREES, Graph, ints, strings, tensor


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


def add_trees(
    graph: Graph, matrix: str, trees: list[Tree], outputs: int, less: bool, dtype: type
) -> str:
    """The sums of the leaves, [rows, outputs]; less compares with < instead of <=.

    matrix must be of the dtype; the result is too, or float32 when leaves are vectors.
    """
    if trees[0].value.ndim == 2:
        return _vector_leaves(graph, matrix, trees, outputs, less, dtype)
    return _scalar_leaves(graph, matrix, trees, outputs, less, dtype)


def split_values(trees: list[Tree]) -> dict[int, np.ndarray]:
    """Matrix column to the sorted thresholds it is compared with."""
    inner = [tree.left >= 0 for tree in trees]
    features = np.concatenate([t.feature[i] for t, i in zip(trees, inner)])
    thresholds = np.concatenate([t.threshold[i] for t, i in zip(trees, inner)])
    return {int(c): np.unique(thresholds[features == c]) for c in np.unique(features)}


def _scalar_leaves(
    graph: Graph, matrix: str, trees: list[Tree], outputs: int, less: bool, dtype: type
) -> str:
    # TreeEnsemble (ai.onnx.ml 5) keeps splits and leaves in two lists; children index either.
    parts = [_split_and_leaves(tree) for tree in trees]
    splits = np.array([len(p["feature"]) for p in parts])
    leaves = np.array([len(p["value"]) for p in parts])
    split_at, leaf_at = np.cumsum(splits) - splits, np.cumsum(leaves) - leaves

    def joined(key: str) -> np.ndarray:
        return np.concatenate([p[key] for p in parts])

    def children(side: str) -> np.ndarray:
        return np.concatenate(
            [
                np.where(p[f"{side}_leaf"], p[side] + leaf_at[i], p[side] + split_at[i])
                for i, p in enumerate(parts)
            ]
        )

    total = int(splits.sum())
    return graph.add(
        "TreeEnsemble",
        matrix,
        domain=ML,
        n_targets=outputs,
        aggregate_function=1,
        post_transform=0,
        lists=[
            ints("tree_roots", split_at),
            ints("nodes_featureids", joined("feature")),
            tensor("nodes_splits", joined("threshold").astype(dtype)),
            tensor("nodes_modes", np.full(total, 1 if less else 0, dtype=np.uint8)),
            ints("nodes_truenodeids", children("left")),
            ints("nodes_trueleafs", joined("left_leaf")),
            ints("nodes_falsenodeids", children("right")),
            ints("nodes_falseleafs", joined("right_leaf")),
            ints("nodes_missing_value_tracks_true", joined("missing_left")),
            ints("leaf_targetids", np.repeat([tree.target for tree in trees], leaves)),
            tensor("leaf_weights", joined("value").astype(dtype)),
        ],
    )


def _split_and_leaves(tree: Tree) -> dict[str, np.ndarray]:
    is_leaf = tree.left < 0
    if is_leaf[0]:
        # A tree of one leaf is written as a split with that leaf twice. Both children could be
        # the same leaf, but onnxruntime 1.23 then answers wrongly.
        return {
            "feature": np.zeros(1, dtype=np.int64),
            "threshold": np.zeros(1),
            "left": np.array([0]),
            "right": np.array([1]),
            "left_leaf": np.ones(1, dtype=bool),
            "right_leaf": np.ones(1, dtype=bool),
            "missing_left": np.ones(1, dtype=bool),
            "value": np.repeat(tree.value[:1], 2),
        }
    position = np.where(is_leaf, np.cumsum(is_leaf) - 1, np.cumsum(~is_leaf) - 1)
    split = ~is_leaf
    left, right = tree.left[split], tree.right[split]
    return {
        "feature": tree.feature[split],
        "threshold": tree.threshold[split],
        "left": position[left],
        "right": position[right],
        "left_leaf": is_leaf[left],
        "right_leaf": is_leaf[right],
        "missing_left": tree.missing_left[split],
        "value": tree.value[is_leaf],
    }


def _vector_leaves(
    graph: Graph, matrix: str, trees: list[Tree], outputs: int, less: bool, dtype: type
) -> str:
    # TreeEnsemble has one output a leaf; only the older operator lets a leaf feed all of them.
    graph.ml_opset = ML_OPSET_OLDER_TREES
    sizes = np.array([tree.left.size for tree in trees])
    leaf = np.concatenate([tree.left < 0 for tree in trees])
    tree_ids = np.repeat(np.arange(len(trees)), sizes)
    node_ids = np.concatenate([np.arange(size) for size in sizes])
    values = np.concatenate([tree.value for tree in trees])[leaf]
    split_mode = "BRANCH_LT" if less else "BRANCH_LEQ"

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
            strings("nodes_modes", ["LEAF" if end else split_mode for end in leaf.tolist()]),
            tensor("nodes_values_as_tensor", joined("threshold").astype(dtype)),
            ints("nodes_truenodeids", joined("left")),
            ints("nodes_falsenodeids", joined("right")),
            ints("nodes_missing_value_tracks_true", joined("missing_left")),
            ints("target_treeids", np.repeat(tree_ids[leaf], outputs)),
            ints("target_nodeids", np.repeat(node_ids[leaf], outputs)),
            ints("target_ids", np.tile(np.arange(outputs), int(leaf.sum()))),
            tensor("target_weights_as_tensor", values.reshape(-1).astype(dtype)),
        ],
    )
