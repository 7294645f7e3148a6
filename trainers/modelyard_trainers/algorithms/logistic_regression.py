"""Logistic regression by L-BFGS, restarted warm every few iterations so that it can be watched."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from ..protocol import Point, TrainingData
from .linear_model import FittedLinear

CHUNK_ITERATIONS = 20


class LogisticRegressionTrainer:
    """State between chunks: the coefficients, the iterations done, whether the solver converged."""

    scales_numbers = True

    def __init__(self, data: TrainingData) -> None:
        self._data = data
        settings = data.hyperparameters
        self.total_steps = settings["max_iter"]
        self._steps = 0
        self._converged = False
        self._estimator = LogisticRegression(
            C=settings["C"],
            tol=settings["tol"],
            fit_intercept=settings["fit_intercept"],
            class_weight="balanced" if settings["class_weight"] == "balanced" else None,
            solver="lbfgs",
            warm_start=True,
        )

    @property
    def done(self) -> bool:
        return self._converged or self._steps >= self.total_steps

    def start(self) -> None:
        """Nothing to prepare: the first fit starts from zero coefficients."""

    def advance(self) -> Iterator[Point]:
        budget = min(CHUNK_ITERATIONS, self.total_steps - self._steps)
        self._estimator.set_params(max_iter=budget)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            self._estimator.fit(self._data.x_train, self._data.y_train)
        used = int(self._estimator.n_iter_.max())
        self._converged = used < budget
        self._steps += max(used, 1)
        model = self._model()
        yield Point(
            self._steps, model.answer(self._data.x_train), model.answer(self._data.x_validation)
        )

    def save(self) -> bytes:
        buffer = io.BytesIO()
        np.savez(
            buffer,
            coef=self._estimator.coef_,
            intercept=self._estimator.intercept_,
            steps=self._steps,
            converged=self._converged,
        )
        return buffer.getvalue()

    def restore(self, state: bytes) -> None:
        with np.load(io.BytesIO(state), allow_pickle=False) as saved:
            # scikit-learn's warm start continues from whatever stands in these attributes.
            self._estimator.coef_ = saved["coef"]
            self._estimator.intercept_ = saved["intercept"]
            self._estimator.classes_ = np.arange(self._data.classes or 0)
            self._estimator.n_features_in_ = self._data.x_train.shape[1]
            self._estimator.n_iter_ = np.array([int(saved["steps"])], dtype=np.int32)
            self._steps = int(saved["steps"])
            self._converged = bool(saved["converged"])

    def fitted(self) -> tuple[FittedLinear, int]:
        return self._model(), self._steps

    def _model(self) -> FittedLinear:
        return FittedLinear(self._estimator, self._data.classes)
