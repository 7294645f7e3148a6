"""Estimators and transformers of scikit-learn as graphs, made by skl2onnx."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from skl2onnx import convert_sklearn, update_registered_converter
from skl2onnx.common._registration import get_converter, get_shape_calculator
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, StringTensorType
from sklearn.impute import SimpleImputer

from ..onnx_export.graph import ML, ML_OPSET, OPSET, RUNTIME, RUNTIME_OPSET
from .columns import Column

_OPSETS = {"": OPSET, ML: ML_OPSET, RUNTIME: RUNTIME_OPSET}
_IMPUTER = "SklearnImputer"


def sklearn_graph(
    estimator: Any, columns: list[Column], apart: bool, double: bool
) -> onnx.ModelProto:
    """The graph of a fitted estimator; apart gives every column an input of its own."""
    number = DoubleTensorType if double else FloatTensorType
    if apart:
        types = [
            (c.name, (StringTensorType if c.is_category else number)([None, 1])) for c in columns
        ]
    else:
        types = [("numeric", number([None, len(columns)]))]
    _exact_imputer()
    _plain_votes(estimator)
    texts = {id(part): _text_options(part) for part in _vectorizers(estimator)}
    try:
        return _convert(estimator, types, {id(estimator): {"zipmap": False}, **texts})
    except (NameError, KeyError, ValueError) as error:
        if "zipmap" not in str(error):
            raise
        return _convert(estimator, types, texts or None)


def _text_options(vectorizer: Any) -> dict[str, str]:
    """Words as Python's own pattern finds them, letters lowered by a locale that machines have."""
    is_ascii = all(word.isascii() for word in vectorizer.vocabulary_)
    options = {"locale": "C" if is_ascii else "C.UTF-8"}
    if vectorizer.analyzer == "word" and vectorizer.token_pattern == _WORDS:
        options["tokenexp"] = r"[\p{L}\p{N}_]{2,}"
    return options


_WORDS = r"(?u)\b\w\w+\b"


def _vectorizers(estimator: Any) -> list[Any]:
    """Steps that count words."""
    if hasattr(estimator, "vocabulary_") and hasattr(estimator, "lowercase"):
        return [estimator]
    steps = [step for _, step in getattr(estimator, "steps", [])]
    parts = [part for _, part, _ in getattr(estimator, "transformers_", [])]
    return [found for inner in (*steps, *parts) for found in _vectorizers(inner)]


def _convert(estimator: Any, types: Any, options: Any) -> onnx.ModelProto:
    return convert_sklearn(
        estimator, initial_types=types, options=options, target_opset=_OPSETS, verbose=0
    )


def _plain_votes(estimator: Any) -> None:
    """How votes are laid out where they are features; no prediction depends on it."""
    last = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    if type(last).__name__ == "VotingClassifier":
        last.flatten_transform = False


def _exact_imputer() -> None:
    """Runtimes have no Imputer for doubles; Where does the same."""
    shapes, original = get_shape_calculator(_IMPUTER), get_converter(_IMPUTER)
    if getattr(original, "is_exact", False):
        return

    def convert(scope: Any, operator: Any, container: Any) -> None:
        imputer = operator.raw_operator
        plain = (
            all(isinstance(value.type, DoubleTensorType) for value in operator.inputs)
            and isinstance(imputer.missing_values, float)
            and np.isnan(imputer.missing_values)
            and not imputer.add_indicator
            and not np.isnan(np.asarray(imputer.statistics_, dtype=np.float64)).any()
        )
        if not plain:
            original(scope, operator, container)
            return
        source = operator.inputs[0].full_name
        if len(operator.inputs) > 1:
            names = [value.full_name for value in operator.inputs]
            source = scope.get_unique_variable_name("joined")
            container.add_node("Concat", names, source, axis=1)
        statistics = np.asarray(imputer.statistics_, dtype=np.float64)
        name = scope.get_unique_variable_name("fill")
        container.add_initializer(name, onnx.TensorProto.DOUBLE, [1, statistics.size], statistics)
        gaps = scope.get_unique_variable_name("gaps")
        container.add_node("IsNaN", source, gaps, op_version=13)
        output = operator.outputs[0].full_name
        container.add_node("Where", [gaps, name, source], output, op_version=16)

    convert.is_exact = True  # type: ignore[attr-defined]
    update_registered_converter(SimpleImputer, _IMPUTER, shapes, convert, overwrite=True)
