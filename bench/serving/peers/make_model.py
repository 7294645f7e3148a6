"""Writes the classifier of 30 features that every peer serves: `make_model.py folder`."""

import sys
from pathlib import Path

import joblib
import numpy
from sklearn.linear_model import LogisticRegression

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
random = numpy.random.default_rng(1)
rows = random.normal(size=(1000, 30))
model = LogisticRegression().fit(rows, rows[:, 0] + rows[:, 1] > 0)
joblib.dump(model, folder / "model.joblib")
if "mlflow" in sys.argv[2:]:
    import mlflow.sklearn

    mlflow.sklearn.save_model(model, str(folder / "mlflow"))
