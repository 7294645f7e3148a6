"""Proves that the exported graph answers as the framework does, on every held-out and boundary row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import onnxruntime

from ..answers import Answer
from ..errors import TrainingFailed
from ..preprocess import Preprocess
from ..protocol import FittedModel

TOLERANCE = 1e-5
BATCH_ROWS = 4096
BOUNDARY_ROWS_MAX = 2000
BOUNDARY_COLUMNS_MAX = 50
UNKNOWN_TEXT = "\u2063never seen in training"


@dataclass(frozen=True)
class Parity:
    """max_abs_diff: of probabilities, or of predictions relative to max(1, |framework's|)."""

    rows: int
    max_abs_diff: float
    label_flips: int

    def require(self) -> None:
        """Raises TrainingFailed unless within TOLERANCE and without a label flip."""
        if not self.max_abs_diff <= TOLERANCE or self.label_flips:
            raise TrainingFailed(
                f"parity check failed: over {self.rows} rows the ONNX model differs from the "
                f"framework by {self.max_abs_diff:.3g} (allowed {TOLERANCE:g}) with "
                f"{self.label_flips} label flips"
            )


class OnnxModel:
    """Runs exported bytes on one thread, which keeps the order of sums."""

    def __init__(self, content: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            content, options, providers=["CPUExecutionProvider"]
        )
        self._wanted = {value.name for value in self._session.get_inputs()}

    def run(self, numeric: np.ndarray, categorical: np.ndarray) -> dict[str, np.ndarray]:
        """Output name to array, over all rows."""
        names = [value.name for value in self._session.get_outputs()]
        parts = []
        for at in range(0, len(numeric), BATCH_ROWS):
            rows = slice(at, at + BATCH_ROWS)
            feed = {"numeric": numeric[rows], "categorical": categorical[rows]}
            feed = {name: value for name, value in feed.items() if name in self._wanted}
            parts.append(self._session.run(names, feed))
        return {n: np.concatenate([part[i] for part in parts]) for i, n in enumerate(names)}


def check_parity(
    content: bytes,
    preprocess: Preprocess,
    model: FittedModel,
    numeric: np.ndarray,
    categorical: np.ndarray,
    seed: int,
) -> Parity:
    """Compares on the given held-out rows and on boundary rows derived from them."""
    edge_numeric, edge_categorical = boundary_rows(
        preprocess, model.thresholds(), numeric, categorical, seed
    )
    numeric = np.concatenate([numeric, edge_numeric])
    categorical = np.concatenate([categorical, edge_categorical])
    expected = model.answer(preprocess.transform(numeric, categorical))
    return compare(expected, OnnxModel(content).run(numeric, categorical))


def compare(expected: Answer, outputs: dict[str, np.ndarray]) -> Parity:
    """The largest difference and the number of differing labels; a NaN difference stays NaN."""
    if expected.prediction is not None:
        truth = expected.prediction.astype(np.float64)
        difference = np.abs(outputs["prediction"].astype(np.float64) - truth)
        relative = difference / np.maximum(1.0, np.abs(truth))
        return Parity(truth.size, float(relative.max()), 0)
    if expected.probabilities is None:
        raise ValueError("a classification answer needs probabilities")
    difference = np.abs(outputs["probabilities"].astype(np.float64) - expected.probabilities)
    flips = int(np.count_nonzero(outputs["label"] != expected.labels))
    return Parity(len(difference), float(difference.max()), flips)


def boundary_rows(
    preprocess: Preprocess,
    thresholds: dict[int, np.ndarray],
    numeric: np.ndarray,
    categorical: np.ndarray,
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Held-out rows changed to gaps, unknown and missing categories, and values at tree splits."""
    generator = np.random.Generator(np.random.PCG64(seed))
    edges = _Edges(numeric, categorical, generator)
    columns = numeric.shape[1]
    if columns:
        edges.row().numeric[:] = np.nan
        for column in range(min(columns, BOUNDARY_COLUMNS_MAX)):
            for value in (np.nan, 0.0, *_extremes(numeric[:, column])):
                edges.row().numeric[column] = value
    for column in range(min(categorical.shape[1], BOUNDARY_COLUMNS_MAX)):
        for text in ("", UNKNOWN_TEXT):
            edges.row().categorical[column] = text
    if preprocess.scaling is None:
        _at_thresholds(edges, thresholds, columns, generator)
    return edges.matrices()


def _extremes(values: np.ndarray) -> tuple[float, ...]:
    known = values[~np.isnan(values)]
    return (known.min(), known.max()) if known.size else ()


def _at_thresholds(
    edges: _Edges, thresholds: dict[int, np.ndarray], columns: int, generator: np.random.Generator
) -> None:
    pairs = [(c, t) for c, values in thresholds.items() if c < columns for t in values]
    for index in generator.permutation(len(pairs))[: BOUNDARY_ROWS_MAX // 5]:
        column, threshold = pairs[index]
        wide, narrow = np.float64(threshold), np.float32(threshold)
        for value in (
            wide,
            np.nextafter(wide, -np.inf),
            np.nextafter(wide, np.inf),
            np.float64(np.nextafter(narrow, np.float32(-np.inf))),
            np.float64(np.nextafter(narrow, np.float32(np.inf))),
        ):
            edges.row().numeric[column] = value


@dataclass
class _Row:
    numeric: np.ndarray
    categorical: np.ndarray


class _Edges:
    """Copies of random held-out rows, to be changed one value at a time."""

    def __init__(
        self, numeric: np.ndarray, categorical: np.ndarray, generator: np.random.Generator
    ) -> None:
        self._numeric, self._categorical, self._generator = numeric, categorical, generator
        self._rows: list[_Row] = []

    def row(self) -> _Row:
        at = int(self._generator.integers(len(self._numeric)))
        self._rows.append(_Row(self._numeric[at].copy(), self._categorical[at].copy()))
        return self._rows[-1]

    def matrices(self) -> tuple[np.ndarray, np.ndarray]:
        if not self._rows:
            return self._numeric[:0], self._categorical[:0]
        return (
            np.stack([row.numeric for row in self._rows]),
            np.stack([row.categorical for row in self._rows]),
        )
