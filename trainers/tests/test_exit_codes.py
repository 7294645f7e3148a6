"""How a trainer process ends: 0, 64, 75, 143 and 1, and what the run and stderr then say."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from jobs import run, spec_for, table_of, write_csv
from processes import TrainerProcess, run_forked, wait_until
from tracking_server import TOKEN, TrackingServer

CLOSED = "http://127.0.0.1:9"


@pytest.fixture
def spec(tmp_path: Path) -> dict[str, Any]:
    return spec_for(write_csv(table_of("breast_cancer"), tmp_path), tmp_path / "work")


def test_the_command_line_trains_and_ends_with_0(
    spec: dict[str, Any], server: TrackingServer, tmp_path: Path
) -> None:
    ended = run(spec, server.env, tmp_path)
    assert (ended.code, ended.stderr) == (0, "")
    assert server.statuses == ["RUNNING", "FINISHED"]
    assert server.end_time is not None
    assert server.progress == sorted(server.progress) and server.progress[-1] == 1.0
    assert all(line[:2] == "20" and line[19] == "Z" for line in ended.stdout.splitlines())


def test_a_bad_spec_ends_with_64_and_its_message_is_last_on_stderr_and_on_the_run(
    spec: dict[str, Any], server: TrackingServer, tmp_path: Path
) -> None:
    ended = run(spec | {"target": "nothing"}, server.env, tmp_path)
    assert ended.code == 64
    assert "no column 'nothing'" in ended.message
    assert server.tags["modelyard.error"] == ended.message
    assert server.status == "FAILED"


def test_arguments_and_settings_that_are_missing_end_with_64(
    spec: dict[str, Any], server: TrackingServer, tmp_path: Path
) -> None:
    assert run("not json", server.env, tmp_path).code == 64
    ended = run(spec, {"MLFLOW_TRACKING_URI": server.url, "MLFLOW_RUN_ID": ""}, tmp_path)
    assert (ended.code, ended.message) == (64, "environment variable MLFLOW_RUN_ID is not set")


def test_a_tracking_server_that_is_down_ends_with_75(
    spec: dict[str, Any], server: TrackingServer, tmp_path: Path
) -> None:
    ended = run_forked(spec, server.env | {"MLFLOW_TRACKING_URI": CLOSED}, tmp_path)
    assert ended.code == 75
    assert "the tracking server is unavailable" in ended.message


@pytest.mark.parametrize("failing_after", [1, 4, 9])
def test_a_server_that_fails_midway_ends_with_75_and_a_retry_doubles_nothing(
    spec: dict[str, Any], server: TrackingServer, tmp_path: Path, failing_after: int
) -> None:
    def fail(count: int) -> None:
        server.fail_with = 503 if count >= failing_after else None

    server.after_effect = fail
    assert run_forked(spec, server.env, tmp_path).code == 75
    assert server.status in ("SCHEDULED", "RUNNING")
    server.after_effect, server.fail_with = lambda _count: None, None
    assert run_forked(spec, server.env, tmp_path).code == 0
    assert {len(values) for values in server.points().values()} == {1}


def test_a_wrong_token_is_a_failure_and_not_a_retry(
    spec: dict[str, Any], server: TrackingServer, tmp_path: Path
) -> None:
    ended = run_forked(spec, server.env | {"MLFLOW_TRACKING_TOKEN": "wrong"}, tmp_path)
    assert ended.code == 1


def test_sigterm_stops_within_two_seconds_with_143(
    spec: dict[str, Any], server: TrackingServer, tmp_path: Path
) -> None:
    long = spec | {"algorithm": "xgboost", "hyperparameters": {"n_estimators": 10000}}
    process = TrainerProcess(long, server.env, tmp_path, "slow_rounds")
    wait_until(lambda: any(key == "train_log_loss" for key, _ in server.points()))
    started = time.monotonic()
    process.terminate()
    ended = process.wait(5)
    assert ended.code == 143
    assert time.monotonic() - started < 2.5
    assert server.status == "KILLED"
    assert "modelyard.error" not in server.tags


def test_sigterm_ends_an_iteration_that_does_not_return(
    spec: dict[str, Any], server: TrackingServer, tmp_path: Path
) -> None:
    process = TrainerProcess(
        spec | {"algorithm": "xgboost"}, server.env, tmp_path, "iteration_never_ends"
    )
    wait_until(lambda: "modelyard.datasetSha256" in server.tags)
    time.sleep(0.3)
    started = time.monotonic()
    process.terminate()
    assert process.wait(5).code == 143
    assert time.monotonic() - started < 3
    assert server.status == "KILLED"


def test_a_cancelled_job_can_be_started_again(
    spec: dict[str, Any], server: TrackingServer, tmp_path: Path
) -> None:
    some = spec | {"algorithm": "xgboost", "hyperparameters": {"n_estimators": 100}}
    process = TrainerProcess(some, server.env, tmp_path, "slow_rounds")
    wait_until(lambda: any(key == "train_log_loss" for key, _ in server.points()))
    process.terminate()
    assert process.wait().code == 143
    assert run_forked(some, server.env, tmp_path).code == 0
    assert server.status == "FINISHED"
    assert {len(values) for values in server.points().values()} == {1}


def test_an_onnx_model_that_answers_otherwise_fails_the_job(
    spec: dict[str, Any], server: TrackingServer, tmp_path: Path
) -> None:
    ended = run_forked(spec, server.env, tmp_path, "export_wrong_weights")
    assert ended.code == 1
    assert ended.message.startswith("parity check failed: over ")
    assert server.tags["modelyard.error"] == ended.message
    assert server.status == "FAILED"
    assert server.artifacts == {}


@pytest.mark.parametrize(
    ("fault", "words"),
    [("out_of_memory", "out of memory"), ("programming_error", "crashed: TypeError: a defect")],
)
def test_a_crash_ends_with_1_and_says_why(
    spec: dict[str, Any], server: TrackingServer, tmp_path: Path, fault: str, words: str
) -> None:
    ended = run_forked(spec, server.env, tmp_path, fault)
    assert ended.code == 1
    assert words in ended.message and words in server.tags["modelyard.error"]
    assert server.status == "FAILED"


def test_a_dataset_by_url_is_fetched_with_the_token_and_verified(
    server: TrackingServer, tmp_path: Path
) -> None:
    path = write_csv(table_of("iris"), tmp_path)
    server.files["/data.csv"] = path.read_bytes()
    spec = spec_for(path, tmp_path / "work")
    spec["dataset"] |= {"path": None, "url": f"{server.url}/data.csv"}
    assert TOKEN in server.env["MLFLOW_TRACKING_TOKEN"]
    assert run_forked(spec, server.env, tmp_path).code == 0
    (tmp_path / "work" / "dataset.csv").unlink()
    (tmp_path / "work" / "complete.json").unlink()
    server.files["/data.csv"] += b"\n"
    ended = run_forked(spec, server.env, tmp_path)
    assert ended.code == 64 and "SHA-256" in ended.message
    spec["dataset"]["url"] = f"{CLOSED}/data.csv"
    assert run_forked(spec, server.env, tmp_path).code == 75
    spec["dataset"]["url"] = f"{server.url}/missing.csv"
    ended = run_forked(spec, server.env, tmp_path)
    assert ended.code == 64 and "HTTP 404" in ended.message


def test_the_spec_file_itself_is_checked(server: TrackingServer, tmp_path: Path) -> None:
    path = write_csv(pa.table({"a": [1], "target": [1]}), tmp_path)
    ended = run_forked(spec_for(path, tmp_path / "work", extra=1), server.env, tmp_path)
    assert (ended.code, ended.message) == (64, "the spec has unknown fields: extra")
    assert json.loads((tmp_path / "spec.json").read_text())["extra"] == 1
