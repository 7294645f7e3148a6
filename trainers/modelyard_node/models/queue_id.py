"""Queues beside a model's own: one for each policy that deployments of one version ask for."""

from __future__ import annotations

import re

# At the same time, as in the node in Node.js (server/node/models/queue-id.ts).
QUEUES_MAX = 16
QUEUE_HEADER = "modelyard-queue"


def queue_id_of(config: str) -> int:
    """The number of a policy's text: FNV-1a over its UTF-16 units, 32 bits, never 0."""
    digest = 0x811C9DC5
    units = config.encode("utf-16-le", "surrogatepass")
    for at in range(0, len(units), 2):
        digest = ((digest ^ int.from_bytes(units[at : at + 2], "little")) * 0x01000193) & 0xFFFFFFFF
    return digest or 1


def queue_of_header(value: str | None) -> int | None:
    """The queue a header names; None for none and for what is no number."""
    return int(value) if value is not None and re.fullmatch(r"[0-9]{1,10}", value) else None
