"""The Python node and its models: each framework's own answers, hostile files, memory, eviction."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from node_process import Artifacts, NodeProcess, fp
from onnx import TensorProto, helper

pytestmark = pytest.mark.skipif(os.name == "nt", reason="model processes need Unix sockets")
ROWS = [[0.1, 0.2, 0.3], [1.5, -0.5, 0.0], [-2.0, 3.0, 1.0]]


@pytest.fixture(scope="module")
def artifacts() -> Iterator[Artifacts]:
    made = Artifacts()
    yield made
    made.close()


@pytest.fixture(scope="module")
def node(artifacts: Artifacts) -> Iterator[NodeProcess]:
    made = NodeProcess(artifacts.url, NODE_CACHE_BYTES="8000000")
    yield made
    assert made.close() == 0
    assert not any("request_failed" in line for line in made.log)


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "timed out"
        time.sleep(0.02)


def scaled(factor: float, padding: int = 0) -> bytes:
    """output = factor * input, FP64 [rows, 3]."""
    nodes = [helper.make_node("Mul", ["input", "factor"], ["output"])]
    constants = [helper.make_tensor("factor", TensorProto.DOUBLE, [1], [factor])]
    if padding:
        zeros = [0.0] * padding
        constants.append(helper.make_tensor("padding", TensorProto.DOUBLE, [padding], zeros))
    graph = helper.make_graph(
        nodes, "scaled",
        [helper.make_tensor_value_info("input", TensorProto.DOUBLE, ["rows", 3])],
        [helper.make_tensor_value_info("output", TensorProto.DOUBLE, ["rows", 3])],
        constants,
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return model.SerializeToString()


def outputs(body: dict) -> dict[str, np.ndarray]:  # type: ignore[type-arg]
    return {one["name"]: np.array(one["data"]).reshape(one["shape"]) for one in body["outputs"]}


def training_data(seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(seed).normal(size=(200, 3))
    return x, (x[:, 0] + x[:, 1] ** 2 > 0.5).astype(int)


def test_xgboost_answers_as_the_framework_from_both_of_its_forms(
    node: NodeProcess, artifacts: Artifacts
) -> None:
    import xgboost

    x, y = training_data()
    booster = xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(x, y), 5)
    expected = booster.predict(xgboost.DMatrix(np.array(ROWS)))
    for form in ("json", "ubj"):
        digest = artifacts.put(bytes(booster.save_raw(form)))
        assert node.load(f"xgb-{form}", digest, "xgboost") == (200, {})
        status, body = node.infer(f"xgb-{form}", fp("numeric", ROWS))
        assert status == 200
        answer = outputs(body)
        np.testing.assert_allclose(answer["probabilities"][:, 1], expected, atol=1e-6)
        assert answer["label"].tolist() == (expected > 0.5).astype(int).tolist()


def test_lightgbm_answers_as_the_framework(node: NodeProcess, artifacts: Artifacts) -> None:
    import lightgbm

    x, _ = training_data()
    data = lightgbm.Dataset(x, x[:, 0] * 2 + x[:, 1])
    booster = lightgbm.train({"objective": "regression", "verbose": -1, "num_threads": 1}, data, 5)
    digest = artifacts.put(booster.model_to_string().encode())
    assert node.load("lgb", digest, "lightgbm") == (200, {})
    _, body = node.infer("lgb", fp("numeric", ROWS))
    np.testing.assert_allclose(outputs(body)["prediction"], booster.predict(np.array(ROWS)))


def test_skops_answers_as_scikit_learn(node: NodeProcess, artifacts: Artifacts) -> None:
    import skops.io
    from sklearn.linear_model import LogisticRegression

    x, y = training_data()
    model = LogisticRegression().fit(x, y)
    assert node.load("sk", artifacts.put(skops.io.dumps(model)), "skops") == (200, {})
    _, body = node.infer("sk", fp("numeric", ROWS))
    answer = outputs(body)
    np.testing.assert_allclose(answer["probabilities"], model.predict_proba(np.array(ROWS)))
    assert answer["label"].tolist() == model.predict(np.array(ROWS)).tolist()


def test_pickles_and_broken_files_are_refused_with_the_reason(
    node: NodeProcess, artifacts: Artifacts
) -> None:
    import pickle

    for form in ("onnx", "xgboost", "lightgbm", "skops"):
        for content in (
            pickle.dumps({"a": 1}),
            b"",
            b"\0" * 64,
            b"tree\nversion=v4\n" + b"x" * 100,
        ):
            if not content:
                continue
            status, body = node.load("broken", artifacts.put(content), form)
            assert status == 400 and body["error"], (form, content[:10])
    assert node.load("broken", artifacts.put(b"pickle"), "pickle")[0] == 400
    assert node.ask("/v2/health/live")[0] == 200
    index = {one["name"]: one for one in node.ask("/v2/repository/index", {})[1]}
    assert index["broken"]["state"] == "UNAVAILABLE"


def test_a_type_that_skops_does_not_trust_is_refused(
    node: NodeProcess, artifacts: Artifacts
) -> None:
    import skops.io
    from sklearn.preprocessing import FunctionTransformer

    content = skops.io.dumps(FunctionTransformer(os.system))
    status, body = node.load("hostile", artifacts.put(content), "skops")
    assert (status, "not trusted" in body["error"]) == (400, True)


def test_a_file_whose_digest_is_another_is_refused(node: NodeProcess, artifacts: Artifacts) -> None:
    artifacts.files["0" * 64] = scaled(1)
    status, body = node.load("digest", "0" * 64)
    assert (status, "SHA-256" in body["error"]) == (400, True)
    assert node.load("digest", "f" * 64)[0] == 404


def test_a_download_that_breaks_is_resumed(node: NodeProcess, artifacts: Artifacts) -> None:
    digest = artifacts.put(scaled(2, 100_000))
    artifacts.cut_after = 300_000
    before = artifacts.asked
    assert node.load("cut", digest) == (200, {})
    assert artifacts.asked == before + 2
    assert node.ask("/v2/repository/models/cut/unload", {}) == (200, {})


def test_unloading_ends_the_process_that_held_the_model(
    node: NodeProcess, artifacts: Artifacts
) -> None:
    before = set(node.children())
    node.load("gone", artifacts.put(scaled(3)))
    (made,) = set(node.children()) - before
    assert node.infer("gone", fp("input", ROWS))[0] == 200
    assert node.ask("/v2/repository/models/gone/unload", {}) == (200, {})
    assert made not in node.children()
    assert node.infer("gone", fp("input", ROWS))[0] == 404


def test_the_least_recently_used_model_is_evicted_and_comes_back(
    node: NodeProcess, artifacts: Artifacts
) -> None:
    # 3.2 MB each: two fit into the 8 MB of this node.
    for at in range(3):
        assert node.load(f"lru-{at}", artifacts.put(scaled(at + 1, 400_000))) == (200, {})
    reasons = {one["name"]: one["reason"] for one in node.ask("/v2/repository/index", {})[1]}
    assert "evicted" in reasons["lru-0"] and reasons["lru-2"] == ""
    for at in range(3):
        _, body = node.infer(f"lru-{at}", fp("input", ROWS))
        np.testing.assert_allclose(outputs(body)["output"], np.array(ROWS) * (at + 1))
    for at in range(3):
        node.ask(f"/v2/repository/models/lru-{at}/unload", {})


def test_a_model_larger_than_the_cache_is_refused(node: NodeProcess, artifacts: Artifacts) -> None:
    status, body = node.load("large", artifacts.put(scaled(1, 1_100_000)))
    assert (status, "keeps in memory" in body["error"]) == (400, True)


def test_a_model_whose_process_is_killed_answers_again(
    node: NodeProcess, artifacts: Artifacts
) -> None:
    before = set(node.children())
    node.load("killed", artifacts.put(scaled(5)))
    (child,) = set(node.children()) - before
    os.kill(child, signal.SIGKILL)
    until(lambda: node.infer("killed", fp("input", ROWS))[0] == 200)
    _, body = node.infer("killed", fp("input", ROWS))
    np.testing.assert_allclose(outputs(body)["output"], np.array(ROWS) * 5)
    node.ask("/v2/repository/models/killed/unload", {})


def test_a_failed_reload_keeps_what_was_there(node: NodeProcess, artifacts: Artifacts) -> None:
    node.load("kept", artifacts.put(scaled(7)))
    assert node.load("kept", artifacts.put(b"nothing"))[0] == 400
    _, body = node.infer("kept", fp("input", ROWS))
    np.testing.assert_allclose(outputs(body)["output"], np.array(ROWS) * 7)
    assert node.load("kept", artifacts.put(scaled(8))) == (200, {})
    _, body = node.infer("kept", fp("input", ROWS))
    np.testing.assert_allclose(outputs(body)["output"], np.array(ROWS) * 8)


def test_neighbors_are_merged_into_one_call_and_get_their_own_answers(
    node: NodeProcess, artifacts: Artifacts
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    config = {"max_batch_size": 16, "max_queue_delay_microseconds": 200_000}
    node.load("merged", artifacts.put(scaled(2)), config=config)
    with ThreadPoolExecutor(16) as pool:
        asked = [[[float(at), 0.0, 1.0]] for at in range(16)]
        answers = list(pool.map(lambda rows: node.infer("merged", fp("input", rows)), asked))
    for rows, (status, body) in zip(asked, answers):
        assert status == 200
        np.testing.assert_allclose(outputs(body)["output"], np.array(rows) * 2)
    stats = node.ask("/v2/models/merged/stats")[1]["model_stats"][0]
    assert stats["inference_count"] == 16 and stats["execution_count"] < 16


def test_rows_beyond_the_largest_batch_are_cut_and_joined(
    node: NodeProcess, artifacts: Artifacts
) -> None:
    node.load("cut-up", artifacts.put(scaled(2)), config={"max_batch_size": 10})
    rows = np.arange(75.0).reshape(25, 3)
    _, body = node.infer("cut-up", fp("input", rows.tolist()))
    np.testing.assert_allclose(outputs(body)["output"], rows * 2)


def test_metrics_have_the_names_of_triton(node: NodeProcess, artifacts: Artifacts) -> None:
    node.load("measured", artifacts.put(scaled(2)))
    node.infer("measured", fp("input", ROWS))
    status, text = node.ask("/metrics")
    assert status == 200
    assert b'nv_inference_count{model="measured",version="1"} 3' in text
    assert b'nv_inference_request_success{model="measured",version="1"} 1' in text
    assert b'le="+Inf"} 1' in text


def test_a_token_is_asked_for_by_everything_but_health() -> None:
    token = "t" * 32
    made = NodeProcess(None, NODE_TOKEN=token)
    try:
        assert made.ask("/v2/health/ready")[0] == 200
        assert made.ask("/v2")[0] == 401
        assert made.ask("/v2", x_modelyard_node_token="wrong")[0] == 401
        assert made.ask("/v2", x_modelyard_node_token=token)[0] == 200
        assert made.ask("/metrics", authorization=f"Bearer {token}")[0] == 200
        assert made.load("x", "0" * 64)[0] == 401
    finally:
        made.close()
