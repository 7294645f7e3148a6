"""Command line: python -m modelyard_trainers.convert SPEC. Nothing is loaded before the walls stand.

The spec: {"form": "native" | "skops" | "pickle", "flavor", "signature", "modelFile", "exampleFile",
"limits": {"memory", "seconds", "file"}, "parent"}; paths are below the working folder. Writes
walls.json, model.onnx and result.json there. Exit codes: 0 converted, 64 cannot be converted (the
last line on stderr says why), 70 the walls do not stand and the model is a pickle.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
import warnings
from typing import Any

from .walls import Limits, raise_walls

EXIT_UNFIT, EXIT_NO_WALLS = 64, 70
_WARNINGS_MAX = 10


def main() -> int:
    """Raises the walls, converts, returns the exit code."""
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = json.load(file)
    warnings.filterwarnings("ignore")
    quiet = os.open(os.devnull, os.O_WRONLY)
    # Opened before the walls, which leave nothing else to write to.
    told, content, result = (_create(name) for name in ("walls.json", "model.onnx", "result.json"))
    walls = raise_walls([os.path.abspath("input")], Limits(**spec["limits"]), spec["parent"])
    with told:
        told.write(json.dumps(walls.as_json()).encode())
    if spec["form"] == "pickle" and not walls.enough_for_pickle:
        return _said("this machine cannot wall off a pickled model", EXIT_NO_WALLS)
    # Code that a model brings along runs from here on.
    from ..errors import BadInput

    try:
        loaded = _load(spec)
        _load_runtime(quiet)
        from .job import convert

        made = convert(loaded, spec.get("signature"), spec.get("exampleFile"))
        with content, result:
            content.write(made.content)
            result.write(json.dumps(made.description, allow_nan=False).encode())
        return 0
    except BadInput as error:
        return _said(str(error), EXIT_UNFIT)
    except MemoryError:
        megabytes = spec["limits"]["memory"] // 2**20
        return _said(f"the conversion needs more than {megabytes} MiB of memory", EXIT_UNFIT)
    except Exception as error:
        traceback.print_exc()
        return _said(f"the model cannot be read: {type(error).__name__}: {error}", EXIT_UNFIT)


def _load(spec: dict[str, Any]) -> Any:
    """The model; what its framework warns of (another version made it) goes to the log."""
    from ..log import log
    from .load import load_model

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        loaded = load_model(spec["form"], spec["flavor"], spec["modelFile"])
    for message in sorted({str(one.message) for one in warned})[:_WARNINGS_MAX]:
        log(f"warning: {message}")
    return loaded


def _load_runtime(quiet: int) -> None:
    """The runtime complains of every device it cannot see, which is all of them."""
    saved = os.dup(2)
    os.dup2(quiet, 2)
    try:
        import onnxruntime  # noqa: F401
    finally:
        os.dup2(saved, 2)
        os.close(saved)


def _create(name: str):  # type: ignore[no-untyped-def]
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    return os.fdopen(os.open(name, flags, 0o600), "wb", buffering=0)


def _said(message: str, code: int) -> int:
    sys.stderr.write(" ".join(message.split()) + "\n")
    sys.stderr.flush()
    return code


if __name__ == "__main__":
    sys.exit(main())
