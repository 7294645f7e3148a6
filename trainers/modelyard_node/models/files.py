"""Names of model files: libraries read a file by its ending."""

from __future__ import annotations

from pathlib import Path

FILES = {
    "onnx": "model.onnx", "pt2": "model.pt2", "xgboost": "model", "lightgbm": "model.txt",
    "skops": "model.skops",
}  # fmt: skip


def named_for_its_library(form: str, folder: Path) -> str:
    """The file's name in the folder; XGBoost tells its two forms apart by the ending alone."""
    name = FILES[form]
    if form != "xgboost":
        return name
    with open(folder / name, "rb") as file:
        start = file.read(2)
    # JSON's second character is a quote or white space; UBJ's one is the type of a length.
    is_json = start[:1] == b"{" and start[1:2] in (b'"', b" ", b"\n", b"\r", b"\t")
    named = f"{name}.json" if is_json else f"{name}.ubj"
    (folder / name).rename(folder / named)
    return named
