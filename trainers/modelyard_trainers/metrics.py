"""Metrics of an answer against the truth, live (cheap, each step) and final (complete)."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import (
    f1_score,
    mean_absolute_error,
    precision_score,
    r2_score,
    recall_score,
    roc_auc_score,
)

from .answers import Answer

# The smallest probability log_loss admits, so that a certain and wrong answer costs 34.5.
PROBABILITY_MIN = 1e-15


def live_metrics(answer: Answer, y: np.ndarray) -> dict[str, float]:
    """What the live curves show: log_loss and accuracy, or rmse."""
    if answer.prediction is not None:
        return {"rmse": _rmse(answer.prediction, y)}
    return {"log_loss": _log_loss(answer, y), "accuracy": float(np.mean(answer.labels == y))}


def loss_of(answer: Answer, y: np.ndarray) -> float:
    """What early stopping watches: log loss, or RMSE."""
    if answer.prediction is not None:
        return _rmse(answer.prediction, y)
    return _log_loss(answer, y)


def final_metrics(answer: Answer, y: np.ndarray) -> dict[str, float]:
    """Classification: accuracy, auc (one-vs-rest macro), log_loss, f1, precision, recall (macro).

    Regression: rmse, mae, r2. y must hold every class.
    """
    if answer.prediction is not None:
        predicted = answer.prediction.astype(np.float64)
        return {
            **live_metrics(answer, y),
            "mae": float(mean_absolute_error(y, predicted)),
            "r2": float(r2_score(y, predicted)),
        }
    labels = answer.labels
    macro = {"average": "macro", "zero_division": 0.0}
    return {
        **live_metrics(answer, y),
        "auc": _auc(answer, y),
        "f1_macro": float(f1_score(y, labels, **macro)),
        "precision_macro": float(precision_score(y, labels, **macro)),
        "recall_macro": float(recall_score(y, labels, **macro)),
    }


def _auc(answer: Answer, y: np.ndarray) -> float:
    scores = _probabilities(answer)
    columns = [1] if scores.shape[1] == 2 else range(scores.shape[1])
    return float(np.mean([roc_auc_score(y == c, scores[:, c]) for c in columns]))


def _probabilities(answer: Answer) -> np.ndarray:
    if answer.probabilities is None:
        raise ValueError("a regression answer has no probabilities")
    return answer.probabilities.astype(np.float64)


def _log_loss(answer: Answer, y: np.ndarray) -> float:
    chosen = _probabilities(answer)[np.arange(y.size), y]
    return float(-np.mean(np.log(np.clip(chosen, PROBABILITY_MIN, 1.0))))


def _rmse(prediction: np.ndarray, y: np.ndarray) -> float:
    return float(np.sqrt(np.mean((prediction.astype(np.float64) - y) ** 2)))
