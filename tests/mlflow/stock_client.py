"""Drives a server with the stock MLflow client. Prints one JSON line; any failure ends it with a traceback."""

import json
import math
import pathlib
import tempfile
import time

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelOutput, Metric, Param, RunTag
from mlflow.exceptions import MlflowException, RestException


def refused(call, *args, **kwargs):
    """Seconds a refusal took, and its error code."""
    started = time.monotonic()
    try:
        call(*args, **kwargs)
    except RestException as error:
        return {"code": error.error_code, "seconds": time.monotonic() - started}
    except MlflowException as error:
        return {"code": error.error_code, "seconds": time.monotonic() - started}
    except Exception as error:  # the artifact repository raises what requests raises
        return {"code": type(error).__name__, "seconds": time.monotonic() - started}
    return {"code": None, "seconds": time.monotonic() - started}


client = MlflowClient()
out = {"client": mlflow.__version__}

# Fluent API, as a person's script does it.
experiment = mlflow.set_experiment("churn study")
assert mlflow.get_experiment_by_name("nobody made this") is None
with tempfile.TemporaryDirectory() as folder:
    root = pathlib.Path(folder)
    (root / "notes.txt").write_text("hello")
    (root / "plots").mkdir()
    (root / "plots" / "roc curve.bin").write_bytes(bytes(range(256)) * 5000)
    with mlflow.start_run(run_name="first") as run:
        run_id = run.info.run_id
        mlflow.log_param("depth", 3)
        mlflow.log_params({"rate": 0.1, "kind": "gbt"})
        for step in range(5):
            mlflow.log_metric("loss", 1.0 / (step + 1), step=step)
        mlflow.log_metrics({"auc": 0.91, "broken": float("nan"), "huge": float("inf")})
        mlflow.set_tag("team", "risk")
        mlflow.log_artifact(str(root / "notes.txt"))
        mlflow.log_artifacts(str(root / "plots"), artifact_path="plots")
        mlflow.log_dict({"a": [1, 2]}, "config/model.json")
        mlflow.log_text("línea", "config/ñandú.txt")

out["artifact_uri"] = run.info.artifact_uri
out["experiment_id"] = experiment.experiment_id
back = client.get_run(run_id)
assert back.data.params == {"depth": "3", "rate": "0.1", "kind": "gbt"}, back.data.params
assert back.data.metrics["loss"] == 0.2 and back.data.metrics["auc"] == 0.91
assert math.isnan(back.data.metrics["broken"])
assert back.data.metrics["huge"] >= 1.797e308
assert back.data.tags["team"] == "risk" and back.data.tags["mlflow.runName"] == "first"
assert back.info.status == "FINISHED" and back.info.end_time >= back.info.start_time
history = client.get_metric_history(run_id, "loss")
assert [(m.step, m.value) for m in history] == [(s, 1.0 / (s + 1)) for s in range(5)]

assert [(f.path, f.is_dir) for f in client.list_artifacts(run_id)] == [
    ("config", True),
    ("notes.txt", False),
    ("plots", True),
]
assert [f.path for f in client.list_artifacts(run_id, "config")] == ["config/model.json", "config/ñandú.txt"]
assert client.list_artifacts(run_id, "notes.txt") == []
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(client.download_artifacts(run_id, "", folder))
    assert (path / "notes.txt").read_text() == "hello"
    assert (path / "plots" / "roc curve.bin").read_bytes() == bytes(range(256)) * 5000
    assert (path / "config" / "ñandú.txt").read_text() == "línea"
assert mlflow.artifacts.load_dict(f"{run.info.artifact_uri}/config/model.json") == {"a": [1, 2]}

# The client's own calls, as libraries make them.
now = int(time.time() * 1000)
other = client.create_run(experiment.experiment_id, tags={"mlflow.user": "ann", "mlflow.runName": "second"})
assert other.info.run_name == "second"
client.log_batch(
    other.info.run_id,
    metrics=[Metric("f1", i / 1000, now + i, i) for i in range(1000)],
)
client.log_batch(other.info.run_id, params=[Param(f"p{i}", str(i)) for i in range(100)], tags=[RunTag("a", "b")])
client.log_batch(other.info.run_id, params=[Param(f"p{i}", str(i)) for i in range(100)])
assert len(client.get_metric_history(other.info.run_id, "f1")) == 1000
client.delete_tag(other.info.run_id, "a")
client.log_inputs(
    other.info.run_id,
    datasets=[
        DatasetInput(
            Dataset("iris", "d1", "local", "{}", schema="{}", profile=None),
            [InputTag("mlflow.data.context", "train")],
        )
    ],
)
client.set_terminated(other.info.run_id, "FAILED")
back = client.get_run(other.info.run_id)
assert back.info.status == "FAILED" and "a" not in back.data.tags and back.data.params["p99"] == "99"
assert [(i.dataset.name, i.tags[0].value) for i in back.inputs.dataset_inputs] == [("iris", "train")]
client.update_run(other.info.run_id, status="RUNNING", name="renamed")
assert client.get_run(other.info.run_id).info.run_name == "renamed"
client.set_terminated(other.info.run_id)

runs = client.search_runs([experiment.experiment_id])
assert [r.info.run_name for r in runs] == ["renamed", "first"], runs
found = client.search_runs(
    [experiment.experiment_id], "metrics.auc > 0.9 and params.kind = 'gbt' and tags.team LIKE 'ri%'"
)
assert [r.info.run_name for r in found] == ["first"]
paged = client.search_runs([experiment.experiment_id], max_results=1, order_by=["metrics.auc DESC"])
rest = client.search_runs([experiment.experiment_id], max_results=1, order_by=["metrics.auc DESC"], page_token=paged.token)
assert [r.info.run_name for r in [*paged, *rest]] == ["first", "renamed"]

# A logged model: files of its own, then ready, then the output of a run.
model = client.create_logged_model(
    experiment.experiment_id, name="classifier", source_run_id=run_id, params={"depth": "3"}, tags={"k": "v"}
)
with tempfile.TemporaryDirectory() as folder:
    (pathlib.Path(folder) / "MLmodel").write_text("flavors: {}")
    client.log_model_artifacts(model.model_id, folder)
model = client.finalize_logged_model(model.model_id, "READY")
assert str(model.status) == "READY" and model.params == {"depth": "3"}
client.log_outputs(run_id, [LoggedModelOutput(model.model_id, 0)])
assert [o.model_id for o in client.get_run(run_id).outputs.model_outputs] == [model.model_id]
assert [f.path for f in client.list_logged_model_artifacts(model.model_id)] == ["MLmodel"]
assert [m.model_id for m in client.search_logged_models([experiment.experiment_id], "name = 'classifier'")] == [
    model.model_id
]
client.set_logged_model_tags(model.model_id, {"k": "w"})
assert client.get_logged_model(model.model_id).tags == {"k": "w"}

# Refusals answer at once with the stock server's codes.
out["refusals"] = {
    "param": refused(client.log_param, run_id, "depth", 4),
    "run": refused(client.get_run, "0" * 32),
    "experiment": refused(client.create_experiment, "churn study"),
    "artifact": refused(client.download_artifacts, run_id, "missing.txt"),
    "tag": refused(client.delete_tag, run_id, "missing"),
}

client.delete_run(other.info.run_id)
assert len(client.search_runs([experiment.experiment_id])) == 1
client.restore_run(other.info.run_id)
client.delete_experiment(experiment.experiment_id)
client.restore_experiment(experiment.experiment_id)
client.rename_experiment(experiment.experiment_id, "churn study 2")
client.set_experiment_tag(experiment.experiment_id, "owner", "ann")
assert client.get_experiment_by_name("churn study 2").tags == {"owner": "ann"}
assert {e.name for e in client.search_experiments()} == {"Default", "churn study 2"}
print(json.dumps(out))
