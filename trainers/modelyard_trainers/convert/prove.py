"""Whether a graph answers as the framework does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..onnx_export.parity import OnnxModel
from .columns import Column, Rows
from .native import NativeModel

# Labels of classes that are this close may differ: the order of a sum decides between them.
_TIE = 1e-5


@dataclass(frozen=True)
class Proof:
    """max_abs_diff: of probabilities, or of predictions relative to max(1, |framework's|)."""

    rows: int
    max_abs_diff: float
    label_flips: int
    tolerance: float

    @property
    def holds(self) -> bool:
        return bool(self.max_abs_diff <= self.tolerance) and self.label_flips == 0

    def as_json(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "maxAbsDiff": self.max_abs_diff if np.isfinite(self.max_abs_diff) else 1e308,
            "labelFlips": self.label_flips,
            "tolerance": self.tolerance,
        }


def prove(
    content: bytes, model: NativeModel, columns: list[Column], rows: Rows, tolerance: float
) -> Proof:
    """Compares over the rows."""
    expected = model.answer(rows, columns)
    outputs = OnnxModel(content).run(rows.numeric, rows.categorical)
    if expected.prediction is not None:
        truth = expected.prediction
        given = outputs["prediction"].astype(np.float64)
        # Both may be infinite where an exponential overflows.
        difference = np.abs(np.subtract(given, truth, out=np.zeros_like(truth), where=given != truth))
        relative = difference / np.maximum(1.0, np.abs(truth))
        return Proof(len(rows), float(relative.max()), 0, tolerance)
    differs = outputs["label"] != expected.labels
    most = 0.0
    if expected.probabilities is not None:
        shares = expected.probabilities.astype(np.float64)
        most = float(np.abs(outputs["probabilities"].astype(np.float64) - shares).max())
        ranked = np.sort(shares, axis=1)
        differs &= ranked[:, -1] - ranked[:, -2] > _TIE
    return Proof(len(rows), most, int(np.count_nonzero(differs)), tolerance)
