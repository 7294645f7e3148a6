"""Everything NVIDIA's stock clients offer, against a gateway.

    python stock_triton.py HTTP_HOST_PORT GRPC_HOST_PORT KEY

Models: `slope` (numeric FP64 [-1,2] to prediction = 3a + b), `paint` (numeric FP64 and categorical
BYTES to label and probabilities). Prints one JSON object; any disagreement raises.
"""

from __future__ import annotations

import json
import sys
import threading

import numpy as np
import tritonclient.grpc as tgrpc
import tritonclient.http as thttp
from tritonclient.grpc.auth import BasicAuth as GrpcBasicAuth
from tritonclient.http.auth import BasicAuth as HttpBasicAuth
from tritonclient.utils import InferenceServerException

HTTP, GRPC, KEY = sys.argv[1:4]
ROWS = np.array([[1.0, 1.0], [2.0, 2.0]])
EXPECTED = [4.0, 8.0]


def bearer() -> dict[str, str]:
    """The credentials of one call: the HTTP client adds to the headers it is given."""
    return {"authorization": f"Bearer {KEY}"}


def numeric(module, rows=ROWS):
    """The input of `slope` in the tensors of a client."""
    tensor = module.InferInput("numeric", list(rows.shape), "FP64")
    tensor.set_data_from_numpy(rows)
    return tensor


def colors(module, values):
    """The string input of `paint`."""
    tensor = module.InferInput("categorical", [len(values), 1], "BYTES")
    tensor.set_data_from_numpy(np.array([[v.encode()] for v in values], dtype=np.object_))
    return tensor


def refused(call, *args, **options) -> str:
    """The message of a call that must be refused."""
    try:
        call(*args, **options)
    except InferenceServerException as error:
        return f"{error.status()}: {error.message()}"
    raise AssertionError(f"{call} was not refused")


def check_answers(client, module):
    """What both of NVIDIA's clients do alike, through their default forms."""
    answer = client.infer("slope", [numeric(module)], request_id="7", headers=bearer())
    assert answer.as_numpy("prediction").tolist() == EXPECTED
    outputs = [
        module.InferRequestedOutput("label"),
        module.InferRequestedOutput("probabilities", class_count=1),
    ]
    inputs = [numeric(module), colors(module, ["red", "grün"])]
    answer = client.infer("paint", inputs, model_version="1", outputs=outputs, headers=bearer())
    labels = answer.as_numpy("label")
    assert labels.dtype == np.int64 and labels.shape == (2,)
    classes = [one.decode().split(":") for one in answer.as_numpy("probabilities").flatten()]
    assert [int(one[1]) for one in classes] == labels.tolist()
    parameters = {"note": "x", "count": 3, "flag": True}
    client.infer("slope", [numeric(module)], priority=1, timeout=5_000_000, headers=bearer(),
                 parameters=parameters)
    large = np.ones((20_000, 2))
    return large


def check_http() -> dict:
    """tritonclient.http with its defaults, then every option."""
    client = thttp.InferenceServerClient(HTTP)
    assert client.is_server_live() and client.is_server_ready()
    assert client.get_server_metadata()["name"] == "modelyard"
    assert client.is_model_ready("slope", headers=bearer())
    metadata = client.get_model_metadata("paint", headers=bearer(), query_params={"a": 1})
    assert [one["name"] for one in metadata["inputs"]] == ["numeric", "categorical"]
    config = client.get_model_config("paint", headers=bearer())
    assert config["input"][1]["data_type"] == "TYPE_STRING"
    index = client.get_model_repository_index(headers=bearer())
    assert {(one["name"], one["state"]) for one in index} >= {("slope", "READY")}
    large = check_answers(client, thttp)
    plain = thttp.InferInput("numeric", [2, 2], "FP64")
    plain.set_data_from_numpy(ROWS, binary_data=False)
    wanted = [thttp.InferRequestedOutput("prediction", binary_data=False)]
    answer = client.infer("slope", [plain], outputs=wanted, headers=bearer())
    assert answer.as_numpy("prediction").tolist() == EXPECTED
    for packing in ["gzip", "deflate"]:
        answer = client.infer("slope", [numeric(thttp, large)], headers=bearer(),
                              request_compression_algorithm=packing,
                              response_compression_algorithm=packing)
        assert answer.as_numpy("prediction").sum() == 4 * len(large)
    waiting = [client.async_infer("slope", [numeric(thttp)], headers=bearer()) for _ in range(20)]
    assert all(one.get_result().as_numpy("prediction").tolist() == EXPECTED for one in waiting)
    stats = client.get_inference_statistics("slope", "1", headers=bearer())["model_stats"][0]
    assert stats["inference_count"] > 40_000
    names = {one["name"] for one in client.get_inference_statistics(headers=bearer())["model_stats"]}
    refusals = {
        "model": refused(client.infer, "nobody", [numeric(thttp)], headers=bearer()),
        "key": refused(client.infer, "slope", [numeric(thttp)]),
        "shape": refused(client.infer, "slope", [numeric(thttp, np.ones((2, 3)))], headers=bearer()),
        "memory": refused(client.get_system_shared_memory_status, headers=bearer()),
        "load": refused(client.load_model, "slope", headers=bearer()),
        "trace": refused(client.get_trace_settings, headers=bearer()),
    }
    client.register_plugin(HttpBasicAuth("any", KEY))
    client.infer("slope", [numeric(thttp)])
    client.close()
    return {"models": sorted(names), "refusals": refusals}


def check_stream(client) -> None:
    """Replies of a stream come in the order of its requests."""
    done, seen = threading.Event(), []

    def take(result, error):
        seen.append(str(error) if error else result.get_response().id)
        if len(seen) == 31:
            done.set()

    client.start_stream(take, headers=bearer())
    for at in range(30):
        client.async_stream_infer("slope", [numeric(tgrpc)], request_id=str(at))
    client.async_stream_infer("nobody", [numeric(tgrpc)])
    assert done.wait(60)
    client.stop_stream()
    assert seen[:30] == [str(at) for at in range(30)]
    assert "does not exist" in seen[30]


def check_grpc() -> dict:
    """tritonclient.grpc with its defaults, then every option."""
    client = tgrpc.InferenceServerClient(GRPC)
    assert client.is_server_live() and client.is_server_ready()
    assert client.get_server_metadata().name == "modelyard"
    assert client.is_model_ready("slope", headers=bearer())
    metadata = client.get_model_metadata("paint", headers=bearer())
    assert [one.name for one in metadata.inputs] == ["numeric", "categorical"]
    config = client.get_model_config("paint", headers=bearer()).config
    assert config.input[1].data_type == 13 and list(config.input[0].dims) == [2]
    index = client.get_model_repository_index(headers=bearer(), as_json=True)
    assert {one["name"] for one in index["models"]} >= {"slope", "paint"}
    large = check_answers(client, tgrpc)
    for packing in ["gzip", "deflate"]:
        answer = client.infer("slope", [numeric(tgrpc, large)], headers=bearer(),
                              compression_algorithm=packing)
        assert answer.as_numpy("prediction").sum() == 4 * len(large)
    check_stream(client)
    done, results = threading.Semaphore(0), []

    def take(result, error):
        results.append(error or result.as_numpy("prediction").tolist())
        done.release()

    for _ in range(20):
        client.async_infer("slope", [numeric(tgrpc)], take, headers=bearer())
    assert all(done.acquire(timeout=60) for _ in range(20)) and results == [EXPECTED] * 20
    stats = client.get_inference_statistics("slope", headers=bearer(), as_json=True)
    assert int(stats["model_stats"][0]["inference_count"]) > 80_000
    refusals = {
        "model": refused(client.infer, "nobody", [numeric(tgrpc)], headers=bearer()),
        "key": refused(client.infer, "slope", [numeric(tgrpc)]),
        "shape": refused(client.infer, "slope", [numeric(tgrpc, np.ones((2, 3)))], headers=bearer()),
        "memory": refused(client.get_system_shared_memory_status, headers=bearer()),
        "load": refused(client.load_model, "slope", headers=bearer()),
    }
    client.register_plugin(GrpcBasicAuth("any", KEY))
    client.infer("slope", [numeric(tgrpc)])
    client.close()
    return {"refusals": refusals}


print(json.dumps({"http": check_http(), "grpc": check_grpc()}))
