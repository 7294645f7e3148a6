"""scikit-learn: autologging of a fit, of a grid search with its nested runs, and a model's way back."""

import mlflow
import numpy as np
from mlflow import MlflowClient
from mlflow.models import infer_signature
from proof import artifact_names, finish, output_models, proved
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.tree import DecisionTreeClassifier

client = MlflowClient()
experiment = mlflow.set_experiment("sklearn autologging")
x, y = load_iris(return_X_y=True, as_frame=True)
mlflow.sklearn.autolog()

with mlflow.start_run() as run:
    fitted = LogisticRegression(max_iter=200, C=0.5).fit(x, y)
    fitted.score(x, y)
back = client.get_run(run.info.run_id)
assert back.info.status == "FINISHED"
assert back.data.params["C"] == "0.5" and back.data.params["max_iter"] == "200"
assert back.data.tags["estimator_name"] == "LogisticRegression"
assert back.data.metrics["training_accuracy_score"] > 0.9
assert any(key.startswith("LogisticRegression_score") for key in back.data.metrics), back.data.metrics
assert "training_confusion_matrix.png" in artifact_names(run.info.run_id)
[model] = output_models(run.info.run_id)
assert str(model.status) == "READY" and model.source_run_id == run.info.run_id
assert (mlflow.pyfunc.load_model(model.model_uri).predict(x) == fitted.predict(x)).all()
proved("autolog")

with mlflow.start_run() as run:
    GridSearchCV(DecisionTreeClassifier(random_state=0), {"max_depth": [1, 2, 3]}, cv=2).fit(x, y)
children = client.search_runs(
    [experiment.experiment_id],
    f"tags.mlflow.parentRunId = '{run.info.run_id}'",
    order_by=["metrics.mean_test_score DESC"],
)
assert len(children) == 3, children
scores = [child.data.metrics["mean_test_score"] for child in children]
assert scores == sorted(scores, reverse=True)
assert "cv_results.csv" in artifact_names(run.info.run_id)
assert client.get_run(run.info.run_id).data.params["best_max_depth"] in {"2", "3"}
proved("grid search")

inputs = back.inputs.dataset_inputs
assert "train" in [tag.value for i in inputs for tag in i.tags if tag.key == "mlflow.data.context"], inputs
assert mlflow.data.get_source(inputs[0].dataset) is not None
assert '"num_rows": 150' in inputs[0].dataset.profile
proved("datasets")

mlflow.sklearn.autolog(disable=True)
with mlflow.start_run() as run:
    linear = LogisticRegression(max_iter=200).fit(x, y)
    info = mlflow.sklearn.log_model(
        linear,
        name="linear",
        signature=infer_signature(x, linear.predict(x)),
        input_example=x.head(3),
        params={"kind": "linear"},
        tags={"team": "risk"},
    )
loaded = mlflow.sklearn.load_model(info.model_uri)
assert (loaded.predict(x) == linear.predict(x)).all()
assert (mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/linear").predict(x) == linear.predict(x)).all()
assert mlflow.models.get_model_info(info.model_uri).signature is not None
[model] = mlflow.search_logged_models([experiment.experiment_id], "name = 'linear'", output_format="list")
assert model.params["kind"] == "linear" and model.tags["team"] == "risk"
proved("round trip")

with mlflow.start_run():
    mlflow.log_metric("holdout", 0.75, step=3, model_id=info.model_id)
    mlflow.log_metric("holdout", float("nan"), step=4, model_id=info.model_id)
    mlflow.log_metric("holdout", 0.5, step=5, model_id=info.model_id)
measured = {metric.key: metric for metric in mlflow.get_logged_model(info.model_id).metrics}
assert measured["holdout"].value == 0.5 and measured["holdout"].step == 5, measured
assert np.isfinite(measured["holdout"].timestamp)
proved("model metrics")
finish()
