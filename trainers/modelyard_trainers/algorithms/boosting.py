"""What the two boosting algorithms share: fixed chunks, chunk seeds and early stopping.

Neither framework saves its random generators, so each chunk starts them anew from a seed of its
own. Chunks are counted in rounds, never in seconds: a resumed run repeats the same ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ..metrics import loss_of
from ..protocol import Point, TrainingData

CHUNK_ROUNDS_MIN = 10
CHUNKS_MAX = 20


class BoostingState:
    """Rounds done, and the best round so far by validation loss."""

    def __init__(self, data: TrainingData) -> None:
        self.data = data
        self.rounds = 0
        self.total: int = data.hyperparameters["n_estimators"]
        self._patience: int = data.hyperparameters["early_stopping_rounds"]
        self._best_loss = float("inf")
        self._best_round = 0
        # Set when the framework finds nothing more to split.
        self.exhausted = False

    @property
    def done(self) -> bool:
        stale = self._patience > 0 and self.rounds - self._best_round >= self._patience
        return self.exhausted or self.rounds >= self.total or (stale and self.rounds > 0)

    @property
    def kept_rounds(self) -> int:
        return self._best_round if self._patience > 0 and self._best_round else self.rounds

    @property
    def chunk(self) -> int:
        return max(CHUNK_ROUNDS_MIN, -(-self.total // CHUNKS_MAX))

    def chunk_seed(self) -> int:
        """A seed that depends on the job's seed and the chunk alone; at most 2^31 - 1."""
        return (self.data.seed * 1_000_003 + self.rounds // self.chunk) % (2**31 - 1)

    def chunk_rounds(self) -> Iterator[int]:
        """The round numbers of the next chunk, ending early when early stopping says so."""
        first = self.rounds
        for number in range(first, min(first + self.chunk, self.total)):
            if self.done:
                return
            yield number

    def record(self, point: Point) -> None:
        """Counts a finished round."""
        self.rounds = point.step
        loss = loss_of(point.validation, self.data.y_validation)
        if loss < self._best_loss:
            self._best_loss, self._best_round = loss, point.step

    def to_json(self) -> dict[str, Any]:
        return {
            "rounds": self.rounds,
            "loss": self._best_loss.hex(),
            "round": self._best_round,
            "exhausted": self.exhausted,
        }

    def read(self, saved: dict[str, Any]) -> None:
        self.rounds = saved["rounds"]
        self._best_loss = float.fromhex(saved["loss"])
        self._best_round = saved["round"]
        self.exhausted = saved["exhausted"]


def pack(state: BoostingState, model: bytes) -> bytes:
    """One line of JSON, then the framework's own model file."""
    return json.dumps(state.to_json()).encode() + b"\n" + model


def unpack(state: BoostingState, packed: bytes) -> bytes:
    """Reads the state in place and gives back the model file."""
    head, _, model = packed.partition(b"\n")
    state.read(json.loads(head))
    return model
