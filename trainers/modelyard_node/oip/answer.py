"""Inference responses: JSON, with those outputs behind it that are wanted in the binary form."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .binary_tensor import encode_binary
from .json_tensor import encode_json
from .tensor import Tensor


@dataclass(frozen=True)
class EncodedAnswer:
    """`header_length` is set when binary tensors follow the JSON."""

    body: bytes
    header_length: int | None


def encode_answer(
    model: str,
    id_: str | None,
    parameters: dict[str, Any],
    outputs: list[tuple[Tensor, bool]],
) -> EncodedAnswer:
    """Each output with whether it takes the binary form. Raises ProtocolError 400."""
    members = [f'"model_name":{_text(model)}', '"model_version":"1"']
    if id_ is not None:
        members.append(f'"id":{_text(id_)}')
    if parameters:
        members.append(f'"parameters":{_text(parameters)}')
    entries: list[str] = []
    behind: list[bytes | memoryview] = []
    for tensor, binary in outputs:
        head = (
            f'{{"name":{_text(tensor.name)},"datatype":"{tensor.datatype}",'
            f'"shape":{_text(list(tensor.shape))}'
        )
        if binary:
            data = encode_binary(tensor)
            behind.append(data)
            entries.append(f'{head},"parameters":{{"binary_data_size":{len(data)}}}}}')
        else:
            entries.append(f'{head},"data":{encode_json(tensor)}}}')
    members.append(f'"outputs":[{",".join(entries)}]')
    text = f"{{{','.join(members)}}}".encode()
    if not behind:
        return EncodedAnswer(text, None)
    return EncodedAnswer(b"".join([text, *behind]), len(text))


def _text(value: Any) -> str:
    # Escaped, since a lone surrogate has no other form.
    return json.dumps(value, separators=(",", ":"))
