"""The fluent interface beyond params and metrics: resume, nesting, pictures, tables, measures of the machine."""

import math
import os
import pathlib
import tempfile
import time

import matplotlib.pyplot as plt
import mlflow
import numpy as np
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Metric
from mlflow.store.artifact.http_artifact_repo import HttpArtifactRepository
from PIL import Image
from proof import artifact_names, finish, proved

client = MlflowClient()
experiment = mlflow.set_experiment("fluent")

with mlflow.start_run(run_name="first try", description="a note", tags={"a": "1"}) as run:
    mlflow.log_metric("loss", 1.0, step=0)
run_id = run.info.run_id
with mlflow.start_run(run_id=run_id):
    assert client.get_run(run_id).info.status == "RUNNING"
    mlflow.log_metric("loss", 0.5, step=1)
    mlflow.log_metric("loss", -math.inf, step=2)
    mlflow.set_tag("mlflow.runName", "renamed")
back = client.get_run(run_id)
assert back.info.status == "FINISHED" and back.info.run_name == "renamed"
assert back.data.tags["mlflow.note.content"] == "a note"
assert [(p.step, p.value) for p in client.get_metric_history(run_id, "loss")][:2] == [(0, 1.0), (1, 0.5)]
assert back.data.metrics["loss"] <= -1.797e308
proved("resume")

with mlflow.start_run(run_name="parent") as parent:
    for depth in range(3):
        with mlflow.start_run(nested=True, run_name=f"child {depth}"):
            mlflow.log_param("depth", depth)
found = mlflow.search_runs(filter_string=f"tags.mlflow.parentRunId = '{parent.info.run_id}'")
assert set(found["params.depth"]) == {"0", "1", "2"}
assert client.get_parent_run(found["run_id"][0]).info.run_id == parent.info.run_id
try:
    with mlflow.start_run() as failed:
        raise KeyError("on purpose")
except KeyError:
    pass
assert client.get_run(failed.info.run_id).info.status == "FAILED"
proved("nested runs")

pixels = np.zeros((16, 24, 3), dtype=np.uint8)
pixels[:, :12] = [255, 0, 0]
with mlflow.start_run() as run:
    mlflow.log_image(pixels, "samples/red.png")
    mlflow.log_image(Image.fromarray(pixels), "samples/pil.png")
    for step in range(2):
        mlflow.log_image(pixels, key="grid", step=step)
uri = run.info.artifact_uri
assert np.asarray(mlflow.artifacts.load_image(f"{uri}/samples/red.png")).shape == (16, 24, 3)
assert artifact_names(run.info.run_id, "samples") == ["pil.png", "red.png"]
assert len([name for name in artifact_names(run.info.run_id, "images") if name.startswith("grid")]) == 4
proved("images")

figure, axes = plt.subplots()
axes.plot([1, 2, 3])
with mlflow.start_run() as run:
    mlflow.log_figure(figure, "plots/line.png")
    mlflow.log_figure(figure, "plots/line.svg")
assert artifact_names(run.info.run_id, "plots") == ["line.png", "line.svg"]
assert mlflow.artifacts.load_text(f"{run.info.artifact_uri}/plots/line.svg").lstrip().startswith("<?xml")
proved("figures")

with mlflow.start_run() as run:
    mlflow.log_table({"question": ["a", "b"], "answer": [1, 2]}, "tables/answers.json")
    mlflow.log_table(pd.DataFrame({"question": ["c"], "answer": [3]}), "tables/answers.json")
table = mlflow.load_table("tables/answers.json", run_ids=[run.info.run_id])
assert list(table["question"]) == ["a", "b", "c"] and list(table["answer"]) == [1, 2, 3]
proved("tables")

mlflow.set_system_metrics_sampling_interval(0.2)
mlflow.set_system_metrics_samples_before_logging(1)
with mlflow.start_run(log_system_metrics=True) as run:
    time.sleep(2)
measured = client.get_run(run.info.run_id).data.metrics
assert measured["system/cpu_utilization_percentage"] >= 0, measured
assert len(client.get_metric_history(run.info.run_id, "system/system_memory_usage_megabytes")) >= 2
proved("system metrics")

data = pd.DataFrame({"x": range(30), "label": [i % 2 for i in range(30)], "said": [i % 3 % 2 for i in range(30)]})
with mlflow.start_run() as run:
    result = mlflow.models.evaluate(data=data, targets="label", predictions="said", model_type="classifier")
back = client.get_run(run.info.run_id)
assert back.data.metrics["accuracy_score"] == result.metrics["accuracy_score"]
assert "confusion_matrix.png" in artifact_names(run.info.run_id), artifact_names(run.info.run_id)
assert [i.dataset.name for i in back.inputs.dataset_inputs] == ["dataset"]
proved("evaluate")

with mlflow.start_run() as run:
    now = int(time.time() * 1000)
    client.log_batch(run.info.run_id, metrics=[Metric("far", 1.0, now, 2**53 + 1), Metric("far", 2.0, now, 2**63 - 1)])
assert [p.step for p in client.get_metric_history(run.info.run_id, "far")] == [2**53 + 1, 2**63 - 1]
proved("int64")

with mlflow.start_run() as run:
    for name in ["it's", 'say "so"', "100%2F", "a..b", "ü/ñ", "a b/c-d_e.f"]:
        try:
            mlflow.log_metric(name, 1)
            assert client.get_metric_history(run.info.run_id, name)[0].value == 1, name
        except mlflow.exceptions.MlflowException as error:
            assert error.error_code == "INVALID_PARAMETER_VALUE", (name, error)
    for name in ["it's.txt", 'say "so".txt', "a..b.txt", "a b&c=d.txt", "ü/ñ.txt"]:
        mlflow.log_text(name, name)
        assert mlflow.artifacts.load_text(f"{run.info.artifact_uri}/{name}") == name, name
    for name in ["../x.txt", "a/../../x.txt", "100%2Ffile.txt", "%2e%2e%2fx.txt"]:
        try:
            mlflow.log_text("x", name)
            raise SystemExit(f"{name} was taken")
        except Exception as error:
            assert "Invalid" in str(error) or "400" in str(error), error
proved("hostile names")

os.environ["MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD"] = "true"
os.environ["MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE"] = str(6 * 2**20)
os.environ["MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE"] = str(5 * 2**20)
sent: list[int] = []
upload_part = HttpArtifactRepository._upload_part


def counted(credential, *args, **kwargs):
    sent.append(credential.part_number)
    return upload_part(credential, *args, **kwargs)


HttpArtifactRepository._upload_part = staticmethod(counted)
with tempfile.TemporaryDirectory() as folder, mlflow.start_run() as run:
    large = pathlib.Path(folder) / "large file.bin"
    large.write_bytes(bytes(range(251)) * 50_000)
    mlflow.log_artifact(str(large), "weights")
    back = client.download_artifacts(run.info.run_id, "weights/large file.bin", folder)
    assert pathlib.Path(back).read_bytes() == bytes(range(251)) * 50_000
assert sorted(sent) == [1, 2, 3], sent
proved("multipart uploads")


@mlflow.trace(name="answer", attributes={"a": 1})
def answer(question: str) -> str:
    return question.upper()


with mlflow.start_run() as run:
    answer("why")
mlflow.flush_trace_async_logging()
trace_id = mlflow.get_last_active_trace_id()
trace = mlflow.get_trace(trace_id)
assert trace.info.state.value == "OK" and trace.info.execution_duration is not None, trace.info
assert [span.name for span in trace.data.spans] == ["answer"] and trace.data.spans[0].outputs == "WHY"
mlflow.set_trace_tag(trace_id, "team", "risk")
said = mlflow.log_feedback(trace_id=trace_id, name="correct", value=True, rationale="it is")
mlflow.update_assessment(trace_id, said.assessment_id, mlflow.entities.Feedback(name="correct", value=False))
assert mlflow.get_assessment(trace_id, said.assessment_id).value is False
[found] = mlflow.search_traces(
    locations=[experiment.experiment_id], filter_string="tags.team = 'risk'", return_type="list"
)
assert found.info.trace_id == trace_id and found.info.assessments[0].rationale == "it is"
assert len(mlflow.search_traces(locations=[experiment.experiment_id], run_id=run.info.run_id)) == 1
mlflow.delete_trace_tag(trace_id, "team")
mlflow.delete_assessment(trace_id, said.assessment_id)
assert client.delete_traces(experiment.experiment_id, trace_ids=[trace_id]) == 1
proved("traces")
finish()
