"""The first calls of a model, so that no caller pays for them and nothing that cannot answer is ready."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..oip.errors import ProtocolError, bad_request
from ..oip.tensor import Tensor, TensorSpec
from .process import RunResult
from .samples import sample_inputs
from .signature import check_answer

_ROWS, _SEED = 4, 20_240_501
# Runtimes order floating point sums by batch size, so merged rows may differ in the last bits.
_TOLERANCE = 1e-5

Run = Callable[[Sequence[Tensor]], Awaitable[RunResult]]


@dataclass(frozen=True)
class WarmUp:
    """Whether rows may run together, and milliseconds one row of a small batch took (0: unknown)."""

    independent: bool = False
    row_ms: float = 0.0


async def warm_up(
    run: Run,
    inputs: Sequence[TensorSpec],
    outputs: Sequence[TensorSpec],
    signature: dict[str, Any] | None,
) -> WarmUp:
    """Runs zero and random samples. Raises ProtocolError 400 when a signature is not kept."""
    try:
        await run(sample_inputs(inputs, signature, 1, None))
        return await _try_batch(run, inputs, outputs, signature)
    except ProtocolError as error:
        # Without a signature the samples are guesses (an image model may need more than 1 x 1).
        if error.status != 400 and signature is None:
            raise
        if signature is None:
            return WarmUp()
        if error.status != 400:
            raise
        raise bad_request(
            f"the model does not answer a sample of its signature: {error.message}"
        ) from None


async def _try_batch(
    run: Run,
    inputs: Sequence[TensorSpec],
    outputs: Sequence[TensorSpec],
    signature: dict[str, Any] | None,
) -> WarmUp:
    """Runs a few random rows together and one by one and compares the answers."""
    rowed = all(bool(spec.shape) and spec.shape[0] == -1 for spec in [*inputs, *outputs])
    if not rowed and signature is None:
        return WarmUp()
    sample = sample_inputs(inputs, signature, _ROWS, np.random.default_rng(_SEED))
    together = (await run(sample)).outputs
    if signature is not None:
        check_answer(signature, {one.name: one.array for one in together}, _ROWS)
    if not rowed or any(not one.shape or one.shape[0] != _ROWS for one in together):
        return WarmUp()
    parts = []
    for row in range(_ROWS):
        single = [replace(one, array=one.array[row : row + 1]) for one in sample]
        parts.append((await run(single)).outputs)
    independent = all(
        _is_close(one, np.concatenate([part[at].array for part in parts]))
        for at, one in enumerate(together)
        if all(part[at].shape and part[at].shape[0] == 1 for part in parts)
    ) and all(part[at].shape[:1] == (1,) for part in parts for at in range(len(together)))
    # The best of three: a busy machine makes a timing too long, never too short.
    shortest = min([(await run(sample)).ms for _ in range(3)])
    return WarmUp(independent, shortest / _ROWS)


def _is_close(together: Tensor, alone: np.ndarray) -> bool:
    left = together.array
    if left.shape != alone.shape:
        return False
    if together.datatype == "BF16":
        left, alone = _widened(left), _widened(alone)
    elif not together.datatype.startswith("FP"):
        return bool((left == alone).all())
    return bool(np.allclose(left, alone, rtol=_TOLERANCE, atol=_TOLERANCE, equal_nan=True))


def _widened(bits: np.ndarray) -> np.ndarray:
    """BF16 is the upper half of FP32."""
    return (bits.astype(np.uint32) << 16).view(np.float32)
