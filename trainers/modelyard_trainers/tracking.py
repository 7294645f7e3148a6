"""Logs to the run through the stock MLflow client, each metric point exactly once.

Points are sent in batches. On a retry the server is asked for the last step it holds of each
metric, and steps up to it are left out: a batch is accepted whole or not at all, and steps only
grow, so what is there is a prefix.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "5")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "1")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "60")
# The client would report its use to its makers.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")

import requests
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag
from mlflow.exceptions import MlflowException, RestException

from .errors import BadInput, RetryLater

BATCH_SECONDS = 0.5
METRICS_PER_BATCH = 1000
PARAMS_PER_BATCH = 100
ERROR_CHARS_MAX = 4000
RETRY_CODES = {
    "INTERNAL_ERROR", "TEMPORARILY_UNAVAILABLE", "REQUEST_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED",
    "DEADLINE_EXCEEDED", "ABORTED", "CANCELLED", "IO_ERROR",
}  # fmt: skip


class Tracking:
    """One run of the tracking server. Raises RetryLater whenever the server is unavailable."""

    def __init__(self) -> None:
        missing = [n for n in ("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID") if not os.environ.get(n)]
        if missing:
            raise BadInput(f"environment variable {missing[0]} is not set")
        self.run_id = os.environ["MLFLOW_RUN_ID"]
        self._client = MlflowClient(tracking_uri=os.environ["MLFLOW_TRACKING_URI"])
        self._last_step: dict[str, int] = {}
        self._has_params: dict[str, str] = {}
        self._has_inputs: set[str] = set()
        self._pending: list[Metric] = []
        self._progress: str | None = None
        self._sent_at = 0.0

    def begin(self) -> None:
        """Reads what the run already holds and marks it running."""
        run = _asked(self._client.get_run, self.run_id)
        self._has_params = dict(run.data.params)
        if run.inputs is not None:
            self._has_inputs = {i.dataset.digest for i in run.inputs.dataset_inputs}
        for key in run.data.metrics:
            history = _asked(self._client.get_metric_history, self.run_id, key)
            self._last_step[key] = max((point.step for point in history), default=-1)
        _asked(self._client.update_run, self.run_id, status="RUNNING")

    def describe(self, params: Mapping[str, Any], tags: Mapping[str, str]) -> None:
        """Logs parameters not yet on the run, and tags."""
        fresh = [Param(k, str(v)) for k, v in params.items() if k not in self._has_params]
        entries = [RunTag(k, v) for k, v in tags.items()]
        for at in range(0, max(len(fresh), 1), PARAMS_PER_BATCH):
            batch, entries = fresh[at : at + PARAMS_PER_BATCH], entries if at == 0 else []
            if batch or entries:
                _asked(self._client.log_batch, self.run_id, params=batch, tags=entries)

    def dataset(self, name: str, sha256: str, source: str, profile: str) -> None:
        """Ties the dataset to the run as its training input, once."""
        # MLflow allows digests of 36 characters and names of 500.
        digest = sha256[:32]
        if digest in self._has_inputs:
            return
        dataset = Dataset(name[:500], digest, "modelyard", source, profile=profile)
        tags = [InputTag("mlflow.data.context", "training")]
        _asked(self._client.log_inputs, self.run_id, [DatasetInput(dataset, tags)])

    def points(self, step: int, values: Mapping[str, float]) -> None:
        """Queues one value a key at a step, leaving out what the server already holds."""
        now = int(time.time() * 1000)
        for key, value in values.items():
            if step > self._last_step.get(key, -1):
                self._last_step[key] = step
                self._pending.append(Metric(key, value, now, step))
        if len(self._pending) >= METRICS_PER_BATCH or self._due():
            self.flush()

    def progress(self, fraction: float) -> None:
        """Queues the progress tag, 0 to 1."""
        self._progress = f"{min(max(fraction, 0.0), 1.0):.2f}"
        if self._due():
            self.flush()

    def flush(self) -> None:
        """Sends all that is queued."""
        self._sent_at = time.monotonic()
        tags = [RunTag("modelyard.progress", self._progress)] if self._progress else []
        self._progress = None
        while self._pending or tags:
            batch = self._pending[:METRICS_PER_BATCH]
            _asked(self._client.log_batch, self.run_id, metrics=batch, tags=tags)
            del self._pending[: len(batch)]
            tags = []

    def upload(self, file: Path, folder: str) -> None:
        """Stores a file under the run's artifacts; an existing one is replaced."""
        _asked(self._client.log_artifact, self.run_id, str(file), folder or None)

    def finish(self, status: str, error: str | None = None) -> None:
        """Sends what is queued and sets the final status, FINISHED, FAILED or KILLED."""
        self.flush()
        if error is not None:
            message = error[:ERROR_CHARS_MAX]
            _asked(self._client.set_tag, self.run_id, "modelyard.error", message)
        self.end(status)

    def end(self, status: str) -> None:
        """Sets the final status and the end time."""
        _asked(self._client.set_terminated, self.run_id, status)

    def _due(self) -> bool:
        return time.monotonic() - self._sent_at >= BATCH_SECONDS


def _asked(call: Any, *arguments: Any, **named: Any) -> Any:
    try:
        return call(*arguments, **named)
    except Exception as error:
        if _is_outage(error):
            raise RetryLater(f"the tracking server is unavailable: {_brief(error)}") from error
        raise


def _is_outage(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, (requests.ConnectionError, requests.Timeout)):
            return True
        if isinstance(error, requests.HTTPError) and error.response is not None:
            return error.response.status_code in (408, 429) or error.response.status_code >= 500
        if isinstance(error, RestException):
            return error.error_code in RETRY_CODES
        if isinstance(error, MlflowException) and "failed with exception" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def _brief(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
