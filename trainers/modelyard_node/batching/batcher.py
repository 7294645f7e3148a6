"""Queues the requests of one model and merges neighbors into one call."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..models.process import RunResult
from ..oip.errors import ProtocolError
from ..oip.tensor import Tensor
from ..stats import ModelStats
from .cost import CallCost, rows_within
from .policy import CALL_MS, QueuePolicy
from .select import BatchPolicy, select_batch, wait_before_run

Run = Callable[[Sequence[Tensor], Sequence[str]], Awaitable[RunResult]]


@dataclass(frozen=True)
class Work:
    """One request, checked, its inputs in the model's order. `timeout` in seconds."""

    inputs: list[Tensor]
    outputs: tuple[str, ...]
    rows: int
    key: object
    timeout: float | None
    priority: int | None
    abandoned: Callable[[], bool]


@dataclass(frozen=True)
class BatchResult:
    """Milliseconds in the queue and in the model; rows of all requests of the same call."""

    outputs: list[Tensor]
    queue_ms: float
    compute_ms: float
    batch_rows: int


@dataclass
class _Job:
    work: Work
    rows: int
    key: object
    enqueued_at: float
    deadline: float
    priority: int
    done: asyncio.Future[BatchResult]


class Batcher:
    """What arrived in the same turn of the event loop starts together; what arrives while a call
    runs is merged into the next. A full batch goes on its way while another computes. A batch that
    fails runs again one by one, so that one bad request never fails its neighbors."""

    def __init__(self, run: Run, policy: QueuePolicy, stats: ModelStats, cost: CallCost) -> None:
        self._run = run
        self._policy = policy
        self._stats = stats
        self._queue: list[_Job] = []
        self._running = 0
        self._scheduled = False
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._cost = cost

    def configure(self, policy: QueuePolicy) -> None:
        """Takes effect with the next batch; what waits keeps its place and its deadline."""
        self._policy = policy
        self._schedule()

    @property
    def rows_limit(self) -> int:
        """Rows that may run as one call now; 0 when requests are never merged or cut."""
        policy = self._policy
        if policy.mode != "auto" or policy.rows_max == 0:
            return policy.rows_max
        fit = self._cost.fit()
        return policy.rows_start if fit is None else rows_within(fit, CALL_MS, policy.rows_max)

    async def submit(self, work: Work) -> BatchResult:
        """Raises ProtocolError 503 when the queue is full or the wait too long."""
        policy = self._policy
        if len(self._queue) >= policy.queue_max:
            self._stats.failure["REJECTED"] += 1
            raise ProtocolError(503, "the model's queue is full", 1)
        now = time.monotonic()
        timeout = policy.timeout
        if policy.timeout_override and work.timeout is not None:
            timeout = min(timeout, work.timeout)
        wanted = work.priority or 0
        priority = wanted if 0 < wanted <= policy.priority_levels else policy.priority_default
        key = None if policy.mode == "off" else work.key
        done: asyncio.Future[BatchResult] = asyncio.get_running_loop().create_future()
        self._insert(_Job(work, work.rows, key, now, now + timeout, priority, done))
        self._stats.pending += 1
        self._schedule()
        return await done

    def _insert(self, job: _Job) -> None:
        at = len(self._queue)
        while at > 0 and self._queue[at - 1].priority > job.priority:
            at -= 1
        self._queue.insert(at, job)

    def _schedule(self) -> None:
        """After the requests that the event loop has already read."""
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._pump)

    def _batch_policy(self) -> BatchPolicy:
        policy = self._policy
        if policy.mode == "fixed":
            return BatchPolicy(policy.rows_max, policy.preferred, policy.delay)
        return BatchPolicy(self.rows_limit, (), 0.0)

    def _pump(self) -> None:
        self._scheduled = False
        now = time.monotonic()
        self._drop_expired(now)
        if not self._queue or self._running >= 2:
            return
        policy = self._batch_policy()
        batch = select_batch(self._queue, policy)
        if self._running and sum(job.rows for job in batch) < policy.rows_max:
            return
        wait = wait_before_run(batch, policy, now)
        if wait > 0:
            self._timer = self._timer or asyncio.get_running_loop().call_later(wait, self._wake)
            return
        taken = {id(job) for job in batch}
        self._queue = [job for job in self._queue if id(job) not in taken]
        self._stats.pending -= len(batch)
        self._running += 1
        task = asyncio.get_running_loop().create_task(self._execute(batch))
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        if self._queue:
            self._schedule()

    def _wake(self) -> None:
        self._timer = None
        self._pump()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._running -= 1
        if self._queue:
            self._schedule()

    def _drop_expired(self, now: float) -> None:
        kept = []
        for job in self._queue:
            abandoned = job.work.abandoned()
            if not abandoned and job.deadline >= now:
                kept.append(job)
                continue
            self._stats.pending -= 1
            self._stats.failure["CANCELED" if abandoned else "REJECTED"] += 1
            _fail(job, ProtocolError(503, "the request waited longer than its timeout", 1))
        self._queue = kept

    async def _execute(self, batch: list[_Job]) -> None:
        try:
            await self._run_together(batch)
        except Exception as error:
            if len(batch) == 1:
                self._stats.failure["BACKEND"] += 1
                return _fail(batch[0], error)
            for job in batch:
                await self._execute([job])

    async def _run_together(self, batch: list[_Job]) -> None:
        started = time.monotonic()
        work = batch[0].work
        inputs = work.inputs
        if len(batch) > 1:
            inputs = [
                replace(one, array=np.concatenate([job.work.inputs[at].array for job in batch]))
                for at, one in enumerate(inputs)
            ]
        merge_ms = (time.monotonic() - started) * 1000
        rows = sum(job.rows for job in batch)
        result = await self._run(inputs, work.outputs)
        computed = time.monotonic()
        self._cost.note(rows, result.ms)
        merged = len(batch) > 1
        if merged and any(not one.shape or one.shape[0] != rows for one in result.outputs):
            raise ProtocolError(
                503, "the model does not answer one row for each row it was given", 1
            )
        at = 0
        for job in batch:
            queue_ms = max(0.0, (computed - job.enqueued_at) * 1000 - result.ms)
            outputs = result.outputs
            if merged:
                outputs = [replace(one, array=one.array[at : at + job.rows]) for one in outputs]
            at += job.rows
            self._stats.record_request(job.rows, queue_ms, result.ms)
            if not job.done.done():
                job.done.set_result(BatchResult(outputs, queue_ms, result.ms, rows))
        split_ms = (time.monotonic() - computed) * 1000
        self._stats.record_execution(rows, merge_ms, result.ms, split_ms)


def _fail(job: _Job, error: Exception) -> None:
    if not job.done.done():
        job.done.set_exception(error)
