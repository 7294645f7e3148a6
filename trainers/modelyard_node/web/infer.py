"""POST /v2/models/{name}/infer."""

from __future__ import annotations

import asyncio

from ..batching.batcher import BatchResult
from ..models.model import LoadedModel
from ..models.queue_id import QUEUE_HEADER, queue_of_header
from ..oip.answer import encode_answer
from ..oip.classify import classify
from ..oip.errors import bad_request
from ..oip.message import InferRequest, parse_infer_request
from ..oip.tensor import TensorSpec
from .body import Receive, Send, pack, read_body, send_body
from .context import NodeContext, Request

# Requests that take longer are watched for callers who leave.
_WATCH_AFTER_S = 0.05


async def infer(context: NodeContext, name: str, request: Request) -> None:
    """In the caller's trace. Raises ProtocolError."""
    if context.tracing is None:
        return await _answer(context, name, request)
    with context.tracing.execute(request.headers.get("traceparent"), name):
        await _answer(context, name, request)


async def _answer(context: NodeContext, name: str, request: Request) -> None:
    body = await read_body(request.headers, request.receive, context.body_bytes)
    caller = _Caller(request.receive)
    queue = queue_of_header(request.headers.get(QUEUE_HEADER))

    async def answer(model: LoadedModel) -> tuple[LoadedModel, InferRequest, BatchResult]:
        asked = parse_infer_request(
            body,
            request.headers.get("inference-header-content-length"),
            context.body_bytes,
            lambda: _raw_input(model),
        )
        return model, asked, await caller.wait_for(model.infer(asked, lambda: caller.is_gone, queue))

    model, asked, result = await context.store.use(name, answer)
    await _send(name, model, asked, result, request)


class _Caller:
    """Whether anybody still waits for the answer."""

    def __init__(self, receive: Receive) -> None:
        self.is_gone = False
        self._receive = receive

    async def wait_for(self, call) -> BatchResult:  # type: ignore[no-untyped-def]
        task = asyncio.ensure_future(call)
        done, _ = await asyncio.wait([task], timeout=_WATCH_AFTER_S)
        if done:
            return task.result()
        watch = asyncio.ensure_future(self._watch())
        try:
            return await task
        finally:
            watch.cancel()

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.is_gone = True


def _raw_input(model: LoadedModel) -> TensorSpec:
    if len(model.inputs) != 1:
        raise bad_request("a raw request needs a model with exactly one input")
    return model.inputs[0]


async def _send(
    name: str, model: LoadedModel, asked: InferRequest, result: BatchResult, request: Request
) -> None:
    wanted = {one.name: one for one in asked.outputs or []}
    outputs = []
    for tensor in result.outputs:
        one = wanted.get(tensor.name)
        if one is not None and one.classification is not None:
            tensor = classify(tensor, one.classification, model.classes)
        outputs.append((tensor, asked.binary_output if one is None else one.binary))
    answer = encode_answer(name, asked.id, asked.echoed, outputs)
    timing = (
        f"queue={round(result.queue_ms * 1000)},compute={round(result.compute_ms * 1000)},"
        f"rows={result.batch_rows}"
    )
    headers = [(b"inference-timing", timing.encode())]
    kind = "application/json"
    if answer.header_length is not None:
        kind = "application/octet-stream"
        headers.append((b"inference-header-content-length", str(answer.header_length).encode()))
    body, encoding = await pack(request.headers.get("accept-encoding", ""), answer.body)
    if encoding is not None:
        headers.append((b"content-encoding", encoding.encode()))
    send: Send = request.send
    await send_body(send, 200, kind, body, headers)
