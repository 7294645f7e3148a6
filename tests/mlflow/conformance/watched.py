"""A client that remembers which of its public methods were called, and an experiment of its own."""

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from observed import URI, unique

mlflow.set_tracking_uri(URI)
CALLED = set()


class Watched:
    """A client that remembers which of its methods were called."""

    def __init__(self, client):
        self.client = client

    def __getattr__(self, name):
        CALLED.add(name)
        return getattr(self.client, name)


client = Watched(MlflowClient(URI))
EXPERIMENT = client.create_experiment(unique("methods"), tags={"a": "1"})


def code(call):
    """What a call answers: the type, or the code of the error."""
    try:
        return type(call()).__name__
    except MlflowException as error:
        return error.error_code
    except Exception as error:  # The client's own refusals are no MlflowException.
        return type(error).__name__


def traced(name):
    root = client.start_trace(name, inputs={"q": 1}, tags={"name": name}, experiment_id=EXPERIMENT)
    child = client.start_span("child", root.trace_id, root.span_id, inputs={"x": 1})
    client.end_span(root.trace_id, child.span_id, outputs={"y": 2})
    client.end_trace(root.trace_id, outputs={"a": 2})
    mlflow.flush_trace_async_logging()
    return root.trace_id


def public():
    return {name for name in dir(MlflowClient) if not name.startswith("_")}
