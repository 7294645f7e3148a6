"""Command line: python -m modelyard_trainers --spec spec.json. Exit codes are in errors.py."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from typing import NoReturn

from .cancel import CancelSwitch
from .errors import (
    EXIT_BAD_INPUT,
    EXIT_CANCELLED,
    EXIT_FAILED,
    EXIT_OK,
    EXIT_RETRY,
    BadInput,
    Cancelled,
    RetryLater,
    TrainingFailed,
)
from .log import log


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadInput(message)


def main(arguments: list[str] | None = None) -> int:
    """Runs one job and returns the exit code; the user's message is the last line on stderr."""
    cancel = CancelSwitch()
    cancel.install()
    _limit_threads()
    tracking = None
    try:
        parser = _Parser(prog="modelyard_trainers", description="Train one model from a spec.")
        parser.add_argument("--spec", required=True, help="path of the job's spec.json")
        path = parser.parse_args(arguments).spec
        # Importing the frameworks takes seconds; SIGTERM is heard from before.
        from .job import run_job
        from .spec import read_spec
        from .tracking import Tracking

        tracking = Tracking()
        cancel.before_hard_stop(lambda: tracking.end("KILLED"))
        run_job(read_spec(path), tracking, cancel)
        return EXIT_OK
    except Cancelled:
        log("cancelled")
        _end(tracking, "KILLED", None)
        return _said("cancelled", EXIT_CANCELLED)
    except BadInput as error:
        _end(tracking, "FAILED", str(error))
        return _said(str(error), EXIT_BAD_INPUT)
    except RetryLater as error:
        return _said(str(error), EXIT_RETRY)
    except TrainingFailed as error:
        _end(tracking, "FAILED", str(error))
        return _said(str(error), EXIT_FAILED)
    except MemoryError:
        message = "the training ran out of memory; use fewer rows or columns, or a larger machine"
        _end(tracking, "FAILED", message)
        return _said(message, EXIT_FAILED)
    except OSError as error:
        return _said(f"input or output failed: {error.strerror or error}", EXIT_RETRY)
    except Exception as error:
        traceback.print_exc()
        message = f"the trainer crashed: {type(error).__name__}: {error}"
        _end(tracking, "FAILED", message)
        return _said(message, EXIT_FAILED)


def _limit_threads() -> None:
    threads = os.environ.get("MODELYARD_TRAINER_THREADS", "1")
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, threads if threads.isdigit() else "1")


def _end(tracking: object, status: str, error: str | None) -> None:
    try:
        if tracking is not None:
            tracking.finish(status, error)  # type: ignore[attr-defined]
    except Exception as failure:
        log(f"the run's status could not be set: {failure}")


def _said(message: str, code: int) -> int:
    sys.stderr.write(" ".join(message.split()) + "\n")
    sys.stderr.flush()
    return code


if __name__ == "__main__":
    sys.exit(main())
