"""The job log: one timestamped line per event on stdout, which the product streams to the user."""

from __future__ import annotations

import sys
from datetime import datetime, timezone


def log(message: str) -> None:
    """Writes one line; a closed stdout never ends a training."""
    stamp = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        sys.stdout.write(f"{stamp} {' '.join(message.split())}\n")
        sys.stdout.flush()
    except (OSError, ValueError):
        pass
