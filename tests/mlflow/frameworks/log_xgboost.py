"""XGBoost: autologging of both its interfaces, and a model's way back."""

import mlflow
import numpy as np
import xgboost
from mlflow import MlflowClient
from proof import artifact_names, finish, output_models, proved
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

client = MlflowClient()
mlflow.set_experiment("xgboost autologging")
x, y = load_breast_cancer(return_X_y=True, as_frame=True)
x_train, x_test, y_train, y_test = train_test_split(x, y, random_state=0)
mlflow.xgboost.autolog(log_input_examples=True)

with mlflow.start_run() as run:
    fitted = xgboost.XGBClassifier(n_estimators=8, max_depth=3, n_jobs=1)
    fitted.fit(x_train, y_train, eval_set=[(x_test, y_test)], verbose=False)
back = client.get_run(run.info.run_id)
assert back.data.params["max_depth"] == "3"
assert len(client.get_metric_history(run.info.run_id, "validation_0-logloss")) == 8
assert "feature_importance_weight.json" in artifact_names(run.info.run_id)
proved("autolog")

with mlflow.start_run() as run:
    booster = xgboost.train(
        {"objective": "binary:logistic", "nthread": 1, "eval_metric": "auc"},
        xgboost.DMatrix(x_train, y_train),
        num_boost_round=5,
        evals=[(xgboost.DMatrix(x_test, y_test), "held_out")],
        verbose_eval=False,
    )
assert [p.step for p in client.get_metric_history(run.info.run_id, "held_out-auc")] == list(range(5))
proved("native")

[model] = output_models(run.info.run_id)
again = mlflow.xgboost.load_model(model.model_uri)
assert np.allclose(again.predict(xgboost.DMatrix(x_test)), booster.predict(xgboost.DMatrix(x_test)))
assert len(mlflow.pyfunc.load_model(model.model_uri).predict(x_test)) == len(x_test)
proved("round trip")
finish()
