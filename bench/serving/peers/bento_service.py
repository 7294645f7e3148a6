"""The classifier as a BentoML service with adaptive batching."""

import os

import bentoml
import joblib
import numpy


@bentoml.service(workers=2)
class Classifier:
    def __init__(self) -> None:
        self.model = joblib.load(os.environ["MODEL_FILE"])

    @bentoml.api(batchable=True, max_batch_size=256, max_latency_ms=1000)
    def predict(self, rows: numpy.ndarray) -> numpy.ndarray:
        return self.model.predict_proba(rows)
