"""Tree operators written attribute by attribute; onnxruntime itself says what coalitions are worth."""

from __future__ import annotations

import numpy as np
import onnxruntime
from golden_case import GENERATOR, case, table

MODES = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]


def drawn_trees(count, depth=3):
    """Full binary trees of every comparison: node i is followed by 2i + 1 and 2i + 2."""
    inner, total = 2**depth - 1, 2 ** (depth + 1) - 1
    return [
        {
            "column": GENERATOR.integers(0, 4, inner),
            "mode": GENERATOR.integers(0, 6, inner),
            "value": GENERATOR.choice([-1.0, -0.5, 0.0, 0.25, 1.0], inner),
            "missing": GENERATOR.integers(0, 2, inner),
            "leaf": GENERATOR.normal(size=total - inner).astype(np.float32),
        }
        for _ in range(count)
    ]


def handmade():
    """Operators written attribute by attribute; onnxruntime itself says what coalitions are worth."""
    from onnx import TensorProto, helper, numpy_helper

    data = table(4, True, False)
    inputs = [{"name": "numeric", "datatype": "FP32", "shape": [-1, 4], "columns": [f"n{i}" for i in range(4)]}]
    outputs = [{"name": "prediction", "datatype": "FP32", "shape": [-1, 1]}]
    inner, leaves = 7, 8

    def built(node, ml):
        graph = helper.make_graph(
            [node], "golden",
            [helper.make_tensor_value_info("numeric", TensorProto.FLOAT, ["rows", 4])],
            [helper.make_tensor_value_info("prediction", TensorProto.FLOAT, ["rows", 1])],
        )  # fmt: skip
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", ml)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()

    def old(trees, **more):
        padded = lambda key, kind: [kind(v) for t in trees for v in [*t[key], *[0] * leaves]]
        ids = list(range(inner + leaves))
        follow = lambda side: [2 * i + side if i < inner else 0 for _ in trees for i in ids]
        each = range(len(trees))
        return helper.make_node(
            "TreeEnsembleRegressor", ["numeric"], ["prediction"], domain="ai.onnx.ml", n_targets=1,
            nodes_treeids=[t for t in each for _ in ids], nodes_nodeids=[i for _ in each for i in ids],
            nodes_featureids=padded("column", int), nodes_values=padded("value", float),
            nodes_modes=[m for t in trees for m in [*[MODES[k] for k in t["mode"]], *["LEAF"] * leaves]],
            nodes_truenodeids=follow(1), nodes_falsenodeids=follow(2),
            nodes_missing_value_tracks_true=padded("missing", int),
            target_treeids=[t for t in each for _ in range(leaves)],
            target_nodeids=[inner + i for _ in each for i in range(leaves)],
            target_ids=[0] * (len(trees) * leaves),
            target_weights=[float(w) for t in trees for w in t["leaf"]], **more,
        )  # fmt: skip

    def new(trees, aggregate):
        lasts = range(inner // 2, inner)
        follow = lambda side: [
            at * leaves + 2 * i + side - inner if i in lasts else at * inner + 2 * i + side
            for at in range(len(trees)) for i in range(inner)
        ]  # fmt: skip
        ends = [int(i in lasts) for _ in trees for i in range(inner)]
        joined = lambda key, kind: np.concatenate([t[key] for t in trees]).astype(kind)
        return helper.make_node(
            "TreeEnsemble", ["numeric"], ["prediction"], domain="ai.onnx.ml", n_targets=1,
            aggregate_function=aggregate, post_transform=0,
            tree_roots=[at * inner for at in range(len(trees))],
            nodes_featureids=joined("column", int).tolist(),
            nodes_splits=numpy_helper.from_array(joined("value", np.float32)),
            nodes_modes=numpy_helper.from_array(joined("mode", np.uint8)),
            nodes_truenodeids=follow(1), nodes_trueleafs=ends,
            nodes_falsenodeids=follow(2), nodes_falseleafs=ends,
            nodes_missing_value_tracks_true=joined("missing", int).tolist(),
            leaf_targetids=[0] * (len(trees) * leaves),
            leaf_weights=numpy_helper.from_array(joined("leaf", np.float32)),
        )  # fmt: skip

    for name, node, ml, space in (
        ("every comparison, base values", old(drawn_trees(5), base_values=[0.75]), 3, "prediction"),
        ("average of trees, base values", old(drawn_trees(4), base_values=[0.5], aggregate_function="AVERAGE"), 3, "prediction"),
        ("least of trees", old(drawn_trees(3), aggregate_function="MIN"), 3, None),
        ("greatest of trees", old(drawn_trees(3), aggregate_function="MAX"), 3, None),
        ("TreeEnsemble, sum", new(drawn_trees(5), 1), 5, "prediction"),
        ("TreeEnsemble, average", new(drawn_trees(4), 0), 5, "prediction"),
        ("TreeEnsemble, greatest", new(drawn_trees(3), 3), 5, None),
    ):
        content = built(node, ml)
        session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        worth = lambda n, _, s=session: s.run(None, {"numeric": n.astype(np.float32)})[0].astype(np.float64)
        yield case(name, content, (inputs, outputs), *data, None, worth, space)
