"""The ASGI application: reads the target, checks the token, answers errors."""

from __future__ import annotations

import hmac
import traceback
from typing import Any
from urllib.parse import unquote_to_bytes

from ..log import log
from ..oip.errors import ProtocolError, bad_request
from .body import Receive, Send, send_error
from .context import NodeContext, Request
from .routes import route, route_health

Scope = dict[str, Any]


class NodeApp:
    """Nothing sent to it ends the process or gives a 5xx other than 501 and 503."""

    def __init__(self, context: NodeContext) -> None:
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            await self._answer(scope, receive, send)
        except ProtocolError as error:
            await send_error(send, error)
        except Exception as error:
            log("request_failed", error=traceback.format_exc()[-2000:])
            await send_error(send, error)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        path = _segments(scope["raw_path"])
        request = Request(scope["method"], path, headers, receive, send)
        if await route_health(self._context, request):
            return
        self._check_token(headers)
        await route(self._context, request)

    def _check_token(self, headers: dict[str, str]) -> None:
        """In its own header, or as a bearer token for scrapers that can send nothing else."""
        token = self._context.token
        if token is None:
            return
        given = headers.get("x-modelyard-node-token")
        if given is None:
            bearer = headers.get("authorization", "")
            given = bearer[7:] if bearer[:7].lower() == "bearer " else bearer
        if not hmac.compare_digest(given.encode(), token.encode()):
            raise ProtocolError(401, "the node token is missing or wrong")


def _segments(raw_path: bytes) -> list[str]:
    """The decoded segments of a target: b"/v2/models/a%20b" is ["v2", "models", "a b"]."""
    segments = raw_path.split(b"/")[1:]
    if len(segments) > 1 and segments[-1] == b"":
        segments.pop()
    try:
        return [_decoded(segment) for segment in segments]
    except (UnicodeDecodeError, ValueError):
        raise bad_request("the path is not valid percent encoding") from None


def _decoded(segment: bytes) -> str:
    for at in range(len(segment)):
        if segment[at : at + 1] == b"%":
            int(segment[at + 1 : at + 3].ljust(2, b"x"), 16)
    return unquote_to_bytes(segment).decode("utf-8")
