"""Model files from the product: over HTTP, with the node token and the key of the one object."""

from __future__ import annotations

import hashlib
import http.client
import ssl
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from ..oip.errors import ProtocolError, bad_request
from .load_request import LoadRequest

_TIMEOUT_S = 30.0
_TRIES = 4
_PIECE = 1024 * 1024

# Writes the file of a request to a path and answers its size; blocks.
Fetch = Callable[[LoadRequest, Path], int]


def fetch_from(gateway: str, token: str | None, bytes_max: int) -> Fetch:
    """Reads `GET /api/v1/nodes/artifacts/…`; a connection that breaks is resumed by a range."""

    def fetch(request: LoadRequest, path: Path) -> int:
        _check_size(request.size or 0, bytes_max)
        digest, size = hashlib.sha256(), 0
        with open(path, "wb") as file:
            for left in reversed(range(_TRIES)):
                try:
                    for piece in _pieces(gateway, token, request, size):
                        size += len(piece)
                        _check_size(size, bytes_max)
                        digest.update(piece)
                        file.write(piece)
                    break
                except (OSError, http.client.HTTPException):
                    if left == 0:
                        raise _unreadable(request.artifact) from None
        _check(request, size, digest.hexdigest())
        return size

    return fetch


def _pieces(gateway: str, token: str | None, request: LoadRequest, start: int):  # type: ignore[no-untyped-def]
    url = urlsplit(gateway)
    make = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    options = {"context": ssl.create_default_context()} if url.scheme == "https" else {}
    connection = make(url.hostname or "", url.port, timeout=_TIMEOUT_S, **options)  # type: ignore[arg-type]
    headers = {} if token is None else {"x-modelyard-node-token": token}
    workspace = "-"
    if request.access is not None:
        workspace = request.access.workspace_id
        headers["x-modelyard-object-key"] = request.access.key
    if start:
        headers["range"] = f"bytes={start}-"
    try:
        target = f"{url.path.rstrip('/')}/api/v1/nodes/artifacts/{workspace}/{request.artifact}"
        connection.request("GET", target, headers=headers)
        reply = connection.getresponse()
        if reply.status in (401, 403, 404):
            raise ProtocolError(404, f"the artifact {request.artifact} does not exist")
        if reply.status != (206 if start else 200):
            raise http.client.HTTPException(f"status {reply.status}")
        left = reply.length
        while piece := reply.read(_PIECE):
            left = None if left is None else left - len(piece)
            yield piece
        if left:
            raise http.client.IncompleteRead(b"")
    finally:
        connection.close()


def _unreadable(artifact: str) -> ProtocolError:
    return ProtocolError(503, f"the artifact {artifact} cannot be read", 1)


def _check_size(size: int, bytes_max: int) -> None:
    if size > bytes_max:
        raise bad_request(
            f"the model has {size} bytes, more than the {bytes_max} bytes this node keeps in memory"
        )


def _check(request: LoadRequest, size: int, digest: str) -> None:
    if request.size is not None and request.size != size:
        raise bad_request(f"the artifact has {size} bytes, size_bytes says {request.size}")
    if digest != request.artifact:
        raise bad_request(f"the artifact's SHA-256 is {digest}, expected {request.artifact}")
