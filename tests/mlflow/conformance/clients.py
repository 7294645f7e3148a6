"""The registry, files and runs through the client, as MLflow's test_model_registry.py, test_mlflow_artifacts.py, test_log_image.py, test_tracking.py and the REST stores' tests ask."""

import tempfile
import time
from pathlib import Path

import mlflow
import numpy as np
import requests
from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts
from mlflow.entities import Metric, Param, RunStatus, RunTag, ViewType
from observed import TOKEN, URI, refused, saw, send, suite, unique, wire
from PIL import Image

mlflow.set_tracking_uri(URI)
client = MlflowClient(URI)
suite("clients")
EXPERIMENT = client.create_experiment(unique("clients"))
RUNS = [client.create_run(EXPERIMENT).info.run_id for _ in range(2)]
AUTH = {"Authorization": f"Bearer {TOKEN}"} if TOKEN else {}


def now():
    return int(time.time() * 1000)


def between(start, value, end):
    return start <= value <= end


def registered_models():
    name = unique("model")
    t1 = now()
    made = client.create_registered_model(name, {"key": "value", "another key": "some other value", "numeric value": 12345})
    t2 = now()
    back = client.get_registered_model(name)
    saw("model", [made.tags, back.tags, str(back.description), back.latest_versions, between(t1, back.creation_timestamp, t2), between(t1, back.last_updated_timestamp, t2)])
    saw("model among all", [m.name == name for m in client.search_registered_models() if m.name == name])
    saw("model by empty filter", [m.name == name for m in client.search_registered_models("") if m.name == name])
    renamed = f"{name} 2"
    client.rename_registered_model(name, renamed)
    t3 = now()
    again = client.get_registered_model(renamed)
    saw("renamed", [again.creation_timestamp == back.creation_timestamp, between(t2, again.last_updated_timestamp, t3)])
    refused("old name", lambda: client.get_registered_model(name), f"Registered Model with name={name} not found")
    client.update_registered_model(renamed, "4th update")
    saw("described", [client.get_registered_model(renamed).description, client.get_registered_model(renamed).last_updated_timestamp >= t3])
    refused("made twice", lambda: client.create_registered_model(renamed), r"Registered Model .+ already exists")
    client.delete_registered_model(renamed)
    refused("gone", lambda: client.get_registered_model(renamed), r"Registered Model .+ not found")
    refused("renamed when gone", lambda: client.rename_registered_model(renamed, "something else"), r"Registered Model .+ not found")
    saw("made again", client.create_registered_model(renamed).tags)
    client.set_registered_model_tag(renamed, "numeric value", 12345)
    client.set_registered_model_tag(renamed, "tag_key", "")
    saw("tags", client.get_registered_model(renamed).tags)


def many_models():
    mark = unique("Many")
    names = [f"{mark}{i:03}" for i in range(11)]
    for name in names:
        client.create_registered_model(name)
    for n in names + names[:3]:
        client.create_model_version(n, f"runs:/{RUNS[0]}/model", RUNS[0])
        time.sleep(0.002)

    def pages(find):
        result, token = [], None
        while True:
            page = find(token)
            result += page
            token = page.token
            if not token:
                return result

    for size in [1, 8, 100]:
        for text in [f"name LIKE '{mark}%'", f"name LIKE '{mark}%7'", f"name ILIKE '{mark.lower()}%00%'", f"name LIKE '{mark.lower()}%'", "name = 'badname'", f"name = '{mark}003'"]:
            found = pages(lambda token: client.search_registered_models(text, size, page_token=token))
            saw(f"models {size} at a time, {text.replace(mark, 'M').replace(mark.lower(), 'm')}", [m.name.removeprefix(mark) for m in found])
            found = pages(lambda token: client.search_model_versions(text, size, page_token=token))
            saw(f"versions {size} at a time, {text.replace(mark, 'M').replace(mark.lower(), 'm')}", [[v.name.removeprefix(mark), v.version] for v in found])
    for order in [["name DESC"], ["version_number DESC"], ["name ASC", "version_number DESC"], ["creation_timestamp ASC"], ["last_updated_timestamp DESC"]]:
        found = pages(lambda token: client.search_model_versions(f"name LIKE '{mark}%'", 4, order, token))
        saw(f"versions by {order}", [[v.name.removeprefix(mark), v.version] for v in found])
    for order in [["name DESC"], ["last_updated_timestamp ASC"], ["last_updated_timestamp DESC", "name ASC"]]:
        found = pages(lambda token: client.search_registered_models(f"name LIKE '{mark}%'", 4, order, token))
        saw(f"models by {order}", [m.name.removeprefix(mark) for m in found])


def versions():
    name = unique("versions")
    client.create_registered_model(name)
    first = client.create_model_version(name, f"runs:/{RUNS[0]}/model", RUNS[0], {"key": "value", "numeric value": 12345})
    saw("version", [first.version, first.tags, first.run_id == RUNS[0], first.source == f"runs:/{RUNS[0]}/model", first.status])
    refused("version of a run nobody knows", lambda: client.create_model_version(name, "runs:/run_id/model", "run_id"), "must identify the resource that contains the source")
    refused("version of another run", lambda: client.create_model_version(name, f"runs:/{RUNS[0]}/model", RUNS[1]))
    made = client.get_registered_model(name)
    saw("version touches its model", made.last_updated_timestamp >= first.creation_timestamp)
    client.create_model_version(name, f"runs:/{RUNS[0]}/another_model", RUNS[0])
    client.create_model_version(name, f"runs:/{RUNS[1]}/another_model", RUNS[1])
    saw("latest", [[v.version for v in m.latest_versions] for m in client.search_registered_models(f"name = '{name}'")])
    saw("by run", sorted(v.version for v in client.search_model_versions(f"name = '{name}' and run_id = '{RUNS[0]}'")))
    saw("by runs", sorted(v.version for v in client.search_model_versions(f"run_id IN ('{RUNS[0]}', '{RUNS[1]}') and name = '{name}'")))
    saw("by source", [v.version for v in client.search_model_versions(f"name = '{name}' and source_path = 'runs:/{RUNS[0]}/model'")])
    saw("where", client.get_model_version_download_uri(name, "1") == f"runs:/{RUNS[0]}/model")
    refused("no number", lambda: client.get_model_version(name, "something not correct"), "Parameter 'version' must be an integer, got 'something not correct'.")
    before = client.get_registered_model(name).last_updated_timestamp
    time.sleep(0.005)
    client.transition_model_version_stage(name, 1, "Staging")
    staged = client.get_registered_model(name).last_updated_timestamp
    time.sleep(0.005)
    client.update_model_version(name, 1, "This is a test model")
    described = client.get_registered_model(name).last_updated_timestamp
    saw("model is touched by a stage, not by words", [staged > before, described == staged, client.get_model_version(name, 1).description])
    saw("latest of stages", sorted([v.current_stage, v.version] for v in client.get_registered_model(name).latest_versions))
    client.delete_model_version(name, "1")
    saw("model is touched by a deletion", client.get_registered_model(name).last_updated_timestamp > staged)
    for label, call in {
        "deleted": lambda: client.delete_model_version(name, "1"),
        "described": lambda: client.update_model_version(name, 1, "x"),
        "moved": lambda: client.transition_model_version_stage(name, 1, "Staging"),
        "read": lambda: client.get_model_version(name, 1),
        "tagged": lambda: client.set_model_version_tag(name, "1", "a", "b"),
        "aliased": lambda: client.set_registered_model_alias(name, "x", "1"),
    }.items():
        refused(f"deleted version {label}", call, r"Model Version .+ not found")
    client.delete_model_version(name, 3)
    saw("number is not used again", client.create_model_version(name, f"runs:/{RUNS[1]}/a/b/c", RUNS[1]).version)
    client.set_model_version_tag(name, "4", "tag_key", "")
    client.set_registered_model_alias(name, "test_alias", "4")
    saw("alias", [client.get_model_version_by_alias(name, "test_alias") == client.get_model_version(name, 4), client.get_model_version(name, 4).tags, list(client.get_model_version(name, 4).aliases)])
    copied = client.copy_model_version(f"models:/{name}@test_alias", name)
    saw("copied", [copied.version, copied.source == f"models:/{name}/4", copied.run_id == RUNS[1], copied.tags])
    refused("copied from no model", lambda: client.copy_model_version(f"models:/{unique('none')}/1", name))
    refused("copied from no uri", lambda: client.copy_model_version("s3://bucket/x", name))
    for version, stage in enumerate(["Archived", "Production", "Archived", "Production", "Staging", "Staging", "None"], 6):
        client.create_model_version(name, f"runs:/{RUNS[0]}/model", RUNS[0])
        if stage != "None":
            client.transition_model_version_stage(name, str(version), stage)
    for stages in [["None"], ["Staging"], ["None", "Staging"], None, []]:
        saw(f"latest of {stages}", {v.current_stage: v.version for v in client.get_latest_versions(name, stages)})


def files():
    run = client.create_run(EXPERIMENT)
    run_id = run.info.run_id
    saw("no files", client.list_artifacts(run_id))
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {"a.txt": "0", "b.pkl": "1", "c.png": "2", "d.pdf": "3", "MLmodel": "4", "e.html": "<b>", "noending": "5", "f.json": "{}"}.items():
            Path(folder, name).write_text(text)
        client.log_artifacts(run_id, folder, "dir")
        client.log_artifact(run_id, str(Path(folder, "a.txt")))
        reply = send("GET", "/artifacts/list", params={"run_id": run_id}).json()
        saw("listed", [reply["files"], reply["root_uri"] == run.info.artifact_uri])
        saw("listed below", [f["path"] for f in send("GET", "/artifacts/list", params={"run_id": run_id, "path": "dir"}).json()["files"]])
        saw("downloaded", sorted(p.name for p in Path(download_artifacts(run_id=run_id, artifact_path="dir", dst_path=folder)).iterdir()))
        saw("downloaded whole", sorted(p.name for p in Path(download_artifacts(run_id=run_id, artifact_path="", dst_path=tempfile.mkdtemp(dir=folder))).iterdir()))
    for name in ["a.txt", "b.pkl", "c.png", "d.pdf", "MLmodel", "e.html", "noending", "f.json"]:
        proxied = requests.get(f"{URI}/api/2.0/mlflow-artifacts/artifacts/{run.info.artifact_uri.removeprefix('mlflow-artifacts:/')}/dir/{name}", headers=AUTH, timeout=60)
        page = requests.get(f"{URI}/get-artifact", params={"run_id": run_id, "path": f"dir/{name}"}, headers=AUTH, timeout=60)
        for label, one in {"proxied": proxied, "of the page": page}.items():
            saw(f"file {label} {name}", [one.status_code, one.text, one.headers.get("Content-Type", "").split(";")[0], one.headers.get("X-Content-Type-Options"), f"filename={name}" in one.headers.get("Content-Disposition", "").replace('"', "")])
    saw("file of the page by run_uuid", requests.get(f"{URI}/get-artifact", params={"run_uuid": run_id, "path": "a.txt"}, headers=AUTH, timeout=60).text)
    for label, params in {"no file": {"run_id": run_id, "path": "nothing"}, "no run": {"run_id": "0" * 32, "path": "a.txt"}, "no path": {"run_id": run_id}, "outside": {"run_id": run_id, "path": "../x"}, "root": {"run_id": run_id, "path": "/etc/passwd"}}.items():
        saw(f"file of the page, {label}", requests.get(f"{URI}/get-artifact", params=params, headers=AUTH, timeout=60).status_code)
    upload = f"{URI}/ajax-api/2.0/mlflow/upload-artifact"
    for label, (params, data) in {"stored": ({"run_uuid": run_id, "path": "up/x.txt"}, b"abc"), "replaced": ({"run_uuid": run_id, "path": "up/x.txt"}, b"abcd"), "too large": ({"run_uuid": run_id, "path": "up/y"}, b"x" * (10 * 1024 * 1024 + 1))}.items():
        saw(f"upload of the page, {label}", requests.post(upload, params=params, data=data, headers=AUTH, timeout=60).status_code)
    saw("upload of the page read", requests.get(f"{URI}/get-artifact", params={"run_id": run_id, "path": "up/x.txt"}, headers=AUTH, timeout=60).text)
    model = unique("files")
    client.create_registered_model(model)
    client.create_model_version(model, f"{run.info.artifact_uri}/dir", run_id)
    for label, params in {"a file": {"version": "1", "path": "a.txt"}, "no version": {"version": "2", "path": "a.txt"}, "no file": {"version": "1", "path": "nothing"}, "outside": {"version": "1", "path": "../a.txt"}}.items():
        reply = requests.get(f"{URI}/model-versions/get-artifact", params={"name": model, **params}, headers=AUTH, timeout=60)
        saw(f"file of a version, {label}", [reply.status_code, reply.text if reply.status_code == 200 else None])


def images():
    with mlflow.start_run(experiment_id=EXPERIMENT) as run:
        run_id = run.info.run_id
        for size in [(10, 10), (10, 10, 1), (10, 10, 3), (10, 10, 4)]:
            mlflow.log_image(np.zeros(size, dtype=np.uint8), f"shapes/{len(size)}-{size[-1]}.png")
        for kind in ["int8", "uint16", "int64", "float16", "float64", "bool"]:
            mlflow.log_image(np.ones((4, 4, 3)).astype(kind), f"kinds/{kind}.png")
        for place in [".", "dir", "dir1/dir2", "dir/.."]:
            mlflow.log_image(Image.new("RGB", (4, 4)), f"{place}/image.png")
        for step in [100, 100]:
            mlflow.log_image(np.zeros((4, 4, 3), dtype=np.uint8), key="dog", step=step, timestamp=100, synchronous=True)
    saw("images", sorted(f.path for f in client.list_artifacts(run_id)))
    for place in ["shapes", "kinds", "dir1/dir2"]:
        saw(f"images of {place}", [f.path for f in client.list_artifacts(run_id, place)])
    kept = send("GET", "/artifacts/list", params={"run_id": run_id, "path": "images"}).json()["files"]
    saw("images of a step", [len(kept), all(f["path"].startswith("images/dog+step+100+timestamp+100+") for f in kept)])
    png = next(f["path"] for f in kept if f["path"].endswith("png"))
    reply = requests.get(f"{URI}/get-artifact", params={"run_id": run_id, "path": png}, headers=AUTH, timeout=60)
    saw("image of the page", [reply.status_code, reply.headers["Content-Type"], "dog+step+100+timestamp+100" in reply.headers["Content-Disposition"].replace("%2B", "+"), reply.content[1:4].decode()])


def runs():
    for status in ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]:
        run = client.create_run(EXPERIMENT, tags={"status": status})
        client.set_terminated(run.info.run_id, status, 7) if RunStatus.is_terminated(RunStatus.from_string(status)) else client.update_run(run.info.run_id, status)
        info = client.get_run(run.info.run_id).info
        saw(f"run {status}", [info.status, info.end_time])
    found = client.search_runs([EXPERIMENT], "attributes.status = 'FAILED' and tags.status = 'FAILED'", order_by=["tags.status"])
    saw("runs by status", [r.data.tags["status"] for r in found])
    run_id = client.create_run(EXPERIMENT).info.run_id
    for count in [0, 1, 100, 101]:
        refused(f"batch of {count} params", lambda: client.log_batch(run_id, params=[Param(f"p{count}-{i}", "x") for i in range(count)]))
        refused(f"batch of {count} tags", lambda: client.log_batch(run_id, tags=[RunTag(f"t{count}-{i}", "x") for i in range(count)]))
    for count in [800, 801, 1000, 1001]:
        params = [{"key": f"q{count}-{i}", "value": "x"} for i in range(100)]
        tags = [{"key": f"u{count}-{i}", "value": "x"} for i in range(100)]
        metrics = [{"key": f"m{i}", "value": i, "timestamp": 1, "step": count} for i in range(count)]
        wire(f"batch of 200 entries and {count} metrics", "POST", "/runs/log-batch", {"run_id": run_id, "metrics": metrics, "params": params, "tags": tags}, "1000")
    refused("batch of one param twice", lambda: client.log_batch(run_id, params=[Param("twice", "1"), Param("twice", "2")]), "Duplicate parameter keys|Changing param")
    for label, key in {"empty": "", "250": "k" * 250, "251": "k" * 251, "up": "../k", "absolute": "/k", "slash": "a/b", "double slash": "a//b", "emoji": "🙂", "colon": "a:b", "space": "a b", "dot": ".", "parens": "a(b)", "percent": "a%b", "umlaut": "ü"}.items():
        refused(f"metric named {label}", lambda: client.log_metric(run_id, key, 1.0))
        refused(f"param named {label}", lambda: client.log_param(run_id, key, 1))
        refused(f"tag named {label}", lambda: client.set_tag(run_id, key, 1))
    for text in ["x" * 6000, "x" * 6001]:
        wire(f"param of {len(text)} characters", "POST", "/runs/log-parameter", {"run_id": run_id, "key": f"long{len(text)}", "value": text})
    for text in ["x" * 8000, "x" * 8001]:
        wire(f"tag of {len(text)} characters", "POST", "/runs/set-tag", {"run_id": run_id, "key": f"long{len(text)}", "value": text})
    data = client.get_run(run_id).data
    saw("long values", {key: len(value) for key, value in [*data.params.items(), *data.tags.items()] if key.startswith("long")})
    client.log_batch(run_id, [Metric("again", 1.0, 5, 0), Metric("again", 1.0, 5, 0), Metric("again", 2.0, 5, 0), Metric("again", 1.0, 5, 1)])
    saw("points", [[m.value, m.timestamp, m.step] for m in client.get_metric_history(run_id, "again")])
    wire("negative step", "POST", "/runs/log-metric", {"run_id": run_id, "key": "neg", "value": 1, "timestamp": 5, "step": -3})
    wire("step of 2^63-1", "POST", "/runs/log-metric", {"run_id": run_id, "key": "big", "value": 1, "timestamp": 5, "step": str(2**63 - 1)})
    saw("far steps", [[m.key, m.step] for key in ["neg", "big"] for m in client.get_metric_history(run_id, key)])
    page = send("GET", "/metrics/get-history", params={"run_id": run_id, "metric_key": "again", "max_results": 2}).json()
    rest = send("GET", "/metrics/get-history", params={"run_id": run_id, "metric_key": "again", "max_results": 2, "page_token": page.get("next_page_token", "")}).json()
    saw("history by pages", [len(page["metrics"]), len(rest.get("metrics", [])), bool(page.get("next_page_token")), rest.get("next_page_token") or None])
    client.delete_run(run_id)
    refused("deleted twice", lambda: client.delete_run(run_id))
    saw("views", [len(client.search_runs([EXPERIMENT], "tags.`t1-0` = 'x'", view)) for view in [ViewType.ACTIVE_ONLY, ViewType.DELETED_ONLY, ViewType.ALL]])
    client.restore_run(run_id)
    refused("restored twice", lambda: client.restore_run(run_id))


registered_models()
many_models()
versions()
files()
images()
runs()
