"""Runs and their search, as MLflow's tests/store/tracking/sqlalchemy_store/test_sqlalchemy_store_runs.py asks."""

import math

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag, ViewType
from observed import URI, refused, saw, suite, unique, wire

client = MlflowClient(URI)
store = client._tracking_client.store
suite("runs")
EXPERIMENT = client.create_experiment(unique("runs"))
OTHER = client.create_experiment(unique("runs"))


def make(name, start, experiment=EXPERIMENT, tags=None):
    return client.create_run(experiment, start, tags, name).info.run_id


def names():
    run = client.create_run(EXPERIMENT, tags={"mlflow.runName": "tagged"})
    saw("name by tag", run.info.run_name)
    refused("two names", lambda: client.create_run(EXPERIMENT, tags={"mlflow.runName": "b"}, run_name="a"), r"different values \(run_name='a', mlflow.runName='b'\)")
    run_id = run.info.run_id
    steps = []

    def look():
        run = client.get_run(run_id)
        steps.append([run.info.run_name, run.data.tags.get("mlflow.runName")])

    store.update_run_info(run_id, None, None, "new name")
    look()
    store.update_run_info(run_id, None, None, "")
    look()
    client.delete_tag(run_id, "mlflow.runName")
    look()
    store.update_run_info(run_id, None, None, "newer name")
    look()
    client.set_tag(run_id, "mlflow.runName", "newest name")
    look()
    client.log_batch(run_id, tags=[RunTag("mlflow.runName", "batch name")])
    look()
    saw("names and their tag", steps)
    drawn = client.create_run(EXPERIMENT)
    saw("a name is drawn", drawn.info.run_name.count("-"))
    for status in ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]:
        client.set_terminated(run_id, status, 77)
        info = client.get_run(run_id).info
        saw(f"status {status}", [info.status, info.end_time])
    wire("no such status on the wire", "POST", "/runs/update", {"run_id": run_id, "status": "DONE"}, "status")
    for run in [run_id]:
        client.restore_run(run)
        client.delete_run(run)
        client.delete_run(run)
        saw("deleted twice", client.get_run(run).info.lifecycle_stage)
        client.restore_run(run)
        client.restore_run(run)
        saw("restored twice", client.get_run(run).info.lifecycle_stage)
    refused("no such run", lambda: client.get_run("f" * 32), r"Run with id=f+ not found")
    refused("delete no run", lambda: client.delete_run("f" * 32), r"Run with id=f+ not found")
    refused("update no run", lambda: client.update_run("f" * 32, name="x"), r"Run with id=f+ not found")
    refused("batch to no run", lambda: client.log_batch("f" * 32, params=[Param("a", "b")]), r"Run with id=f+ not found")
    refused("run in no experiment", lambda: client.create_run("99999"), r"No Experiment with id=99999 exists")


def batches():
    run = make("batch", 1)
    client.log_param(run, "p", "v")
    client.log_param(run, "p", "v")
    refused("changed parameter", lambda: store.log_batch(run, [Metric("m", 3, 1, 0)], [Param("p", "w")], [RunTag("t", "x")]), "Changing param values is not allowed. Param with key='p' was already logged with value='v'")
    refused("changed alone", lambda: store.log_param(run, Param("p", "w")), "Changing param values is not allowed")
    refused("twice in one", lambda: store.log_batch(run, [Metric("m", 3, 1, 0)], [Param("q", "1"), Param("q", "2")], []), "Duplicate parameter keys have been submitted")
    refused("twice the same", lambda: store.log_batch(run, [], [Param("q", "1"), Param("q", "1")], []), "")
    data = client.get_run(run).data
    saw("nothing of a refused batch", [data.params, data.metrics, sorted(data.tags)])
    store.log_batch(run, [], [Param("p", "v"), Param("r", "2")], [RunTag("t", "old"), RunTag("t", "new")])
    store.log_batch(run, [], [], [])
    data = client.get_run(run).data
    saw("kept and new", [data.params, data.tags.get("t")])
    points = [Metric("k", 1, 2, 0), Metric("k", 2, 3, 0)]
    for _ in range(2):
        store.log_batch(run, points, [], [])
    saw("points once", [(m.value, m.timestamp, m.step) for m in client.get_metric_history(run, "k")])
    for step, timestamp, value in reversed([(0, 100, 1000), (3, 40, 100), (3, 50, 10), (3, 50, 20), (3, 50, 20), (-3, 900, 900), (-1, 800, 800)]):
        client.log_metric(run, "late", value, timestamp, step)
    history = client.get_metric_history(run, "late")
    saw("history", sorted((m.step, m.timestamp, m.value) for m in history))
    saw("the latest", client.get_run(run).data.metrics["late"])
    many = [Metric(f"m{i}", i, 1, 0) for i in range(150)]
    for _ in range(2):
        store.log_batch(run, many, [], [])
    saw("150 twice", len(client.get_run(run).data.metrics))
    store.log_param(run, Param("long", "x" * 6001))
    saw("long parameter", len(client.get_run(run).data.params["long"]))
    client.set_tag(run, "long", "x" * 8001)
    saw("long tag", len(client.get_run(run).data.tags["long"]))
    body = {"run_id": run, "metrics": [{"key": "a", "timestamp": 1, "step": 0}, {"key": "b", "timestamp": 1}]}
    wire("null metrics", "POST", "/runs/log-batch", body, r"metrics")
    for label, key in {"empty": "", "absolute": "/a", "dots": "a/../b", "double": "a//b", "star": "a*b", "long": "k" * 251, "blank": "a b", "colon": "a:b", "unicode": "ключ"}.items():
        refused(f"metric key {label}", lambda key=key: client.log_metric(run, key, 1.0), "Invalid|exceeds|Missing")
        refused(f"param key {label}", lambda key=key: client.log_param(run, key, "v"), "Invalid|exceeds|Missing")
        refused(f"tag key {label}", lambda key=key: client.set_tag(run, key, "v"), "Invalid|exceeds|Missing")
    page = store.get_metric_history(run, "late", max_results=4)
    rest = store.get_metric_history(run, "late", max_results=4, page_token=page.token)
    saw("pages of history", [len(page), len(rest), rest.token])
    refused("bad token of history", lambda: store.get_metric_history(run, "late", max_results=4, page_token="bad"), "")
    for tag in ["mlflow.user", "mlflow.note.content"]:
        client.set_tag(run, tag, "x")
    saw("user by tag", client.get_run(run).info.user_id)


def search():
    r1, r2, r3 = (make(f"run_name{i}", i, OTHER, {"n": str(i)}) for i in (1, 2, 3))
    order = {r1: 1, r2: 2, r3: 3}
    for run in (r1, r2):
        client.log_param(run, "generic", "p_val")
        client.log_metric(run, "common", 1.0, 1, 0)
    client.log_param(r1, "two", "some value")
    client.log_param(r2, "two", "another value")
    client.log_param(r1, "p_a", "abc")
    client.set_tag(r2, "p_b", "ABC")
    client.log_metric(r1, "a", 1.0, 1, 0)
    for value, timestamp in [(200.0, 2), (400.0, 3)]:
        client.log_metric(r2, "a", value, timestamp, 0)
    for value, timestamp in [(3.0, 2), (4.0, 8), (8.0, 3)]:
        client.log_metric(r2, "b", value, timestamp, 0)
    client.log_metric(r3, "odd", math.nan, 1, 0)
    client.log_metric(r3, "m with space", 5.0, 1, 0)
    client.set_terminated(r2, "FAILED", 300)
    contexts = {"train": [InputTag("mlflow.data.context", "train")], "test": [InputTag("mlflow.data.context", "test")]}
    sets = [Dataset(f"name{i}", f"digest{i}", "st", f"source{i}") for i in (1, 2, 3)]
    client.log_inputs(r1, [DatasetInput(sets[0], contexts["train"]), DatasetInput(sets[1], contexts["test"])])
    client.log_inputs(r2, [DatasetInput(sets[1], contexts["train"])])
    uri = client.get_run(r1).info.artifact_uri
    good = """params.generic = 'p_val' | params.generic != 'p_val' | params.generic != 'x' | param.two LIKE '%other%' | params.two LIKE 'other%'
params.two ILIKE '%Other%' | parameters.p_a = 'abc' | params.p_a = 'ABC' | params.p_a != 'ABC' | params.bad = 'x' | params.two IS NULL | params.two IS NOT NULL
tags.n = '1' | tag.n != '1' | tags.p_b LIKE 'A%' | tags.p_b ILIKE 'a%' | tags.n ILIKE '%' and tags.p_b = 'ABC' | tags.`mlflow.runName` = 'run_name2' | tags.p_b IS NULL | tags.p_b IS NOT NULL
metrics.common = 1.0 | metrics.common != 1.0 | metrics.a > 50 | metrics.a < 1e3 | metrics.a != -12.0 | metrics.a = 400 | metric.b > 5 | metrics.b = 4 | metrics.odd > 0 | metrics.odd != 1
metrics.`m with space` >= 5 | metrics."m with space" = 5 | attribute.status = 'FAILED' | status != 'SCHEDULED' | attributes.status = 'KILLED' | attr.status != 'blah' | attributes.run_name = 'run_name1'
attributes.`Run name` = 'run_name1' | attributes.`run name` = 'run_name2' | run_name LIKE 'run%' | run_name ILIKE 'RUN_NAME3' | start_time > 1 | attributes.created > 1 | attributes.Created <= 1 | end_time = 300 | start_time != 2
user_id = 'x' | dataset.name = 'name1' | datasets.digest = 'digest2' | dataset.context = 'train' | dataset.context = 'test' and dataset.name = 'name2' | dataset.name = 'name4' | datasets.name IN ('name1', 'name2')
datasets.name LIKE 'Name%' | datasets.name ILIKE 'Name%' | datasets.context ILIKE 'test%' | datasets.context IN ('test', 'train') | params.generic = 'p_val' and dataset.name = 'name2' and dataset.context = 'train'
params.generic = 'p_val' and metrics.common = 1.0 and metrics.a > 1.0 and params.two ILIKE 'A%' | metrics.a > 0 AND metrics.a < 50 | attribute.artifact_uri = 'random' | attribute.artifact_uri != 'random'"""
    for text in (part.strip() for line in good.split("\n") for part in line.split(" | ")):
        saw(text, [order[r.info.run_id] for r in client.search_runs([OTHER], text)])
    for label, text in {
        "uri =": f"attr.artifact_uri = '{uri}'",
        "uri upper": f"attr.artifact_uri = '{uri.upper()}'",
        "uri LIKE": f"artifact_uri LIKE '%{r1[:16]}%'",
        "uri ILIKE": f"artifact_uri ILIKE '%{r1.upper()}%'",
        "id =": f"attributes.run_id = '{r1}'",
        "id !=": f"run_id != '{r1}'",
        "id IN": f"run_id IN ('{r1}',  '{r2}')",
        "id NOT IN": f"attributes.run_id NOT IN ('{r1}', '{r2}')",
        "id and name": f"run_name = 'run_name1' AND run_id IN ('{r1}')",
        "id LIKE": f"run_id LIKE '{r1[:20]}%'",
    }.items():
        saw(label, [order[r.info.run_id] for r in client.search_runs([OTHER], text)])
    bad = """attribute.experiment_id = '1' | attribute.lifecycle_stage = 'active' | metrics.a = 'x' | params.a = 1 | params.a > 'x' | tags.a > 'x' | metrics.a LIKE 'x' | blah.x = 'y' | params.a | metrics. > 1
params.a = x | status IN (1, 2) | metrics.a > | metrics.a => 1 | a = 'b' = 'c' | start_time = 'x' | start_time LIKE 'x' | dataset.bad = 'x' | dataset.name > 'x' | params.a = 'x' params.b = 'y' | run_id IN ()"""
    for text in (part.strip() for line in bad.split("\n") for part in line.split(" | ")):
        refused(f"filter {text}", lambda text=text: client.search_runs([OTHER], text))
    for by in [["metrics.a"], ["metrics.a DESC"], ["metrics.b ASC", "start_time ASC"], ["params.two"], ["tag.n DESC"], ["attributes.start_time ASC"], ["attributes.Created DESC"], ["end_time"], ["status"], ["run_name DESC"], ["`metrics`.a"], ["metrics.`m with space` DESC"], ["metrics.odd"]]:
        saw(f"order {by}", [order[r.info.run_id] for r in client.search_runs([OTHER], order_by=by)])
    for by in [["blah"], ["metrics.a up"], ["dataset.name"], ["start_time", "start_time DESC"], ["attribute.lifecycle_stage"], [""]]:
        refused(f"order {by}", lambda by=by: client.search_runs([OTHER], order_by=by))
    saw("no such experiment", len(client.search_runs(["424242"])))
    saw("no experiments", len(client.search_runs([])))
    client.delete_run(r3)
    for view in [ViewType.ACTIVE_ONLY, ViewType.DELETED_ONLY, ViewType.ALL]:
        saw(f"view {view}", [order[r.info.run_id] for r in client.search_runs([OTHER], run_view_type=view)])


def sorts():
    experiment = client.create_experiment(unique("sorts"))
    for at, text in enumerate(["None", "nan", "inf", "-inf", "-1000", "0", "0", "1000"], 1):
        run = make(f"{text}/{at}", 123, experiment, {"metric": str(at)})
        if text != "None":
            client.log_metric(run, "x", float(text), 1, 0)
            client.log_metric(run, "y", float(at), 1, 0)
        client.log_param(run, "metric", str(at))
    for by in [["metrics.x asc", "metrics.y asc"], ["metrics.x asc", "tag.metric desc"], ["metrics.x desc", "metrics.y asc"], ["metrics.x desc", "param.metric desc"]]:
        saw(f"order {by}", [r.info.run_name for r in client.search_runs([experiment], order_by=by)])
    for at, end in enumerate([234, None, 456, 12, 789, 123]):
        run = make(str(end), 1000 + at, experiment)
        store.update_run_info(run, 3, end, None)
    for by in [["attribute.end_time asc"], ["attribute.end_time desc"], ["start_time asc", "end_time desc"]]:
        saw(f"order {by}", [r.info.run_name for r in client.search_runs([experiment], "start_time > 999", order_by=by)])


def inputs():
    experiment = client.create_experiment(unique("inputs"))
    run = make("inputs", 1, experiment)

    def held(run):
        return [[d.dataset.name, d.dataset.digest, d.dataset.source, d.dataset.schema, sorted((t.key, t.value) for t in d.tags)] for d in client.get_run(run).inputs.dataset_inputs]

    first = Dataset("name", "digest", "st", "source", "schema", "profile")
    tags = [InputTag("key1", "value1"), InputTag("key2", "value2")]
    client.log_inputs(run, [DatasetInput(first, tags), DatasetInput(first, tags)])
    for i in range(2):
        client.log_inputs(run, [DatasetInput(Dataset("name", "digest", "x", f"s{i}", "s", "p"), [InputTag(f"key{i}", "other")])])
    saw("logged again", held(run))
    client.log_inputs(run, [DatasetInput(Dataset("other", "digest", "st", "source"), [InputTag("k", "v")])])
    client.log_inputs(run, [DatasetInput(Dataset("name", "other", "st", "source"))])
    saw("more", sorted(map(str, held(run))))
    second = make("second", 2, experiment)
    client.log_inputs(second, [DatasetInput(first, [InputTag("mine", "1")])])
    saw("another run's own tags", held(second))
    saw("in a search", sorted(len(r.inputs.dataset_inputs) for r in client.search_runs([experiment])))
    client.log_inputs(run, [])
    base = {"name": "n", "digest": "d", "source_type": "t", "source": "s"}
    for field, most in {"name": 500, "digest": 36, "source": 65535, "schema": 1048575}.items():
        for length in (most, most + 1):
            body = {"run_id": second, "datasets": [{"dataset": {**base, field: "a" * length}, "tags": []}]}
            wire(f"{field} of {length}", "POST", "/runs/log-inputs", body, rf"'{field}' exceeds the maximum length of {most}")
        body = {"run_id": second, "datasets": [{"dataset": {k: v for k, v in base.items() if k != field}}]}
        wire(f"no {field}", "POST", "/runs/log-inputs", body, "") if field in base else None
    for key, value in [("a" * 255, "v"), ("a" * 256, "v"), ("k", "a" * 500), ("k", "a" * 501)]:
        body = {"run_id": second, "datasets": [{"dataset": {**base, "name": unique("n")}, "tags": [{"key": key, "value": value}]}]}
        wire(f"tag {len(key)} {len(value)}", "POST", "/runs/log-inputs", body, "exceeds the maximum length of")


names()
batches()
search()
sorts()
inputs()
