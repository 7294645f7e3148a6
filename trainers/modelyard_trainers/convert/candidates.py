"""The ways to convert a model, the most exact first; the first that proves equal is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..onnx_export.export import DATATYPES, add_labels
from ..onnx_export.graph import DOUBLE, FLOAT, INT64, ML, STRING, Graph, ints, strings
from .boosters import BoosterFacts, booster_facts
from .categories import coded_matrix
from .columns import Column
from .native import NativeModel
from .tree_endings import inner_thresholds, inner_trees, tree_ending


@dataclass(frozen=True)
class Candidate:
    """A way to convert; tolerance is what its number format allows."""

    name: str
    tolerance: float
    build: Callable[[], Built]
    thresholds: dict[int, np.ndarray]


@dataclass(frozen=True)
class Built:
    content: bytes
    inputs: list[dict[str, Any]]
    outputs: list[dict[str, Any]]


def candidates(model: NativeModel, columns: list[Column]) -> list[Candidate]:
    """Every way there is for this model."""
    classes = None if model.classes is None else len(model.classes)
    if model.facts:
        facts = model.facts
        return [_own("the booster's own trees", facts, None, columns, classes, facts.thresholds())]
    found = []
    first, last = _parts(model.estimator)
    ending = booster_facts(last) or tree_ending(last)
    if ending is not None:
        raw = ending.thresholds() if first is None else {}
        found.append(_own("the estimator's own trees", ending, first, columns, classes, raw))
    # Trees within other models read float32, which graphs in double precision do not.
    trees = [] if ending is not None else inner_trees(last)
    edges = inner_thresholds(trees) if first is None else {}
    for double in (False,) if trees else (True, False):
        name = f"skl2onnx in {'double' if double else 'single'} precision"
        tolerance = 1e-5 if double else 1e-4

        def build(double: bool = double) -> Built:
            return _whole(model, columns, double)

        found.append(Candidate(name, tolerance, build, edges))
    return found


def _own(
    name: str,
    ending: Any,
    first: Any,
    columns: list[Column],
    classes: int | None,
    thresholds: dict[int, np.ndarray],
) -> Candidate:
    def build() -> Built:
        graph = Graph()
        matrix = "numeric"
        if isinstance(ending, BoosterFacts) and first is None:
            matrix = coded_matrix(graph, columns, ending.categories)
        if first is not None:
            from .sklearn_graph import sklearn_graph

            apart = _apart(first, columns)
            model = sklearn_graph(first, columns, apart, double=True)
            outputs = graph.adopt(model, _feeds(graph, columns, apart, double=True))
            matrix = graph.cast(outputs[-1], DOUBLE)
        parts = ending.add_to_graph(graph, matrix)
        if classes is None:
            return _finish(graph, columns, parts.prediction, parts.element_type)
        label = add_labels(graph, parts.scores)
        return _finish(graph, columns, None, FLOAT, label, parts.probabilities, classes)

    return Candidate(name, 1e-5, build, thresholds)


def _whole(model: NativeModel, columns: list[Column], double: bool) -> Built:
    from .sklearn_graph import sklearn_graph

    estimator = model.estimator
    apart = _apart(estimator, columns)
    made = sklearn_graph(estimator, columns, apart, double)
    graph = Graph()
    outputs = graph.adopt(made, _feeds(graph, columns, apart, double))
    if model.classes is None:
        return _finish(graph, columns, graph.cast(outputs[0], DOUBLE), DOUBLE)
    label = _class_index(graph, outputs[0], made.graph.output[0], model.classes)
    shares = outputs[1] if hasattr(estimator, "predict_proba") else None
    return _finish(graph, columns, None, FLOAT, label, shares, len(model.classes))


def _parts(estimator: Any) -> tuple[Any, Any]:
    """A pipeline's steps before the last, as a pipeline, and the last; null for no such steps."""
    from sklearn.pipeline import Pipeline

    if not isinstance(estimator, Pipeline):
        return None, estimator
    steps = [step for step in estimator.steps[:-1] if step[1] not in (None, "passthrough")]
    return (Pipeline(steps) if steps else None), estimator.steps[-1][1]


def _apart(estimator: Any, columns: list[Column]) -> bool:
    """Whether columns are chosen by name, or are of different kinds, so that each comes alone."""
    first = estimator.steps[0][1] if hasattr(estimator, "steps") else estimator
    by_name = type(first).__name__ == "ColumnTransformer" and hasattr(first, "feature_names_in_")
    return by_name or any(column.is_category for column in columns)


def _feeds(graph: Graph, columns: list[Column], apart: bool, double: bool) -> list[str]:
    numbers = "numeric" if double else graph.cast("numeric", FLOAT)
    if not apart:
        return [numbers]
    places = {True: 0, False: 0}
    feeds = []
    for column in columns:
        at = places[column.is_category]
        places[column.is_category] += 1
        position = graph.constant(np.array([at], dtype=np.int64))
        source = "categorical" if column.is_category else numbers
        feeds.append(graph.add("Gather", source, position, axis=1))
    return feeds


def _class_index(graph: Graph, label: str, described: Any, classes: list[Any]) -> str:
    kind = described.type.tensor_type.elem_type
    places = np.arange(len(classes))
    if kind == STRING:
        keys = strings("keys_strings", [str(value) for value in classes])
    elif kind == INT64:
        keys = ints("keys_int64s", np.array([int(value) for value in classes]))
    else:
        # Labels that are neither texts nor integers have no exact key.
        raise ValueError("labels of this kind have no ONNX form")
    flat = graph.add("Reshape", label, graph.constant(np.array([-1])))
    lists = [keys, ints("values_int64s", places)]
    return graph.add("LabelEncoder", flat, domain=ML, lists=lists, default_int64=-1)


def _finish(
    graph: Graph,
    columns: list[Column],
    prediction: str | None,
    element_type: int,
    label: str | None = None,
    probabilities: str | None = None,
    classes: int | None = None,
) -> Built:
    inputs, described = _inputs(columns)
    outputs: list[tuple[str, int, int | None]] = []
    said = []
    if prediction is not None:
        values = graph.add("Reshape", prediction, graph.constant(np.array([-1])))
        graph.rename(values, "prediction")
        outputs.append(("prediction", element_type, None))
        said.append(_tensor("prediction", DATATYPES[element_type], [-1]))
    if label is not None:
        graph.rename(label, "label")
        outputs.append(("label", INT64, None))
        said.append(_tensor("label", "INT64", [-1]))
    if probabilities is not None and classes is not None:
        shape = graph.constant(np.array([-1, classes]))
        graph.rename(graph.add("Reshape", graph.cast(probabilities, FLOAT), shape), "probabilities")
        outputs.append(("probabilities", FLOAT, classes))
        said.append(_tensor("probabilities", "FP32", [-1, classes]))
    return Built(graph.build(inputs, outputs), described, said)


def _inputs(columns: list[Column]) -> tuple[list[tuple[str, int, int]], list[dict[str, Any]]]:
    inputs, described = [], []
    for name, kind, datatype, is_category in (
        ("numeric", DOUBLE, "FP64", False),
        ("categorical", STRING, "BYTES", True),
    ):
        names = [c.name for c in columns if c.is_category == is_category]
        if names:
            inputs.append((name, kind, len(names)))
            described.append({**_tensor(name, datatype, [-1, len(names)]), "columns": names})
    return inputs, described


def _tensor(name: str, datatype: str, shape: list[int]) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": shape}
