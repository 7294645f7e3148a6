"""Trainer processes that start at once: forked from a server that has the frameworks loaded."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import time
from pathlib import Path
from typing import Any

import faults
from jobs import PACKAGE_ROOT, Ended

# The fork server is a fresh interpreter, which finds what it preloads by this alone.
os.environ["PYTHONPATH"] = os.pathsep.join([str(PACKAGE_ROOT), str(PACKAGE_ROOT / "tests")])
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(
    ["processes", "modelyard_trainers.job", "skops.io", "sklearn.ensemble", "lightgbm", "xgboost"]
)


class TrainerProcess:
    """One trainer on a spec; fault names a function of faults.py that breaks something first."""

    def __init__(
        self, spec: dict[str, Any], env: dict[str, str], folder: Path, fault: str | None = None
    ) -> None:
        self._spec_path = folder / "spec.json"
        self._spec_path.write_text(json.dumps(spec))
        self._output = {name: folder / f"{name}.txt" for name in ("stdout", "stderr")}
        arguments = (str(self._spec_path), env, {k: str(v) for k, v in self._output.items()}, fault)
        self._process = _context.Process(target=_child, args=arguments)
        self._process.start()

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()

    def terminate(self) -> None:
        """SIGTERM."""
        self._process.terminate()

    def wait(self, seconds: float = 60) -> Ended:
        """The ending; fails when the process outlasts the seconds."""
        self._process.join(seconds)
        assert self._process.exitcode is not None, "the trainer did not end in time"
        texts = {n: p.read_text() if p.exists() else "" for n, p in self._output.items()}
        return Ended(self._process.exitcode, texts["stdout"], texts["stderr"])


def run_forked(
    spec: dict[str, Any], env: dict[str, str], folder: Path, fault: str | None = None
) -> Ended:
    """Runs a trainer process to its end."""
    return TrainerProcess(spec, env, folder, fault).wait()


def wait_until(condition: Any, seconds: float = 20) -> None:
    """Polls until the condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def _child(spec: str, env: dict[str, str], output: dict[str, str], fault: str | None) -> None:
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        os.dup2(os.open(output[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), descriptor)
    os.environ.update({"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", **env})
    from modelyard_trainers.__main__ import main

    if fault is not None:
        getattr(faults, fault)()
    code = main(["--spec", spec])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
