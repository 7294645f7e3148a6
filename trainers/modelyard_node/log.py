"""The node's log: one line of JSON an event on stderr."""

from __future__ import annotations

import json
import sys
import time
from typing import Any


def log(event: str, **fields: Any) -> None:
    """A closed stderr never ends the node."""
    line = json.dumps({"time": round(time.time() * 1000), "event": event, **fields}, default=str)
    try:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        pass
