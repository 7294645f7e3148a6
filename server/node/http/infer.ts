import type { IncomingMessage, ServerResponse } from "node:http";
import type { BatchResult } from "@/server/node/batching/batcher";
import type { LoadedModel } from "@/server/node/models/loaded-model";
import {
  badRequest,
  encodeInferResponse,
  type InferRequest,
  parseInferRequest,
  type Tensor,
} from "@/server/protocols/open-inference/codec";
import { classify } from "./classify";
import type { NodeContext } from "./node-context";
import { readBody } from "./read-body";
import { messageHeaders, sendBody } from "./send";
import { sendCompressed } from "./send-compressed";

/** `POST /v2/models/{name}/infer`. Throws ProtocolError. */
export async function infer(
  context: NodeContext,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request, context.bodyBytesMax);
  await context.store.use(name, async (model) => {
    const call = parseInferRequest(
      body,
      request.headers["inference-header-content-length"],
      { tensorBytesMax: context.bodyBytesMax },
      () => rawInputOf(model),
    );
    const result = await model.infer({
      inputs: call.inputs,
      outputs: call.outputs?.map((output) => output.name),
      timeoutMs: timeoutOf(call),
      abandoned: () => response.destroyed,
    });
    send(name, model, call, result, request, response);
  });
}

function rawInputOf(model: LoadedModel) {
  const [input, ...others] = model.inputs;
  if (input === undefined || others.length > 0)
    throw badRequest("a raw request needs a model with exactly one input");
  return input;
}

/** The schedule policy extension's `timeout`, in microseconds. */
function timeoutOf(call: InferRequest): number | undefined {
  const timeout = call.parameters.get("timeout");
  if (timeout === undefined || timeout === 0) return undefined;
  if (typeof timeout !== "number" || !Number.isInteger(timeout) || timeout < 0)
    throw badRequest("the parameter timeout must be an integer number of microseconds");
  return timeout / 1000;
}

function send(
  name: string,
  model: LoadedModel,
  call: InferRequest,
  result: BatchResult,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const wanted = new Map(call.outputs?.map((output) => [output.name, output]));
  const outputs = result.outputs.map((output) => {
    const best = wanted.get(output.name)?.classification;
    return best === undefined ? output : classify(output, best, model.signature);
  });
  const isBinary = (output: Tensor) => wanted.get(output.name)?.binary ?? call.binaryOutput;
  const message = encodeInferResponse(
    { modelName: name, modelVersion: "1", id: call.id, outputs },
    isBinary,
  );
  const { type, headers } = messageHeaders(message);
  headers.push("inference-timing", timingText(result));
  const encoding = request.headers["accept-encoding"];
  if (encoding !== undefined && sendCompressed(response, encoding, type, message.body, headers))
    return;
  sendBody(response, 200, type, message.body, headers);
}

/** Microseconds in the queue and in the model, and the rows of the merged call. */
function timingText({ queueMs, computeMs, batchRows }: BatchResult): string {
  return `queue=${Math.round(queueMs * 1000)},compute=${Math.round(computeMs * 1000)},rows=${batchRows}`;
}
