"""The output files of a job: written locally, listed with digests, complete or not at all."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .checkpoint import write_atomically


@dataclass(frozen=True)
class Completed:
    """A finished result: the document, and the step its final metrics belong to."""

    result: dict[str, Any]
    final_step: int


class Outputs:
    """Files under <work dir>/outputs, then result.json, then the mark that all is there."""

    def __init__(self, work_dir: Path, fingerprint: str) -> None:
        self.folder = work_dir / "outputs"
        self.result_path = work_dir / "result.json"
        self._mark_path = work_dir / "complete.json"
        self._fingerprint = fingerprint
        self.files: list[dict[str, Any]] = []

    def add(self, path: str, kind: str, content: bytes | str | dict[str, Any]) -> None:
        """Writes one file; path is its place among the run's artifacts."""
        if isinstance(content, dict):
            content = to_json(content)
        data = content.encode() if isinstance(content, str) else content
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(place, data)
        digest = hashlib.sha256(data).hexdigest()
        self.files.append({"path": path, "kind": kind, "sizeBytes": len(data), "sha256": digest})

    def complete(self, result: dict[str, Any], final_step: int) -> None:
        """Writes result.json and, last of all, the mark that a retry looks for."""
        write_atomically(self.result_path, to_json(result).encode())
        mark = {
            "fingerprint": self._fingerprint,
            "resultSha256": hashlib.sha256(self.result_path.read_bytes()).hexdigest(),
            "finalStep": final_step,
        }
        write_atomically(self._mark_path, to_json(mark).encode())

    def completed(self) -> Completed | None:
        """An earlier attempt's finished result, every file verified; null when there is none."""
        try:
            mark = json.loads(self._mark_path.read_bytes())
            content = self.result_path.read_bytes()
            if (mark["fingerprint"], mark["resultSha256"]) != (
                self._fingerprint,
                hashlib.sha256(content).hexdigest(),
            ):
                return None
            result = json.loads(content)
            for file in result["files"]:
                data = (self.folder / file["path"]).read_bytes()
                if hashlib.sha256(data).hexdigest() != file["sha256"]:
                    return None
            return Completed(result, int(mark["finalStep"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None


def to_json(value: Any) -> str:
    """Readable JSON; raises ValueError on NaN and infinity, which JSON does not have."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
