"""Trains and exports without a tracking server, for tests that look at models alone."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pyarrow as pa

from modelyard_trainers.algorithms import trainer_factory
from modelyard_trainers.onnx_export.export import ExportedModel, export_model
from modelyard_trainers.onnx_export.parity import Parity, check_parity
from modelyard_trainers.prepare import Prepared, prepare
from modelyard_trainers.protocol import FittedModel
from modelyard_trainers.spec import DatasetSource, Spec


def make_spec(algorithm: str, **fields: Any) -> Spec:
    """A spec as read_spec would give it; fields are Spec's own."""
    known: dict[str, Any] = {
        "job_id": "job-1",
        "algorithm": algorithm,
        "task": None,
        "target": "outcome",
        "features": None,
        "dataset": DatasetSource("csv", hashlib.sha256(b"").hexdigest(), "unused", None),
        "hyperparameters": {},
        "validation_split": 0.2,
        "test_split": 0.2,
        "seed": 42,
        "work_dir": Path("unused"),
        "dataset_name": "test",
    }
    return Spec(**(known | fields))


def train(spec: Spec, table: pa.Table) -> tuple[Prepared, FittedModel]:
    """Trains to the end."""
    prepared = prepare(spec, table)
    trainer = trainer_factory(spec.algorithm)(prepared.data)
    trainer.start()
    while not trainer.done:
        for _ in trainer.advance():
            pass
    return prepared, trainer.fitted()[0]


def export_and_check(prepared: Prepared, model: FittedModel) -> tuple[ExportedModel, Parity]:
    """Exports and compares on every row of the dataset, besides the boundary rows."""
    classes = prepared.target.classes
    exported = export_model(prepared.preprocess, model, None if classes is None else len(classes))
    frame = prepared.frame
    parity = check_parity(
        exported.content, prepared.preprocess, model, frame.numeric, frame.categorical, seed=1
    )
    return exported, parity
