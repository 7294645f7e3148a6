"""Evaluation files: the held-out predictions as a table, and curves small enough to draw."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.metrics import confusion_matrix, precision_recall_curve, roc_curve

from .answers import Answer
from .target import Target

CURVE_POINTS_MAX = 200
RESIDUALS_MAX = 500


def predictions_parquet(
    target: Target, parts: dict[str, tuple[np.ndarray, np.ndarray, Answer]]
) -> bytes:
    """Columns index (row in the dataset), split, truth, prediction, probability_<i> a class.

    parts maps a split's name to its dataset rows, truths and answer.
    """
    tables = [_part_table(target, name, *part) for name, part in parts.items()]
    buffer = io.BytesIO()
    pq.write_table(pa.concat_tables(tables), buffer)
    return buffer.getvalue()


def _part_table(
    target: Target, name: str, rows: np.ndarray, y: np.ndarray, answer: Answer
) -> pa.Table:
    columns: dict[str, Any] = {"index": rows, "split": pa.array([name] * rows.size)}
    if target.classes is None:
        columns |= {"truth": y, "prediction": answer.prediction}
        return pa.table(columns)
    values = pa.array(target.classes)
    columns |= {
        "truth": values.take(pa.array(y)),
        "prediction": values.take(pa.array(answer.labels)),
    }
    for index in range(len(target.classes)):
        columns[f"probability_{index}"] = _column(answer, index)
    return pa.table(columns)


def _column(answer: Answer, index: int) -> np.ndarray:
    return np.asarray(answer.probabilities)[:, index].astype(np.float64)


def curves(target: Target, y: np.ndarray, answer: Answer, seed: int) -> dict[str, Any]:
    """ROC and precision-recall points a class and the confusion matrix, or a residual sample."""
    if target.classes is None:
        return _residuals(y, np.asarray(answer.prediction, dtype=np.float64), seed)
    positives = [1] if len(target.classes) == 2 else range(len(target.classes))
    return {
        "split": "test",
        "classes": target.classes,
        "confusionMatrix": confusion_matrix(
            y, answer.labels, labels=range(len(target.classes))
        ).tolist(),
        "roc": [_roc(target.classes[c], y == c, _column(answer, c)) for c in positives],
        "precisionRecall": [
            _recall(target.classes[c], y == c, _column(answer, c)) for c in positives
        ],
    }


def _roc(value: Any, truth: np.ndarray, score: np.ndarray) -> dict[str, Any]:
    # Points on a straight line are kept: a threshold between two others is looked up, too.
    false_rate, true_rate, thresholds = roc_curve(truth, score, drop_intermediate=False)
    keep = _thin(false_rate.size)
    # scikit-learn's first threshold is infinite, which JSON cannot say.
    finite = np.where(np.isfinite(thresholds), thresholds, 1.0)
    return {
        "class": value,
        "falsePositiveRate": false_rate[keep].tolist(),
        "truePositiveRate": true_rate[keep].tolist(),
        "threshold": finite[keep].tolist(),
    }


def _recall(value: Any, truth: np.ndarray, score: np.ndarray) -> dict[str, Any]:
    precision, recall, thresholds = precision_recall_curve(truth, score)
    keep = _thin(precision.size)
    return {
        "class": value,
        "precision": precision[keep].tolist(),
        "recall": recall[keep].tolist(),
        "threshold": np.append(thresholds, 1.0)[keep].tolist(),
    }


def _residuals(y: np.ndarray, prediction: np.ndarray, seed: int) -> dict[str, Any]:
    generator = np.random.Generator(np.random.PCG64(seed))
    keep = np.sort(generator.permutation(y.size)[:RESIDUALS_MAX])
    counts, edges = np.histogram(y - prediction, bins=20)
    return {
        "split": "test",
        "residuals": {"truth": y[keep].tolist(), "prediction": prediction[keep].tolist()},
        "residualHistogram": {"edges": edges.tolist(), "counts": counts.tolist()},
    }


def _thin(size: int) -> np.ndarray:
    return np.unique(np.linspace(0, size - 1, min(size, CURVE_POINTS_MAX)).round().astype(int))
