"""Outputs of archives under a signature's names, and what is made of scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from modelyard_node.models.made_output import made_output
from modelyard_node.models.signature import Output, agreed_outputs, check_signature
from modelyard_node.oip.errors import ProtocolError
from modelyard_node.oip.tensor import Tensor, TensorSpec

HIDDEN, SCORES = TensorSpec("output_0", "FP32", (-1, 16)), TensorSpec("output_1", "FP32", (-1, 3))


def declared(name: str, datatype: str, shape: list[int], made: Any = None) -> dict[str, Any]:
    one: dict[str, Any] = {"name": name, "datatype": datatype, "shape": shape}
    return one if made is None else {**one, "from": made}


def signature(*outputs: dict[str, Any]) -> dict[str, Any]:
    return {
        "task": "classification", "classes": ["a", "b", "c"], "features": [{"name": "x"}],
        "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 1], "columns": ["x"]}],
        "outputs": list(outputs),
    }  # fmt: skip


LABEL = declared("label", "INT64", [-1], {"output": "output_1", "operator": "ArgMax"})
SHARES = declared("probabilities", "FP32", [-1, 3], {"output": "output_1", "operator": "Softmax"})


def test_outputs_say_what_they_are_made_of_in_any_order_and_number() -> None:
    hidden = declared("embedding", "FP32", [-1, 16], {"output": "output_0"})
    agreed = agreed_outputs([HIDDEN, SCORES], signature(LABEL, hidden, SHARES), True)
    assert [(one.spec.name, one.spec.datatype, one.spec.shape, one.source) for one in agreed] == [
        ("label", "INT64", (-1,), "output_1"),
        ("embedding", "FP32", (-1, 16), "output_0"),
        ("probabilities", "FP32", (-1, 3), "output_1"),
    ]


def test_without_that_they_go_by_place() -> None:
    given = signature(declared("a", "FP32", [-1, 16]), declared("b", "FP32", [-1, 3]))
    agreed = agreed_outputs([HIDDEN, SCORES], given, True)
    assert [(one.spec.name, one.source) for one in agreed] == [("a", "output_0"), ("b", "output_1")]
    with pytest.raises(ProtocolError, match="none such"):
        agreed_outputs([HIDDEN, SCORES], given, False)


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (declared("label", "INT64", [-1], {"output": "output_9"}), "output_9"),
        (declared("label", "INT64", [-1], {"output": "output_1"}), "is INT64 in the signature"),
        (declared("label", "FP32", [-1], {"output": "output_1", "operator": "ArgMax"}), "is FP32"),
    ],
)
def test_what_the_archive_does_not_keep_is_refused(one: dict[str, Any], reason: str) -> None:
    with pytest.raises(ProtocolError, match=reason):
        agreed_outputs([HIDDEN, SCORES], signature(one), True)


def test_scores_of_integers_are_none() -> None:
    spec = TensorSpec("output_1", "INT64", (-1, 3))
    with pytest.raises(ProtocolError, match="scores are floats"):
        agreed_outputs([spec], signature(LABEL), True)


@pytest.mark.parametrize("made", ["output_1", {"output": 1}, {"output": "x", "operator": "Exp"}, 3])
def test_a_signature_of_another_form_is_refused(made: object) -> None:
    with pytest.raises(ProtocolError):
        check_signature(signature(declared("label", "INT64", [-1], made)))


def test_shares_sum_to_one_however_large_the_scores_are() -> None:
    scores = np.array([[1000.0, 1000.0, -1000.0], [1.0, 2.0, 3.0]], dtype=np.float32)
    tensor = Tensor("output_1", "FP32", scores)
    shares = made_output(Output(TensorSpec("probabilities", "FP32", (-1, 3)), "", "Softmax"), tensor)
    # exp(1), exp(2), exp(3) over their sum, as scipy.special.softmax answers.
    expected = [[0.5, 0.5, 0.0], [0.09003057, 0.24472847, 0.66524096]]
    assert shares.array.dtype == np.float32
    np.testing.assert_allclose(shares.array, expected, atol=1e-6)
    label = made_output(Output(TensorSpec("label", "INT64", (-1,)), "", "ArgMax"), tensor)
    assert (label.array.tolist(), label.array.dtype) == ([0, 2], np.int64)


def test_an_answer_without_classes_is_refused() -> None:
    for shape in [(3,), (2, 0)]:
        empty = Tensor("output_1", "FP32", np.zeros(shape, dtype=np.float32))
        with pytest.raises(ProtocolError, match="no score"):
            made_output(Output(TensorSpec("label", "INT64", (-1,)), "", "ArgMax"), empty)
