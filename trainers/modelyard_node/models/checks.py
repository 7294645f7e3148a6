"""Whether the tensors of a request are what a model takes."""

from __future__ import annotations

from collections.abc import Sequence

from ..oip.errors import ProtocolError, bad_request, quoted
from ..oip.tensor import Tensor, TensorSpec, format_shape


def check_inputs(specs: Sequence[TensorSpec], tensors: Sequence[Tensor]) -> list[Tensor]:
    """The tensors in the order of the model's inputs, each checked. Raises ProtocolError 400."""
    given = {tensor.name: tensor for tensor in tensors}
    for spec in specs:
        if spec.name in given:
            _check(spec, given[spec.name])
    expected = {spec.name for spec in specs}
    if expected == given.keys():
        return [given[spec.name] for spec in specs]
    raise _wrong_names(specs, expected, given.keys())


def _wrong_names(specs: Sequence[TensorSpec], expected: set[str], given: object) -> ProtocolError:
    names = list(given)  # type: ignore[call-overload]
    missing = [spec.name for spec in specs if spec.name not in names]
    unknown = [name for name in names if name not in expected]
    parts = [f"expected {len(expected)} inputs, got {len(names)}"]
    if missing:
        parts.append(f"missing: {', '.join(quoted(name) for name in missing[:10])}")
    if unknown:
        parts.append(f"unknown: {', '.join(quoted(name) for name in unknown[:10])}")
    return bad_request("; ".join(parts))


def _check(spec: TensorSpec, tensor: Tensor) -> None:
    name = quoted(spec.name)
    if tensor.datatype != spec.datatype:
        raise bad_request(f"input {name} must be {spec.datatype}, got {tensor.datatype}")
    fits = len(tensor.shape) == len(spec.shape) and all(
        length < 0 or length == got for length, got in zip(spec.shape, tensor.shape)
    )
    if not fits:
        raise bad_request(
            f"input {name} must have the shape {format_shape(spec.shape)}, "
            f"got {format_shape(tensor.shape)}"
        )
    if spec.datatype == "BYTES":
        _check_texts(spec.name, tensor)


def _check_texts(name: str, tensor: Tensor) -> None:
    """Runtimes take texts, and some end them at a NUL."""
    for value in tensor.array.ravel().tolist():
        if b"\0" in value:
            raise bad_request(f"tensor {quoted(name)}: a string holds a NUL byte")
        try:
            value.decode("utf-8")
        except UnicodeDecodeError:
            raise bad_request(f"tensor {quoted(name)}: its BYTES must be UTF-8") from None


def check_outputs(specs: Sequence[TensorSpec], names: Sequence[str]) -> None:
    """Raises ProtocolError 400 for an output that the model does not have."""
    known = [spec.name for spec in specs]
    for name in names:
        if name not in known:
            raise bad_request(
                f"output {quoted(name)} is not known; the model has "
                f"{', '.join(quoted(one) for one in known)}"
            )


def rows_of(inputs: Sequence[Tensor]) -> int:
    """Rows of a request whose inputs all have them first. Raises ProtocolError 400."""
    rows = {tensor.shape[0] if tensor.shape else 0 for tensor in inputs}
    if len(rows) > 1:
        raise bad_request("all inputs must have the same number of rows (first dimension)")
    return rows.pop() if rows else 0
