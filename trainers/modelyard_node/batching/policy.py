"""The queue of a model, as its configuration asks for and its warm-up allows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

ROWS_MAX, QUEUE_MAX, TIMEOUT_S = 256, 1000, 30.0
# What one call may take by the timing of the warm-up, milliseconds.
CALL_MS = 50.0


@dataclass(frozen=True)
class QueuePolicy:
    """mode: auto keeps calls short and never delays, fixed obeys, off merges nothing.

    rows_max 0: requests are never merged or cut. Times in seconds. Priority 1 is the highest.
    """

    mode: str
    rows_max: int
    rows_start: int
    preferred: tuple[int, ...]
    delay: float
    queue_max: int
    timeout: float
    timeout_override: bool
    priority_levels: int
    priority_default: int


def queue_policy(config: dict[str, Any], independent: bool, row_ms: float) -> QueuePolicy:
    """Names as in Triton's configuration; `independent`: rows may run together."""
    rows_max = config.get("max_batch_size", ROWS_MAX)
    levels = config.get("priority_levels", 0)
    preferred = config.get("preferred_batch_size", [])
    named = {"max_batch_size", "preferred_batch_size", "max_queue_delay_microseconds"}
    # Who names sizes or delays, as Triton's configurations do, means them.
    mode = config.get("mode", "fixed" if named & config.keys() else "auto")
    affordable = max(1, math.floor(CALL_MS / max(row_ms, 1e-3)))
    return QueuePolicy(
        mode=mode,
        rows_max=rows_max if independent else 0,
        rows_start=min(rows_max, affordable),
        preferred=tuple(sorted(rows for rows in preferred if rows <= rows_max)),
        delay=config.get("max_queue_delay_microseconds", 0) / 1e6,
        queue_max=config.get("max_queue_size", QUEUE_MAX),
        timeout=config.get("default_timeout_microseconds", TIMEOUT_S * 1e6) / 1e6,
        timeout_override=config.get("allow_timeout_override", True),
        priority_levels=levels,
        priority_default=min(config.get("default_priority_level", levels), levels),
    )
