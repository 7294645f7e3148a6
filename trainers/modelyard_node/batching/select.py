"""Which waiting requests run next, and how long they wait for neighbors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar


class Waiting(Protocol):
    """Requests with equal keys may run together; None runs alone. Times in seconds."""

    rows: int
    key: object
    enqueued_at: float


@dataclass(frozen=True)
class BatchPolicy:
    """rows_max 1 merges nothing; preferred ascending; delay in seconds."""

    rows_max: int
    preferred: tuple[int, ...]
    delay: float


W = TypeVar("W", bound=Waiting)


def select_batch(queue: Sequence[W], policy: BatchPolicy) -> list[W]:
    """The first request and those after it that fit into `rows_max` rows with it, cut back to the
    largest preferred size that is reached."""
    if not queue:
        return []
    head = queue[0]
    if head.key is None or head.rows >= policy.rows_max:
        return [head]
    batch, rows, cut = [head], head.rows, 0
    for waiting in queue[1:]:
        if rows >= policy.rows_max:
            break
        if waiting.key != head.key or rows + waiting.rows > policy.rows_max:
            continue
        batch.append(waiting)
        rows += waiting.rows
        if rows in policy.preferred:
            cut = len(batch)
    return batch[:cut] if cut else batch


def wait_before_run(batch: Sequence[Waiting], policy: BatchPolicy, now: float) -> float:
    """Seconds to wait for neighbors while nothing runs: 0 when the batch is full, of a preferred
    size, or its first request has waited long enough."""
    if not batch or policy.delay == 0 or batch[0].key is None:
        return 0.0
    rows = sum(waiting.rows for waiting in batch)
    if rows >= policy.rows_max or rows in policy.preferred:
        return 0.0
    return max(0.0, batch[0].enqueued_at + policy.delay - now)
