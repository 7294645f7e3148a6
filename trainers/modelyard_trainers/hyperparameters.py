"""Reads algorithms.json, the one declaration of every algorithm and its hyperparameters."""

from __future__ import annotations

import json
import math
from functools import lru_cache
from pathlib import Path
from typing import Any

from .errors import BadInput

CATALOG_PATH = Path(__file__).with_name("algorithms.json")


@lru_cache(maxsize=1)
def catalog() -> dict[str, Any]:
    """The parsed algorithms.json: {"version", "limits", "algorithms": [...]}."""
    return json.loads(CATALOG_PATH.read_text(encoding="utf-8"))


def limits() -> dict[str, Any]:
    """Bounds on rows, classes, features and splits that hold for every algorithm."""
    return catalog()["limits"]


def algorithm_entry(algorithm: str) -> dict[str, Any]:
    """The catalog entry of one algorithm; raises BadInput naming the known ones."""
    known = {entry["id"]: entry for entry in catalog()["algorithms"]}
    if algorithm not in known:
        raise BadInput(f"unknown algorithm {algorithm!r}; choose one of {', '.join(known)}")
    return known[algorithm]


def resolve_hyperparameters(algorithm: str, task: str, given: dict[str, Any]) -> dict[str, Any]:
    """Every hyperparameter of the algorithm for the task, with defaults filled in.

    Raises BadInput on an unknown name, a wrong type or a value out of range.
    """
    entry = algorithm_entry(algorithm)
    declared = [p for p in entry["hyperparameters"] if task in p["tasks"]]
    by_name = {name: p for p in declared for name in (p["name"], *p["aliases"])}
    values: dict[str, Any] = {}
    for name, value in given.items():
        parameter = by_name.get(name)
        if parameter is None:
            raise BadInput(_unknown_message(entry, task, name, declared))
        if parameter["name"] in values:
            raise BadInput(
                f"hyperparameter {parameter['name']!r} is given twice (also as {name!r})"
            )
        values[parameter["name"]] = _checked(parameter, value)
    return {p["name"]: values.get(p["name"], p["default"]) for p in declared}


def _unknown_message(
    entry: dict[str, Any], task: str, name: str, declared: list[dict[str, Any]]
) -> str:
    if any(p["name"] == name for p in entry["hyperparameters"]):
        return f"hyperparameter {name!r} of {entry['id']} does not apply to {task}"
    if name in ("seed", "random_state"):
        return f"set the seed as 'seed' of the job, not as hyperparameter {name!r}"
    names = ", ".join(p["name"] for p in declared)
    return f"unknown hyperparameter {name!r} for {entry['id']}; it has {names}"


def _checked(parameter: dict[str, Any], value: Any) -> Any:
    name = parameter["name"]
    if value is None:
        if parameter["nullable"]:
            return parameter["default"]
        raise BadInput(f"hyperparameter {name!r} must not be null")
    if parameter["type"] == "choice":
        if value not in parameter["choices"]:
            choices = ", ".join(parameter["choices"])
            raise BadInput(f"hyperparameter {name!r} must be one of {choices}, not {value!r}")
        return value
    if parameter["type"] == "boolean":
        if not isinstance(value, bool):
            raise BadInput(f"hyperparameter {name!r} must be true or false, not {value!r}")
        return value
    return _checked_number(parameter, value)


def _checked_number(parameter: dict[str, Any], value: Any) -> int | float:
    name = parameter["name"]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise BadInput(f"hyperparameter {name!r} must be a number, not {value!r}")
    if parameter["type"] == "integer":
        if value != int(value):
            raise BadInput(f"hyperparameter {name!r} must be a whole number, not {value!r}")
        value = int(value)
    if not parameter["min"] <= value <= parameter["max"]:
        low, high = parameter["min"], parameter["max"]
        raise BadInput(f"hyperparameter {name!r} must be between {low} and {high}, not {value!r}")
    return value if parameter["type"] == "integer" else float(value)
