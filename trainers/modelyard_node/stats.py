"""Plain counters of one model, cheap enough for every request."""

from __future__ import annotations

import time
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Any

# Upper bounds of the request duration histogram, milliseconds.
BUCKETS_MS = (0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1000, 5000)
_BATCH_SIZES_MAX = 256


@dataclass
class Duration:
    count: int = 0
    ms: float = 0.0

    def add(self, ms: float) -> None:
        self.count += 1
        self.ms += ms

    def as_json(self) -> dict[str, int]:
        return {"count": self.count, "ns": round(self.ms * 1e6)}


@dataclass
class ModelStats:
    """They outlive eviction and end with unload. `last` in milliseconds since the epoch."""

    success: int = 0
    failure: dict[str, int] = field(
        default_factory=lambda: {"REJECTED": 0, "CANCELED": 0, "BACKEND": 0, "OTHER": 0}
    )
    pending: int = 0
    rows: int = 0
    executions: int = 0
    last: int = 0
    request: Duration = field(default_factory=Duration)
    queue: Duration = field(default_factory=Duration)
    compute_input: Duration = field(default_factory=Duration)
    compute_infer: Duration = field(default_factory=Duration)
    compute_output: Duration = field(default_factory=Duration)
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_MS) + 1))
    batch_sizes: dict[int, Duration] = field(default_factory=dict)

    def record_execution(
        self, rows: int, input_ms: float, infer_ms: float, output_ms: float
    ) -> None:
        self.executions += 1
        self.compute_input.add(input_ms)
        self.compute_infer.add(infer_ms)
        self.compute_output.add(output_ms)
        if rows in self.batch_sizes or len(self.batch_sizes) < _BATCH_SIZES_MAX:
            self.batch_sizes.setdefault(rows, Duration()).add(infer_ms)

    def record_request(self, rows: int, queue_ms: float, compute_ms: float) -> None:
        self.success += 1
        self.rows += rows
        self.last = int(time.time() * 1000)
        self.queue.add(queue_ms)
        total = queue_ms + compute_ms
        self.request.add(total)
        self.buckets[bisect_left(BUCKETS_MS, total)] += 1

    def as_json(self, name: str) -> dict[str, Any]:
        """One entry of the statistics extension."""
        nothing = Duration().as_json()
        return {
            "name": name,
            "version": "1",
            "last_inference": self.last,
            "inference_count": self.rows,
            "execution_count": self.executions,
            "inference_stats": {
                "success": {"count": self.success, "ns": self.request.as_json()["ns"]},
                "fail": {"count": sum(self.failure.values()), "ns": 0},
                "queue": self.queue.as_json(),
                "compute_input": self.compute_input.as_json(),
                "compute_infer": self.compute_infer.as_json(),
                "compute_output": self.compute_output.as_json(),
                "cache_hit": nothing,
                "cache_miss": nothing,
            },
            "batch_stats": [
                {"batch_size": rows, "compute_infer": duration.as_json()}
                for rows, duration in sorted(self.batch_sizes.items())
            ],
        }
