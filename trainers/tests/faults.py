"""Ways to break a trainer from inside, so that tests can see it notice."""

from __future__ import annotations

import time
from typing import Any


def export_wrong_weights() -> None:
    """The exported linear model answers slightly otherwise than the framework."""
    from modelyard_trainers.algorithms import linear_model

    right = linear_model.linear

    def wrong(graph: Any, matrix: str, weights: Any, intercept: Any) -> str:
        return right(graph, matrix, weights * 1.001, intercept)

    linear_model.linear = wrong


def iteration_never_ends() -> None:
    """An iteration that does not return, as a native call on huge data would not."""
    from modelyard_trainers.algorithms.xgboost import XGBoostTrainer

    def stuck(_self: XGBoostTrainer) -> Any:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            time.sleep(1)
        yield from ()

    XGBoostTrainer.advance = stuck


def slow_rounds() -> None:
    """Every boosting round takes a fiftieth of a second longer."""
    import xgboost

    quick = xgboost.Booster.update

    def slow(self: Any, *arguments: Any) -> None:
        time.sleep(0.02)
        quick(self, *arguments)

    xgboost.Booster.update = slow


def out_of_memory() -> None:
    """The training runs out of memory."""
    from modelyard_trainers import job

    def full(*_: object) -> None:
        raise MemoryError

    job.prepare = full


def programming_error() -> None:
    """A defect in the trainer."""
    from modelyard_trainers import job

    def broken(*_: object) -> None:
        raise TypeError("a defect")

    job.prepare = broken
