"""The classification extension."""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import bad_request, quoted
from .tensor import Tensor, object_array


def classify(output: Tensor, count: int, classes: list[Any] | None) -> Tensor:
    """For each row the `count` largest values as "value:index[:label]". Raises ProtocolError 400."""
    if output.datatype in ("BYTES", "FP16", "BF16"):
        raise bad_request(
            f"output {quoted(output.name)} of type {output.datatype} cannot be classified"
        )
    rows = output.shape[0] if len(output.shape) > 1 else 1
    width = output.array.size // rows if rows else 0
    best = min(count, width)
    labels = classes if classes is not None and len(classes) == width else None
    texts: list[bytes] = []
    for cells in output.array.reshape(rows, width):
        order = np.argsort(-cells.astype(np.float64), kind="stable")[:best]
        for at in order.tolist():
            label = "" if labels is None else f":{_spelled(labels[at])}"
            texts.append(f"{float(cells[at]):.6f}:{at}{label}".encode())
    shape = (rows, best) if len(output.shape) > 1 else (best,)
    return Tensor(output.name, "BYTES", object_array(texts, shape))


def _spelled(label: Any) -> str:
    return str(label).lower() if isinstance(label, bool) else str(label)
