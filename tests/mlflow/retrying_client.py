"""Logs many batches, one after the other, through whatever happens to the server. Prints the run as JSON."""

import json
import sys

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric

batches, points = int(sys.argv[1]), int(sys.argv[2])
client = MlflowClient()
mlflow.set_experiment("retries")
with mlflow.start_run() as run:
    for batch in range(batches):
        steps = range(batch * points, (batch + 1) * points)
        client.log_batch(run.info.run_id, metrics=[Metric("loss", 1 / (s + 1), 1_800_000_000_000 + s, s) for s in steps])
print(json.dumps({"run_id": run.info.run_id}))
