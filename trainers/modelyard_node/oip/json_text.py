"""JSON as this protocol needs it: exact integers, bounded depth, no name twice within an object."""

from __future__ import annotations

import json
import re
from typing import Any

from .errors import bad_request, quoted

DEPTH_MAX = 100
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NOT_BRACKETS = bytes(code for code in range(256) if chr(code) not in "[]{}")


class _Repeated(ValueError):
    pass


def parse_json(data: bytes) -> Any:
    """Parses a message. NaN and infinities may be bare words. Raises ProtocolError 400."""
    _check_depth(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise bad_request("the JSON is not valid UTF-8") from None
    try:
        return json.loads(text, object_pairs_hook=_object)
    except _Repeated as error:
        raise bad_request(str(error)) from None
    except (ValueError, RecursionError) as error:
        raise bad_request(f"the request is not valid JSON: {str(error)[:120]}") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _Repeated(f"the JSON has the name {quoted(name)} twice")
            seen.add(name)
    return made


def _check_depth(data: bytes) -> None:
    if data.count(b"[") + data.count(b"{") <= DEPTH_MAX:
        return
    depth = 0
    for code in _STRING.sub(b"", data).translate(None, _NOT_BRACKETS):
        if code in b"[{":
            depth += 1
            if depth > DEPTH_MAX:
                raise bad_request(f"the JSON is nested deeper than {DEPTH_MAX} levels")
        else:
            depth -= 1
