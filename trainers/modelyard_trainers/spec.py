"""The job spec: what to train, on what, with which settings. Parsed once, at the start."""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import BadInput
from .hyperparameters import algorithm_entry, limits

TASKS = ("classification", "regression")
FORMATS = ("csv", "parquet")
DELIMITERS = (",", ";", "\t", "|")
KNOWN_KEYS = {
    "jobId", "algorithm", "task", "target", "features", "dataset", "hyperparameters",
    "validationSplit", "testSplit", "seed", "workDir", "datasetName",
}  # fmt: skip


@dataclass(frozen=True)
class DatasetSource:
    """Where the table is: exactly one of path and url; sha256 is hex, lower case."""

    format: str
    sha256: str
    path: str | None
    url: str | None
    #: What separates the fields of a CSV.
    delimiter: str = ","


@dataclass(frozen=True)
class Spec:
    """A validated job spec; task is None when it is to be inferred from the target."""

    job_id: str
    algorithm: str
    task: str | None
    target: str
    features: tuple[str, ...] | None
    dataset: DatasetSource
    hyperparameters: dict[str, Any]
    validation_split: float
    test_split: float
    seed: int
    work_dir: Path
    dataset_name: str

    def fingerprint(self) -> str:
        """SHA-256 over all that decides the result; a checkpoint of another job never fits."""
        decisive = [
            self.algorithm, self.task, self.target, self.features, self.dataset.sha256,
            self.dataset.format, self.hyperparameters, self.validation_split, self.test_split,
            self.seed,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def read_spec(path: str) -> Spec:
    """Parses and validates the spec file; raises BadInput naming the wrong field."""
    try:
        raw = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"cannot read the spec file: {error.strerror}") from error
    except ValueError as error:
        raise BadInput(f"the spec file is not JSON: {error}") from error
    if not isinstance(raw, dict):
        raise BadInput("the spec must be a JSON object")
    unknown = sorted(set(raw) - KNOWN_KEYS)
    if unknown:
        raise BadInput(f"the spec has unknown fields: {', '.join(unknown)}")
    return _parse(raw)


def _parse(raw: dict[str, Any]) -> Spec:
    task = raw.get("task")
    if task is not None and task not in TASKS:
        raise BadInput(f"task must be null, classification or regression, not {task!r}")
    algorithm = _text(raw, "algorithm")
    algorithm_entry(algorithm)
    target = _text(raw, "target")
    validation, test = _split(raw, "validationSplit"), _split(raw, "testSplit")
    if validation + test > limits()["splitSumMax"] + 1e-12:
        raise BadInput(
            f"validationSplit and testSplit together must be at most {limits()['splitSumMax']}"
        )
    hyperparameters = raw.get("hyperparameters") or {}
    if not isinstance(hyperparameters, dict):
        raise BadInput("hyperparameters must be an object")
    return Spec(
        job_id=_text(raw, "jobId"),
        algorithm=algorithm,
        task=task,
        target=target,
        features=_features(raw, target),
        dataset=parse_dataset(raw.get("dataset")),
        hyperparameters=hyperparameters,
        validation_split=validation,
        test_split=test,
        seed=_seed(raw),
        work_dir=Path(_text(raw, "workDir")),
        dataset_name=str(raw.get("datasetName") or "dataset"),
    )


def _text(raw: dict[str, Any], key: str) -> str:
    value = raw.get(key)
    if not isinstance(value, str) or value == "":
        raise BadInput(f"{key} must be a non-empty text")
    return value


def _split(raw: dict[str, Any], key: str) -> float:
    bounds = limits()[key]
    value = raw.get(key)
    if value is None:
        return float(bounds["default"])
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise BadInput(f"{key} must be a number, not {value!r}")
    if not bounds["min"] <= value <= bounds["max"]:
        raise BadInput(f"{key} must be between {bounds['min']} and {bounds['max']}, not {value!r}")
    return float(value)


def _seed(raw: dict[str, Any]) -> int:
    bounds = limits()["seed"]
    value = raw.get("seed")
    if value is None:
        return int(bounds["default"])
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not bounds["min"] <= value <= bounds["max"]:
        raise BadInput(f"seed must be a whole number from {bounds['min']} to {bounds['max']}")
    return value


def _features(raw: dict[str, Any], target: str) -> tuple[str, ...] | None:
    value = raw.get("features")
    if value is None:
        return None
    if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
        raise BadInput("features must be null or a non-empty list of column names")
    if len(set(value)) != len(value):
        raise BadInput("features names a column twice")
    if target in value:
        raise BadInput(f"the target {target!r} must not be one of the features")
    return tuple(value)


def parse_dataset(raw: Any) -> DatasetSource:
    if not isinstance(raw, dict):
        raise BadInput("dataset must be an object")
    path, url = raw.get("path"), raw.get("url")
    if (path is None) == (url is None) or not isinstance(path or url, str):
        raise BadInput("dataset must have either path or url")
    if raw.get("format") not in FORMATS:
        raise BadInput(f"dataset.format must be csv or parquet, not {raw.get('format')!r}")
    digest = raw.get("sha256")
    if not isinstance(digest, str) or not re.fullmatch(r"[0-9a-fA-F]{64}", digest):
        raise BadInput("dataset.sha256 must be 64 hexadecimal digits")
    delimiter = raw.get("delimiter") or ","
    if delimiter not in DELIMITERS:
        raise BadInput(f"dataset.delimiter must be one of {DELIMITERS!r}, not {delimiter!r}")
    return DatasetSource(raw["format"], digest.lower(), path, url, delimiter)
