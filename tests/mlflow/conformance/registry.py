"""The registry, as MLflow's tests/store/model_registry/test_sqlalchemy_store.py and tests/tracking/test_model_registry.py ask."""

import time

from mlflow import MlflowClient
from observed import URI, refused, saw, suite, unique, wire

client = MlflowClient(URI)
suite("registry")
EXPERIMENT = client.create_experiment(unique("registry"))
PREFIX = unique("m") + "-"


def run_of():
    return client.create_run(EXPERIMENT)


def version_of(name, run=None, **more):
    run = run or run_of()
    return client.create_model_version(name, f"{run.info.artifact_uri}/model", run.info.run_id, **more)


def models():
    name = PREFIX + "one"
    made = client.create_registered_model(name, {"key": "value", "another": "some other"}, "the best")
    got = client.get_registered_model(name)
    saw("made", [made.tags, made.description, got.tags, got.description, got.latest_versions, got.creation_timestamp == got.last_updated_timestamp])
    refused("made twice", lambda: client.create_registered_model(name), r"Registered Model \(name=.+\) already exists")
    refused("no name", lambda: client.create_registered_model(""), "name cannot be empty|Missing value")
    refused("blank name", lambda: client.create_registered_model(" "), "")
    refused("slash in a name", lambda: client.create_registered_model("a/b:c"), "")
    time.sleep(0.005)
    client.update_registered_model(name, "new text")
    again = client.get_registered_model(name)
    saw("described", [again.description, again.last_updated_timestamp > got.last_updated_timestamp])
    client.update_registered_model(name, "")
    saw("described by nothing", client.get_registered_model(name).description)
    version_of(name)
    other = PREFIX + "two"
    client.rename_registered_model(name, other)
    saw("renamed", [client.get_registered_model(other).name == other, client.get_model_version(other, 1).name == other])
    refused("the old name", lambda: client.get_registered_model(name), rf"Registered Model with name={name} not found")
    client.create_registered_model(name)
    refused("renamed to a taken one", lambda: client.rename_registered_model(other, name), r"already exists")
    wire("renamed to nothing", "POST", "/registered-models/rename", {"name": name, "new_name": ""}, "")
    wire("renamed without", "POST", "/registered-models/rename", {"name": name}, "")
    client.delete_registered_model(name)
    for label, call in {
        "get": lambda: client.get_registered_model(name),
        "update": lambda: client.update_registered_model(name, "x"),
        "delete": lambda: client.delete_registered_model(name),
        "tag": lambda: client.set_registered_model_tag(name, "a", "b"),
        "delete a tag of": lambda: client.delete_registered_model_tag(name, "a"),
        "version in": lambda: version_of(name),
        "latest of": lambda: client.get_latest_versions(name),
        "alias in": lambda: client.set_registered_model_alias(name, "a", "1"),
    }.items():
        refused(f"{label} a deleted model", call, "not found")
    refused("version of a deleted model", lambda: client.get_model_version(name, 1), rf"Model Version \(name={name}, version=1\) not found")


def versions():
    name = PREFIX + "versions"
    client.create_registered_model(name)
    run = run_of()
    source = f"{run.info.artifact_uri}/model"
    made = client.create_model_version(name, source, run.info.run_id, {"key": "value"}, "http://host/run", "text")
    got = client.get_model_version(name, "1")
    saw("version", [made.version, got.current_stage, got.description, got.run_id == run.info.run_id, got.run_link, got.status, got.status_message, got.tags, got.aliases, got.source == source])
    saw("download", client.get_model_version_download_uri(name, "1") == source)
    saw("counts on", [version_of(name).version for _ in range(3)])
    saw("without run", client.create_model_version(name, "s3://bucket/model").run_id)
    time.sleep(0.005)
    client.update_model_version(name, "1", "described")
    saw("version described", client.get_model_version(name, "1").description)
    for stage in ["Staging", "STAGING", "production", "Archived", "None"]:
        moved = client.transition_model_version_stage(name, "1", stage)
        saw(f"stage {stage}", [moved.current_stage, client.get_model_version(name, "1").current_stage])
    refused("no such stage", lambda: client.transition_model_version_stage(name, "1", "unknown"), "Invalid Model Version stage: unknown")
    refused("archive to None", lambda: client.transition_model_version_stage(name, "1", "None", True), "cannot archive existing model versions because .+ is not an Active stage")
    client.transition_model_version_stage(name, "1", "Staging")
    client.transition_model_version_stage(name, "2", "Production")
    client.transition_model_version_stage(name, "3", "Staging", archive_existing_versions=True)
    saw("archived by another", [client.get_model_version(name, str(v)).current_stage for v in (1, 2, 3)])
    client.transition_model_version_stage(name, "3", "Production", archive_existing_versions=True)
    saw("archived again", [client.get_model_version(name, str(v)).current_stage for v in (1, 2, 3)])

    def latest(stages=None):
        return sorted((v.current_stage, v.version) for v in client.get_latest_versions(name, stages))

    saw("latest", [latest(), latest([]), latest(["Production"]), latest(["pROduction"]), latest(["None", "Staging"])])
    refused("latest of no stage", lambda: latest(["unknown"]), "Invalid Model Version stage")
    client.delete_model_version(name, "3")
    saw("latest without", latest())
    for label, call in {
        "get": lambda: client.get_model_version(name, "3"),
        "update": lambda: client.update_model_version(name, "3", "x"),
        "delete": lambda: client.delete_model_version(name, "3"),
        "stage": lambda: client.transition_model_version_stage(name, "3", "Staging"),
        "uri": lambda: client.get_model_version_download_uri(name, "3"),
        "tag": lambda: client.set_model_version_tag(name, "3", "a", "b"),
        "delete tag": lambda: client.delete_model_version_tag(name, "3", "a"),
    }.items():
        refused(f"{label} a deleted version", call, r"Model Version \(name=.+, version=3\) not found")
    for bad in ["abc", "0", "-1", "1.5", "99999999999"]:
        wire(f"version {bad}", "GET", "/model-versions/get", params={"name": name, "version": bad}, pattern="")
    next_one = version_of(name)
    saw("numbers are not used again", next_one.version)


def sources():
    name = PREFIX + "sources"
    client.create_registered_model(name)
    run = run_of()
    run_id = run.info.run_id
    for source in ["mlflow-artifacts:/models", "mlflow-artifacts:/models/", "mlflow-artifacts:/models///", "mlflow-artifacts:/models/foo///bar", "mlflow-artifacts://host:9000/models",
                   "mlflow-artifacts://host:9000/models/artifact/..../", "mlflow-artifacts://host:9000/models/../../../", "http://host:9000/models/../../../", "s3://bucket/model", "s3a://b/../../x",
                   "ftp://host/a/../../", "mlflow-artifacts://host/models/..%2f..%2fx", "mlflow-artifacts://host/artifact%00", "/tmp", "file:///tmp", "file://123.456.789.123/x", "runs:/" + run_id + "/model", ""]:
        body = {"name": name, "source": source, "run_id": run_id}
        wire(f"source {source.replace(run_id, 'RUN')}", "POST", "/model-versions/create", body, "")
    wire("source missing", "POST", "/model-versions/create", {"name": name}, "Missing value for required parameter 'source'")


def tags_and_aliases():
    name, other = PREFIX + "tags", PREFIX + "tags2"
    for one in (name, other):
        client.create_registered_model(one, {"key": "value", "more": "x"})
        version_of(one, tags={"key": "value"})
    version_of(name, tags={"key": "value"})
    client.set_registered_model_tag(name, "key", "over")
    client.set_model_version_tag(name, "1", "key", "over")
    client.set_registered_model_tag(name, "long", "a" * 4999)
    client.set_model_version_tag(name, "1", "long", "a" * 4999)
    saw("tags", [client.get_registered_model(one).tags["key"] for one in (name, other)] + [client.get_model_version(name, v).tags["key"] for v in ("1", "2")])
    for length in (100_000, 100_001):
        refused(f"model tag of {length}", lambda: client.set_registered_model_tag(name, "l", "a" * length), "exceed")
        refused(f"version tag of {length}", lambda: client.set_model_version_tag(name, "1", "l", "a" * length), "exceed")
    for length in (250, 251):
        refused(f"tag key of {length}", lambda: client.set_registered_model_tag(name, "k" * length, "v"), "")
    client.delete_registered_model_tag(name, "key")
    refused("delete a model's tag twice", lambda: client.delete_registered_model_tag(name, "key"))
    client.delete_model_version_tag(name, "1", "key")
    refused("delete a version's tag twice", lambda: client.delete_model_version_tag(name, "1", "key"))
    saw("left", [sorted(client.get_registered_model(name).tags), sorted(client.get_model_version(name, "1").tags), sorted(client.get_model_version(name, "2").tags)])
    client.set_registered_model_alias(name, "champion", "1")
    client.set_registered_model_alias(name, "Champ", "1")
    saw("alias", [client.get_model_version_by_alias(name, "champion").version, sorted(client.get_model_version(name, "1").aliases), client.get_registered_model(name).aliases])
    client.set_registered_model_alias(name, "champion", "2")
    saw("alias moved", [client.get_model_version_by_alias(name, "champion").version, client.get_model_version(name, "2").aliases])
    for alias in ["latest", "v1", "V22", "a" * 256, "", "a b", "x/y", "1", "99"]:
        refused(f"alias {alias[:10]}", lambda alias=alias: client.set_registered_model_alias(name, alias, "1"), "")
    refused("alias of no version", lambda: client.set_registered_model_alias(name, "x", "99"), "not found")
    refused("no such alias", lambda: client.get_model_version_by_alias(name, "none"), "Registered model alias none not found")
    client.delete_registered_model_alias(name, "none")
    client.delete_model_version(name, "2")
    refused("alias of a deleted version", lambda: client.get_model_version_by_alias(name, "champion"), "alias champion not found")
    saw("aliases left", client.get_registered_model(name).aliases)


def search():
    prefix = PREFIX + "found-"
    names = [prefix + n for n in ["RM1", "RM2", "RM3", "RM4", "RM4A", "RM4ab"]]
    for at, name in enumerate(names):
        time.sleep(0.003)
        client.create_registered_model(name, {"t1": "abc" if at % 2 else "abcd", "t2": f"xyz{at}"})
    order = {name: at for at, name in enumerate(names)}

    def found(text, **more):
        return [order[m.name] for m in client.search_registered_models(text, **more) if m.name in order]

    for text in [f"name LIKE '{prefix}%'", f"name='{names[0]}'", f"name='{names[0]}cats'", f"name LIKE '{prefix}RM4A%'", f"name ILIKE '{prefix}rm4a%'", f"name lIkE '%blah%'", f"name iLike '%RM4a%'",
                 f"name LIKE '{prefix}%' AND tag.t1 = 'abc'", f"name LIKE '{prefix}%' AND tags.t1 != 'abc'", f"name LIKE '{prefix}%' and tag.`t2` LIKE 'xyz_'", f"name LIKE '{prefix}%' and tag.T1 = 'abc'",
                 f"name LIKE '{prefix}%' and tag.t1 ILIKE 'AB%' and tag.t1 != 'abcd'", f"name != '{names[1]}' and name LIKE '{prefix}%'"]:
        saw(text.replace(prefix, ""), found(text))
    mine = f"name LIKE '{prefix}%'"
    for by in [["name DESC"], ["name ASC"], ["last_updated_timestamp DESC"], ["timestamp ASC"], ["timestamp\tASC"], ["timestamp  aSC"], ["last_updated_timestamp"], ["timestamp desc", "name desc"]]:
        saw(f"order {by}", found(mine, order_by=by))
    token, pages = None, []
    for _ in range(2):
        page = client.search_registered_models(mine, max_results=4, page_token=token)
        pages.append([order[m.name] for m in page])
        token = page.token
    saw("pages", [pages, token])
    for text in ["name!=something", "run_id='x'", "source_path = 'A/D'", "evilhax = true", "name LIKE", "tag.a > 1", "metrics.a > 1"]:
        refused(f"filter {text}", lambda text=text: client.search_registered_models(text))
    for by in [["name ASC", "blah DESC"], ["creation_timestamp DESC"], ["last_updated_timestamp DESC blah"], ["timestamp", "last_updated_timestamp"], ["name", "name DESC"]]:
        refused(f"order {by}", lambda by=by: client.search_registered_models(mine, order_by=by))
    refused("bad token", lambda: client.search_registered_models(mine, page_token="evilhax"), "")
    refused("too many", lambda: client.search_registered_models(mine, max_results=10**6), "Invalid value for|max_results")


def search_versions():
    name = PREFIX + "v"
    client.create_registered_model(name)
    runs = [run_of() for _ in range(3)]
    for at, run in enumerate([runs[0], runs[1], runs[1], runs[2]]):
        time.sleep(0.003)
        version_of(name, run, tags={"t1": "abc", "t2": "xyz" if at == 0 else f"x{at}"})
    ids = [run.info.run_id for run in runs]

    def found(text, **more):
        return [v.version for v in client.search_model_versions(text, **more) if v.name == name]

    mine = f"name='{name}'"
    for label, text in {
        "name": mine, "number": f"{mine} AND version_number=2", "numbers": f"version_number<=3 and {mine}", "run": f"run_id='{ids[1]}'", "runs": f"run_id IN ('{ids[0]}', '{ids[1]}')",
        "runs upper": f"run_id IN ('{ids[0].upper()}','{ids[1]}')", "run LIKE": f"run_id LIKE '{ids[1][:30]}%'", "run ILIKE": f"run_id ILIKE '{ids[1][:30].upper()}%'",
        "source": f"source_path = '{runs[0].info.artifact_uri}/model'", "source no": "source_path = 'A/'", "tag": f"{mine} and tag.t2 = 'xyz'", "tag !=": f"{mine} and tag.t2 != 'xyz'",
        "tag LIKE": f"{mine} and tag.t2 LIKE 'x%' and tag.t1 = 'abc'", "tag T": f"{mine} and tag.T2 = 'xyz'", "name LIKE": f"name LIKE '{name}%'",
    }.items():
        saw(f"versions by {label}", found(text))
    for by in [["version_number DESC"], ["version_number ASC"], ["name DESC"], ["creation_timestamp DESC"], ["last_updated_timestamp ASC"], ["creation_timestamp ASC", "version_number DESC"]]:
        saw(f"versions order {by}", found(mine, order_by=by))
    page = client.search_model_versions(mine, max_results=3)
    saw("version pages", [[v.version for v in page], [v.version for v in client.search_model_versions(mine, max_results=3, page_token=page.token)]])
    for text in ["run_id IN (1,2,3)", "run_id IN ()", "run_id IN (", "run_id IN", "name LIKE", "run_id IN (,)", "run_id IN ('runid1',,'runid2')", "version_number = 'a'", "blah = 'x'", "source_path IN ('a')", "status = 'READY'"]:
        refused(f"versions filter {text}", lambda text=text: client.search_model_versions(text))
    for by in [["name ASC", "run_id DESC"], ["last_updated_timestamp DESC blah"]]:
        refused(f"versions order {by}", lambda by=by: client.search_model_versions(mine, order_by=by))
    refused("versions bad token", lambda: client.search_model_versions(mine, page_token="evilhax"), "")
    client.delete_model_version(name, "4")
    saw("versions without a deleted one", found(mine))


models()
versions()
sources()
tags_and_aliases()
search()
search_versions()
