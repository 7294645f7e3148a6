"""Rows a second of the Python node beside the bare call of the same PyTorch module, in one run.

    PYTHONPATH=trainers:trainers/tests python bench/serving/python_node.py [--device cuda] [--seconds 5]

in an environment of trainers/requirements-node.lock. Binary tensors over HTTP, the client on the same
machine. `one`: one connection that waits for each answer; `eight`: eight of them, whose requests the
node merges. Prints one line of JSON a model and batch size; `share` is of the bare call, `cpuUs` the
processor time of node and model process a request, microseconds, which holds on a busy machine too.
"""

from __future__ import annotations

import argparse
import http.client
import io
import json
import os
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import numpy as np
import torch
from node_process import Artifacts, NodeProcess

BATCHES = (1, 8, 32, 128)
MODELS = {"small, 30-64-1": (30, 64, 1), "large, 512-2048-2048-512": (512, 2048, 2048, 512)}


def perceptron(sizes: tuple[int, ...]) -> torch.nn.Module:
    layers: list[torch.nn.Module] = []
    for before, after in zip(sizes, sizes[1:]):
        layers += [torch.nn.Linear(before, after), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1]).eval()


def archive(module: torch.nn.Module, width: int) -> bytes:
    rows = {0: torch.export.Dim("rows", min=1, max=65_536)}
    example = (torch.zeros(2, width),)
    program = torch.export.export(module, example, dynamic_shapes=({0: rows[0]},))
    kept = io.BytesIO()
    torch.export.save(program, kept)
    return kept.getvalue()


def rate(call: Callable[[], None], seconds: float) -> float:
    """Calls a second after a warm-up of a fifth of the time."""
    for length in (seconds / 5, seconds):
        calls, start = 0, time.perf_counter()
        while (spent := time.perf_counter() - start) < length:
            call()
            calls += 1
    return calls / spent


def request_of(rows: np.ndarray, name: str) -> tuple[bytes, dict[str, str]]:
    tensor = {"name": name, "datatype": "FP32", "shape": list(rows.shape),
              "parameters": {"binary_data_size": rows.nbytes}}  # fmt: skip
    head = json.dumps({"inputs": [tensor], "parameters": {"binary_data_output": True}}).encode()
    headers = {"inference-header-content-length": str(len(head))}
    return head + rows.tobytes(), headers


def node_rate(
    url: str, name: str, input_: str, rows: np.ndarray, clients: int, seconds: float
) -> float:
    """Requests a second of all clients together."""
    body, headers = request_of(rows, input_)
    rates: list[float] = []

    def client() -> None:
        connection = http.client.HTTPConnection(urlsplit(url).netloc)

        def call() -> None:
            connection.request("POST", f"/v2/models/{name}/infer", body, headers)
            reply = connection.getresponse()
            content = reply.read()
            assert reply.status == 200, content[:300]

        rates.append(rate(call, seconds))

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(rates)


def cpu_seconds(node: NodeProcess) -> float:
    """Of the node and its model processes, from Linux's books."""
    total = 0
    for pid in [node.process.pid, *node.children()]:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            total += sum(map(int, file.read().rsplit(")", 1)[1].split()[11:13]))
    return total / os.sysconf("SC_CLK_TCK")


def answered(node: NodeProcess) -> int:
    return node.ask("/v2/models/model/stats")[1]["model_stats"][0]["inference_stats"]["success"][
        "count"
    ]


def measure(label: str, sizes: tuple[int, ...], options: argparse.Namespace) -> None:
    torch.manual_seed(1)
    module = perceptron(sizes)
    artifacts = Artifacts()
    node = NodeProcess(artifacts.url, NODE_DEVICE=options.device)
    try:
        config = {"mode": "auto", "max_batch_size": 1024}
        told = node.load("model", artifacts.put(archive(module, sizes[0])), "pt2", config=config)
        assert told == (200, {}), told
        input_ = node.ask("/v2/models/model")[1]["inputs"][0]["name"]
        bare = module.to(options.device)
        for batch in BATCHES:
            rows = np.random.default_rng(2).random((batch, sizes[0]), dtype=np.float32)

            def call(rows: np.ndarray = rows) -> None:
                # From numpy and back, as the node must.
                bare(torch.from_numpy(rows).to(options.device)).cpu().numpy()

            direct = rate(call, options.seconds) * batch
            line: dict[str, object] = {"model": label, "batch": batch, "bare": round(direct)}
            for clients, word in ((1, "one"), (8, "eight")):
                spent, before = cpu_seconds(node), answered(node)
                found = node_rate(node.url, "model", input_, rows, clients, options.seconds) * batch
                line[word] = round(found)
                requests = answered(node) - before
                line[f"{word}CpuUs"] = round((cpu_seconds(node) - spent) / requests * 1e6)
                line[f"{word}Share"] = round(found / direct, 3)
            print(json.dumps(line), flush=True)
    finally:
        node.close()
        artifacts.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    name = torch.cuda.get_device_name() if options.device == "cuda" else f"{os.cpu_count()} cores"
    print(json.dumps({"device": options.device, "machine": name, "torch": torch.__version__}))
    for label, sizes in MODELS.items():
        measure(label, sizes, options)


main()
