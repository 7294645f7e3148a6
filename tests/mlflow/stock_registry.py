"""Drives the registry with the stock MLflow client. Prints one JSON line; any failure ends it with a traceback."""

import json
import time

import mlflow
import mlflow.sklearn
import numpy as np
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.models import infer_signature
from sklearn.linear_model import LogisticRegression

client = MlflowClient()
out = {"client": mlflow.__version__, "proved": []}


def refused(call, *args, **kwargs):
    """Seconds a refusal took, and its error code."""
    started = time.monotonic()
    try:
        call(*args, **kwargs)
    except MlflowException as error:
        return {"code": error.error_code, "seconds": time.monotonic() - started, "message": str(error)}
    return {"code": None, "seconds": time.monotonic() - started, "message": ""}


# A model logged from a run, registered from it, and loaded again by version and by alias.
x = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 1.0], [3.0, 0.0]])
y = np.array([0, 0, 1, 1])
mlflow.set_experiment("registry")
with mlflow.start_run() as run:
    fitted = LogisticRegression().fit(x, y)
    info = mlflow.sklearn.log_model(
        fitted,
        name="classifier",
        signature=infer_signature(x, fitted.predict(x)),
        serialization_format="cloudpickle",
        pip_requirements=["scikit-learn"],
    )
name = "Churn 'Prod' Modell"
first = mlflow.register_model(f"runs:/{run.info.run_id}/classifier", name, tags={"team": "risk"})
assert (first.name, first.version, first.status, first.current_stage) == (name, "1", "READY", "None"), first
assert first.run_id == run.info.run_id and first.tags == {"team": "risk"}
second = mlflow.register_model(info.model_uri, name)
assert second.version == "2", second
assert second.run_id == run.info.run_id
client.set_registered_model_alias(name, "champion", "2")
assert client.get_model_version_by_alias(name, "champion").version == "2"
for uri in (f"models:/{name}/1", f"models:/{name}@champion", f"models:/{name}/latest"):
    assert (mlflow.sklearn.load_model(uri).predict(x) == y).all(), uri
assert (mlflow.pyfunc.load_model(f"models:/{name}@champion").predict(x) == y).all()
out["proved"].append("register and load")

# The files of a version are its own: the logged model and the run may go.
client.delete_logged_model(info.model_id)
client.delete_run(run.info.run_id)
assert (mlflow.sklearn.load_model(f"models:/{name}@champion").predict(x) == y).all()
client.restore_run(run.info.run_id)
out["proved"].append("files outlive the run")

# Tags, aliases, descriptions.
client.update_registered_model(name, "predicts churn")
client.set_registered_model_tag(name, "owner", "ann")
client.set_registered_model_tag(name, "empty", "")
client.set_model_version_tag(name, "2", "reviewed", "yes")
client.update_model_version(name, "2", "the better one")
model = client.get_registered_model(name)
assert model.description == "predicts churn" and model.tags == {"owner": "ann", "empty": ""}, model.tags
assert model.aliases == {"champion": "2"} and [v.version for v in model.latest_versions] == ["2"]
version = client.get_model_version(name, "2")
assert version.description == "the better one" and version.tags == {"reviewed": "yes"}
assert version.aliases == ["champion"]
client.delete_registered_model_tag(name, "empty")
client.delete_model_version_tag(name, "2", "reviewed")
client.set_registered_model_alias(name, "champion", "1")
client.set_registered_model_alias(name, "challenger", "2")
assert client.get_registered_model(name).aliases == {"champion": "1", "challenger": "2"}
client.delete_registered_model_alias(name, "challenger")
client.delete_registered_model_alias(name, "never-there")
out["proved"].append("tags and aliases")

# Stages.
moved = client.transition_model_version_stage(name, "1", "production")
assert moved.current_stage == "Production"
moved = client.transition_model_version_stage(name, "2", "Production", archive_existing_versions=True)
assert client.get_model_version(name, "1").current_stage == "Archived"
assert [v.version for v in client.get_latest_versions(name, ["Production"])] == ["2"]
assert {v.current_stage: v.version for v in client.get_latest_versions(name)} == {"Archived": "1", "Production": "2"}
out["proved"].append("stages")

# Search.
for index in range(7):
    client.create_registered_model(f"bulk {index}", tags={"group": "even" if index % 2 == 0 else "odd"})
    client.create_model_version(f"bulk {index}", "s3://bucket/some/model", tags={"i": str(index)})
assert [m.name for m in client.search_registered_models("tags.group = 'odd'")] == ["bulk 1", "bulk 3", "bulk 5"]
assert [m.name for m in client.search_registered_models("name ILIKE 'BULK%' AND name != 'bulk 0'", order_by=["name DESC"])][
    :2
] == ["bulk 6", "bulk 5"]
pages, token = [], None
while True:
    page = client.search_registered_models("name LIKE 'bulk%'", max_results=3, page_token=token)
    pages.append([m.name for m in page])
    token = page.token
    if not token:
        break
assert pages == [["bulk 0", "bulk 1", "bulk 2"], ["bulk 3", "bulk 4", "bulk 5"], ["bulk 6"]], pages
quoted = name.replace("'", "''")
assert {v.version for v in client.search_model_versions(f"name = '{quoted}'")} == {"1", "2"}
assert {v.version for v in client.search_model_versions(f"run_id = '{run.info.run_id}'")} == {"1", "2"}
assert [v.name for v in client.search_model_versions("tags.i = '4'")] == ["bulk 4"]
assert [v.name for v in client.search_model_versions("name LIKE 'bulk%'", order_by=["name DESC"], max_results=2)] == [
    "bulk 6",
    "bulk 5",
]
assert len(mlflow.search_registered_models()) == 8
assert mlflow.search_model_versions(filter_string="source_path = 's3://bucket/some/model'", max_results=3)
out["proved"].append("search")

# Copies and prompts.
copied = client.copy_model_version(f"models:/{name}@champion", "copy of churn")
assert copied.version == "1" and copied.source == f"models:/{name}/1", copied
assert (mlflow.sklearn.load_model("models:/copy of churn/1").predict(x) == y).all()
prompt = mlflow.genai.register_prompt(name="greeting", template="Hello {{name}}")
assert prompt.version == 1
assert "greeting" not in {m.name for m in client.search_registered_models()}
assert mlflow.genai.load_prompt("prompts:/greeting/1").format(name="Ann") == "Hello Ann"
assert [p.name for p in mlflow.genai.search_prompts()] == ["greeting"]
out["proved"].append("copies and prompts")

# Names that differ in case are two models; hostile ones are kept or refused, never misread.
client.create_registered_model("Case")
client.create_registered_model("case")
client.set_registered_model_tag("Case", "which", "upper")
assert client.get_registered_model("case").tags == {}
for odd in ("50%2F50", "a b?c#d&e=f", "ünïcode", 'say "hi"', "0190a7e5-0000-7000-8000-000000000000"):
    assert client.create_registered_model(odd).name == odd
    assert client.get_registered_model(odd).name == odd
    assert client.create_model_version(odd, "dbfs:/some/model").version == "1"
    client.delete_registered_model(odd)
out["proved"].append("names")

# Rename and delete.
client.rename_registered_model(name, "churn")
assert client.get_registered_model("churn").aliases == {"champion": "1"}
client.delete_model_version("churn", "1")
assert client.get_registered_model("churn").aliases == {}
assert {v.version for v in client.search_model_versions("name = 'churn'")} == {"2"}
again = client.create_model_version("churn", "s3://bucket/third")
assert again.version == "3"
assert client.get_model_version_download_uri("churn", "3") == "s3://bucket/third"
client.delete_registered_model("churn")
out["proved"].append("rename and delete")

out["refusals"] = {
    "gone": refused(client.get_registered_model, "churn"),
    "taken": refused(client.create_registered_model, "case"),
    "slash": refused(client.create_registered_model, "a/b"),
    "local": refused(client.create_model_version, "case", "/etc/passwd"),
    "climb": refused(client.create_model_version, "case", "mlflow-artifacts://host/..%252f..%252fetc"),
    "run": refused(client.create_model_version, "case", f"runs:/{'0' * 32}/model", "0" * 32),
    "stage": refused(client.transition_model_version_stage, "bulk 1", "1", "Nowhere"),
    "alias": refused(client.get_model_version_by_alias, "bulk 1", "nobody"),
    "aliasOfNothing": refused(client.get_model_version_by_alias, "nothing", "nobody"),
    "reserved": refused(client.set_registered_model_alias, "bulk 1", "v12", "1"),
    "filter": refused(client.search_registered_models, "color = 'red'"),
    "token": refused(client.search_registered_models, "name LIKE 'bulk%'", 3, None, "nonsense"),
}
print(json.dumps(out))
