"""Fills a stock server with everything an import has to carry over. Prints one JSON line."""

import json
import math
import os
import tempfile
import time

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelOutput, Metric, Param, RunTag

client = MlflowClient()
RUNS = 12
LONG = 26_000
now = int(time.time() * 1000)

first = client.create_experiment("first", tags={"team": "red", "mlflow.note.content": "# First"})
gone = client.create_experiment("gone")
last = client.create_experiment('last "quoted" / ünï')

runs = []
for number in range(RUNS):
    run = client.create_run(first, run_name=f"run {number}", tags={"n": str(number)})
    run_id = run.info.run_id
    runs.append(run_id)
    client.log_batch(
        run_id,
        metrics=[
            Metric(key, math.sin(step * (number + 1)), now + step, step)
            for key in ("loss", "val/acc")
            for step in range(60)
        ],
        params=[Param(f"p{at}", f"{number}.{at}") for at in range(5)],
        tags=[RunTag("kind", "a" if number % 2 else "b")],
    )
    client.set_terminated(run_id, "FAILED" if number % 5 == 4 else "FINISHED")

# A long series, values that are no numbers, a step beyond 2^53.
long = runs[0]
client.update_run(long, "RUNNING")
for start in range(0, LONG, 1000):
    client.log_batch(
        long, metrics=[Metric("long", step * 0.5, now + step, step) for step in range(start, start + 1000)]
    )
client.log_batch(
    long,
    metrics=[
        Metric("odd", math.nan, now, 0),
        Metric("odd", math.inf, now, 1),
        Metric("odd", -math.inf, now, 2),
        Metric("odd", 1.5, now, -3),
        Metric("huge", 1.0, now, 2**53 + 1),
    ],
)
dataset = Dataset("rows", "abc123", "local", "{}", '{"columns": 2}', '{"rows": 4}')
client.log_inputs(long, datasets=[DatasetInput(dataset, [InputTag("mlflow.data.context", "train")])])
client.set_terminated(long)

with tempfile.TemporaryDirectory() as folder:
    for name, content in {"a.txt": b"text", "sub/dir/b.bin": bytes(range(256)) * 5000, "sub/ü #1%.txt": b"", "big.bin": os.urandom(3_000_000)}.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
    client.log_artifacts(long, folder)
    client.log_artifacts(runs[3], folder, "nested")

client.delete_run(runs[1])
running = client.create_run(last, run_name="still running")
client.log_metric(running.info.run_id, "loss", 0.25)
for number in range(3):
    ended = client.create_run(gone, run_name=f"gone {number}")
    client.log_param(ended.info.run_id, "x", number)
    client.set_terminated(ended.info.run_id)
client.delete_experiment(gone)

# A logged model with a metric of its own, and a registered model with a hole in its numbers.
run_id = client.create_run(last, run_name="fit").info.run_id
model = client.create_logged_model(last, "classifier", run_id, {"kind": "tree"}, {"depth": "3"}, "tree")
with tempfile.TemporaryDirectory() as folder:
    with open(os.path.join(folder, "MLmodel"), "w") as file:
        file.write("flavors:\n  python_function:\n    loader_module: none\n")
    with open(os.path.join(folder, "model.bin"), "wb") as file:
        file.write(os.urandom(1000))
    client.log_model_artifacts(model.model_id, folder)
client.finalize_logged_model(model.model_id, "READY")
client.log_outputs(run_id, [LoggedModelOutput(model.model_id, 0)])
client.log_metric(run_id, "score", 0.75, model_id=model.model_id)
client.set_terminated(run_id)
client.create_registered_model("Credit 'risk", {"owner": "me"}, "Who pays")
for number in range(3):
    version = client.create_model_version(
        "Credit 'risk", model.model_uri, run_id, {"n": str(number)}, description=f"v{number}", model_id=model.model_id
    )
client.delete_model_version("Credit 'risk", "2")
client.set_registered_model_alias("Credit 'risk", "champion", "3")
client.transition_model_version_stage("Credit 'risk", "1", "Archived")
client.create_registered_model("empty")

print(json.dumps({"runs": runs, "experiments": [first, gone, last]}))
