"""A model in memory, with its queue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..batching.batcher import Batcher, BatchResult, Work
from ..batching.cost import CallCost
from ..batching.policy import queue_policy
from ..oip.errors import ProtocolError
from ..oip.message import InferRequest
from ..oip.tensor import DTYPES, Tensor, TensorSpec
from ..stats import ModelStats
from .checks import check_inputs, check_outputs, rows_of
from .made_output import made_output
from .process import ModelProcess, RunResult
from .signature import Output, agreed_inputs, agreed_outputs
from .warm_up import WarmUp, warm_up

# One call of a model, seconds; beyond it the process is ended.
_CALL_S = 60.0


@dataclass(frozen=True)
class Prepared:
    """What a model answers to: inputs as callers see them, and outputs with the runtime's own."""

    inputs: list[TensorSpec]
    outputs: list[Output]


class LoadedModel:
    """Counts its callers, so that `retire` gives the memory back after the last of them."""

    def __init__(
        self,
        process: ModelProcess,
        prepared: Prepared,
        signature: dict[str, Any] | None,
        size: int,
        stats: ModelStats,
    ) -> None:
        self.process = process
        self.inputs = prepared.inputs
        self.outputs = [one.spec for one in prepared.outputs]
        self.signature = signature
        self.size = size
        self.callers = 0
        self._made = {one.spec.name: one for one in prepared.outputs}
        self._stats = stats
        self._warm = WarmUp()
        self._drained = asyncio.Event()
        # What a call costs is the model's, whoever asks.
        self._cost = CallCost()
        self._batcher = Batcher(self._run, queue_policy({}, False, 0), stats, self._cost)
        self._queues: dict[int, Batcher] = {}

    @classmethod
    async def prepare(
        cls,
        process: ModelProcess,
        signature: dict[str, Any] | None,
        is_archive: bool,
        size: int,
        stats: ModelStats,
    ) -> LoadedModel:
        """Agrees with the signature and warms up. Raises ProtocolError 400."""
        inputs = process.inputs
        outputs = [Output(spec, spec.name) for spec in process.outputs]
        if signature is not None:
            inputs = agreed_inputs(inputs, signature)
            outputs = agreed_outputs(process.outputs, signature, is_archive)
        model = cls(process, Prepared(inputs, outputs), signature, size, stats)
        everything = [spec.name for spec in model.outputs]
        model._warm = await warm_up(
            lambda tensors: model._run(tensors, everything), inputs, model.outputs, signature
        )
        return model

    def configure(self, config: dict[str, Any]) -> None:
        """Another queue policy for the same model; nothing is loaded again and nothing is lost."""
        self._batcher.configure(queue_policy(config, self._warm.independent, self._warm.row_ms))

    def add_queues(self, queues: dict[int, dict[str, Any]]) -> None:
        """Further queues for requests that name their numbers, which stand for their policies."""
        # What waits in one that goes is still answered; its later requests take the model's own.
        self._queues = {one: self._queues.get(one) or self._queue(queues[one]) for one in queues}

    def _queue(self, config: dict[str, Any]) -> Batcher:
        policy = queue_policy(config, self._warm.independent, self._warm.row_ms)
        return Batcher(self._run, policy, self._stats, self._cost)

    @property
    def classes(self) -> list[Any] | None:
        return self.process.classes if self.signature is None else self.signature["classes"]

    @property
    def rows_max(self) -> int:
        """Rows that may run as one call; 0 when its requests are never merged."""
        return self._batcher.rows_limit

    async def _run(self, inputs: Sequence[Tensor], names: Sequence[str]) -> RunResult:
        wanted = [self._made[name] for name in names]
        sources = list(dict.fromkeys(one.source for one in wanted))
        result = await self.process.run(inputs, sources, _CALL_S)
        told = dict(zip(sources, result.outputs))
        return RunResult([made_output(one, told[one.source]) for one in wanted], result.ms)

    async def infer(
        self, request: InferRequest, abandoned: Callable[[], bool], queue: int | None = None
    ) -> BatchResult:
        """Checks the inputs, queues the call and answers. A queue that is not known is the model's
        own. Raises ProtocolError."""
        self.callers += 1
        try:
            inputs = check_inputs(self.inputs, request.inputs)
            names = tuple(one.name for one in request.outputs or self.outputs)
            check_outputs(self.outputs, names)
            batcher = self._batcher if queue is None else self._queues.get(queue, self._batcher)
            return await self._enqueue(batcher, request, inputs, names, abandoned)
        finally:
            self.callers -= 1
            if self.callers == 0:
                self._drained.set()

    async def _enqueue(
        self,
        batcher: Batcher,
        request: InferRequest,
        inputs: list[Tensor],
        names: tuple[str, ...],
        abandoned: Callable[[], bool],
    ) -> BatchResult:
        rows_max = batcher.rows_limit
        timeout, priority = request.timeout, request.priority
        if rows_max == 0:
            work = Work(inputs, names, 1, None, timeout, priority, abandoned)
            return await batcher.submit(work)
        rows = rows_of(inputs)
        if rows == 0:
            return self._empty(names)
        key = (tuple(tensor.shape[1:] for tensor in inputs), names)
        results = []
        # One slice after the other, so that other requests have their turn in between.
        for start in range(0, rows, rows_max):
            part = inputs
            if rows > rows_max:
                part = [replace(one, array=one.array[start : start + rows_max]) for one in inputs]
            count = min(rows_max, rows - start)
            work = Work(part, names, count, key, timeout, priority, abandoned)
            results.append(await batcher.submit(work))
            if abandoned():
                raise ProtocolError(503, "the caller is gone", 1)
        return results[0] if len(results) == 1 else _joined(results)

    def _empty(self, names: Sequence[str]) -> BatchResult:
        """No rows are answered without a call: some operators refuse what is empty."""
        specs = {spec.name: spec for spec in self.outputs}
        outputs = []
        for name in names:
            shape = (0, *(max(0, length) for length in specs[name].shape[1:]))
            datatype = specs[name].datatype
            outputs.append(Tensor(name, datatype, np.empty(shape, DTYPES[datatype])))
        return BatchResult(outputs, 0.0, 0.0, 0)

    async def retire(self) -> None:
        """Waits for the last caller, then gives the memory back."""
        while self.callers > 0:
            self._drained.clear()
            await self._drained.wait()
        await self.process.close()


def _joined(results: list[BatchResult]) -> BatchResult:
    outputs = [
        replace(one, array=np.concatenate([result.outputs[at].array for result in results]))
        for at, one in enumerate(results[0].outputs)
    ]
    return BatchResult(
        outputs,
        sum(result.queue_ms for result in results),
        sum(result.compute_ms for result in results),
        max(result.batch_rows for result in results),
    )
