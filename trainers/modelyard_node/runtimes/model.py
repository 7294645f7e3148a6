"""What a runtime is to the process around it. Everything here runs behind the walls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from ..oip.tensor import Tensor, TensorSpec


class Unfit(Exception):
    """The file is no model that can be served, or an input it cannot take; safe to show."""


class OutOfMemory(Exception):
    """Too little memory for this input now."""


class Runtime(Protocol):
    """A loaded model. `run` takes one tensor an input, in order, and answers the named outputs."""

    platform: str
    inputs: list[TensorSpec]
    outputs: list[TensorSpec]
    classes: list[Any] | None
    columns: list[str] | None

    def run(self, arrays: Sequence[np.ndarray], names: Sequence[str]) -> list[Tensor]: ...


def texts_of(array: np.ndarray) -> np.ndarray:
    """BYTES as numpy strings of objects, as runtimes take them."""
    flat = np.empty(array.size, dtype=object)
    for at, value in enumerate(array.ravel().tolist()):
        flat[at] = value.decode("utf-8")
    return flat.reshape(array.shape)


def one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
