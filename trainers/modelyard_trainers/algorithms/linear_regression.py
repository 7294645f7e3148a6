"""Least squares in one step, or ridge regression when alpha is above 0."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
from sklearn.linear_model import LinearRegression, Ridge

from ..protocol import Point, TrainingData
from .linear_model import FittedLinear


class LinearRegressionTrainer:
    """State: the coefficients once fitted."""

    scales_numbers = True
    total_steps = 1

    def __init__(self, data: TrainingData) -> None:
        self._data = data
        alpha, intercept = data.hyperparameters["alpha"], data.hyperparameters["fit_intercept"]
        self._estimator = (
            Ridge(alpha=alpha, fit_intercept=intercept)
            if alpha > 0
            else LinearRegression(fit_intercept=intercept)
        )
        self.done = False

    def start(self) -> None:
        """Nothing to prepare."""

    def advance(self) -> Iterator[Point]:
        self._estimator.fit(self._data.x_train, self._data.y_train)
        self.done = True
        model = FittedLinear(self._estimator, None)
        yield Point(1, model.answer(self._data.x_train), model.answer(self._data.x_validation))

    def save(self) -> bytes:
        buffer = io.BytesIO()
        np.savez(buffer, coef=self._estimator.coef_, intercept=self._estimator.intercept_)
        return buffer.getvalue()

    def restore(self, state: bytes) -> None:
        with np.load(io.BytesIO(state), allow_pickle=False) as saved:
            self._estimator.coef_ = saved["coef"]
            self._estimator.intercept_ = float(saved["intercept"])
            self._estimator.n_features_in_ = self._data.x_train.shape[1]
        self.done = True

    def fitted(self) -> tuple[FittedLinear, int]:
        return FittedLinear(self._estimator, None), 1
