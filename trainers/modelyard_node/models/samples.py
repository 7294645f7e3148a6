"""Inputs made up for the warm-up, within the ranges and categories that the signature knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..oip.tensor import DTYPES, Tensor, TensorSpec, object_array


def sample_inputs(
    specs: Sequence[TensorSpec],
    signature: dict[str, Any] | None,
    rows: int,
    random: np.random.Generator | None,
) -> list[Tensor]:
    """`rows` rows; other variable dimensions have the length 1. Zeros and "" without `random`."""
    tensors = []
    for spec in specs:
        shape = tuple(
            length if length >= 0 else rows if at == 0 else 1
            for at, length in enumerate(spec.shape)
        )
        count = int(np.prod(shape, dtype=np.int64))
        features = _features(spec, signature)
        if spec.datatype == "BYTES":
            array = object_array([_text(features, at, random) for at in range(count)], shape)
        elif random is None:
            array = np.zeros(shape, DTYPES[spec.datatype])
        else:
            values = _numbers(spec, features, count, random)
            array = values.astype(DTYPES[spec.datatype]).reshape(shape)
        tensors.append(Tensor(spec.name, spec.datatype, array))
    return tensors


def _features(spec: TensorSpec, signature: dict[str, Any] | None) -> list[dict[str, Any]]:
    if signature is None:
        return []
    by_name = {one["name"]: one for one in signature["features"]}
    columns = next((one["columns"] for one in signature["inputs"] if one["name"] == spec.name), [])
    return [by_name[column] for column in columns if column in by_name]


def _text(features: list[dict[str, Any]], at: int, random: np.random.Generator | None) -> bytes:
    if random is None or not features:
        return b""
    known = features[at % len(features)].get("categories") or [""]
    return str(known[int(random.integers(len(known)))]).encode()


def _numbers(
    spec: TensorSpec, features: list[dict[str, Any]], count: int, random: np.random.Generator
) -> np.ndarray:
    share = random.random(count)
    if spec.datatype == "BF16":
        # Raw bits: those of small positive numbers.
        return np.full(count, 0x3F00)
    if not features:
        return share if spec.datatype.startswith("FP") else np.floor(share * 2)
    values = np.empty(count)
    for at in range(count):
        feature = features[at % len(features)]
        low = feature.get("min")
        high = feature.get("max")
        low, high = 0.0 if low is None else low, 1.0 if high is None else high
        value = low + share[at] * (high - low)
        values[at] = value if feature.get("type") == "number" else round(value)
    return values
