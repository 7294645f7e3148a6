"""Experiments, as MLflow's tests/store/tracking/sqlalchemy_store/test_sqlalchemy_store_experiments.py asks."""

import time

from mlflow import MlflowClient
from mlflow.entities import ViewType
from observed import URI, refused, saw, suite, unique, wire

client = MlflowClient(URI)
suite("experiments")
PREFIX = unique("exp")


def names(page):
    return [e.name.replace(PREFIX, "") for e in page if e.name.startswith(PREFIX)]


def make(name, **more):
    time.sleep(0.002)
    return client.create_experiment(PREFIX + name, **more)


def search(text="", **more):
    return names(client.search_experiments(filter_string=f"name LIKE '{PREFIX}%'" + (f" AND {text}" if text else ""), **more))


ids = {}
for name, tags in [("a", {"key1": "value", "key2": "value"}), ("ab", {"key1": "vaLue", "key2": "vaLue"}), ("Abc", {"k e y 1": "value"}), ("z", {})]:
    ids[name] = make(name, tags=tags)

default = client.get_experiment("0")
saw("the default one", [default.name, default.lifecycle_stage])
made = client.get_experiment(ids["a"])
saw("times of a new one", made.creation_time == made.last_update_time)
saw("its tags", made.tags)
saw("by name", client.get_experiment_by_name(PREFIX + "a").experiment_id == ids["a"])
saw("by no name", client.get_experiment_by_name("idontexist") is None)
refused("by no id", lambda: client.get_experiment("100000"), r"No Experiment with id=.+ exists")
refused("by no number", lambda: client.get_experiment("invalid_id"), r"Invalid experiment ID 'invalid_id'\. Experiment ID must be a valid integer\.")
refused("made twice", lambda: client.create_experiment(PREFIX + "a"), r"Experiment\(name=.+\) already exists")
refused("too long a name", lambda: client.create_experiment("x" * 501), r"'name' exceeds the maximum length")
refused("renamed too long", lambda: client.rename_experiment(ids["a"], "x" * 501), r"'name' exceeds the maximum length")
refused("renamed to a taken name", lambda: client.rename_experiment(ids["a"], PREFIX + "ab"), r"already exists|UNIQUE|duplicate")
refused("empty name", lambda: client.create_experiment(""), r"")
wire("renamed to nothing", "POST", "/experiments/update", {"experiment_id": ids["a"]}, "")

for text in [
    "attribute.name != 'x'",
    "attribute.`name` ILIKE '%ab%'",
    "name LIKE '%b%'",
    "name ILIKE '%A%' AND name ILIKE '%b'",
    "tag.key1 = 'value'",
    "tags.key1 = 'value'",
    "tag.`k e y 1` = 'value'",
    "tag.\"k e y 1\" = 'value'",
    "tag.key1 != 'value'",
    "tag.key1 != 'VALUE'",
    "tag.key1 LIKE 'val%'",
    "tag.key1 LIKE '%Lue'",
    "tag.key1 ILIKE '%alu%'",
    "tag.key1 LIKE 'va%' AND tag.key2 LIKE '%Lue'",
    "tag.KEY = 'value'",
    "tag.key1 IS NOT NULL",
    "tag.key2 IS NULL",
    "tag.key1 IS NOT NULL AND tag.key2 IS NULL",
    "creation_time > 0",
    "creation_time < 5",
    "last_update_time >= 17",
    f"creation_time = {made.creation_time}",
    f"creation_time != {made.creation_time}",
]:
    saw(text if "creation_time = " not in text and "creation_time != " not in text else text.split(" ")[1], search(text))

for text in [
    "name IS NULL",
    "name = a",
    "name = 1",
    "creation_time = 'a'",
    "creation_time LIKE 'a'",
    "evil = 'a'",
    "param.x = 'a'",
    "metrics.x > 1",
    "tag.x > 1",
    "name = 'a' OR",
    "name",
    "name =",
    "AND",
]:
    refused(f"filter {text}", lambda text=text: client.search_experiments(filter_string=text))

for order in [["name"], ["name ASC"], ["name DESC"], ["experiment_id DESC"], ["experiment_id"], ["creation_time"], ["last_update_time DESC"], ["name", "experiment_id"], ["creation_time DESC", "name ASC"]]:
    saw(f"order {order}", search(order_by=order))
for order in [["blah"], ["name blah"], ["name", "name DESC"], ["tags.x"], [""]]:
    refused(f"order {order}", lambda order=order: client.search_experiments(order_by=order))

page = client.search_experiments(filter_string=f"name LIKE '{PREFIX}%'", max_results=3)
rest = client.search_experiments(filter_string=f"name LIKE '{PREFIX}%'", max_results=3, page_token=page.token)
saw("pages", [names(page), names(rest), rest.token])
for limit in [0, -1, 1_000_000]:
    wire(f"page of {limit}", "POST", "/experiments/search", {"max_results": limit}, r"Invalid value -?\d+ for parameter 'max_results' supplied. It must be (a positive integer|at most 50000)")

refused("tag too long", lambda: client.set_experiment_tag(ids["z"], "long", "a" * 100_001), "exceeds the maximum length of 5000")
client.set_experiment_tag(ids["z"], "long", "a" * 4999)
client.set_experiment_tag(ids["z"], "lines", "value2\nvalue2\nvalue2")
client.set_experiment_tag(ids["z"], "empty", "")
client.set_experiment_tag(ids["z"], "lines", "over\nwritten")
tags = client.get_experiment(ids["z"]).tags
saw("tags", [len(tags["long"]), tags["lines"], tags["empty"], client.get_experiment(ids["Abc"]).tags])
client.delete_experiment_tag(ids["z"], "long")
saw("a tag less", sorted(client.get_experiment(ids["z"]).tags))
refused("no such tag", lambda: client.delete_experiment_tag(ids["z"], "none"), "No tag with name")

runs = [client.create_run(ids["z"]).info.run_id for _ in range(2)]
client.delete_run(runs[0])
before = client.get_experiment(ids["z"])
time.sleep(0.01)
client.delete_experiment(ids["z"])
gone = client.get_experiment(ids["z"])
saw("deleted", [gone.lifecycle_stage, gone.last_update_time > before.last_update_time])
saw("its runs are deleted", [r.info.lifecycle_stage for r in client.search_runs([ids["z"]], run_view_type=ViewType.DELETED_ONLY)])
saw("found by name", client.get_experiment_by_name(PREFIX + "z").lifecycle_stage)
refused("name stays taken", lambda: client.create_experiment(PREFIX + "z"), "already exists|deleted")
refused("tag of a deleted one", lambda: client.set_experiment_tag(ids["z"], "a", "b"), r"must be in the 'active' state")
refused("run in a deleted one", lambda: client.create_run(ids["z"]), r"must be in the 'active' state")
refused("deleted twice", lambda: client.delete_experiment(ids["z"]), r"")
refused("renamed deleted", lambda: client.rename_experiment(ids["z"], PREFIX + "new"), r"")
for view in [ViewType.ACTIVE_ONLY, ViewType.DELETED_ONLY, ViewType.ALL]:
    saw(f"view {view}", search(view_type=view))
client.restore_experiment(ids["z"])
back = client.get_experiment(ids["z"])
saw("restored", [back.lifecycle_stage, back.last_update_time >= gone.last_update_time])
saw("its runs are back", [r.info.lifecycle_stage for r in client.search_runs([ids["z"]])])
refused("restored twice", lambda: client.restore_experiment(ids["z"]), r"")
client.rename_experiment(ids["z"], PREFIX + "named")
saw("renamed", client.get_experiment(ids["z"]).name == PREFIX + "named")
one = client.create_experiment(unique("own"), artifact_location="mlflow-artifacts:/elsewhere")
place = client.get_experiment(one).artifact_location
run = client.create_run(one)
saw("runs lie below the experiment's place", run.info.artifact_uri == f"{place}/{run.info.run_id}/artifacts")
saw("the place is the one asked for", place == "mlflow-artifacts:/elsewhere")
for location in ["s3://bucket/path", "s3://bucket/../x", "mlflow-artifacts:/../x", "file:///etc", "/etc/x", "x?y=1#../..", "mlflow-artifacts://host/a%2f..%2fb", "http://host/api/2.0/mlflow-artifacts/artifacts/x"]:
    refused(f"location {location}", lambda location=location: client.create_experiment(unique("loc"), artifact_location=location))
