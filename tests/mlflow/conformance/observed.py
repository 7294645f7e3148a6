"""What a check saw, under a name: values, or how a call was refused. Printed as one line of JSON."""

import json
import os
import re
import uuid

import requests
from mlflow.exceptions import MlflowException

URI = os.environ["MLFLOW_TRACKING_URI"]
TOKEN = os.environ.get("MLFLOW_TRACKING_TOKEN", "")
SEEN = {}
SUITE = ""


def suite(name):
    global SUITE
    SUITE = name


def saw(label, value):
    key = f"{SUITE}: {label}"
    assert key not in SEEN, key
    SEEN[key] = value


def refused(label, call, pattern=""):
    """The code of the client's error and whether its message is the one looked for."""
    try:
        answer = call()
    except MlflowException as error:
        saw(label, [error.error_code, bool(re.search(pattern, error.message))])
    else:
        saw(label, ["answered", str(type(answer).__name__)])


def send(method, path, body=None, params=None, prefix="/api/2.0/mlflow", headers=None):
    return requests.request(
        method,
        f"{URI}{prefix}{path}",
        json=body,
        params=params,
        headers={**({"Authorization": f"Bearer {TOKEN}"} if TOKEN else {}), **(headers or {})},
        timeout=60,
    )


def wire(label, method, path, body=None, pattern="", **more):
    """Status, error code and whether the text is the one looked for, of a bare request."""
    reply = send(method, path, body, **more)
    code = reply.json().get("error_code") if "json" in reply.headers.get("content-type", "") else None
    saw(label, [reply.status_code, code, bool(re.search(pattern, reply.text))])
    return reply


def unique(name):
    return f"{name}-{str(uuid.uuid4().int)[:12]}"


def done():
    print(json.dumps(SEEN, default=str))
