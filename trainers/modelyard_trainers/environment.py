"""Where and with what a model was trained, for whoever wants to train it again."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

PACKAGES = (
    "numpy", "scipy", "scikit-learn", "xgboost-cpu", "xgboost", "lightgbm", "onnx", "onnxruntime",
    "mlflow-skinny", "pyarrow", "skops",
)  # fmt: skip
NATIVE_PACKAGES = {
    "scikit-learn": ("numpy", "scipy", "scikit-learn", "skops"),
    "xgboost": ("numpy", "xgboost-cpu", "xgboost"),
    "lightgbm": ("numpy", "lightgbm"),
}


def environment(threads: int) -> dict[str, Any]:
    """Python, platform, processors and package versions."""
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "cpu": {"model": _cpu_model(), "count": os.cpu_count(), "threadsUsed": threads},
        "packages": _versions(PACKAGES),
    }


def requirements(framework: str) -> str:
    """What to install to load the ONNX model or the native one, pinned."""
    names = (*NATIVE_PACKAGES[framework], "onnxruntime")
    return "".join(f"{name}=={number}\n" for name, number in _versions(names).items())


def _versions(names: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _cpu_model() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor()
