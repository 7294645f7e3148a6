"""KServe's stock clients, over REST and gRPC, against a gateway.

    python stock_kserve.py HTTP_HOST_PORT GRPC_HOST_PORT KEY

A process of its own: NVIDIA's client declares the same messages. Prints one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import sys

import numpy as np
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest, RESTConfig

HTTP, GRPC, KEY = sys.argv[1:4]
BEARER = {"authorization": f"Bearer {KEY}"}
ROWS = np.array([[1.0, 1.0], [2.0, 2.0]])


def kserve_request(binary: bool) -> InferRequest:
    """A request of `paint` in KServe's own types."""
    rows = InferInput("numeric", [2, 2], "FP64")
    rows.set_data_from_numpy(ROWS, binary_data=binary)
    names = InferInput("categorical", [2, 1], "BYTES")
    names.set_data_from_numpy(np.array([["red"], ["green"]], dtype=np.object_), binary_data=binary)
    return InferRequest("paint", [rows, names], request_id="k", parameters={"note": "x"})


async def check_kserve() -> list:
    """KServe's REST and gRPC clients, binary and typed tensors."""
    rest = InferenceRESTClient(RESTConfig(protocol="v2"))
    base = f"http://{HTTP}"
    assert await rest.is_server_live(base) and await rest.is_server_ready(base)
    assert await rest.is_model_ready(base, "paint", headers=BEARER)
    rpc = InferenceGRPCClient(GRPC)
    metadata = list(BEARER.items())
    assert await rpc.is_server_live() and await rpc.is_server_ready()
    assert await rpc.is_model_ready("paint", headers=metadata)
    answers = []
    for binary in [False, True]:
        request = kserve_request(binary)
        answers.append(await rest.infer(base, request, headers=BEARER, model_name="paint"))
        answers.append(await rpc.infer(kserve_request(binary), headers=metadata))
    labels = [one.get_output_by_name("label").as_numpy().tolist() for one in answers]
    assert all(one == labels[0] and len(one) == 2 for one in labels)
    assert all(one.id == "k" and one.parameters for one in answers)
    await rest.close()
    await rpc.close()
    return labels[0]


print(json.dumps(asyncio.run(check_kserve())))
