"""Reading request bodies and sending replies, packed where asked."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

from ..oip.errors import ProtocolError, bad_request, quoted

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
# Smaller bodies cost more to pack than they save.
_PACK_MIN = 16_384
# Work on more bytes than this leaves the event loop.
_ASIDE_MIN = 262_144


def too_large(bytes_max: int) -> ProtocolError:
    return ProtocolError(413, f"the body is larger than the limit of {bytes_max} bytes")


async def read_body(headers: dict[str, str], receive: Receive, bytes_max: int) -> bytes:
    """The whole body, unpacked; at most `bytes_max` before and after. Raises ProtocolError."""
    length = headers.get("content-length", "0")
    if length.isdigit() and int(length) > bytes_max:
        raise too_large(bytes_max)
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise bad_request("the connection closed before the body ended")
        piece = message.get("body", b"")
        size += len(piece)
        if size > bytes_max:
            raise too_large(bytes_max)
        pieces.append(piece)
        if not message.get("more_body", False):
            break
    body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
    encoding = headers.get("content-encoding", "identity")
    if encoding == "identity":
        return body
    if encoding not in ("gzip", "deflate"):
        raise bad_request(
            f"content-encoding {quoted(encoding)} is not supported, use gzip or deflate"
        )
    return await asyncio.get_running_loop().run_in_executor(
        None, _unpack, encoding, body, bytes_max
    )


def _unpack(encoding: str, body: bytes, bytes_max: int) -> bytes:
    unpacker = zlib.decompressobj(31 if encoding == "gzip" else 15)
    try:
        plain = unpacker.decompress(body, bytes_max + 1)
    except zlib.error:
        raise bad_request(f"the body is not valid {encoding}") from None
    if len(plain) > bytes_max:
        raise too_large(bytes_max)
    if not unpacker.eof:
        raise bad_request(f"the body is not valid {encoding}")
    return plain


async def pack(accepted: str, body: bytes) -> tuple[bytes, str | None]:
    """The body as gzip or deflate when `Accept-Encoding` allows one and it is large enough."""
    if len(body) < _PACK_MIN:
        return body, None
    encoding = next((one for one in ("gzip", "deflate") if _accepts(accepted, one)), None)
    if encoding is None:
        return body, None
    if len(body) < _ASIDE_MIN:
        return _pack(encoding, body), encoding
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, _pack, encoding, body), encoding


def _pack(encoding: str, body: bytes) -> bytes:
    return gzip.compress(body, 1) if encoding == "gzip" else zlib.compress(body, 1)


def _accepts(header: str, encoding: str) -> bool:
    for entry in header.lower().split(","):
        name, *parameters = (part.strip() for part in entry.split(";"))
        if name == encoding:
            return not any(re.fullmatch(r"q=0(\.0*)?", one) for one in parameters)
    return False


async def send_body(
    send: Send,
    status: int,
    content_type: str,
    body: bytes,
    headers: list[tuple[bytes, bytes]] | None = None,
) -> None:
    start = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        *(headers or []),
    ]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})


async def send_json(send: Send, value: Any, status: int = 200) -> None:
    await send_body(send, status, "application/json", json.dumps(value).encode())


async def send_error(send: Send, error: Exception) -> None:
    """The protocol's own error body. Anything but a ProtocolError says nothing about itself."""
    known = error if isinstance(error, ProtocolError) else ProtocolError(500, "internal error")
    headers = []
    if known.retry_after is not None:
        headers.append((b"retry-after", str(known.retry_after).encode()))
    # The rest of a refused body is not worth reading: the connection ends with the reply.
    if known.status == 413:
        headers.append((b"connection", b"close"))
    body = json.dumps({"error": known.message}).encode()
    await send_body(send, known.status, "application/json", body, headers)
