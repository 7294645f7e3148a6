"""Logs and registers native models with the stock client; prints what each of them answers to some rows."""

import json
import warnings

import lightgbm
import mlflow
import numpy as np
import pandas as pd
import xgboost
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

warnings.filterwarnings("ignore")
mlflow.set_experiment("native models")
flowers, kind = load_iris(return_X_y=True, as_frame=True)
species = np.array(["setosa", "versicolor", "virginica"])[kind]
homes = pd.DataFrame(
    {
        "area (m²)": np.linspace(20, 180, 90),
        "city": np.array(["Bern", "Oslo", "Rome"], dtype=object)[np.arange(90) % 3],
        "rooms": 1 + np.arange(90) % 6,
    }
)
price = homes["area (m²)"] * 3.5 + 40 * (homes["city"] == "Bern") + homes["rooms"] * 7
out = {}


def told(name, frame, predictions, probabilities=None):
    picked = frame.iloc[[0, 31, 64, -1]]
    places = [0, 31, 64, len(frame) - 1]
    out[name] = {
        "rows": json.loads(picked.to_json(orient="records")),
        "predictions": np.asarray(predictions)[places].tolist(),
        "probabilities": None if probabilities is None else probabilities[places].tolist(),
    }


# A pipeline, in the format the client prefers: skops.
pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)).fit(flowers, species)
mlflow.sklearn.log_model(
    pipeline, name="m", input_example=flowers.head(3), registered_model_name="pipeline", pip_requirements=[]
)
told("pipeline", flowers, pipeline.predict(flowers), pipeline.predict_proba(flowers))

# XGBoost and LightGBM have formats of their own.
boosted = xgboost.XGBClassifier(n_estimators=12, max_depth=3).fit(flowers, kind)
mlflow.xgboost.log_model(
    boosted, name="m", input_example=flowers.head(3), registered_model_name="xgboost", pip_requirements=[]
)
told("xgboost", flowers, boosted.predict(flowers), boosted.predict_proba(flowers))

numbers = homes[["area (m²)", "rooms"]].astype(float)
booster = lightgbm.train({"objective": "regression", "verbose": -1}, lightgbm.Dataset(numbers, price), 20)
mlflow.lightgbm.log_model(
    booster, name="m", input_example=numbers.head(3), registered_model_name="lightgbm", pip_requirements=[]
)
told("lightgbm", numbers, booster.predict(numbers))

# A frame of numbers and texts, pickled.
columns = ColumnTransformer(
    [
        ("numbers", StandardScaler(), ["area (m²)", "rooms"]),
        ("texts", OneHotEncoder(handle_unknown="ignore"), ["city"]),
    ]
)
forest = make_pipeline(columns, RandomForestRegressor(15, random_state=3)).fit(homes, price)
mlflow.sklearn.log_model(
    forest,
    name="m",
    input_example=homes.head(3),
    registered_model_name="pickled",
    serialization_format="cloudpickle",
    pip_requirements=[],
)
told("pickled", homes, forest.predict(homes))
print(json.dumps(out))
