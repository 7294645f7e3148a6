"""make_env.py makes the environment once, and anew after a kill; packages come from a local wheel."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import make_env


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lock of one tiny local package, which then stands for every framework."""
    wheel = tmp_path / "demo_package-1.0-py3-none-any.whl"
    info = "demo_package-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("demo_package.py", "answer = 42\n")
        file.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: demo-package\nVersion: 1.0\n"
        )
        file.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(f"{info}/RECORD", "")
    path = tmp_path / "requirements.lock"
    path.write_text(
        f"demo-package @ {wheel.as_uri()}\nother==1 ; sys_platform == 'nowhere'\n", encoding="utf-8"
    )
    monkeypatch.setattr(make_env, "LOADED", {"demo-package": "demo_package", "absent": "absent"})
    return path


def test_it_is_made_once_and_remade_for_another_lock_or_after_a_kill(
    lock: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "env"
    make_env.make(path, lock, pip_only=True)
    said = capsys.readouterr().out.splitlines()
    assert "installing 1 packages with pip" in said
    assert said[-1] == "ready"
    make_env.make(path, lock, pip_only=True)
    assert capsys.readouterr().out == "ready\n"
    # What a kill leaves behind: files without the mark.
    mark = path / make_env.MARK
    mark.unlink()
    (path / "half-made").write_text("x")
    make_env.make(path, lock, pip_only=True)
    assert not (path / "half-made").exists()
    assert set(json.loads(mark.read_text())) == {"lock", "python"}
    found = json.loads(mark.read_text())
    assert make_env.is_ready(path, found)
    assert not make_env.is_ready(path, found | {"lock": "of another lock"})


def test_a_folder_that_is_no_environment_is_left_alone(lock: Path, tmp_path: Path) -> None:
    path = tmp_path / "precious"
    path.mkdir()
    (path / "file").write_text("mine")
    ended = subprocess.run(
        [sys.executable, make_env.__file__, str(path), "--lock", str(lock)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 64
    assert "is not a virtual environment" in ended.stderr
    assert (path / "file").read_text() == "mine"


def test_a_package_that_cannot_be_had_is_worth_a_retry(lock: Path, tmp_path: Path) -> None:
    lock.write_text("demo-package @ file:///nowhere/demo_package-1.0-py3-none-any.whl\n")
    with pytest.raises(make_env.Failed, match="could not be installed"):
        make_env.make(tmp_path / "env", lock, pip_only=True)
    assert not (tmp_path / "env" / make_env.MARK).exists()


def test_a_package_that_does_not_load_leaves_no_mark(
    lock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make_env, "LOADED", {"demo-package": "no_such_module"})
    with pytest.raises(make_env.Failed, match="no_such_module"):
        make_env.make(tmp_path / "env", lock, pip_only=True)
    assert not (tmp_path / "env" / make_env.MARK).exists()


def test_progress_counts_the_packages_an_installer_tells_of(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = "Collecting numpy==2\nDownloading x\nCollecting Other_One\nCollecting numpy\n"
    command = [sys.executable, "-c", f"print({lines!r}); raise SystemExit(3)"]
    pattern = make_env.re.compile(r"^Collecting ([A-Za-z0-9._-]+)")
    names = ["numpy", "other-one", "third"]
    assert make_env.follow(command, pattern, names, dict(make_env.os.environ)) == 3
    assert capsys.readouterr().out == "1/3 numpy\n2/3 other-one\n"
