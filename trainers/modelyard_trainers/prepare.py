"""From a table to what a trainer takes: target, features, split, preprocessing, hyperparameters."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from .algorithms import trainer_factory
from .columns import Frame, build_frame
from .hyperparameters import resolve_hyperparameters
from .preprocess import Preprocess, fit_preprocess
from .protocol import TrainingData
from .spec import Spec
from .split import Split, split_rows
from .target import Target, read_target


@dataclass(frozen=True)
class Prepared:
    """The data as the trainer and the report need it; frame rows are the target's kept rows."""

    frame: Frame
    target: Target
    split: Split
    preprocess: Preprocess
    data: TrainingData


def prepare(spec: Spec, table: pa.Table) -> Prepared:
    """The same for the same spec and table, always; raises BadInput saying what to change."""
    target = read_target(table, spec)
    hyperparameters = resolve_hyperparameters(spec.algorithm, target.task, spec.hyperparameters)
    frame = build_frame(table.take(pa.array(target.rows)), spec.target, spec.features)
    split = split_rows(spec, target)
    factory = trainer_factory(spec.algorithm)
    preprocess = fit_preprocess(frame, split.train, factory.scales_numbers)
    matrix = preprocess.transform(frame.numeric, frame.categorical)
    data = TrainingData(
        x_train=np.ascontiguousarray(matrix[split.train]),
        y_train=target.y[split.train],
        x_validation=np.ascontiguousarray(matrix[split.validation]),
        y_validation=target.y[split.validation],
        classes=None if target.classes is None else len(target.classes),
        hyperparameters=hyperparameters,
        seed=spec.seed,
        threads=thread_count(),
    )
    return Prepared(frame, target, split, preprocess, data)


def thread_count() -> int:
    """MODELYARD_TRAINER_THREADS, 1 unless set to a positive number."""
    text = os.environ.get("MODELYARD_TRAINER_THREADS", "1")
    return max(1, int(text)) if text.isdigit() else 1
