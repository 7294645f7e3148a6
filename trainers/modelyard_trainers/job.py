"""One job from spec to uploaded result. Each phase can be killed and repeated."""

from __future__ import annotations

import os
import time

import pyarrow as pa

from .algorithms import trainer_factory
from .cancel import CancelSwitch
from .checkpoint import DEFAULT_SECONDS, Checkpoint, CheckpointStore
from .dataset import fetch_dataset, read_table
from .errors import BadInput
from .log import log
from .metrics import live_metrics
from .outputs import Completed, Outputs, to_json
from .prepare import Prepared, prepare
from .protocol import Trainer
from .report import Trained, write_report
from .spec import Spec
from .tracking import Tracking

TRAINING_STARTS, TRAINING_ENDS, REPORT_ENDS = 0.05, 0.80, 0.90


def run_job(spec: Spec, tracking: Tracking, cancel: CancelSwitch) -> None:
    """Trains (or resumes, or only finishes uploading) and ends the run as FINISHED.

    Raises BadInput, RetryLater, Cancelled or TrainingFailed.
    """
    started = time.monotonic()
    spec.work_dir.mkdir(parents=True, exist_ok=True)
    outputs = Outputs(spec.work_dir, spec.fingerprint())
    tracking.begin()
    completed = outputs.completed()
    if completed is None:
        completed = _train_and_report(spec, tracking, cancel, outputs, started)
    else:
        log("an earlier attempt completed the model; finishing its upload")
    _upload(tracking, cancel, outputs, completed)
    tracking.progress(1.0)
    tracking.finish("FINISHED")
    log("done")


def _train_and_report(
    spec: Spec, tracking: Tracking, cancel: CancelSwitch, outputs: Outputs, started: float
) -> Completed:
    prepared = _load(spec, tracking, cancel)
    store = CheckpointStore(spec.work_dir, spec.fingerprint(), _checkpoint_seconds())
    trainer = trainer_factory(spec.algorithm)(prepared.data)
    before, last_step = _restore(trainer, store)
    last_step = _train(trainer, prepared, tracking, cancel, store, before - started, last_step)
    model, kept_step = trainer.fitted()
    log(f"training finished after {last_step} steps; evaluating and exporting to ONNX")
    trained = Trained(spec, prepared, model)
    result = write_report(trained, outputs, lambda: time.monotonic() - started + before)
    cancel.check()
    # All curve points are on the server before a retry may skip the training.
    tracking.progress(REPORT_ENDS)
    tracking.flush()
    # Early stopping cut the model back: its own metrics then follow the last curve point.
    final_step = last_step if kept_step == last_step else last_step + 1
    outputs.complete(result, final_step)
    return Completed(result, final_step)


def _load(spec: Spec, tracking: Tracking, cancel: CancelSwitch) -> Prepared:
    log(f"loading {spec.dataset_name} ({spec.dataset.format})")
    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    path = fetch_dataset(spec.dataset, spec.work_dir, token, cancel)
    table = read_table(path, spec.dataset.format, spec.dataset.delimiter)
    cancel.check()
    prepared = prepare(spec, table)
    for note in (*prepared.target.notes, *prepared.frame.notes):
        log(f"note: {note}")
    split = prepared.split
    log(
        f"{prepared.target.task} of {spec.target!r} with {spec.algorithm}: "
        f"{len(prepared.frame.columns)} features, {split.train.size} train, "
        f"{split.validation.size} validation, {split.test.size} test rows"
    )
    _describe(spec, tracking, prepared, table)
    return prepared


def _describe(spec: Spec, tracking: Tracking, prepared: Prepared, table: pa.Table) -> None:
    settings = {
        "algorithm": spec.algorithm,
        "task": prepared.target.task,
        "target": spec.target,
        "seed": spec.seed,
        "validation_split": spec.validation_split,
        "test_split": spec.test_split,
    }
    tracking.describe(
        {**settings, **prepared.data.hyperparameters},
        {
            "modelyard.jobId": spec.job_id,
            "modelyard.algorithm": spec.algorithm,
            "modelyard.task": prepared.target.task,
            "modelyard.target": spec.target,
            "modelyard.datasetSha256": spec.dataset.sha256,
        },
    )
    tracking.dataset(
        name=spec.dataset_name,
        sha256=spec.dataset.sha256,
        source=to_json({"sha256": spec.dataset.sha256, "format": spec.dataset.format}),
        profile=to_json({"num_rows": table.num_rows, "num_columns": table.num_columns}),
    )


def _checkpoint_seconds() -> float:
    text = os.environ.get("MODELYARD_CHECKPOINT_SECONDS", "")
    try:
        return max(0.0, float(text)) if text else DEFAULT_SECONDS
    except ValueError as error:
        raise BadInput("MODELYARD_CHECKPOINT_SECONDS must be a number of seconds") from error


def _restore(trainer: Trainer, store: CheckpointStore) -> tuple[float, int]:
    """Seconds of work and the step that a checkpoint holds; 0 and 0 when starting anew."""
    checkpoint = store.load()
    if checkpoint is None:
        trainer.start()
        return 0.0, 0
    trainer.restore(checkpoint.state)
    log(f"resuming from the checkpoint at step {checkpoint.step}")
    return checkpoint.elapsed_seconds, checkpoint.step


def _train(
    trainer: Trainer,
    prepared: Prepared,
    tracking: Tracking,
    cancel: CancelSwitch,
    store: CheckpointStore,
    clock_offset: float,
    step: int,
) -> int:
    """Trains to the end and returns the last step; clock_offset + monotonic time = seconds of work."""
    data = prepared.data
    span = TRAINING_ENDS - TRAINING_STARTS
    tracking.progress(TRAINING_STARTS)
    while not trainer.done:
        for point in trainer.advance():
            step = point.step
            train = live_metrics(point.train, data.y_train)
            validation = live_metrics(point.validation, data.y_validation)
            curves = {f"train_{k}": v for k, v in train.items()}
            tracking.points(step, curves | {f"val_{k}": v for k, v in validation.items()})
            tracking.progress(TRAINING_STARTS + span * min(1.0, step / trainer.total_steps))
            cancel.check()
        name, value = next(iter(validation.items()))
        log(f"step {step} of at most {trainer.total_steps}: validation {name} {value:.5f}")
        if store.due() or trainer.done:
            # Points first: a checkpoint must not stand ahead of what the server holds.
            tracking.flush()
            store.save(Checkpoint(step, clock_offset + time.monotonic(), trainer.save()))
    return step


def _upload(
    tracking: Tracking, cancel: CancelSwitch, outputs: Outputs, completed: Completed
) -> None:
    metrics = completed.result["metrics"]
    finals = {f"val_{k}": v for k, v in metrics["validation"].items()}
    finals |= {f"test_{k}": v for k, v in metrics["test"].items()}
    tracking.points(completed.final_step, finals)
    tracking.flush()
    files = completed.result["files"]
    for number, file in enumerate(files):
        cancel.check()
        path = outputs.folder / file["path"]
        tracking.upload(path, os.path.dirname(file["path"]))
        tracking.progress(REPORT_ENDS + (1 - REPORT_ENDS) * (number + 1) / (len(files) + 1))
    tracking.upload(outputs.result_path, "modelyard")
    log(f"uploaded {len(files) + 1} files")
