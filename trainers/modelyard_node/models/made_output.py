"""Outputs that an archive lacks and its scores are enough for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..oip.errors import ProtocolError
from ..oip.tensor import Tensor
from .signature import Output


def made_output(output: Output, tensor: Tensor) -> Tensor:
    """`output` of the tensor that it is made of. Raises ProtocolError 400 for no scores."""
    name = output.spec.name
    if output.operator == "Identity":
        return replace(tensor, name=name)
    scores = tensor.array
    if scores.ndim != 2 or scores.shape[1] == 0:
        raise ProtocolError(400, f"output {tensor.name} holds no score for each class")
    if output.operator == "ArgMax":
        return Tensor(name, "INT64", scores.argmax(axis=1).astype(np.int64, copy=False))
    # Scores of infinity have no shares: NaN says so, as the framework would.
    with np.errstate(invalid="ignore"):
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return Tensor(name, tensor.datatype, powers / powers.sum(axis=1, keepdims=True))
