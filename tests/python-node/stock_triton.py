"""NVIDIA's stock HTTP client against a Python node: python stock_triton.py HOST_PORT TOKEN.

Models: `slope` (numeric FP64 [-1,2] to prediction = 3a + b), `paint` (numeric FP64 and categorical BYTES
to label and probabilities). Prints one JSON object; any disagreement raises.
"""

from __future__ import annotations

import json
import sys

import numpy as np
import tritonclient.http as http
from tritonclient.utils import InferenceServerException

SERVER, TOKEN = sys.argv[1:3]
ROWS = np.array([[1.0, 1.0], [2.0, 2.0]])


def shown() -> dict[str, str]:
    """The credentials of one call: the client adds to the headers it is given."""
    return {"x-modelyard-node-token": TOKEN}


def numeric(rows=ROWS, binary: bool = True):
    tensor = http.InferInput("numeric", list(rows.shape), "FP64")
    tensor.set_data_from_numpy(rows, binary_data=binary)
    return tensor


def refused(call, *args, **options) -> str:
    try:
        call(*args, **options)
    except InferenceServerException as error:
        return f"{error.status()}: {error.message()}"
    raise AssertionError(f"{call} was not refused")


client = http.InferenceServerClient(SERVER, network_timeout=120, connection_timeout=120)
assert client.is_server_live() and client.is_server_ready()
assert client.get_server_metadata(headers=shown())["name"] == "modelyard-node-python"
assert client.is_model_ready("slope", headers=shown())
metadata = client.get_model_metadata("paint", headers=shown(), query_params={"a": 1})
assert [one["name"] for one in metadata["inputs"]] == ["numeric", "categorical"]
config = client.get_model_config("paint", headers=shown())
assert config["input"][1]["data_type"] == "TYPE_STRING"
index = client.get_model_repository_index(headers=shown())
assert {(one["name"], one["state"]) for one in index} >= {("slope", "READY")}
answer = client.infer("slope", [numeric()], request_id="7", headers=shown())
assert answer.as_numpy("prediction").tolist() == [4.0, 8.0]
plain = [http.InferRequestedOutput("prediction", binary_data=False)]
answer = client.infer("slope", [numeric(binary=False)], outputs=plain, headers=shown())
assert answer.as_numpy("prediction").tolist() == [4.0, 8.0]
colors = http.InferInput("categorical", [2, 1], "BYTES")
colors.set_data_from_numpy(np.array([["red".encode()], ["grün".encode()]], dtype=np.object_))
wanted = [
    http.InferRequestedOutput("label"),
    http.InferRequestedOutput("probabilities", class_count=1),
]
answer = client.infer("paint", [numeric(), colors], model_version="1", outputs=wanted,
                      headers=shown(), priority=1, timeout=60_000_000)  # fmt: skip
labels = answer.as_numpy("label")
classes = [one.decode().split(":") for one in answer.as_numpy("probabilities").flatten()]
assert [int(one[1]) for one in classes] == labels.tolist()
large = np.ones((20_000, 2))
for packing in ["gzip", "deflate"]:
    answer = client.infer("slope", [numeric(large)], headers=shown(),
                          request_compression_algorithm=packing,
                          response_compression_algorithm=packing)  # fmt: skip
    assert answer.as_numpy("prediction").sum() == 4 * len(large)
stats = client.get_inference_statistics("slope", "1", headers=shown())["model_stats"][0]
assert stats["inference_count"] >= 40_004
client.unload_model("paint", headers=shown())
print(
    json.dumps(
        {
            "model": refused(client.infer, "nobody", [numeric()], headers=shown()),
            "token": refused(client.infer, "slope", [numeric()]),
            "shape": refused(client.infer, "slope", [numeric(np.ones((2, 3)))], headers=shown()),
            "memory": refused(client.get_system_shared_memory_status, headers=shown()),
            "unloaded": refused(client.get_model_metadata, "paint", headers=shown()),
        }
    )
)
