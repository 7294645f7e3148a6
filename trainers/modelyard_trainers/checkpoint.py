"""Checkpoints in the working directory: one file, renamed into place, verified before use."""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

DEFAULT_SECONDS = 600.0


@dataclass(frozen=True)
class Checkpoint:
    """A trainer's state after a step, and the seconds of work that led to it."""

    step: int
    elapsed_seconds: float
    state: bytes


class CheckpointStore:
    """Keeps the latest checkpoint of one job; of another job's file it knows nothing."""

    def __init__(self, work_dir: Path, fingerprint: str, every_seconds: float) -> None:
        self._path = work_dir / "checkpoint.bin"
        self._fingerprint = fingerprint
        self._every_seconds = every_seconds
        self._last = time.monotonic()

    def due(self) -> bool:
        """Whether enough time has passed since the last one."""
        return time.monotonic() - self._last >= self._every_seconds

    def save(self, checkpoint: Checkpoint) -> None:
        """Replaces the checkpoint; a kill at any instant leaves the old or the new one whole."""
        head = {
            "fingerprint": self._fingerprint,
            "sha256": hashlib.sha256(checkpoint.state).hexdigest(),
            "step": checkpoint.step,
            "elapsedSeconds": checkpoint.elapsed_seconds,
        }
        write_atomically(self._path, json.dumps(head).encode() + b"\n" + checkpoint.state)
        self._last = time.monotonic()

    def load(self) -> Checkpoint | None:
        """The checkpoint, or null when there is none that is whole and of this job."""
        try:
            head_line, _, state = self._path.read_bytes().partition(b"\n")
            head = json.loads(head_line)
            whole = hashlib.sha256(state).hexdigest() == head["sha256"]
            if not whole or head["fingerprint"] != self._fingerprint:
                return None
            return Checkpoint(int(head["step"]), float(head["elapsedSeconds"]), state)
        except (OSError, ValueError, KeyError, TypeError):
            return None


def write_atomically(path: Path, content: bytes) -> None:
    """Writes beside the path, forces the bytes to disk, then renames."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)
