"""Tells a gateway every few seconds that this node is there, for as long as it lives."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .log import log

_TIMEOUT_S, _LAST_WORD_S, _HEARTBEAT_S = 5.0, 1.0, 2.0


@dataclass(frozen=True)
class Announcement:
    """What the node says of itself; `url` is where gateways reach it."""

    gateway: str
    token: str
    url: str
    labels: dict[str, str]
    device: str
    memory_bytes: int
    models_max: int
    version: str
    load: Callable[[], dict[str, int]]


class Announcer:
    """A gateway that is away is asked again; requests are answered meanwhile."""

    def __init__(self, said: Announcement) -> None:
        self._said = said
        self._was_heard: bool | None = None
        self._task = asyncio.get_running_loop().create_task(self._beat())

    async def _beat(self) -> None:
        wait = _HEARTBEAT_S
        while True:
            try:
                wait = await self._say(False, _TIMEOUT_S)
                if self._was_heard is not True:
                    log("registered", url=self._said.gateway)
                self._was_heard = True
            except (OSError, ValueError) as error:
                if self._was_heard is not False:
                    log("registration_not_taken", url=self._said.gateway, reason=str(error))
                self._was_heard = False
            await asyncio.sleep(wait)

    async def _say(self, leaving: bool, timeout: float) -> float:
        body = self._body(leaving)
        return await asyncio.get_running_loop().run_in_executor(
            None, _post, self._said.gateway, self._said.token, body, timeout
        )

    def _body(self, leaving: bool) -> dict[str, Any]:
        said = self._said
        return {
            "url": said.url,
            "labels": said.labels,
            "device": said.device,
            "memoryBytes": said.memory_bytes,
            "modelsMax": said.models_max,
            "version": said.version,
            "load": said.load(),
            "leaving": leaving,
        }

    async def close(self) -> None:
        """Says goodbye where anybody listened."""
        self._task.cancel()
        if self._was_heard:
            try:
                await self._say(True, _LAST_WORD_S)
            except (OSError, ValueError):
                pass


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any) -> None:  # type: ignore[override]
        """The token goes to nobody else."""
        return None


# Never through a proxy: the token is for the gateway alone.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())


def _post(gateway: str, token: str, body: dict[str, Any], timeout: float) -> float:
    """Seconds until it wants to hear the next word. Raises OSError or ValueError."""
    request = urllib.request.Request(
        f"{gateway.rstrip('/')}/api/v1/nodes/announce",
        data=json.dumps(body).encode(),
        headers={"content-type": "application/json", "x-modelyard-node-token": token},
        method="POST",
    )
    try:
        with _opener.open(request, timeout=timeout) as reply:
            said = json.loads(reply.read(65_536))
    except urllib.error.HTTPError as error:
        text = error.read(300).decode("utf-8", "replace")
        raise OSError(f"it answered {error.code}: {text}") from None
    interval = said.get("heartbeatMs") if isinstance(said, dict) else None
    return interval / 1000 if isinstance(interval, (int, float)) and interval > 0 else _HEARTBEAT_S
