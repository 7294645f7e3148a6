"""PyTorch: autologging of a Lightning fit with its checkpoints, and a model's way back."""

from proof import artifact_names, finish, output_models, proved, require

require("torch", "lightning")

import logging
import tempfile

import lightning
import mlflow
import numpy as np
import torch
from mlflow import MlflowClient
from mlflow.models import infer_signature

logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
torch.manual_seed(0)
torch.set_num_threads(1)
client = MlflowClient()
mlflow.set_experiment("pytorch autologging")
inputs = torch.randn(64, 4)
targets = inputs @ torch.tensor([[1.0], [2.0], [-1.0], [0.5]])


class Regressor(lightning.LightningModule):
    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(4, 1)

    def forward(self, batch):
        return self.layer(batch)

    def training_step(self, batch, index):
        loss = torch.nn.functional.mse_loss(self(batch[0]), batch[1])
        self.log("train_loss", loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.05)


mlflow.pytorch.autolog(log_every_n_epoch=1, checkpoint_monitor="train_loss", checkpoint_save_best_only=False)
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(inputs, targets), batch_size=16)
with tempfile.TemporaryDirectory() as folder, mlflow.start_run() as run:
    trainer = lightning.Trainer(
        max_epochs=3,
        accelerator="cpu",
        default_root_dir=folder,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    regressor = Regressor()
    trainer.fit(regressor, loader)
back = client.get_run(run.info.run_id)
losses = [point.value for point in client.get_metric_history(run.info.run_id, "train_loss")]
assert len(losses) == 3 and losses[-1] < losses[0], losses
assert back.data.params["optimizer_name"] == "Adam" and back.data.params["epochs"] == "3", back.data.params
assert "model_summary.txt" in artifact_names(run.info.run_id), artifact_names(run.info.run_id)
proved("autolog")

checkpoints = artifact_names(run.info.run_id, "checkpoints")
assert len(checkpoints) >= 1, checkpoints
restored = mlflow.pytorch.load_checkpoint(Regressor, run.info.run_id)
assert torch.isfinite(restored(inputs)).all()
proved("checkpoints")

[model] = output_models(run.info.run_id)
regressor.eval()
expected = regressor(inputs).detach().numpy()
assert np.allclose(mlflow.pytorch.load_model(model.model_uri)(inputs).detach().numpy(), expected)
plain = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1)).eval()
with mlflow.start_run():
    example = inputs.numpy()
    output = plain(inputs).detach().numpy()
    info = mlflow.pytorch.log_model(
        plain, name="plain", signature=infer_signature(example, output), input_example=example
    )
assert np.allclose(mlflow.pyfunc.load_model(info.model_uri).predict(example), output, atol=1e-6)
proved("round trip")
finish()
