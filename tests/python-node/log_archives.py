"""Logs and registers PyTorch archives with the stock client; prints what PyTorch itself answers.

`net`: mlflow.pytorch with torch.export; `judge`: an archive that names its outputs, logged as a file
alone;
`wide`: one whose answer is neither a label nor a prediction.
"""

from __future__ import annotations

import json
import tempfile
import warnings
from pathlib import Path

import mlflow
import numpy as np
import torch
from mlflow.models import infer_signature

warnings.filterwarnings("ignore")
torch.manual_seed(7)
mlflow.set_experiment("archives")
ROWS = np.array([[0.5, -1.25, 2.0], [3.0, 0.0, -0.5]], dtype=np.float32)


class Net(torch.nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Linear(3, 16), torch.nn.ReLU(), torch.nn.Linear(16, width)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)


class Judge(Net):
    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        probabilities = torch.softmax(self.layers(x), 1)
        return {"label": probabilities.argmax(1), "probabilities": probabilities}


def log(model: torch.nn.Module, name: str) -> None:
    answer = model(torch.from_numpy(ROWS)).detach().numpy()
    mlflow.pytorch.log_model(
        model, name="m", input_example=ROWS, signature=infer_signature(ROWS, answer),
        serialization_format="pt2", registered_model_name=name, pip_requirements=[],
    )  # fmt: skip


net, judge, wide = Net(1).eval(), Judge(3).eval(), Net(4).eval()
log(net, "net")
log(wide, "wide")
with tempfile.TemporaryDirectory() as folder, mlflow.start_run() as run:
    path = Path(folder) / "judge.pt2"
    rows = torch.export.Dim("rows", min=1, max=4096)
    program = torch.export.export(judge, (torch.from_numpy(ROWS),), dynamic_shapes=({0: rows},))
    torch.export.save(program, path)
    mlflow.log_artifact(str(path), "files")
    # register_model takes folders with an MLmodel alone.
    client = mlflow.MlflowClient()
    client.create_registered_model("judge")
    client.create_model_version("judge", f"runs:/{run.info.run_id}/files/judge.pt2", run.info.run_id)
print(
    json.dumps(
        {
            "rows": ROWS.tolist(),
            "net": net(torch.from_numpy(ROWS))[:, 0].tolist(),
            "labels": judge(torch.from_numpy(ROWS))["label"].tolist(),
        }
    )
)
