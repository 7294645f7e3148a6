"""One conversion: choose rows, try each way, prove it, describe what came of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import BadInput
from ..log import log
from .candidates import Built, Candidate, candidates
from .categories import numeric_places, require_codes
from .columns import Column, Rows, read_columns
from .native import NativeModel
from .prove import Proof, prove
from .rows import gap_rows, known_categories, known_texts, plain_rows, unknown_rows

_SEED = 20_240_501
_EXAMPLE_ROWS = 3
_CATEGORIES_MAX = 100


@dataclass(frozen=True)
class Converted:
    """The ONNX bytes and what the registry is told of them."""

    content: bytes
    description: dict[str, Any]


def convert(loaded: Any, signature: Any, example_file: str | None) -> Converted:
    """Raises BadInput with what keeps the model from being converted, in words for its owner."""
    model = NativeModel(loaded)
    columns = read_columns(signature, model.names, model.width)
    if model.facts:
        require_codes(columns, model.facts.categories)
    kinds = ", ".join(f"{column.name} ({column.type})" for column in columns[:20])
    log(f"{len(columns)} columns: {kinds}")
    example = _read_example(example_file, columns)
    known = known_categories(model.estimator, columns) if model.facts is None else {
        columns[at].name: values
        for at, values in model.facts.categories.items()
        if columns[at].is_category
    }
    ways = candidates(model, columns)
    edges = numeric_places(ways[0].thresholds, columns)
    texts = known | known_texts(model.estimator, columns, _SEED)
    rows = plain_rows(columns, example, texts, edges, _SEED)
    gaps = _answered(model, columns, gap_rows(rows, _SEED))
    strange = _answered(model, columns, unknown_rows(rows))
    way, built, proof, takes_gaps = _proved(ways, model, columns, (rows, gaps, strange))
    log(f"converted by {way.name}: {proof.rows} rows differ by {proof.max_abs_diff:.3g} at most")
    description = {
        "method": way.name,
        "parity": proof.as_json(),
        "signature": _signature(model, columns, known, built, nullable=takes_gaps),
        "inputExample": {"inputs": _rows_of(columns, rows)},
    }
    return Converted(built.content, description)


def _proved(
    ways: list[Candidate],
    model: NativeModel,
    columns: list[Column],
    sets: tuple[Rows, Rows | None, Rows | None],
) -> tuple[Candidate, Built, Proof, bool]:
    """The first way that holds and whether it takes gaps; without gaps where none holds with them."""
    rows, gaps, strange = sets
    whole = rows.joined(strange) if strange is not None else rows
    if gaps is None:
        return *_first_that_holds(ways, model, columns, whole), False
    try:
        return *_first_that_holds(ways, model, columns, whole.joined(gaps)), True
    except BadInput:
        log("no way answers rows with gaps as the model does: they may not be sent")
        return *_first_that_holds(ways, model, columns, whole), False


def _first_that_holds(
    ways: list[Candidate], model: NativeModel, columns: list[Column], rows: Rows
) -> tuple[Candidate, Built, Proof]:
    reasons = []
    for way in ways:
        try:
            built = way.build()
            proof = prove(built.content, model, columns, rows, way.tolerance)
        except MemoryError:
            raise
        except Exception as error:
            reasons.append(f"{way.name}: {type(error).__name__}: {' '.join(str(error).split())[:300]}")
            log(reasons[-1])
            continue
        if proof.holds:
            return way, built, proof
        reasons.append(
            f"{way.name}: over {proof.rows} rows the answers differ by {proof.max_abs_diff:.3g} "
            f"(allowed {proof.tolerance:g}), {proof.label_flips} labels differ"
        )
        log(reasons[-1])
    raise BadInput(f"no way to ONNX answers as the model does. {'; '.join(reasons)}")


def _answered(model: NativeModel, columns: list[Column], rows: Rows) -> Rows | None:
    """The rows if the framework answers them, else None: then nobody may send such rows."""
    if not len(rows):
        return None
    try:
        answers = model.answer(rows, columns)
    except (ValueError, TypeError, KeyError):
        return None
    first = answers.prediction if answers.prediction is not None else answers.probabilities
    return rows if first is None or np.isfinite(first).all() else None


def _read_example(path: str | None, columns: list[Column]) -> list[dict[str, Any]]:
    """Rows of MLflow's input_example.json: a split frame, records, or a matrix."""
    if path is None:
        return []
    try:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
    except (OSError, ValueError):
        return []
    names = [column.name for column in columns]
    if isinstance(document, dict) and isinstance(document.get("data"), list):
        listed = document.get("columns")
        names = [str(name) for name in listed] if isinstance(listed, list) else names
        document = document["data"]
    elif isinstance(document, dict):
        document = document.get("inputs", document.get("instances", []))
    if not isinstance(document, list):
        return []
    rows = [row if isinstance(row, dict) else dict(zip(names, row)) for row in document[:100]
            if isinstance(row, (dict, list))]  # fmt: skip
    return rows


def _signature(
    model: NativeModel,
    columns: list[Column],
    known: dict[str, list[str]],
    built: Built,
    nullable: bool,
) -> dict[str, Any]:
    features: list[dict[str, Any]] = []
    for column in columns:
        feature: dict[str, Any] = {"name": column.name, "type": column.type}
        feature["nullable"] = nullable and not column.is_category
        if known.get(column.name):
            feature["categories"] = known[column.name][:_CATEGORIES_MAX]
        features.append(feature)
    task = "regression" if model.classes is None else "classification"
    kind = "number" if model.classes is None else "category"
    return {
        "task": task,
        "features": features,
        "target": {"name": "target", "type": kind},
        "classes": model.classes,
        "inputs": built.inputs,
        "outputs": built.outputs,
    }


def _rows_of(columns: list[Column], rows: Rows) -> list[dict[str, Any]]:
    made = []
    for at in range(min(len(rows), _EXAMPLE_ROWS)):
        numbers, texts = iter(rows.numeric[at].tolist()), iter(rows.categorical[at].tolist())
        row: dict[str, Any] = {}
        for column in columns:
            value: Any = next(texts) if column.is_category else next(numbers)
            if column.type == "integer":
                value = int(value)
            row[column.name] = bool(value) if column.type == "boolean" else value
        made.append(row)
    return made
