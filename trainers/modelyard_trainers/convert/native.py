"""One face for estimators and boosters: task, classes, columns, and the framework's own answers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import BadInput
from .boosters import SEVERAL_TARGETS, BoosterFacts, booster_facts
from .categories import coded
from .columns import Column, Rows


# Clusterers that answer new rows by centers they keep.
_CENTERS = {"KMeans", "MiniBatchKMeans"}
_MIXTURES = {"GaussianMixture", "BayesianGaussianMixture"}


@dataclass(frozen=True)
class Answers:
    """labels are class indices; probabilities null where the framework has none."""

    labels: np.ndarray | None = None
    probabilities: np.ndarray | None = None
    prediction: np.ndarray | None = None


class NativeModel:
    """A loaded model; classes null = regression."""

    def __init__(self, loaded: Any) -> None:
        self.facts: BoosterFacts | None = booster_facts(loaded)
        self.estimator: Any = None if self.facts else loaded
        if self.facts:
            self.classes: list[Any] | None = self.facts.classes
        else:
            self.classes = _classes(loaded)

    @cached_property
    def names(self) -> list[str] | None:
        """Names of the columns it was fitted on, where it knows them."""
        found = self.facts.names if self.facts else getattr(self.estimator, "feature_names_in_", None)
        return None if found is None else [str(name) for name in found]

    @cached_property
    def width(self) -> int | None:
        if self.facts:
            return self.facts.width
        found = getattr(self.estimator, "n_features_in_", None)
        return None if found is None else int(found)

    def answer(self, rows: Rows, columns: list[Column]) -> Answers:
        """What the framework itself answers."""
        if self.facts:
            raw = self.facts.predict(coded(rows, columns, self.facts.categories))
            if self.classes is None:
                return Answers(prediction=_flat(raw))
            return Answers(labels=raw.argmax(axis=1), probabilities=raw)
        by_name = self.names is not None or any(c.is_category for c in columns)
        data = rows.frame(columns) if by_name else rows.numeric
        if self.classes is None:
            return Answers(prediction=_flat(self.estimator.predict(data)))
        places = {value: at for at, value in enumerate(self.classes)}
        given = np.asarray(self.estimator.predict(data)).tolist()
        labels = np.array([places[value] for value in given])
        if not hasattr(self.estimator, "predict_proba"):
            return Answers(labels=labels)
        return Answers(labels=labels, probabilities=np.asarray(self.estimator.predict_proba(data)))


def _classes(estimator: Any) -> list[Any] | None:
    from sklearn.base import is_classifier, is_outlier_detector, is_regressor

    if is_regressor(estimator):
        return None
    last = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    name = type(last).__name__
    # The number of the nearest center, or of the likeliest component, is its class.
    if name in _CENTERS and len(last.cluster_centers_) > 1:
        return list(range(len(last.cluster_centers_)))
    if name in _MIXTURES and last.n_components > 1:
        return list(range(last.n_components))
    if is_outlier_detector(estimator):
        return [-1, 1]
    if not is_classifier(estimator):
        raise BadInput(
            f"{type(estimator).__name__} is neither a classifier nor a regressor, so there is nothing "
            "to serve; of clusterers, k-means and Gaussian mixtures are converted: for another one, fit "
            "a classifier on its labels and log that"
        )
    classes = estimator.classes_
    if isinstance(classes, list):
        raise BadInput(SEVERAL_TARGETS)
    listed = classes.tolist()
    if len(listed) < 2 or not all(isinstance(value, (str, int, float, bool)) for value in listed):
        raise BadInput("the classes of the model are neither texts nor numbers, or fewer than two")
    return listed


def _flat(values: Any) -> np.ndarray:
    answers = np.asarray(values, dtype=np.float64)
    if answers.ndim == 2 and answers.shape[1] == 1:
        answers = answers[:, 0]
    if answers.ndim != 1:
        raise BadInput(SEVERAL_TARGETS)
    return answers
