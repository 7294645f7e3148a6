"""What the node knows of one model, in memory or evicted."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from ..oip.errors import ProtocolError, quoted
from ..stats import ModelStats
from .load_request import LoadRequest, holds_same_file
from .model import LoadedModel
from .process import ModelProcess
from .queue_id import QUEUES_MAX


@dataclass
class Entry:
    """model None: evicted; the next request loads it again. `queues`: policies by number, for when
    it comes back."""

    request: LoadRequest
    stats: ModelStats
    model: LoadedModel | None
    queues: dict[int, dict[str, Any]]
    used: float = field(default_factory=time.monotonic)


def note_queue(queues: dict[int, dict[str, Any]], request: LoadRequest) -> None:
    """Remembers the policy a load request brings; the newest ones are kept."""
    if request.queue is None or request.config is None:
        return
    queues.pop(request.queue, None)
    queues[request.queue] = request.config
    if len(queues) > QUEUES_MAX:
        del queues[next(iter(queues))]


def shared_process(request: LoadRequest, known: Entry | None) -> ModelProcess | None:
    """The process that holds these bytes already, where only what is said of them is new."""
    process = known.model.process if known and known.model else None
    same = known is not None and holds_same_file(request, known.request)
    return process if process and process.is_alive and same else None


def unknown_model(name: str) -> ProtocolError:
    return ProtocolError(404, f"model {quoted(name)} is not known to this node")
