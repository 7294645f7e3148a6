"""Prints everything a server holds, as the stock client sees it, in one JSON line that can be compared."""

import hashlib
import json
import math
import os
import tempfile

from mlflow import MlflowClient
from mlflow.entities import ViewType

client = MlflowClient()
MAX = 1.7976931348623157e308


def own(tags):
    """Without what an import adds, and what registering writes on each side with its own addresses."""
    return {k: v for k, v in tags.items() if not k.startswith("modelyard.") and k != "mlflow.modelVersions"}


def number(value):
    return "nan" if math.isnan(value) else max(-MAX, min(MAX, value))


def files(run_id, path=None):
    for file in client.list_artifacts(run_id, path):
        if file.is_dir:
            yield from files(run_id, file.path)
            continue
        with tempfile.TemporaryDirectory() as folder:
            local = client.download_artifacts(run_id, file.path, folder)
            with open(local, "rb") as content:
                # A stock server leaves out the size of an empty file.
                yield [file.path, file.file_size or 0, hashlib.sha256(content.read()).hexdigest()]


def dump_run(run):
    info = run.info
    history = {
        key: sorted(
            ([m.step, m.timestamp, number(m.value)] for m in client.get_metric_history(info.run_id, key)), key=str
        )
        for key in run.data.metrics
    }
    text = json.dumps(history, sort_keys=True)
    return {
        "info": [info.run_name, info.status, info.start_time, info.end_time, info.user_id, info.lifecycle_stage],
        "params": run.data.params,
        "tags": own(run.data.tags),
        "latest": {key: number(value) for key, value in run.data.metrics.items()},
        "points": {key: len(points) for key, points in history.items()},
        "history": hashlib.sha256(text.encode()).hexdigest(),
        "inputs": [
            [i.dataset.name, i.dataset.digest, i.dataset.schema, i.dataset.profile, [(t.key, t.value) for t in i.tags]]
            for i in run.inputs.dataset_inputs
        ],
        "outputs": [o.model_id for o in run.outputs.model_outputs] if run.outputs else [],
        "files": [] if info.lifecycle_stage == "deleted" else sorted(files(info.run_id)),
    }


def dump_logged(model):
    return {
        "name": model.name,
        "status": str(model.status),
        "run": model.source_run_id,
        "params": model.params,
        "tags": own(model.tags),
        "created": model.creation_timestamp,
        "metrics": sorted([m.key, m.value, m.run_id] for m in model.metrics or []),
    }


experiments, numbers = {}, {}
for experiment in client.search_experiments(ViewType.ALL):
    runs = client.search_runs([experiment.experiment_id], run_view_type=ViewType.ALL)
    numbers[experiment.name] = experiment.experiment_id
    logged = client.search_logged_models([experiment.experiment_id])
    experiments[experiment.name] = {
        "stage": experiment.lifecycle_stage,
        "tags": own(experiment.tags),
        "runs": {run.info.run_id: dump_run(run) for run in runs},
        "models": {model.model_id: dump_logged(model) for model in logged},
    }

models = {}
for model in client.search_registered_models():
    model = client.get_registered_model(model.name)
    versions = []
    for known in range(1, 5):
        try:
            v = client.get_model_version(model.name, str(known))
        except Exception:
            continue
        versions.append([v.version, v.source, v.run_id, v.description, own(v.tags), v.current_stage, v.model_id])
    models[model.name] = {
        "description": model.description or "",
        "tags": own(model.tags),
        "aliases": {alias: str(version) for alias, version in model.aliases.items()},
        "versions": versions,
    }

print(json.dumps({"experiments": experiments, "models": models, "numbers": numbers}, sort_keys=True))
