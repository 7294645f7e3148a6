"""From a trained model to everything that is kept of it: checks, metrics, files, result.json."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .answers import Answer
from .environment import environment, requirements
from .evaluation import curves, predictions_parquet
from .hyperparameters import algorithm_entry
from .log import log
from .metrics import final_metrics
from .model_card import model_card
from .onnx_export.export import export_model
from .onnx_export.parity import TOLERANCE, Parity, check_parity
from .outputs import Outputs
from .prepare import Prepared
from .profile import reference_profile
from .protocol import FittedModel
from .signature import input_example, model_signature
from .spec import Spec


@dataclass(frozen=True)
class Trained:
    """A fitted model and the data it came from."""

    spec: Spec
    prepared: Prepared
    model: FittedModel

    def answer(self, rows: np.ndarray) -> Answer:
        """The framework's answers for the rows."""
        frame = self.prepared.frame
        matrix = self.prepared.preprocess.transform(frame.numeric[rows], frame.categorical[rows])
        return self.model.answer(matrix)


def write_report(
    trained: Trained, outputs: Outputs, seconds: Callable[[], float]
) -> dict[str, Any]:
    """Exports, checks parity, writes every file but result.json, and returns that document.

    Raises TrainingFailed when the ONNX model does not answer as the framework does.
    """
    spec, prepared = trained.spec, trained.prepared
    frame, target, split = prepared.frame, prepared.target, prepared.split
    classes = None if target.classes is None else len(target.classes)
    exported = export_model(prepared.preprocess, trained.model, classes)
    parity = _parity(trained, exported.content)
    answers = {"validation": trained.answer(split.validation), "test": trained.answer(split.test)}
    signature = model_signature(frame, target, exported)
    surroundings = environment(prepared.data.threads)
    result: dict[str, Any] = {
        "task": target.task,
        "algorithm": spec.algorithm,
        "hyperparameters": prepared.data.hyperparameters,
        "metrics": {
            "validation": final_metrics(answers["validation"], target.y[split.validation]),
            "test": final_metrics(answers["test"], target.y[split.test]),
        },
        "signature": signature,
        "classes": target.classes,
        "parity": {
            "rows": parity.rows,
            "maxAbsDiff": parity.max_abs_diff,
            "labelFlips": parity.label_flips,
            "tolerance": TOLERANCE,
        },
        "seed": spec.seed,
        "datasetSha256": spec.dataset.sha256,
        "rows": {
            "train": int(split.train.size),
            "validation": int(split.validation.size),
            "test": int(split.test.size),
        },
        "environment": surroundings,
        "droppedFeatures": list(frame.dropped),
        "notes": [*target.notes, *frame.notes],
    }
    outputs.add("model/model.onnx", "model", exported.content)
    outputs.add("model/signature.json", "signature", signature)
    outputs.add("model/environment.json", "environment", surroundings)
    _write_native(trained, outputs)
    _write_evaluation(trained, outputs, answers)
    outputs.add("model/model_card.md", "card", model_card(spec, target, frame, result))
    return {**result, "durationSeconds": round(seconds(), 3), "files": outputs.files}


def _parity(trained: Trained, content: bytes) -> Parity:
    frame, split = trained.prepared.frame, trained.prepared.split
    held_out = np.concatenate([split.validation, split.test])
    parity = check_parity(
        content,
        trained.prepared.preprocess,
        trained.model,
        frame.numeric[held_out],
        frame.categorical[held_out],
        trained.spec.seed,
    )
    log(
        f"parity over {parity.rows} rows: largest difference {parity.max_abs_diff:.3g}, "
        f"{parity.label_flips} label flips"
    )
    parity.require()
    return parity


def _write_native(trained: Trained, outputs: Outputs) -> None:
    for name, content in trained.model.native_files().items():
        outputs.add(f"model/native/{name}", "native", content)
    outputs.add("model/native/preprocess.json", "native", trained.prepared.preprocess.to_json())
    framework = algorithm_entry(trained.spec.algorithm)["framework"]
    outputs.add("model/requirements.txt", "requirements", requirements(framework))


def _write_evaluation(trained: Trained, outputs: Outputs, answers: dict[str, Answer]) -> None:
    prepared = trained.prepared
    frame, target, split = prepared.frame, prepared.target, prepared.split
    rows = {"validation": split.validation, "test": split.test}
    parts = {n: (target.rows[rows[n]], target.y[rows[n]], answers[n]) for n in rows}
    outputs.add("model/input_example.json", "example", input_example(frame, split.test))
    outputs.add(
        "model/reference_profile.json",
        "profile",
        reference_profile(frame, split.train, target, target.y[split.train], answers["test"]),
    )
    outputs.add("evaluation/predictions.parquet", "evaluation", predictions_parquet(target, parts))
    drawn = curves(target, target.y[split.test], answers["test"], trained.spec.seed)
    outputs.add("evaluation/curves.json", "evaluation", json.dumps(drawn, allow_nan=False))
