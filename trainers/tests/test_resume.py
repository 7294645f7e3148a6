"""A killed trainer resumes: the same result to the bit, no metric point lost or doubled."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any

import pytest
from jobs import mixed_table, spec_for, write_csv
from processes import TrainerProcess, run_forked, wait_until
from tracking_server import TrackingServer

EAGER = {"MODELYARD_CHECKPOINT_SECONDS": "0"}
JOBS = {
    "xgboost": ("multi", {"n_estimators": 80, "subsample": 0.7, "colsample_bytree": 0.6}),
    "lightgbm": ("binary", {"n_estimators": 80, "subsample": 0.7, "colsample_bytree": 0.6}),
    "random_forest": ("multi", {"n_estimators": 40}),
    "logistic_regression": ("binary", {"C": 1000.0, "tol": 1e-9, "max_iter": 200}),
}


def outcome(server: TrackingServer) -> dict[str, Any]:
    """All of a result that must not depend on interruptions."""
    result = json.loads(server.artifacts["modelyard/result.json"])
    result.pop("durationSeconds")
    digests = {f["path"]: f["sha256"] for f in result.pop("files")}
    # A skops file carries object ids and times; what it holds is compared through the ONNX model.
    digests.pop("model/native/model.skops", None)
    assert set(server.artifacts) == set(digests) | {"modelyard/result.json"} | (
        {"model/native/model.skops"} & set(server.artifacts)
    )
    return {"result": result, "digests": digests, "points": server.points()}


def test_result_metrics_and_points_are_identical_after_kills_at_random_requests(
    tmp_path: Path, server: TrackingServer, job: str
) -> None:
    spec, expected = uninterrupted(tmp_path, job)
    requests = expected.pop("requests")
    chance = random.Random(job)
    for number in range(3):
        folder = tmp_path / f"killed-{number}"
        folder.mkdir()
        with TrackingServer() as killed:
            moments = sorted(chance.sample(range(2, requests), 3))
            kill_at_requests(spec | {"workDir": str(folder / "work")}, killed, folder, moments)
            assert killed.status == "FINISHED"
            doubled = {k: v for k, v in killed.points().items() if len(v) != 1}
            assert doubled == {}
            assert outcome(killed) == expected


def kill_at_requests(
    spec: dict[str, Any], server: TrackingServer, folder: Path, moments: list[int]
) -> None:
    """Kills the trainer when the server has acted on the given requests but not yet answered."""
    for number, moment in enumerate(moments):
        process = TrainerProcess(spec, {**server.env, **EAGER}, folder)
        seen = len(server.requests)

        def kill(count: int, at: int = seen + moment, target: TrainerProcess = process) -> None:
            if count >= at:
                target.kill()

        server.after_effect = kill
        # A resumed trainer may have fewer requests left than the moment asks for.
        assert process.wait().code in ((-9,) if number == 0 else (-9, 0))
        server.after_effect = lambda _count: None
    last = run_forked(spec, {**server.env, **EAGER}, folder)
    assert last.code == 0, last.stderr


def uninterrupted(folder: Path, job: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A job's spec, and its outcome when nothing happens."""
    kind, hyperparameters = JOBS[job]
    path = write_csv(mixed_table(300, kind), folder)
    spec = spec_for(
        path, folder / "work", algorithm=job, target="outcome", hyperparameters=hyperparameters
    )
    with TrackingServer() as server:
        ended = run_forked(spec, {**server.env, **EAGER}, folder)
        assert ended.code == 0, ended.stderr
        return spec, outcome(server) | {"requests": len(server.requests)}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "job" in metafunc.fixturenames:
        metafunc.parametrize("job", list(JOBS))


def test_kills_at_random_times_lose_and_double_nothing(
    tmp_path: Path, server: TrackingServer
) -> None:
    path = write_csv(mixed_table(300, "value"), tmp_path)
    spec = spec_for(
        path,
        tmp_path / "work",
        algorithm="xgboost",
        target="outcome",
        hyperparameters={"n_estimators": 150},
    )
    chance = random.Random(1)
    for _ in range(10):
        process = TrainerProcess(spec, {**server.env, **EAGER}, tmp_path, "slow_rounds")
        time.sleep(chance.uniform(0.05, 0.9))
        process.kill()
        process.wait()
        if server.status == "FINISHED":
            break
    assert run_forked(spec, {**server.env, **EAGER}, tmp_path).code == 0
    assert {len(values) for values in server.points().values()} == {1}
    curve = sorted(step for key, step in server.points() if key == "train_rmse")
    assert curve == list(range(1, 151))


def test_a_complete_result_is_only_uploaded_again(tmp_path: Path, server: TrackingServer) -> None:
    spec, _ = uninterrupted(tmp_path, "xgboost")
    ended = run_forked(spec, server.env, tmp_path)
    assert ended.code == 0
    assert "finishing its upload" in ended.stdout
    assert "modelyard/result.json" in server.artifacts
    assert server.status == "FINISHED"
    assert not any(key.startswith("train_") for key, _ in server.points())


def test_a_damaged_or_foreign_checkpoint_is_not_used(
    tmp_path: Path, server: TrackingServer
) -> None:
    spec, expected = uninterrupted(tmp_path, "lightgbm")
    work = Path(spec["workDir"])
    (work / "complete.json").unlink()
    content = bytearray((work / "checkpoint.bin").read_bytes())
    content[-10] ^= 1
    (work / "checkpoint.bin").write_bytes(content)
    ended = run_forked(spec, server.env, tmp_path)
    assert ended.code == 0
    assert "resuming" not in ended.stdout
    assert outcome(server)["digests"] == expected["digests"]
    again = run_forked(spec | {"seed": 7}, server.env, tmp_path)
    assert "resuming" not in again.stdout and "finishing its upload" not in again.stdout


def test_early_stopping_keeps_the_best_round_across_kills(
    tmp_path: Path, server: TrackingServer
) -> None:
    path = write_csv(mixed_table(300, "binary"), tmp_path)
    spec = spec_for(
        path,
        tmp_path / "work",
        algorithm="lightgbm",
        target="outcome",
        hyperparameters={"n_estimators": 200, "early_stopping_rounds": 15},
    )
    process = TrainerProcess(spec, {**server.env, **EAGER}, tmp_path)
    wait_until(lambda: any(step >= 20 for _, step in server.points()))
    process.kill()
    process.wait()
    assert run_forked(spec, server.env, tmp_path).code == 0
    losses = {s: v[0] for (k, s), v in server.points().items() if k == "val_log_loss"}
    last = max(losses)
    best = min((step for step in losses if step != last), key=lambda step: losses[step])
    assert best + 15 == last - 1
    assert losses[last] == pytest.approx(losses[best], abs=1e-12)
