"""The product's signature of a version, as far as a node needs it, and how a model fits it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..oip.errors import ProtocolError, bad_request
from ..oip.tensor import DTYPES, TensorSpec, format_shape


# What an output of a signature may be of one that an archive has.
OPERATORS = ("Identity", "Softmax", "ArgMax")


@dataclass(frozen=True)
class Output:
    """An output as callers see it, and the model's own that it is made of."""

    spec: TensorSpec
    source: str
    operator: str = "Identity"


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
            and all(_is_made(one.get("from")) for one in signature["outputs"])
            and all(isinstance(one["name"], str) for one in signature["features"])
            and all(isinstance(one["columns"], list) for one in signature["inputs"])
            and (signature["classes"] is None or isinstance(signature["classes"], list))
        )
    except (KeyError, TypeError, AttributeError):
        sound = False
    if not sound:
        raise bad_request("the load request is not valid: signature: is not a model's signature")
    return dict(signature)


def _is_made(made: Any) -> bool:
    return made is None or (
        isinstance(made.get("output"), str) and made.get("operator", "Identity") in OPERATORS
    )


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


def agreed_outputs(
    specs: Sequence[TensorSpec], signature: dict[str, Any], is_archive: bool
) -> list[Output]:
    """The outputs under the signature's names. Of an archive they say what they are made of, or go
    by place where it names none."""
    declared = signature["outputs"]
    if is_archive and any(one.get("from") for one in declared):
        outputs = [_made(one, specs) for one in declared]
        _check_names("output", declared, [one.spec for one in outputs])
        return outputs
    sources = [spec.name for spec in specs]
    if is_archive and not all(one["name"] in sources for one in declared):
        if len(declared) != len(specs):
            raise bad_request(
                f"the signature has {len(declared)} outputs, the model has {len(specs)}"
            )
        specs = [replace(spec, name=one["name"]) for spec, one in zip(specs, declared)]
    _check_names("output", declared, specs)
    return [Output(spec, source) for spec, source in zip(specs, sources)]


def _made(one: dict[str, Any], specs: Sequence[TensorSpec]) -> Output:
    made = one.get("from") or {"output": one["name"]}
    source, operator = made["output"], made.get("operator", "Identity")
    spec = next((spec for spec in specs if spec.name == source), None)
    if spec is None:
        raise bad_request(f"the signature names the output {source}, the model has none such")
    if operator == "Identity":
        return Output(replace(spec, name=one["name"]), source)
    if spec.datatype not in ("FP32", "FP64") or len(spec.shape) != 2:
        raise bad_request(
            f"output {source} is {spec.datatype} {format_shape(spec.shape)}: "
            "scores are floats of the shape [rows, classes]"
        )
    datatype, shape = (
        ("INT64", spec.shape[:1]) if operator == "ArgMax" else (spec.datatype, spec.shape)
    )
    return Output(TensorSpec(one["name"], datatype, shape), source, operator)


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
