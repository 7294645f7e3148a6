"""Frames between a node and a model process: lengths, a JSON head, raw tensors in its order."""

from __future__ import annotations

import json
import struct
from typing import Any

PREFIX = struct.Struct("<IQ")
HEAD_MAX = 1024 * 1024


def prefix_of(head: bytes, body_bytes: int) -> bytes:
    return PREFIX.pack(len(head), body_bytes)


def head_bytes(head: dict[str, Any]) -> bytes:
    return json.dumps(head, separators=(",", ":")).encode()
