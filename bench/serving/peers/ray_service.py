"""The classifier as a Ray Serve deployment that batches: `ray_service.py port`."""

import os
import signal
import sys

import joblib
import numpy
import ray
from ray import serve
from starlette.requests import Request


@serve.deployment(num_replicas=2, max_ongoing_requests=256, ray_actor_options={"num_cpus": 0.5})
class Classifier:
    def __init__(self) -> None:
        self.model = joblib.load(os.environ["MODEL_FILE"])

    @serve.batch(max_batch_size=64, batch_wait_timeout_s=0.001)
    async def answer(self, rows: list) -> list:
        return self.model.predict_proba(numpy.array(rows)).tolist()

    async def __call__(self, request: Request) -> dict:
        body = await request.json()
        return {"probabilities": await self.answer(body["row"])}


ray.init(num_cpus=2, include_dashboard=False)
serve.start(http_options={"host": "127.0.0.1", "port": int(sys.argv[1])})
serve.run(Classifier.bind())
signal.sigwait([signal.SIGTERM, signal.SIGINT])
serve.shutdown()
ray.shutdown()
