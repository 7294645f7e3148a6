"""What an algorithm must offer; a new one is a file in algorithms/, a registry line, a JSON entry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from .answers import Answer

if TYPE_CHECKING:
    from .onnx_export.graph import Graph


@dataclass(frozen=True)
class TrainingData:
    """Preprocessed double matrices; y is class indices or float values; classes null = regression."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray
    classes: int | None
    hyperparameters: dict[str, Any]
    seed: int
    threads: int


@dataclass(frozen=True)
class Point:
    """Answers after one step, from which the live curves are computed."""

    step: int
    train: Answer
    validation: Answer


@dataclass(frozen=True)
class GraphParts:
    """Names of graph values: scores and probabilities, or prediction with its element type."""

    scores: str = ""
    probabilities: str = ""
    prediction: str = ""
    element_type: int = 0


class FittedModel(Protocol):
    """A trained estimator over the preprocessed matrix."""

    def answer(self, matrix: np.ndarray) -> Answer:
        """The framework's own answers."""

    def add_to_graph(self, graph: Graph, matrix: str) -> GraphParts:
        """Repeats the estimator in ONNX; matrix is double [rows, width]."""

    def native_files(self) -> dict[str, bytes]:
        """File name to content, in the framework's own format and never pickle."""

    def thresholds(self) -> dict[int, np.ndarray]:
        """Matrix column to split values, for the boundary rows of the parity check."""


class Trainer(Protocol):
    """Trains in chunks. The state between chunks decides all that follows, bit for bit."""

    total_steps: int

    @property
    def done(self) -> bool: ...

    def start(self) -> None:
        """Prepares an untrained state."""

    def advance(self) -> Iterator[Point]:
        """Trains one chunk, yielding a point a step; the state is saveable once it is exhausted."""

    def save(self) -> bytes: ...

    def restore(self, state: bytes) -> None: ...

    def fitted(self) -> tuple[FittedModel, int]:
        """The final model and the step it stands at (the best one under early stopping)."""


class TrainerFactory(Protocol):
    """What the registry holds: how to make a trainer, and what it expects of the matrix."""

    scales_numbers: bool

    def __call__(self, data: TrainingData) -> Trainer: ...
