"""The model card: short, and only what was measured."""

from __future__ import annotations

from typing import Any

from .columns import Frame
from .hyperparameters import algorithm_entry
from .spec import Spec
from .target import Target


def model_card(spec: Spec, target: Target, frame: Frame, result: dict[str, Any]) -> str:
    """Markdown made from the result document."""
    entry = algorithm_entry(spec.algorithm)
    rows, parity = result["rows"], result["parity"]
    names = [column.name for column in frame.columns]
    lines = [
        f"# {entry['label']} for {_inline(target.name)}",
        "",
        f"{target.task.capitalize()} with {entry['framework']}, trained on {_inline(spec.dataset_name)}",
        f"(SHA-256 `{spec.dataset.sha256[:12]}…`), seed {spec.seed}.",
        "",
        "| rows | train | validation | test |",
        "|---|---|---|---|",
        f"| {sum(rows.values())} | {rows['train']} | {rows['validation']} | {rows['test']} |",
        "",
        "## Held-out metrics",
        "",
        "| metric | validation | test |",
        "|---|---|---|",
    ]
    test = result["metrics"]["test"]
    for name, value in result["metrics"]["validation"].items():
        lines.append(f"| {name} | {value:.4f} | {test[name]:.4f} |")
    if target.classes is not None:
        listed = ", ".join(_inline(str(value)) for value in target.classes[:20])
        lines += ["", f"Classes ({len(target.classes)}): {listed}"]
    lines += ["", f"Features ({len(names)}): {', '.join(_inline(n) for n in names[:40])}"]
    lines += ["", "## Hyperparameters", ""]
    lines += [f"- {name}: {value}" for name, value in result["hyperparameters"].items()]
    lines += [
        "",
        "## Checks and limits",
        "",
        f"- The ONNX model was compared with the framework on {parity['rows']} held-out and boundary",
        f"  rows: largest difference {parity['maxAbsDiff']:.2g}, {parity['labelFlips']} label flips.",
        "- Metrics hold for rows like those of the dataset; fairness was not examined.",
    ]
    lines += [f"- Note: {_inline(note)}" for note in result["notes"][:20]]
    return "\n".join(lines) + "\n"


def _inline(text: str) -> str:
    """Text of the user's data, with nothing in it that Markdown would act on."""
    plain = " ".join(text.split())[:300]
    return "".join(f"\\{c}" if c in "\\`*_{}[]()<>#|!~" else c for c in plain)
