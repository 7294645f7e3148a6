"""XGBoost (JSON, UBJ), LightGBM (text) and skops files, answered by their own frameworks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from modelyard_trainers.convert.columns import Column, Rows, read_columns
from modelyard_trainers.convert.load import load_model
from modelyard_trainers.convert.native import NativeModel
from modelyard_trainers.errors import BadInput

from ..oip.tensor import Tensor, TensorSpec
from .model import Unfit, one_line, texts_of

# Numbers in one input, texts in another, as the converted ONNX of the same model has them.
NUMERIC, CATEGORICAL = "numeric", "categorical"


class FrameworkModel:
    """An estimator or a booster. Never a pickle."""

    def __init__(self, path: str, form: str, features: list[dict[str, Any]] | None) -> None:
        self.platform = f"{form}_native"
        try:
            loaded = load_model("skops" if form == "skops" else "native", form, path)
            self._model = NativeModel(loaded)
            self._columns = _columns(self._model, features)
        except BadInput as error:
            raise Unfit(one_line(error)) from None
        except MemoryError:
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {one_line(error)}"
            raise Unfit(f"{form} cannot load the file: {reason}") from None
        self.classes = self._model.classes
        self.columns = [column.name for column in self._columns]
        self.inputs = self._input_specs()
        self.outputs = self._output_specs()

    def _input_specs(self) -> list[TensorSpec]:
        texts = sum(column.is_category for column in self._columns)
        numbers = len(self._columns) - texts
        specs = [
            TensorSpec(NUMERIC, "FP64", (-1, numbers)),
            TensorSpec(CATEGORICAL, "BYTES", (-1, texts)),
        ]
        return [spec for spec in specs if spec.shape[1]]

    def _output_specs(self) -> list[TensorSpec]:
        if self.classes is None:
            return [TensorSpec("prediction", "FP64", (-1,))]
        label = TensorSpec("label", "INT64", (-1,))
        estimator = self._model.estimator
        if estimator is not None and not hasattr(estimator, "predict_proba"):
            return [label]
        return [label, TensorSpec("probabilities", "FP64", (-1, len(self.classes)))]

    def run(self, arrays: Sequence[np.ndarray], names: Sequence[str]) -> list[Tensor]:
        given = {spec.name: array for spec, array in zip(self.inputs, arrays)}
        count = len(arrays[0])
        numeric = given.get(NUMERIC, np.empty((count, 0)))
        texts = given.get(CATEGORICAL)
        categorical = np.empty((count, 0), dtype=object) if texts is None else texts_of(texts)
        try:
            answers = self._model.answer(Rows(numeric, categorical), self._columns)
        except MemoryError:
            raise
        except Exception as error:
            raise Unfit(f"the model cannot run on this input: {one_line(error)}") from None
        values = {
            "label": answers.labels,
            "probabilities": answers.probabilities,
            "prediction": answers.prediction,
        }
        types = {spec.name: spec.datatype for spec in self.outputs}
        return [Tensor(name, types[name], np.asarray(values[name])) for name in names]


def _columns(model: NativeModel, features: list[dict[str, Any]] | None) -> list[Column]:
    """Those of the signature, in the model's own order where it knows their names."""
    if features is None:
        return read_columns(None, model.names, model.width)
    listed = [Column(str(one["name"]), str(one["type"])) for one in features]
    if model.names and {column.name for column in listed} == set(model.names):
        by_name = {column.name: column for column in listed}
        listed = [by_name[name] for name in model.names]
    if model.width is not None and len(listed) != model.width:
        raise BadInput(f"the signature has {len(listed)} features, the model takes {model.width}")
    return listed
