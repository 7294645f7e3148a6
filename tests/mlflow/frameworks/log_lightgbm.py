"""LightGBM: autologging of both its interfaces, and a model's way back."""

import lightgbm
import mlflow
import numpy as np
from mlflow import MlflowClient
from proof import artifact_names, finish, output_models, proved
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split

client = MlflowClient()
mlflow.set_experiment("lightgbm autologging")
x, y = load_diabetes(return_X_y=True, as_frame=True)
x_train, x_test, y_train, y_test = train_test_split(x, y, random_state=0)
mlflow.lightgbm.autolog()

with mlflow.start_run() as run:
    fitted = lightgbm.LGBMRegressor(n_estimators=6, num_leaves=7, n_jobs=1, verbosity=-1)
    fitted.fit(x_train, y_train, eval_set=[(x_test, y_test)])
back = client.get_run(run.info.run_id)
assert back.data.params["num_leaves"] == "7", back.data.params
assert len(client.get_metric_history(run.info.run_id, "valid_0-l2")) == 6
assert "feature_importance_split.json" in artifact_names(run.info.run_id)
proved("autolog")

with mlflow.start_run() as run:
    train = lightgbm.Dataset(x_train, y_train)
    booster = lightgbm.train(
        {"objective": "regression", "metric": "rmse", "num_threads": 1, "verbosity": -1},
        train,
        num_boost_round=5,
        valid_sets=[lightgbm.Dataset(x_test, y_test, reference=train)],
        valid_names=["held-out"],
    )
assert [p.step for p in client.get_metric_history(run.info.run_id, "held-out-rmse")] == list(range(5))
proved("native")

[model] = output_models(run.info.run_id)
again = mlflow.lightgbm.load_model(model.model_uri)
assert np.allclose(again.predict(x_test), booster.predict(x_test))
assert np.allclose(mlflow.pyfunc.load_model(model.model_uri).predict(x_test), booster.predict(x_test))
proved("round trip")
finish()
