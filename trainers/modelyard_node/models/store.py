"""The models of this node: which are known, which of them are in memory."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from ..log import log
from ..oip.errors import ProtocolError, quoted
from ..stats import ModelStats
from .artifacts import Fetch
from .entry import Entry, note_queue, shared_process, unknown_model
from .files import FILES, named_for_its_library
from .load_request import LoadRequest
from .model import LoadedModel
from .process import ModelProcess, ProcessSpec

MODELS_MAX = 10_000
_FAILURES_MAX = 100
# A model just loaded can be evicted for another before its request runs: tries before giving up.
_RELOADS_MAX = 5
_LOAD_S = 110.0
T = TypeVar("T")


@dataclass(frozen=True)
class StoreOptions:
    """`process_bytes`: address space one model process may have, beyond GPUs."""

    fetch: Fetch
    cache_bytes: int
    device: str = "cpu"
    threads: int = 1
    process_bytes: int = 32 * 1024**3


@dataclass(frozen=True)
class _Pending:
    fingerprint: str
    done: asyncio.Task[None]


class ModelStore:
    """What is in memory stays within `cache_bytes` (bytes of model files); the least recently used
    are evicted first and come back with their next request."""

    def __init__(self, options: StoreOptions) -> None:
        self.options = options
        self._entries: dict[str, Entry] = {}
        self._pending: dict[str, _Pending] = {}
        self._failures: dict[str, str] = {}
        self._retiring: set[asyncio.Task[None]] = set()
        self._reserved = 0

    def names(self) -> list[str]:
        return list(self._entries)

    def stats_of(self, name: str) -> ModelStats:
        """Raises ProtocolError 404."""
        if name not in self._entries:
            raise unknown_model(name)
        return self._entries[name].stats

    @property
    def bytes_in_memory(self) -> int:
        return sum(one.model.size for one in self._entries.values() if one.model)

    def load_now(self) -> dict[str, int]:
        """What the node is doing, as it announces it."""
        entries = list(self._entries.values())
        return {
            "inFlight": sum(one.model.callers for one in entries if one.model),
            "queued": sum(one.stats.pending for one in entries),
            "models": len(entries),
            "bytesUsed": self.bytes_in_memory,
        }

    async def use(self, name: str, work: Callable[[LoadedModel], Awaitable[T]]) -> T:
        """Calls `work` with the model, loaded again if it was evicted or its process ended.

        `work` must begin its call of the model before it awaits anything else. Raises
        ProtocolError 404 or 503.
        """
        for _ in range(_RELOADS_MAX):
            entry = self._entries.get(name)
            if entry is None:
                raise unknown_model(name)
            entry.used = time.monotonic()
            if entry.model is not None and not entry.model.process.is_alive:
                log("model_process_ended", model=name)
                self._let_go(entry.model)
                entry.model = None
            if entry.model is not None:
                return await work(entry.model)
            await self._reload(name, entry)
        raise ProtocolError(503, "more models are in use than fit into this node's memory", 1)

    async def _reload(self, name: str, entry: Entry) -> None:
        pending = self._pending.get(name)
        try:
            # A load already on its way may be that of a newer version, which must not be undone.
            await (asyncio.shield(pending.done) if pending else self.load(entry.request))
        except ProtocolError as error:
            log("evicted_model_does_not_load", model=name, reason=error.message)
            if error.status == 404:
                # Its bytes are gone: whoever asks is told to load it anew.
                if self._entries.get(name) is entry:
                    del self._entries[name]
                raise unknown_model(name) from None
            raise ProtocolError(
                503, f"model {quoted(name)} cannot be loaded again at the moment", 1
            ) from None

    async def load(self, request: LoadRequest) -> None:
        """Loads or replaces a model; nothing when the same is in memory. Equal loads at the same
        time are one. When it raises ProtocolError, what was there before still answers."""
        name = request.name
        while pending := self._pending.get(name):
            if pending.fingerprint == request.fingerprint and request.config is None:
                return await asyncio.shield(pending.done)
            await asyncio.wait([pending.done])
        entry = self._entries.get(name)
        if entry and entry.model and entry.request.fingerprint == request.fingerprint:
            # The same bytes may lie elsewhere by now: kept for when the model comes back.
            entry.request = replace(request, config=request.config or entry.request.config)
            note_queue(entry.queues, request)
            if request.config is not None:
                entry.model.configure(request.config)
            entry.model.add_queues(entry.queues)
            return
        task = asyncio.get_running_loop().create_task(self._replace(request))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._pending[name] = _Pending(request.fingerprint, task)
        await asyncio.shield(task)

    async def _replace(self, request: LoadRequest) -> None:
        name = request.name
        try:
            known = self._entries.get(name)
            if known is None and len(self._entries) >= MODELS_MAX:
                raise ProtocolError(503, f"this node already knows {MODELS_MAX} models", 1)
            stats = known.stats if known else ModelStats()
            queues = known.queues if known else {}
            note_queue(queues, request)
            if (
                known
                and known.request.fingerprint == request.fingerprint
                and request.config is None
            ):
                request = replace(request, config=known.request.config)
            started = time.monotonic()
            shared = shared_process(request, known)
            if shared is None:
                model = await self._make(request, stats)
            else:
                model = await self._prepare(request, shared, known.model.size, stats)  # type: ignore[union-attr]
            old = self._entries.get(name)
            self._failures.pop(name, None)
            model.add_queues(queues)
            self._entries[name] = Entry(request, stats, model, queues)
            ms = round((time.monotonic() - started) * 1000)
            log("model_loaded", model=name, format=request.form, bytes=model.size, ms=ms)
            if old and old.model and old.model.process is not shared:
                self._let_go(old.model)
            await self._make_room(name)
        except ProtocolError as error:
            log("model_load_refused", model=name, reason=error.message)
            self._remember(name, error.message)
            raise
        finally:
            self._pending.pop(name, None)

    async def _make(self, request: LoadRequest, stats: ModelStats) -> LoadedModel:
        options, reserved = self.options, request.size or 0
        self._reserved += reserved
        folder = Path(tempfile.mkdtemp(prefix="modelyard-node-"))
        try:
            await self._make_room(request.name)
            path = folder / FILES[request.form]
            size = await asyncio.to_thread(options.fetch, request, path)
            return await self._start(request, folder, size, stats)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            self._reserved -= reserved

    async def _start(
        self, request: LoadRequest, folder: Path, size: int, stats: ModelStats
    ) -> LoadedModel:
        options, signature = self.options, request.signature
        config = request.config or {}
        process = await ModelProcess.start(
            ProcessSpec(
                folder=str(folder),
                file=named_for_its_library(request.form, folder),
                form=request.form,
                device=options.device,
                threads=config.get("intra_op_threads", options.threads),
                features=None if signature is None else signature["features"],
                # CUDA maps more address space than there is memory.
                memory=sys.maxsize if options.device == "cuda" else options.process_bytes,
            ),
            _LOAD_S,
        )
        try:
            return await self._prepare(request, process, size, stats)
        except BaseException:
            await process.close()
            raise

    async def _prepare(
        self, request: LoadRequest, process: ModelProcess, size: int, stats: ModelStats
    ) -> LoadedModel:
        is_archive = request.form == "pt2"
        model = await LoadedModel.prepare(process, request.signature, is_archive, size, stats)
        model.configure(request.config or {})
        return model

    async def _make_room(self, keep: str) -> None:
        """Evicts the least recently used models, idle ones first, never `keep`."""
        while self.bytes_in_memory + self._reserved > self.options.cache_bytes:
            victims = [
                (bool(one.model.callers), one.used, name)
                for name, one in self._entries.items()
                if name != keep and one.model
            ]
            if not victims:
                return
            name = min(victims)[2]
            log("model_evicted", model=name)
            model, self._entries[name].model = self._entries[name].model, None
            if model is not None:
                await model.retire()

    async def unload(self, name: str) -> None:
        """Forgets a model once its requests are answered. Raises ProtocolError 404."""
        pending = self._pending.get(name)
        if pending is not None:
            await asyncio.wait([pending.done])
        entry = self._entries.pop(name, None)
        self._failures.pop(name, None)
        if entry is None:
            raise unknown_model(name)
        if entry.model is not None:
            await entry.model.retire()
        log("model_unloaded", model=name)

    def _let_go(self, model: LoadedModel) -> None:
        task = asyncio.get_running_loop().create_task(model.retire())
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    def _remember(self, name: str, reason: str) -> None:
        self._failures.pop(name, None)
        self._failures[name] = reason
        if len(self._failures) > _FAILURES_MAX:
            del self._failures[next(iter(self._failures))]

    def index(self, ready_only: bool) -> list[dict[str, Any]]:
        """Known models and refused loads, as the repository index tells them."""
        evicted = "evicted; loads with its next request"
        listed = [
            {"name": name, "version": "1", "state": "READY", "reason": "" if one.model else evicted}
            for name, one in self._entries.items()
        ]
        failed = [
            {"name": name, "version": "", "state": "UNAVAILABLE", "reason": reason}
            for name, reason in self._failures.items()
            if name not in self._entries
        ]
        return listed if ready_only else listed + failed

    async def close(self) -> None:
        """Waits for running requests and releases everything."""
        if self._pending:
            await asyncio.wait([one.done for one in self._pending.values()])
        await asyncio.gather(*(self.unload(name) for name in self.names()))
        if self._retiring:
            await asyncio.wait(self._retiring)
