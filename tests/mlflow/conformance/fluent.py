"""The fluent interface and the client, as MLflow's tests/tracking/fluent/test_fluent.py and tests/tracking/test_client.py ask."""

import os
import tempfile
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Metric, ViewType
from observed import URI, refused, saw, suite, unique

mlflow.set_tracking_uri(URI)
client = MlflowClient(URI)
suite("fluent")
NAME = unique("fluent")


def experiments():
    chosen = mlflow.set_experiment(NAME)
    saw("experiment made by being chosen", [chosen.name == NAME, chosen.lifecycle_stage, chosen.tags])
    saw("experiment chosen again", mlflow.set_experiment(NAME).experiment_id == chosen.experiment_id)
    saw("experiment chosen by id", mlflow.set_experiment(experiment_id=chosen.experiment_id).name == NAME)
    refused("experiment chosen by no id", lambda: mlflow.set_experiment(experiment_id="424242"), "424242")
    gone = mlflow.create_experiment(unique("gone"), tags={"a": "1"})
    mlflow.delete_experiment(gone)
    refused("experiment chosen when deleted", lambda: mlflow.set_experiment(experiment_id=gone), "deleted")
    refused("experiment started in a deleted one", lambda: mlflow.start_run(experiment_id=gone), "must be in the 'active' state")
    saw("experiment its tags are texts", client.get_experiment(gone).tags)
    mlflow.set_experiment_tag("single", "5")
    mlflow.set_experiment_tags({"name_1": "c", "nested/nested/name": "5"})
    saw("experiment tags", client.get_experiment(chosen.experiment_id).tags)
    mlflow.delete_experiment_tag("single") if hasattr(mlflow, "delete_experiment_tag") else client.delete_experiment_tag(chosen.experiment_id, "single")
    saw("experiment tags after", sorted(client.get_experiment(chosen.experiment_id).tags))
    os.environ["MLFLOW_EXPERIMENT_ID"] = "424242"
    mlflow.tracking.fluent._active_experiment_id = None
    refused("experiment named by the environment", mlflow.tracking.fluent._get_experiment_id_from_env, "does not exist in the tracking server")
    del os.environ["MLFLOW_EXPERIMENT_ID"]
    mlflow.set_experiment(NAME)
    names = [unique(f"many{i}") for i in range(3)]
    for at, name in enumerate(names):
        mlflow.create_experiment(name, tags={"many": NAME, "at": str(at)})
    found = mlflow.search_experiments(filter_string=f"tags.many = '{NAME}'", order_by=["name DESC"], max_results=2)
    saw("experiment found", [e.name[:5] for e in found])
    for view in [ViewType.ACTIVE_ONLY, ViewType.DELETED_ONLY, ViewType.ALL]:
        saw(f"experiment view {view}", [e.tags["at"] for e in mlflow.search_experiments(view_type=view, filter_string=f"tags.many = '{NAME}'", order_by=["experiment_id"])])


def life():
    with mlflow.start_run(description="first words", tags={"ml_task": "regression", "layers": "7"}) as run:
        saw("run of a new run", [run.info.status, run.info.end_time, run.info.lifecycle_stage, run.data.tags["mlflow.note.content"], run.data.tags["layers"]])
        saw("run active", mlflow.last_active_run().info.run_id == run.info.run_id)
        with mlflow.start_run(nested=True) as child:
            with mlflow.start_run(nested=True) as grandchild:
                pass
        saw("run parents", [mlflow.get_parent_run(grandchild.info.run_id).info.run_id == child.info.run_id, client.get_parent_run(child.info.run_id).info.run_id == run.info.run_id, mlflow.get_parent_run(run.info.run_id)])
    run_id = run.info.run_id
    ended = client.get_run(run_id).info
    saw("run ended", [ended.status, ended.end_time >= ended.start_time])
    again = mlflow.start_run(run_id, tags={"A": "B"}, description="last words")
    saw("run taken up again", [again.info.status, again.info.end_time is None, again.data.tags["A"], again.data.tags["mlflow.note.content"], again.data.tags["ml_task"]])
    mlflow.end_run("KILLED")
    info = client.get_run(run_id).info
    saw("run ended again", [info.status, info.end_time >= ended.end_time, info.start_time == ended.start_time])
    try:
        with mlflow.start_run(run_name="breaks") as broken:
            raise ValueError("on purpose")
    except ValueError:
        info = client.get_run(broken.info.run_id).info
        saw("run broken", [info.status, info.run_name])
    mlflow.delete_run(broken.info.run_id)
    refused("run taken up when deleted", lambda: mlflow.start_run(broken.info.run_id), "deleted state")
    refused("run metric of a deleted run", lambda: client.log_metric(broken.info.run_id, "m", 1), "must be in the 'active' state")
    refused("run parameter of a deleted run", lambda: client.log_param(broken.info.run_id, "p", 1), "must be in the 'active' state")
    refused("run tag of a deleted run", lambda: client.set_tag(broken.info.run_id, "t", "1"), "must be in the 'active' state")
    refused("run batch of a deleted run", lambda: client.log_batch(broken.info.run_id, [Metric("m", 1, 1, 0)]), "must be in the 'active' state")
    refused("run renamed when deleted", lambda: client.update_run(broken.info.run_id, name="x"), "must be in the 'active' state")
    refused("run tag of a deleted run taken away", lambda: client.delete_tag(broken.info.run_id, "mlflow.user"), "must be in the 'active' state")
    os.environ["MLFLOW_RUN_ID"] = run_id
    with mlflow.start_run() as given:
        saw("run given by the environment", given.info.run_id == run_id)
    os.environ.pop("MLFLOW_RUN_ID", None)
    client.update_run(run_id, "FAILED", "renamed")
    info = client.get_run(run_id).info
    saw("run updated", [info.status, info.run_name])
    client.set_terminated(run_id)
    saw("run terminated", client.get_run(run_id).info.status)


def logs():
    with mlflow.start_run() as run:
        mlflow.log_metric("single", 25)
        mlflow.log_metrics({"a": 1, "b": np.float32(0.5), "c": np.int64(3)}, step=7, timestamp=11)
        mlflow.log_metrics({"a": float("nan"), "b": float("inf")}, step=8, timestamp=12)
        mlflow.log_params({"lr": 0.1, "layers": [1, 2], "none": None, "flag": True, "empty": ""})
        refused("logged parameters changed", lambda: mlflow.log_params({"lr": 0.2, "other": 1}), "Changing param values is not allowed")
        mlflow.set_tags({"t": "1", "u": "", "v": "x" * 6000})
        mlflow.set_tag("a", "b")
        mlflow.delete_tag("a")
        for name in ["a", "b"]:
            refused(f"logged no tag {name}", lambda name=name: mlflow.delete_tag(name), "No tag with name")
        mlflow.log_metric("later", 1.5, synchronous=False).wait()
        mlflow.log_param("later", "p", synchronous=False).wait()
        mlflow.log_input(mlflow.data.from_pandas(pd.DataFrame({"x": [1, 2], "y": [0.5, None]}), source="https://example.com/t.csv", name="frame"), "train", {"foo": "baz"})
        mlflow.log_input(mlflow.data.from_numpy(np.ones((2, 2)), source="https://example.com/n.npy", name="array"))
    data = client.get_run(run.info.run_id).data
    saw("logged params", data.params)
    saw("logged metrics", {key: str(value) for key, value in sorted(data.metrics.items())})
    saw("logged tags", [data.tags["t"], data.tags["u"], len(data.tags["v"]), "a" in data.tags])
    saw("logged points", [[m.key, str(m.value), m.step, m.timestamp] for m in client.get_metric_history(run.info.run_id, "a") + client.get_metric_history(run.info.run_id, "b")])
    saw("logged no such metric", client.get_metric_history(run.info.run_id, "nothing"))
    inputs = client.get_run(run.info.run_id).inputs.dataset_inputs
    saw("logged inputs", sorted([d.dataset.name, d.dataset.digest, d.dataset.source_type, d.dataset.source, len(d.dataset.schema or ""), d.dataset.profile, sorted((t.key, t.value) for t in d.tags)] for d in inputs))
    return run


def files(run):
    run_id = run.info.run_id
    with tempfile.TemporaryDirectory() as folder, mlflow.start_run(run_id):
        mlflow.log_text("words", "deep/er/words.txt")
        mlflow.log_dict({"k": [1, "ü"]}, "data.json")
        mlflow.log_dict({"k": "v"}, "data.yml")
        mlflow.log_table({"q": ["a", "b"], "n": [1, 2]}, "table.json")
        mlflow.log_table({"q": ["c"], "n": [3]}, "table.json")
        mlflow.log_image(np.zeros((4, 4, 3), dtype=np.uint8), "black.png")
        Path(folder, "sub").mkdir()
        for name in ["one.txt", "sub/two.txt", "sub/spa ce.txt", "sub/100% sure.txt", "sub/grüße.txt"]:
            Path(folder, name).write_text(name)
        mlflow.log_artifacts(folder, "folder")
        mlflow.log_artifact(str(Path(folder, "one.txt")))
        mlflow.log_artifact(str(Path(folder, "one.txt")), "folder/sub")
        saw("file uri", mlflow.get_artifact_uri("deep/er") == f"{run.info.artifact_uri}/deep/er")
    for path in ["", "deep", "deep/er", "folder", "folder/sub", "nothing", "data.json"]:
        saw(f"file listed {path}", [[f.path, f.is_dir, f.file_size] for f in client.list_artifacts(run_id, path or None)])
    saw("file read", [mlflow.artifacts.load_text(f"runs:/{run_id}/deep/er/words.txt"), mlflow.artifacts.load_dict(f"{run.info.artifact_uri}/data.json"), mlflow.artifacts.load_text(f"runs:/{run_id}/folder/sub/grüße.txt"), mlflow.artifacts.load_text(f"runs:/{run_id}/folder/sub/100% sure.txt")])
    saw("file table", mlflow.load_table("table.json", run_ids=[run_id]).to_dict("list"))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="folder", dst_path=folder))
        saw("file downloaded", sorted(str(path.relative_to(folder)) for path in place.rglob("*") if path.is_file()))
        whole = Path(mlflow.artifacts.download_artifacts(artifact_uri=f"runs:/{run_id}/", dst_path=folder))
        saw("file all downloaded", len([path for path in whole.rglob("*") if path.is_file()]) >= 11)


def searches():
    frame = mlflow.search_runs(experiment_names=[NAME], order_by=["start_time ASC"])
    known = {"run_id", "experiment_id", "status", "artifact_uri", "start_time", "end_time"}
    saw("search frame", [len(frame), known <= set(frame.columns), str(frame["start_time"].dtype), sorted(c for c in frame.columns if c.startswith(("metrics.", "params.")))])
    saw("search list", [len(mlflow.search_runs(experiment_names=[NAME], output_format="list", max_results=2)), len(mlflow.search_runs(experiment_names=["no such"], output_format="list"))])
    saw("search everywhere", len(mlflow.search_runs(search_all_experiments=True, filter_string=f"tags.ml_task = 'regression' and run_name = 'renamed'", output_format="list")) >= 1)
    saw("search none", mlflow.search_runs(experiment_names=[NAME], filter_string="params.lr = '99'").empty)
    saw("search deleted", len(mlflow.search_runs(experiment_names=[NAME], run_view_type=ViewType.DELETED_ONLY, output_format="list")))
    refused("search ids and names", lambda: mlflow.search_runs(experiment_ids=["0"], experiment_names=[NAME]), "but not both")
    experiment = client.get_experiment_by_name(NAME).experiment_id
    runs = client.search_runs([experiment], max_results=2)
    seen = [r.info.run_id for r in runs]
    while runs.token:
        runs = client.search_runs([experiment], max_results=2, page_token=runs.token)
        seen += [r.info.run_id for r in runs]
    saw("search page by page", [len(seen) == len(set(seen)), len(seen) == len(frame)])


def registry():
    name = unique("fluent-model")
    with mlflow.start_run() as run:
        mlflow.log_dict({"flavors": {}}, "model/MLmodel")
    first = mlflow.register_model(f"runs:/{run.info.run_id}/model", name, tags={"k": "v"})
    second = client.create_model_version(name, f"{run.info.artifact_uri}/model", run.info.run_id, description="second")
    saw("registry versions", [[v.version, v.run_id == run.info.run_id, v.status, v.current_stage, v.tags, v.description or ""] for v in (first, second)])
    saw("registry found", [v.version for v in mlflow.search_model_versions(filter_string=f"name = '{name}'", order_by=["version_number ASC"])])
    saw("registry models", [m.name == name for m in mlflow.search_registered_models(filter_string=f"name = '{name}'")])
    client.set_registered_model_alias(name, "champion", 1)
    saw("registry alias", [client.get_model_version_by_alias(name, "champion").version, client.get_registered_model(name).aliases])
    client.set_model_version_tag(name, "2", "t", "1")
    client.delete_model_version_tag(name, "1", "k")
    saw("registry tags", [client.get_model_version(name, v).tags for v in ("1", "2")])
    client.update_model_version(name, "1", "words")
    client.update_registered_model(name, "about")
    saw("registry described", [client.get_model_version(name, "1").description, client.get_registered_model(name).description])
    saw("registry latest", [v.version for v in client.get_latest_versions(name)])
    saw("registry where", client.get_model_version_download_uri(name, "2") == f"{run.info.artifact_uri}/model")
    saw("registry files", sorted(f.path for f in client.list_artifacts(run.info.run_id, "model")))
    copied = client.copy_model_version(f"models:/{name}@champion", name + "-copy")
    saw("registry copied", [copied.version, copied.source == f"models:/{name}/1"])
    client.rename_registered_model(name, name + "-new")
    saw("registry renamed", [v.version for v in client.search_model_versions(f"name = '{name}-new'", order_by=["version_number ASC"])])
    refused("registry old name", lambda: client.get_model_version(name, "1"), "not found")
    refused("registry no alias", lambda: client.get_model_version_by_alias(name + "-new", "nobody"), "alias nobody not found")
    refused("registry no version", lambda: client.get_model_version(name + "-new", "99"), "not found")
    refused("registry register what is not there", lambda: mlflow.register_model("runs:/" + "f" * 32 + "/model", name + "-none"), "not found")
    refused("registry made twice", lambda: client.create_registered_model(name + "-new"), "already exists")
    client.delete_model_version(name + "-new", "1")
    saw("registry after deletion", [[v.version for v in client.search_model_versions(f"name = '{name}-new'")], client.get_registered_model(name + "-new").aliases])
    client.delete_registered_model(name + "-new")
    refused("registry deleted", lambda: client.get_registered_model(name + "-new"), "not found")


experiments()
life()
files(logs())
searches()
registry()
