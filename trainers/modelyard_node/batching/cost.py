"""What calls of a model cost: duration = a * rows + b, least squares over the last calls (CORK)."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

_CALLS, _CALLS_MIN = 50, 8


@dataclass(frozen=True)
class CostFit:
    """Milliseconds each further row adds, above 0; of a call without rows, 0 or more."""

    per_row: float
    fixed: float


class CallCost:
    """Sums are kept, so noting a call is constant work."""

    def __init__(self) -> None:
        self._calls: deque[tuple[int, float]] = deque()
        self._rows = self._ms = self._squared = self._product = 0.0

    def note(self, rows: int, ms: float) -> None:
        if len(self._calls) == _CALLS:
            self._add(*self._calls.popleft(), -1)
        self._calls.append((rows, ms))
        self._add(rows, ms, 1)

    def _add(self, rows: int, ms: float, sign: int) -> None:
        self._rows += sign * rows
        self._ms += sign * ms
        self._squared += sign * rows * rows
        self._product += sign * rows * ms

    def fit(self) -> CostFit | None:
        """None until enough calls are known. Where all had one size, all cost is by the row."""
        count = len(self._calls)
        if count < _CALLS_MIN:
            return None
        mean = CostFit(max(self._ms / self._rows, 1e-9), 0.0)
        spread = count * self._squared - self._rows**2
        if spread <= 0:
            return mean
        per_row = (count * self._product - self._rows * self._ms) / spread
        fixed = (self._ms - per_row * self._rows) / count
        # Noise over little spread can tilt the line: then the mean is the better guess.
        return mean if per_row <= 0 or fixed < 0 else CostFit(per_row, fixed)


def rows_within(fit: CostFit, budget: float, rows_max: int) -> int:
    """Rows of the largest call that takes at most `budget` milliseconds, 1 to `rows_max`."""
    return max(1, min(rows_max, math.floor((budget - fit.fixed) / fit.per_row)))
