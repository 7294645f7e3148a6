"""The product's signature of a version, as far as a node needs it, and how a model fits it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..oip.errors import ProtocolError, bad_request
from ..oip.tensor import DTYPES, TensorSpec, format_shape


def check_signature(signature: Any) -> dict[str, Any]:
    """Raises ProtocolError 400 for what is no signature."""
    try:
        tensors = [*signature["inputs"], *signature["outputs"]]
        lengths = all(isinstance(length, int) for one in tensors for length in one["shape"])
        sound = (
            signature["task"] in ("classification", "regression")
            and bool(signature["inputs"] and signature["outputs"])
            and all(isinstance(one["name"], str) and one["datatype"] in DTYPES for one in tensors)
            and lengths
            and all(isinstance(one["name"], str) for one in signature["features"])
            and all(isinstance(one["columns"], list) for one in signature["inputs"])
            and (signature["classes"] is None or isinstance(signature["classes"], list))
        )
    except (KeyError, TypeError):
        sound = False
    if not sound:
        raise bad_request("the load request is not valid: signature: is not a model's signature")
    return dict(signature)


def agreed_inputs(specs: Sequence[TensorSpec], signature: dict[str, Any]) -> list[TensorSpec]:
    """The inputs as callers must send them: lengths only the signature knows are filled in."""
    declared = {one["name"]: one for one in signature["inputs"]}
    _check_names("input", signature["inputs"], specs)
    agreed = []
    for spec in specs:
        one = declared.get(spec.name)
        if one is None:
            raise bad_request(f"the model needs the input {spec.name}, the signature has none such")
        shape = tuple(one["shape"])
        fits = len(shape) == len(spec.shape) and all(
            fixed < 0 or fixed == length for fixed, length in zip(spec.shape, shape)
        )
        if not fits:
            raise bad_request(
                f"input {spec.name} is {format_shape(shape)} in the signature "
                f"and {format_shape(spec.shape)} in the model"
            )
        agreed.append(replace(spec, shape=shape))
    return agreed


def renamed_outputs(
    specs: Sequence[TensorSpec], signature: dict[str, Any], by_place: bool
) -> list[TensorSpec]:
    """The outputs under the signature's names: an archive's go by place where it names none."""
    declared = signature["outputs"]
    known = {spec.name for spec in specs}
    if by_place and not all(one["name"] in known for one in declared):
        if len(declared) != len(specs):
            raise bad_request(
                f"the signature has {len(declared)} outputs, the model has {len(specs)}"
            )
        specs = [replace(spec, name=one["name"]) for spec, one in zip(specs, declared)]
    _check_names("output", declared, specs)
    return list(specs)


def _check_names(kind: str, declared: list[dict[str, Any]], specs: Sequence[TensorSpec]) -> None:
    actual = {spec.name: spec for spec in specs}
    for one in declared:
        name, datatype = one["name"], one["datatype"]
        if name not in actual:
            raise bad_request(f"the signature names the {kind} {name}, the model has none such")
        if actual[name].datatype != datatype:
            raise bad_request(
                f"{kind} {name} is {datatype} in the signature "
                f"and {actual[name].datatype} in the model"
            )


def check_answer(signature: dict[str, Any], outputs: dict[str, Any], rows: int) -> None:
    """Whether an answer can be read as predictions. Raises ProtocolError 400."""
    wanted = "label" if signature["task"] == "classification" else "prediction"
    if wanted not in outputs or outputs[wanted].size != rows:
        raise bad_request(f"the output {wanted} must have one value a row")
    if wanted == "prediction":
        return
    classes = signature["classes"] or []
    labels = outputs["label"].ravel()
    if labels.size and (labels.min() < 0 or labels.max() >= len(classes)):
        raise bad_request(f"a label is none of {len(classes)} classes")
    probabilities = outputs.get("probabilities")
    if probabilities is not None and probabilities.size != rows * len(classes):
        raise ProtocolError(400, f"{probabilities.size} probabilities for {rows} rows")
