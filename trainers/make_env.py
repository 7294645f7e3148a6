"""Makes the Python environment of the trainers: a virtual environment holding requirements.lock.

    python3 make_env.py PATH [--lock FILE] [--pip-only]

Standard library only. Prints progress lines "N/M package". A mark with the lock's digest is written
last: with the mark there is nothing to do, without it a half-made environment is made anew. uv
installs in seconds; where it cannot be had, or fails, pip installs the same pins.

Exit codes: 0 ready, 64 no usable Python or path, 75 the packages could not be installed (retry).
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PYTHON_MIN = (3, 10)
# The first with --python.
PIP_MIN = (22, 3)
PYTHON_NAMES = ("python3.13", "python3.12", "python3.11", "python3.10")
MARK = ".modelyard-env.json"
EXIT_UNUSABLE, EXIT_RETRY = 64, 75
# Packages with parts outside of Python, which may install and yet not load, and what to import.
LOADED = {
    "grpcio": "grpc",
    "lightgbm": "lightgbm",
    "mlflow": "mlflow",
    "onnx": "onnx",
    "onnxruntime": "onnxruntime",
    "pandas": "pandas",
    "pyarrow": "pyarrow",
    "skl2onnx": "skl2onnx",
    "skops": "skops.io",
    "xgboost": "xgboost",
    "xgboost-cpu": "xgboost",
}
COUNT_APPLICABLE = (
    "import sys\n"
    "from pip._vendor.packaging.requirements import Requirement as R\n"
    "lines = [l.split('#')[0].strip() for f in sys.argv[1:] for l in open(f, encoding='utf-8')]\n"
    "wanted = [R(l) for l in lines if l and not l.startswith('-')]\n"
    "print(*[r.name.lower() for r in wanted if r.marker is None or r.marker.evaluate()])\n"
)


class Unusable(Exception):
    """Nothing that a retry would change."""


class Failed(Exception):
    """Packages could not be installed; the network may be back later."""


def main() -> int:
    """Parses the command line, makes the environment, returns the exit code."""
    parser = argparse.ArgumentParser(description="Make the trainers' Python environment.")
    parser.add_argument("path", type=Path)
    parser.add_argument("--lock", type=Path, default=Path(__file__).with_name("requirements.lock"))
    parser.add_argument("--pip-only", action="store_true", help="do not try uv")
    options = parser.parse_args()
    try:
        if sys.version_info < PYTHON_MIN:
            return run_with_newer_python()
        with exclusive(options.path):
            make(options.path.absolute(), options.lock, options.pip_only)
        return 0
    except Unusable as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_UNUSABLE
    except (Failed, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_RETRY


def make(path: Path, lock: Path, pip_only: bool) -> None:
    """Leaves a ready environment at path, or raises Unusable or Failed."""
    mark = {
        "lock": hashlib.sha256(b"".join(f.read_bytes() for f in lock_files(lock))).hexdigest(),
        "python": ".".join(map(str, sys.version_info[:3])),
    }
    if is_ready(path, mark):
        say("ready")
        return
    clear(path)
    say("creating the virtual environment")
    python = path / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = create(path, python)
    names = applicable(pip[0], lock)
    if pip_only or not install_with_uv(pip, python, lock, names):
        install_with_pip(pip, lock, names)
    say("checking that every framework loads")
    imports = "".join(f"import {LOADED[name]}\n" for name in names if name in LOADED)
    checked = subprocess.run(
        [str(python), "-c", imports], capture_output=True, text=True, check=False
    )
    if checked.returncode != 0:
        raise Failed(f"a framework does not load: {checked.stderr.strip().splitlines()[-1]}")
    beside = path / f"{MARK}.tmp"
    beside.write_text(json.dumps(mark))
    os.replace(beside, path / MARK)
    say("ready")


def lock_files(lock: Path) -> list[Path]:
    """The lock and the locks it includes with -r."""
    included = re.findall(r"^-r (\S+)", lock.read_text(encoding="utf-8"), re.MULTILINE)
    return [lock, *(lock.parent / name for name in included)]


def is_ready(path: Path, mark: dict[str, str]) -> bool:
    """Whether a complete environment of this lock stands at the path."""
    try:
        found = json.loads((path / MARK).read_text())
    except (OSError, ValueError):
        return False
    return found.get("lock") == mark["lock"]


def clear(path: Path) -> None:
    """Removes a half-made or outdated environment; refuses to remove anything else."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        return
    if any(path.iterdir()) and not (path / "pyvenv.cfg").exists():
        raise Unusable(f"{path} exists and is not a virtual environment; choose another path")
    # The mark goes first: a kill in the middle must not leave it on a half-removed folder.
    (path / MARK).unlink(missing_ok=True)
    config = (path / "pyvenv.cfg").read_bytes() if (path / "pyvenv.cfg").exists() else b""
    for entry in path.iterdir():
        if entry.name != "pyvenv.cfg":
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    if config:
        (path / "pyvenv.cfg").unlink()
    path.rmdir()


def create(path: Path, python: Path) -> list[str]:
    """Makes an empty environment and gives back the pip command that installs into it.

    A recent pip of this interpreter is used as it is, which spares the environment a copy: seconds.
    """
    own_pip = pip_version() >= PIP_MIN
    command = [sys.executable, "-m", "venv", *(["--without-pip"] if own_pip else []), str(path)]
    created = subprocess.run(command, capture_output=True, text=True, check=False)
    if created.returncode != 0:
        detail = (created.stderr or created.stdout).strip().splitlines()[-1:] or [""]
        raise Unusable(f"python -m venv failed (on Debian install python3-venv): {detail[0]}")
    if own_pip:
        return [sys.executable, "-m", "pip", "--python", str(python)]
    return [str(python), "-m", "pip"]


def pip_version() -> tuple[int, ...]:
    """Major and minor version of this interpreter's pip; (0,) when it has none."""
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "--version"], capture_output=True, text=True, check=False
    )
    found = re.match(r"pip (\d+)\.(\d+)", asked.stdout)
    return (int(found.group(1)), int(found.group(2))) if found else (0,)


def applicable(python: str, lock: Path) -> list[str]:
    """Names of the packages that the lock asks for on this platform."""
    command = [python, "-c", COUNT_APPLICABLE, *map(str, lock_files(lock))]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def install_with_uv(pip: list[str], python: Path, lock: Path, names: list[str]) -> bool:
    """Whether uv could be had and installed everything."""
    say("getting uv")
    quiet = [*pip, "install", "--quiet", "--disable-pip-version-check", "uv"]
    if subprocess.run(quiet, capture_output=True, check=False).returncode != 0:
        return False
    uv = [str(python), "-m", "uv", "pip", "install", "--python", str(python)]
    say(f"installing {len(names)} packages with uv")
    # uv tells of large downloads only, then lists all it has installed.
    pattern = re.compile(r"^\s*(?:Downloaded|\+) ([A-Za-z0-9._-]+?)(?:==.*)?$")
    env = {**os.environ, **uv_settings(pip)}
    return follow([*uv, "--requirement", str(lock)], pattern, names, env) == 0


def uv_settings(pip: list[str]) -> dict[str, str]:
    """pip's index and certificate, which uv does not read by itself."""
    asked = subprocess.run([*pip, "config", "list"], capture_output=True, text=True, check=False)
    found = dict(re.findall(r"^(?:\w+|:env:)\.([\w-]+)='(.*)'$", asked.stdout, re.MULTILINE))
    settings = {"UV_DEFAULT_INDEX": found.get("index-url"), "SSL_CERT_FILE": found.get("cert")}
    return {k: v for k, v in settings.items() if v and k not in os.environ}


def install_with_pip(pip: list[str], lock: Path, names: list[str]) -> None:
    """Raises Failed when pip cannot install the lock."""
    say(f"installing {len(names)} packages with pip")
    command = [*pip, "install", "--no-input", "--disable-pip-version-check", "--no-deps"]
    pattern = re.compile(r"^Collecting ([A-Za-z0-9._-]+)")
    if follow([*command, "-r", str(lock)], pattern, names, dict(os.environ)) != 0:
        raise Failed("the packages could not be installed; is the package index reachable?")


def follow(
    command: list[str], pattern: re.Pattern[str], names: list[str], env: dict[str, str]
) -> int:
    """Runs an installer, says "N/M package" for each package it tells of, returns its exit code."""
    seen: set[str] = set()
    tail: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env
    ) as process:
        for line in process.stdout or ():
            tail = [*tail[-4:], line.rstrip()]
            found = pattern.match(line)
            name = found.group(1).lower().replace("_", "-") if found else ""
            if name in names and name not in seen:
                seen.add(name)
                say(f"{len(seen)}/{len(names)} {name}")
    if process.returncode != 0:
        sys.stderr.write("\n".join(tail) + "\n")
    return process.returncode


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Lets one process at a time make the environment; the others wait, then find it ready."""
    path.absolute().parent.mkdir(parents=True, exist_ok=True)
    with open(f"{path.absolute()}.lock", "w") as file:
        try:
            import fcntl
        except ImportError:
            yield
            return
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def run_with_newer_python() -> int:
    """Starts this script again under the newest usable Python on the path."""
    for name in PYTHON_NAMES:
        found = shutil.which(name)
        works = found and subprocess.run([found, "-c", ""], check=False).returncode == 0
        if works:
            return subprocess.run([found, *sys.argv], check=False).returncode
    raise Unusable(
        f"Python {'.'.join(map(str, PYTHON_MIN))} or newer is needed, this is "
        f"{'.'.join(map(str, sys.version_info[:3]))}"
    )


def say(message: str) -> None:
    """One line of progress."""
    sys.stdout.write(message + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
