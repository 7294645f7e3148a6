"""Command line: python -m modelyard_node [--register GATEWAY] [--device cuda]. See README.md."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import uvicorn

from .announce import Announcement, Announcer
from .log import log
from .models.artifacts import Fetch, fetch_from
from .models.store import MODELS_MAX, ModelStore, StoreOptions
from .oip.errors import ProtocolError
from .settings import Settings, read_settings
from .web.app import NodeApp
from .web.context import NodeContext

if TYPE_CHECKING:
    from .tracing import Tracing

VERSION = "modelyard-node-python 1, Open Inference Protocol V2"
BODY_BYTES = 64 * 1024 * 1024
_HEADER_BYTES = 16 * 1024
_KEEP_ALIVE_S, _CLOSE_S = 65, 10


class _Server(uvicorn.Server):
    """Signals are ours: gateways are told before the last requests are answered."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT."""
    options = StoreOptions(
        _fetch(settings), settings.cache_bytes, settings.device, settings.threads
    )
    store = ModelStore(options)
    tracing = _tracing(settings)
    context = NodeContext(store, BODY_BYTES, settings.token, tracing=tracing)
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Named TCP: asyncio else leaves Nagle's algorithm on, which holds each reply back for 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((settings.host, settings.port))
    server = _Server(
        uvicorn.Config(
            NodeApp(context),
            http="h11",
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
            backlog=1024,
            timeout_graceful_shutdown=_CLOSE_S,
            h11_max_incomplete_event_size=_HEADER_BYTES,
        )
    )
    running = asyncio.ensure_future(server.serve([listener]))
    while not server.started and not running.done():
        await asyncio.sleep(0.01)
    url = _url(settings, listener.getsockname()[1])
    log("ready", url=url, device=settings.device)
    # For who started it: one line on stdout, then nothing.
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()
    _write_bytecode()
    announcer = _announcer(settings, url, store) if settings.register else None
    await _until_told(running)
    if announcer is not None:
        await announcer.close()
    context.ready = False
    server.should_exit = True
    await running
    await store.close()
    if tracing is not None:
        await asyncio.to_thread(tracing.close)


def _tracing(settings: Settings) -> Tracing | None:
    """Its library is loaded where there is a collector only."""
    if settings.collector is None:
        return None
    from .tracing import Tracing

    return Tracing(settings.collector, os.environ.get("OTEL_EXPORTER_OTLP_HEADERS", ""))


def _write_bytecode() -> None:
    """Model processes can write nothing: without this each would compile PyTorch's sources anew."""
    torch = importlib.util.find_spec("torch")
    if torch is None or torch.origin is None:
        return
    if os.path.exists(importlib.util.cache_from_source(torch.origin)):
        return
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env.pop("NODE_TOKEN", None)
    code = "import os; os.nice(10); import torch.export.pt2_archive._package, torch._inductor.cpp_builder"
    quiet = subprocess.DEVNULL
    subprocess.Popen(
        [sys.executable, "-s", "-c", code], env=env, stdin=quiet, stdout=quiet, stderr=quiet
    )


def _fetch(settings: Settings) -> Fetch:
    if settings.artifacts is not None:
        return fetch_from(settings.artifacts, settings.token, settings.cache_bytes)

    def nowhere(*_: object) -> int:
        raise ProtocolError(503, "this node knows no product to read model files from: --register")

    return nowhere


def _url(settings: Settings, port: int) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _announcer(settings: Settings, url: str, store: ModelStore) -> Announcer:
    has_torch = importlib.util.find_spec("torch") is not None
    labels = {
        "runtime": "python", "device": settings.device, **({"torch": "yes"} if has_torch else {}),
        **settings.labels,
    }  # fmt: skip
    return Announcer(
        Announcement(
            gateway=settings.register or "",
            token=settings.token or "",
            url=settings.url or url,
            labels=labels,
            device=settings.device,
            memory_bytes=settings.cache_bytes,
            models_max=MODELS_MAX,
            version=VERSION,
            load=store.load_now,
        )
    )


async def _until_told(running: asyncio.Future[None]) -> None:
    """Returns on the first signal, when the server ended, or when who started it is gone."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, told.set)
    parent, is_child = os.getppid(), os.environ.get("NODE_ENDS_WITH_PARENT") == "1"
    while not told.is_set() and not running.done():
        if is_child and os.getppid() != parent:
            return
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(told.wait(), 1.0)


def main() -> int:
    settings = read_settings(sys.argv[1:])
    try:
        asyncio.run(serve(settings))
    except OSError as error:
        sys.stderr.write(f"the node cannot listen: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
