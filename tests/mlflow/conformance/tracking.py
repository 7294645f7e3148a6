"""Requests and refusals of the tracking service, as MLflow's tests/tracking/test_rest_tracking.py asks."""

import math

from mlflow import MlflowClient
from mlflow.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    Metric,
    Param,
    RunTag,
    ViewType,
)
from observed import URI, refused, saw, send, suite, unique, wire

client = MlflowClient(URI)
suite("rest tracking")


def experiment():
    return client.create_experiment(unique("rest"))


def create_validation():
    path = "/experiments/create"
    wire("name is a number", "POST", path, {"name": 123}, r"Invalid value 123 for parameter 'name'")
    wire("name is missing", "POST", path, {}, r"Missing value for required parameter 'name'")
    location = {"name": unique("bad"), "artifact_location": 9.0}
    wire("location is a number", "POST", path, location, r"for parameter 'artifact_location'")
    tags = {"name": unique("bad"), "tags": "5"}
    wire("tags are text", "POST", path, tags, r"for parameter 'tags'")


def log_validation(run_id):
    point = {"run_id": run_id, "key": "foo", "value": 31, "timestamp": 59, "step": 41}
    cases = {
        "run is a number": ({"run_id": 31}, r"Invalid value 31 for parameter 'run_id' supplied"),
        "key is a number": ({"key": 31}, r"Invalid value 31 for parameter 'key' supplied"),
        "step is text": ({"step": "foo"}, r"for parameter 'step' supplied"),
        "timestamp is text": ({"timestamp": "foo"}, r"for parameter 'timestamp' supplied"),
        "run is null": ({"run_id": None}, r"Missing value for required parameter 'run_id'"),
        "key is null": ({"key": None}, r"Missing value for required parameter 'key'"),
        "value is null": ({"value": None}, r"Missing value for required parameter 'value'"),
        "value is text": ({"value": "abc"}, r"for parameter 'value' supplied"),
    }
    for label, (change, pattern) in cases.items():
        wire(f"metric: {label}", "POST", "/runs/log-metric", {**point, **change}, pattern)
    wire("param: run is a number", "POST", "/runs/log-parameter", {"run_id": 31, "key": "p", "value": "v"}, r"Invalid value 31 for parameter 'run_id'")
    wire("param: key is a number", "POST", "/runs/log-parameter", {"run_id": run_id, "key": 31, "value": "v"}, r"Invalid value 31 for parameter 'key'")
    wire("param: no key", "POST", "/runs/log-parameter", {"run_id": run_id, "value": "v"}, r"Missing value for required parameter 'key'")
    wire("tag: run is a number", "POST", "/runs/set-tag", {"run_id": 31, "key": "t", "value": "v"}, r"Invalid value 31 for parameter 'run_id'")
    wire("tag: value is a number", "POST", "/runs/set-tag", {"run_id": run_id, "key": "t", "value": 41}, r"Invalid value 41 for parameter 'value'")
    wire("tag: no key", "POST", "/runs/set-tag", {"run_id": run_id, "value": "v"}, r"Missing value for required parameter 'key'")
    wire("tag: by run_uuid", "POST", "/runs/set-tag", {"run_uuid": run_id, "key": "k", "value": "v"})
    for field in ["metrics", "params", "tags"]:
        wire(f"batch: {field} is text", "POST", "/runs/log-batch", {"run_id": run_id, field: "foo"}, rf"for parameter '{field}' supplied")
    wire("batch: no timestamp", "POST", "/runs/log-batch", {"run_id": run_id, "metrics": [{"key": "mae", "value": 2.5}]}, r"metrics")
    wire("batch: no step", "POST", "/runs/log-batch", {"run_id": run_id, "metrics": [{"key": "mae", "value": 2.5, "timestamp": 1}]})
    wire("inputs: no run", "POST", "/runs/log-inputs", {"datasets": []}, r"Missing value for required parameter 'run_id'")
    wire("content type", "POST", "/runs/set-tag", None, r"application/json", headers={"content-type": "text/plain"})


def paths(run_id):
    bad = {"run_id": run_id, "path": "../path"}
    wire("list of a path outside", "GET", "/artifacts/list", params=bad, pattern=r"Invalid path")
    wire("file of a path outside", "GET", "/get-artifact", params=bad, prefix="", pattern=r"Invalid path")
    wire("file of a version, path outside", "GET", "/model-versions/get-artifact", params={"name": "model", "version": 1, "path": "../path"}, prefix="", pattern=r"Invalid path")
    for path in ["%2E%2E/path", "/etc/passwd", "a/../../b", "..%2fx"]:
        reply = send("GET", "/artifacts/list", params={"run_id": run_id, "path": path})
        saw(f"list of {path}", reply.status_code)


def upload(run_id):
    ajax = "/ajax-api/2.0/mlflow"
    path = "/upload-artifact"
    wire("upload: no run", "POST", path, params={}, prefix=ajax, pattern="Request must specify run_uuid.")
    wire("upload: no path", "POST", path, params={"run_uuid": run_id}, prefix=ajax, pattern="Request must specify path.")
    wire("upload: empty path", "POST", path, params={"run_uuid": run_id, "path": ""}, prefix=ajax, pattern="Request must specify path.")
    wire("upload: path outside", "POST", path, params={"run_uuid": run_id, "path": "../t"}, prefix=ajax, pattern="Invalid path")
    wire("upload: no data", "POST", path, params={"run_uuid": run_id, "path": "test.txt"}, prefix=ajax, pattern="Request must specify data.")
    import requests
    from observed import TOKEN

    auth = {"Authorization": f"Bearer {TOKEN}"} if TOKEN else {}
    reply = requests.post(f"{URI}{ajax}{path}", params={"run_uuid": run_id, "path": "test.txt"}, data="hello world", headers=auth, timeout=60)
    saw("upload: stored", reply.status_code)
    reply = send("GET", "/get-artifact", params={"run_uuid": run_id, "path": "test.txt"}, prefix="")
    saw("upload: read back", reply.status_code)


def history():
    experiment_id = experiment()
    runs = [client.create_run(experiment_id).info.run_id for _ in range(3)]
    points = [(1, 2, 10.0), (1, 3, 11.0), (1, 3, 12.0), (2, 3, 12.0)]
    for at, run_id in enumerate(runs[:2]):
        for timestamp, step, value in points:
            client.log_metric(run_id, "metricA", value + at, timestamp, step)
    ajax = "/ajax-api/2.0/mlflow"
    bulk = "/metrics/get-history-bulk"

    def read(label, path, **params):
        reply = send("GET", path, params=params, prefix=ajax)
        metrics = [
            [runs.index(m["run_id"]), m["timestamp"], m["step"], m["value"]]
            for m in reply.json().get("metrics", [])
        ]
        saw(label, [reply.status_code, metrics])

    read("bulk: one run", bulk, run_id=[runs[0]], metric_key="metricA")
    read("bulk: at most two", bulk, run_id=[runs[0]], metric_key="metricA", max_results=2)
    both = send("GET", bulk, params={"run_id": runs, "metric_key": "metricA"}, prefix=ajax).json()
    saw("bulk: sorted by run", [m["run_id"] for m in both["metrics"]] == sorted(m["run_id"] for m in both["metrics"]))
    saw("bulk: points of two runs", len(both["metrics"]))
    wire("bulk: no runs", "GET", bulk, params={"metric_key": "key"}, prefix=ajax, pattern="must specify at least one run_id")
    wire("bulk: too many", "GET", bulk, params={"run_id": [f"id_{i}" for i in range(1000)], "metric_key": "k"}, prefix=ajax, pattern="cannot specify more than")
    wire("bulk: no key", "GET", bulk, params={"run_id": ["123"]}, prefix=ajax, pattern="must specify a metric_key")
    interval = "/metrics/get-history-bulk-interval"
    cases = {
        "no runs": ({"metric_key": "key"}, "Missing value for required parameter 'run_ids'"),
        "too many": ({"run_ids": [f"id_{i}" for i in range(1000)], "metric_key": "k"}, "must specify at most 100 run_ids"),
        "no results": ({"run_ids": ["123"], "metric_key": "k", "max_results": 0}, "max_results must be between 1 and 2500"),
        "empty key": ({"run_ids": ["123"], "metric_key": ""}, "Missing value for required parameter 'metric_key'"),
        "no key": ({"run_ids": ["123"]}, "Missing value for required parameter 'metric_key'"),
        "end before start": ({"run_ids": ["1"], "metric_key": "k", "start_step": 1, "end_step": 0, "max_results": 5}, "end_step must be greater than start_step"),
        "start only": ({"run_ids": ["1"], "metric_key": "k", "start_step": 1, "max_results": 5}, "both must be specified"),
    }
    for label, (params, pattern) in cases.items():
        wire(f"interval: {label}", "GET", interval, params=params, prefix=ajax, pattern=pattern)
    for step in range(10):
        client.log_metric(runs[0], "long", 10.0, 1, step)
    for step in range(20):
        client.log_metric(runs[1], "long", 10.0, 1, step)
    read("interval: five of ten", interval, run_ids=[runs[0]], metric_key="long", max_results=5)
    read("interval: steps 0 to 4", interval, run_ids=[runs[0]], metric_key="long", start_step=0, end_step=4, max_results=5)
    read("interval: no such metric", interval, run_ids=[runs[0]], metric_key="none", max_results=5)
    reply = send("GET", interval, params={"run_ids": runs[:2], "metric_key": "long", "max_results": 5}, prefix=ajax).json()
    saw("interval: two runs", sorted([runs.index(m["run_id"]), m["step"]] for m in reply["metrics"]))
    for step in range(10):
        client.log_metric(runs[0], "long", 10.0, 2, step)
    read("interval: two points a step", interval, run_ids=[runs[0]], metric_key="long", max_results=5)


def datasets():
    experiment_id = experiment()
    run_id = client.create_run(experiment_id).info.run_id
    dataset = Dataset(name="name1", digest="digest1", source_type="st", source="source1")
    client.log_inputs(run_id, [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])])
    reply = send("POST", "/experiments/search-datasets", {"experiment_ids": [experiment_id]}, prefix="/ajax-api/2.0/mlflow").json()
    summaries = [{k: v for k, v in s.items() if k != "experiment_id"} for s in reply["dataset_summaries"]]
    saw("datasets of an experiment", summaries)
    for label, body in {"no": {}, "empty": {"experiment_ids": []}}.items():
        wire(f"datasets: {label} experiments", "POST", "/experiments/search-datasets", body, prefix="/ajax-api/2.0/mlflow", pattern="must specify at least one experiment_id")
    wire("datasets: too many", "POST", "/experiments/search-datasets", {"experiment_ids": [f"id_{i}" for i in range(1000)]}, prefix="/ajax-api/2.0/mlflow", pattern="cannot specify more than")


def lifecycle():
    experiment_id = experiment()
    run = client.create_run(experiment_id)
    run_id = run.info.run_id
    saw("a new run's user", client.get_run(run_id).info.user_id)
    saw("a new run", [run.info.status, run.info.end_time, run.info.lifecycle_stage])
    client.set_terminated(run_id)
    saw("ended", client.get_run(run_id).info.status)
    client.update_run(run_id, name="name_abc")
    info = client.get_run(run_id).info
    saw("renamed after its end", [info.run_name, info.status])
    client.set_terminated(run_id, "FAILED", 5)
    info = client.get_run(run_id).info
    saw("failed", [info.status, info.end_time])
    client.update_run(run_id, status="RUNNING")
    saw("running again", [client.get_run(run_id).info.status, client.get_run(run_id).info.end_time])
    given = client.create_run(experiment_id, 456, {"mlflow.user": "username", "mlflow.parentRunId": "7", "my": "tag"}, "my name")
    back = client.get_run(given.info.run_id)
    saw("run with all arguments", [back.info.user_id, back.info.start_time, back.info.run_name, dict(back.data.tags)])
    saw("found as read", [r.info for r in client.search_runs([experiment_id], "start_time = 456")] == [back.info])
    for value, key in [(math.nan, "nan"), (math.inf, "inf"), (-math.inf, "-inf"), (123.456, "m")]:
        client.log_metric(run_id, key, value, 7, 2)
    metrics = client.get_run(run_id).data.metrics
    saw("metrics beyond numbers", [str(metrics["nan"]), metrics["inf"] >= 1.7976931348623157e308, metrics["-inf"] <= -1.7976931348623157e308, metrics["m"]])
    saw("no such metric", list(client.get_metric_history(run_id, "none")))
    client.log_param(run_id, "empty", "")
    client.set_tag(run_id, "empty", "")
    client.log_batch(run_id, params=[Param("empty2", "")], tags=[RunTag("empty2", "")])
    data = client.get_run(run_id).data
    saw("empty values", [data.params, data.tags.get("empty"), data.tags.get("empty2")])
    refused("delete no tag", lambda: client.delete_tag(run_id, "fakeTag"), "No tag with name: fakeTag")
    refused("delete a tag of no run", lambda: client.delete_tag("fake_run_id", "t"), r"Run .+ not found")
    client.delete_run(run_id)
    refused("delete a tag of a deleted run", lambda: client.delete_tag(run_id, "empty"), f"The run {run_id} must be in")
    refused("log to a deleted run", lambda: client.log_metric(run_id, "x", 1.0), r"must be in the 'active' state")
    refused("too large a page", lambda: client.search_runs([experiment_id], max_results=123456789), r"Invalid value 123456789 for parameter 'max_results' supplied")


def pages():
    experiment_id = experiment()
    runs = sorted(client.create_run(experiment_id, 1).info.run_id for _ in range(10))
    token, seen = None, []
    for at in range(3):
        page = client.search_runs([experiment_id], max_results=4, page_token=token)
        seen.append([runs.index(run.info.run_id) for run in page])
        token = page.token
    saw("pages of runs", [seen, token])
    refused("bad page token", lambda: client.search_runs([experiment_id], page_token="evil"), r"")
    exact = client.search_runs([experiment_id], max_results=10)
    saw("no token after the last", exact.token)
    batch = [Metric(f"m{i}", i, 12345, i * 2) for i in range(1000)]
    client.log_batch(runs[0], batch)
    saw("a thousand metrics", len(client.get_run(runs[0]).data.metrics))
    too_many = [Metric("m", i, 1, i) for i in range(1001)]
    body = {"run_id": runs[0], "metrics": [dict(m) for m in too_many]}
    wire("a thousand and one", "POST", "/runs/log-batch", body, "1000")
    saw("active only", len(client.search_runs([experiment_id], run_view_type=ViewType.DELETED_ONLY)))


create_validation()
run_id = client.create_run(experiment()).info.run_id
log_validation(run_id)
paths(run_id)
upload(run_id)
history()
datasets()
lifecycle()
pages()
