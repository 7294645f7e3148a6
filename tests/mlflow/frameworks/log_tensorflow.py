"""TensorFlow and Keras: autologging of a fit, and a model's way back."""

from proof import artifact_names, finish, output_models, proved, require

require("tensorflow", "keras")

import keras
import mlflow
import numpy as np
import tensorflow as tf
from mlflow import MlflowClient

keras.utils.set_random_seed(0)
client = MlflowClient()
mlflow.set_experiment("tensorflow autologging")
rng = np.random.default_rng(0)
inputs = rng.normal(size=(96, 4)).astype("float32")
targets = (inputs.sum(axis=1) > 0).astype("float32")
mlflow.tensorflow.autolog()

with mlflow.start_run() as run:
    network = keras.Sequential(
        [keras.layers.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(1, "sigmoid")]
    )
    network.compile(keras.optimizers.Adam(0.05), "binary_crossentropy", metrics=["accuracy"])
    network.fit(inputs, targets, epochs=3, batch_size=32, validation_split=0.25, verbose=0)
back = client.get_run(run.info.run_id)
assert back.data.params["epochs"] == "3" and back.data.params["opt_name"] == "adam", back.data.params
for key in ["loss", "accuracy", "val_loss", "val_accuracy"]:
    assert len(client.get_metric_history(run.info.run_id, key)) == 3, key
assert "model_summary.txt" in artifact_names(run.info.run_id)
assert [i.dataset.name for i in back.inputs.dataset_inputs] != []
proved("autolog")

[model] = output_models(run.info.run_id)
expected = network.predict(inputs, verbose=0)
assert np.allclose(mlflow.tensorflow.load_model(model.model_uri).predict(inputs, verbose=0), expected)
assert np.allclose(np.asarray(mlflow.pyfunc.load_model(model.model_uri).predict(inputs)), expected)
assert tf.__version__.startswith("2.")
proved("round trip")
finish()
