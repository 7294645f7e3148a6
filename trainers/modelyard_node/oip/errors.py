"""What a caller is told when a request is refused."""

from __future__ import annotations

import json

_SHOWN = 80


class ProtocolError(Exception):
    """A request this protocol refuses; the message is safe to show and becomes {"error": message}."""

    def __init__(self, status: int, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.retry_after = retry_after


def bad_request(message: str) -> ProtocolError:
    """The caller sent something malformed: HTTP 400."""
    return ProtocolError(400, message)


def quoted(value: object) -> str:
    """Names and values come from the caller: shortened, so that a reply stays small."""
    text = str(value)
    shown = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
    return json.dumps(shown, ensure_ascii=not shown.isprintable())
