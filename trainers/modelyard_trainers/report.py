"""From a trained model to everything that is kept of it: checks, metrics, files, result.json."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .answers import Answer
from .columns import Frame
from .environment import environment, requirements
from .evaluation import curves, predictions_parquet
from .hyperparameters import algorithm_entry
from .log import log
from .metrics import final_metrics
from .model_card import model_card
from .onnx_export.export import export_model
from .onnx_export.parity import TOLERANCE, Parity, check_parity
from .outputs import Outputs
from .preprocess import Preprocess
from .profile import reference_profile
from .protocol import FittedModel
from .signature import input_example, model_signature
from .spec import Spec
from .split import Split
from .target import Target


@dataclass(frozen=True)
class Trained:
    """A fitted model and the data it came from; frame rows are the target's kept rows."""

    spec: Spec
    frame: Frame
    target: Target
    split: Split
    preprocess: Preprocess
    model: FittedModel
    hyperparameters: dict[str, Any]
    threads: int

    def answer(self, rows: np.ndarray) -> Answer:
        """The framework's answers for the rows."""
        frame = self.frame
        matrix = self.preprocess.transform(frame.numeric[rows], frame.categorical[rows])
        return self.model.answer(matrix)


def write_report(
    trained: Trained, outputs: Outputs, seconds: Callable[[], float]
) -> dict[str, Any]:
    """Exports, checks parity, writes every file but result.json, and returns that document.

    Raises TrainingFailed when the ONNX model does not answer as the framework does.
    """
    spec, target, split = trained.spec, trained.target, trained.split
    classes = None if target.classes is None else len(target.classes)
    exported = export_model(trained.preprocess, trained.model, classes)
    parity = _parity(trained, exported.content)
    answers = {"validation": trained.answer(split.validation), "test": trained.answer(split.test)}
    signature = model_signature(trained.frame, target, exported)
    surroundings = environment(trained.threads)
    result: dict[str, Any] = {
        "task": target.task,
        "algorithm": spec.algorithm,
        "hyperparameters": trained.hyperparameters,
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
        "droppedFeatures": list(trained.frame.dropped),
        "notes": [*target.notes, *trained.frame.notes],
    }
    outputs.add("model/model.onnx", "model", exported.content)
    outputs.add("model/signature.json", "signature", signature)
    outputs.add("model/environment.json", "environment", surroundings)
    _write_native(trained, outputs)
    _write_evaluation(trained, outputs, answers)
    outputs.add("model/model_card.md", "card", model_card(spec, target, trained.frame, result))
    return {**result, "durationSeconds": round(seconds(), 3), "files": outputs.files}


def _parity(trained: Trained, content: bytes) -> Parity:
    held_out = np.concatenate([trained.split.validation, trained.split.test])
    parity = check_parity(
        content,
        trained.preprocess,
        trained.model,
        trained.frame.numeric[held_out],
        trained.frame.categorical[held_out],
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
    outputs.add("model/native/preprocess.json", "native", trained.preprocess.to_json())
    framework = algorithm_entry(trained.spec.algorithm)["framework"]
    outputs.add("model/requirements.txt", "requirements", requirements(framework))


def _write_evaluation(trained: Trained, outputs: Outputs, answers: dict[str, Answer]) -> None:
    frame, target, split = trained.frame, trained.target, trained.split
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
