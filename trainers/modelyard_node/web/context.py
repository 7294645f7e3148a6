"""What the routes of the node need, and one request as they see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..models.store import ModelStore
from .body import Receive, Send

if TYPE_CHECKING:
    from ..tracing import Tracing


@dataclass
class NodeContext:
    """`token` None: the node is open. `ready` is false from the moment it begins to stop. `tracing`
    None: there is no collector."""

    store: ModelStore
    body_bytes: int
    token: str | None
    ready: bool = True
    tracing: Tracing | None = None


@dataclass(frozen=True)
class Request:
    """`path`: decoded segments. Headers in lower case; of repeated ones the last."""

    method: str
    path: list[str]
    headers: dict[str, str]
    receive: Receive
    send: Send
