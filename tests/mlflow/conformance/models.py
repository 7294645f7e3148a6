"""Logged models, files and webhooks, as MLflow's test_logged_model*.py, test_http_artifact_repo.py, test_mlflow_artifacts.py and test_client_webhooks.py ask."""

import os
import tempfile
from pathlib import Path

import mlflow
from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts
from mlflow.entities import LoggedModelOutput, LoggedModelInput, LoggedModelParameter, LoggedModelStatus, Metric
from mlflow.exceptions import MlflowException
from observed import URI, refused, saw, send, suite, unique, wire

mlflow.set_tracking_uri(URI)
client = MlflowClient(URI)
store = client._tracking_client.store
suite("models")
EXPERIMENT = client.create_experiment(unique("models"))


def logged_models():
    run = client.create_run(EXPERIMENT).info.run_id
    made = client.create_logged_model(EXPERIMENT, "my_model", run, {"t": "1"}, {"p": "v"}, "classifier")
    saw("made", [made.name, made.status.value, made.tags.get("t"), made.params, made.model_type, made.source_run_id == run, made.experiment_id == EXPERIMENT, made.model_id.startswith("m-")])
    ready = client.finalize_logged_model(made.model_id, LoggedModelStatus.READY)
    saw("ready", [ready.status.value, ready.last_updated_timestamp >= made.last_updated_timestamp])
    saw("failed", client.finalize_logged_model(made.model_id, "FAILED").status.value)
    client.finalize_logged_model(made.model_id, "READY")
    client.set_logged_model_tags(made.model_id, {"a": "b", "t": "2"})
    client.delete_logged_model_tag(made.model_id, "a")
    client.log_model_params(made.model_id, {"q": "1"})
    got = client.get_logged_model(made.model_id)
    saw("tags and parameters", [{k: v for k, v in got.tags.items() if not k.startswith("mlflow.")}, got.params])
    refused("no such tag", lambda: client.delete_logged_model_tag(made.model_id, "none"), "No tag with key")
    refused("no such model", lambda: client.get_logged_model("m-" + "0" * 32), "not found")
    refused("another parameter", lambda: client.log_model_params(made.model_id, {"q": "2"}), "")
    drawn = client.create_logged_model(EXPERIMENT)
    saw("a name is drawn", "-" in drawn.name)
    for name in ["a/b", "a:b", "a.b", 'a"b', "a'b", "a%b", "", "x" * 501]:
        refused(f"name {name[:9]}", lambda name=name: client.create_logged_model(EXPERIMENT, name), "")
    refused("no experiment", lambda: client.create_logged_model("424242", "x"), "No Experiment with id=424242|not found")
    client.log_metric(run, "acc", 0.5, 1, 0, model_id=made.model_id)
    client.log_metric(run, "acc", 0.7, 2, 1, model_id=made.model_id, dataset_name="d", dataset_digest="x")
    client.log_batch(run, [Metric("loss", 0.1, 3, 2, model_id=made.model_id, dataset_name="d", dataset_digest="x")])
    metrics = client.get_logged_model(made.model_id).metrics
    saw("metrics", sorted([m.key, m.value, m.step, m.dataset_name, m.dataset_digest, m.run_id == run] for m in metrics))
    other = client.create_logged_model(EXPERIMENT, "other", params={"p": "w"}, model_type="agent")
    names = {made.model_id: "made", drawn.model_id: "drawn", other.model_id: "other"}

    def found(text=None, **more):
        listed = client.search_logged_models([EXPERIMENT], text, **more)
        return [names[m.model_id] for m in listed if m.model_id in names]

    saw("all", found())
    for text in ["name = 'other'", "attributes.name LIKE 'my%'", "params.p = 'v'", "params.p != 'v'", "tags.t = '2'", "metrics.acc > 0.6", "metrics.acc >= 0.9", "status = 'READY'", "model_type = 'agent'", "source_run_id = '%s'" % run, "params.p IN ('v', 'w')", "creation_timestamp > 0", "name ILIKE 'MY%'"]:
        try:
            saw(text.replace(run, "RUN"), found(text))
        except MlflowException as error:
            saw(text.replace(run, "RUN"), error.error_code)
    saw("on a data set", found("metrics.acc > 0.6", datasets=[{"dataset_name": "d", "dataset_digest": "x"}]))
    saw("on another", found("metrics.acc > 0.6", datasets=[{"dataset_name": "e"}]))
    for order in [[{"field_name": "name", "ascending": True}], [{"field_name": "creation_timestamp", "ascending": False}], [{"field_name": "metrics.acc", "ascending": True}], [{"field_name": "metrics.acc", "ascending": False, "dataset_name": "d", "dataset_digest": "x"}]]:
        saw(f"order {order}", [name for name in found(order_by=order) if name != "drawn"])
    for text in ["blah = 'x'", "metrics.acc > 'x'", "params.p > 1", "tags.t", "dataset.name = 'x'"]:
        refused(f"filter {text}", lambda text=text: found(text))
    refused("bad order", lambda: found(order_by=[{"field_name": "blah"}]))
    page = client.search_logged_models([EXPERIMENT], max_results=2)
    saw("pages", [len(page), len(client.search_logged_models([EXPERIMENT], max_results=2, page_token=page.token))])
    store.log_inputs(run, models=[LoggedModelInput(drawn.model_id)])
    client.log_outputs(run, [LoggedModelOutput(made.model_id, 1), LoggedModelOutput(other.model_id, 2)])
    seen = client.get_run(run)
    saw("read and made", [[names[m.model_id] for m in seen.inputs.model_inputs], sorted([names[m.model_id], m.step] for m in seen.outputs.model_outputs)])
    client.delete_logged_model(other.model_id)
    refused("deleted", lambda: client.get_logged_model(other.model_id), "not found")
    saw("found without", sorted(found()))
    refused("deleted twice", lambda: client.delete_logged_model(other.model_id), "")


def files():
    run = client.create_run(EXPERIMENT)
    run_id = run.info.run_id
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        (path / "my.file").write_text("Hello, World!")
        (path / "sub").mkdir()
        (path / "sub" / "ключ с пробелом+%.txt").write_text("x")
        (path / "empty").write_text("")
        client.log_artifact(run_id, str(path / "my.file"))
        client.log_artifacts(run_id, folder, "dir")
    client.log_text(run_id, "text", "texts/a.txt")
    client.log_dict(run_id, {"a": [1]}, "texts/a.json")
    saw("root", sorted([a.path, a.is_dir, a.file_size] for a in client.list_artifacts(run_id)))
    saw("folder", sorted([a.path, a.is_dir, a.file_size] for a in client.list_artifacts(run_id, "dir")))
    saw("below", [a.path for a in client.list_artifacts(run_id, "dir/sub")])
    saw("a file is no folder", [a.path for a in client.list_artifacts(run_id, "my.file")])
    saw("no such folder", [a.path for a in client.list_artifacts(run_id, "none")])
    with tempfile.TemporaryDirectory() as folder:
        got = download_artifacts(run_id=run_id, artifact_path="dir", dst_path=folder, tracking_uri=URI)
        saw("folder comes back", sorted(str(p.relative_to(got)) for p in Path(got).rglob("*")))
        whole = download_artifacts(run_id=run_id, artifact_path="", dst_path=f"{folder}/all", tracking_uri=URI)
        saw("all come back", sum(p.is_file() for p in Path(whole).rglob("*")))
        file = download_artifacts(artifact_uri=f"runs:/{run_id}/my.file", dst_path=f"{folder}/one")
        saw("by address", Path(file).read_text())
        try:
            download_artifacts(run_id=run_id, artifact_path="none.txt", dst_path=folder, tracking_uri=URI)
            saw("missing file", "came")
        except Exception as error:  # noqa: BLE001
            saw("missing file", type(error).__name__)
    client.log_text(run_id, "new", "texts/a.txt")
    saw("replaced", mlflow.artifacts.load_text(f"runs:/{run_id}/texts/a.txt"))
    saw("read as object", mlflow.artifacts.load_dict(f"runs:/{run_id}/texts/a.json"))
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    repo = get_artifact_repository(run.info.artifact_uri)
    repo.delete_artifacts("dir")
    saw("folder deleted", sorted(a.path for a in client.list_artifacts(run_id)))
    base = "/api/2.0/mlflow-artifacts/artifacts"
    for path in ["../x", "%2e%2e/x", "a/../../../x", "/etc/passwd", "1/%2Fetc/passwd", "a%00b"]:
        reply = send("GET", f"/{path}", prefix=base)
        saw(f"path {path}", reply.status_code in (400, 404))
    wire("missing over the wire", "GET", f"/{EXPERIMENT}/{run_id}/artifacts/none", prefix=base, pattern="")
    os.environ["MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD"] = "true"


def webhooks():
    from mlflow.entities.webhook import WebhookStatus

    name = unique("hook")
    made = client.create_webhook(name, "https://93.184.215.14/hook", ["registered_model.created", "model_version.created"], "text", "secret")
    saw("webhook", [made.name == name, made.url, sorted(str(e) for e in made.events), made.description, made.status.value, made.secret])
    got = client.get_webhook(made.webhook_id)
    saw("webhook read", [got.url, got.secret, got.creation_timestamp == got.last_updated_timestamp])
    new = client.update_webhook(made.webhook_id, description="new", status=WebhookStatus.DISABLED, events=["model_version_tag.set"])
    saw("webhook changed", [new.description, new.status.value, [str(e) for e in new.events]])
    saw("webhooks", made.webhook_id in [w.webhook_id for w in client.list_webhooks()])
    for label, args in {"no name": ("", "https://93.184.215.14", ["registered_model.created"]), "bad scheme": ("n", "ftp://x.com", ["registered_model.created"]), "no events": ("n", "https://93.184.215.14", []), "odd name": ("a b/c!", "https://93.184.215.14", ["registered_model.created"])}.items():
        refused(f"webhook with {label}", lambda args=args: client.create_webhook(*args), "")
    client.delete_webhook(made.webhook_id)
    refused("deleted webhook", lambda: client.get_webhook(made.webhook_id), "")


logged_models()
files()
webhooks()
