"""What a model answers, and the one rule that turns scores into a label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Forests tie structurally (equal votes), and the order of a floating-point sum must not decide.
TIE_WIDTH = 1e-6


@dataclass(frozen=True)
class Answer:
    """Classification: scores and probabilities, both [rows, classes]. Regression: prediction [rows].

    Scores are margins or votes: whatever ranks the classes without loss of precision.
    """

    scores: np.ndarray | None = None
    probabilities: np.ndarray | None = None
    prediction: np.ndarray | None = None

    @property
    def labels(self) -> np.ndarray:
        """Class indices: the first class whose score is within TIE_WIDTH of the best."""
        if self.scores is None:
            raise ValueError("a regression answer has no labels")
        scores = self.scores.astype(np.float64)
        return (scores >= scores.max(axis=1, keepdims=True) - TIE_WIDTH).argmax(axis=1)


def binary_scores(margin: np.ndarray) -> np.ndarray:
    """[rows] margins of the second class as [rows, 2] scores."""
    return np.column_stack([np.zeros_like(margin), margin])


def binary_probabilities(second: np.ndarray) -> np.ndarray:
    """[rows] probabilities of the second class as [rows, 2]."""
    return np.column_stack([1 - second, second])
