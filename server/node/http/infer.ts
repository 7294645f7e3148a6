import type { IncomingMessage, ServerResponse } from "node:http";
import { beginTrace } from "@/server/kernel/tracing";
import type { BatchResult } from "@/server/node/batching/batcher";
import type { LoadedModel } from "@/server/node/models/loaded-model";
import { QUEUE_HEADER, queueOfHeader } from "@/server/node/models/queue-id";
import {
  badRequest,
  echoedParameters,
  encodeInferResponse,
  type InferRequest,
  parseInferRequest,
  parseSchedulePolicy,
  type Tensor,
} from "@/server/protocols/open-inference/codec";
import { classify } from "./classify";
import type { NodeContext } from "./node-context";
import { packBody } from "./pack-body";
import { readBody } from "./read-body";
import { messageHeaders, sendBody } from "./send";

/** `POST /v2/models/{name}/infer`, in the caller's trace. Throws ProtocolError. */
export async function infer(
  context: NodeContext,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { traceparent } = request.headers;
  const trace = beginTrace(typeof traceparent === "string" ? traceparent : undefined, "execute");
  try {
    await answer(context, name, request, response);
    trace?.end({ "modelyard.model": name });
  } catch (error) {
    trace?.end({ "modelyard.model": name }, error instanceof Error ? error.message : "failed");
    throw error;
  }
}

async function answer(
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
      ...parseSchedulePolicy(call.parameters),
      queue: queueOfHeader(request.headers[QUEUE_HEADER]),
      abandoned: () => response.destroyed,
    });
    await send(name, model, call, result, request, response);
  });
}

function rawInputOf(model: LoadedModel) {
  const [input, ...others] = model.inputs;
  if (input === undefined || others.length > 0)
    throw badRequest("a raw request needs a model with exactly one input");
  return input;
}

async function send(
  name: string,
  model: LoadedModel,
  call: InferRequest,
  result: BatchResult,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const wanted = new Map(call.outputs?.map((output) => [output.name, output]));
  const outputs = result.outputs.map((output) => {
    const best = wanted.get(output.name)?.classification;
    return best === undefined ? output : classify(output, best, model.signature);
  });
  const isBinary = (output: Tensor) => wanted.get(output.name)?.binary ?? call.binaryOutput;
  const message = encodeInferResponse(
    {
      modelName: name,
      modelVersion: "1",
      id: call.id,
      parameters: echoedParameters(call.parameters),
      outputs,
    },
    isBinary,
  );
  const { type, headers } = messageHeaders(message);
  headers.push("inference-timing", timingText(result));
  const packed = await packBody(request.headers["accept-encoding"], message.body);
  if (packed !== undefined) headers.push("content-encoding", packed.encoding);
  sendBody(response, 200, type, packed?.body ?? message.body, headers);
}

/** Microseconds in the queue and in the model, and the rows of the merged call. */
function timingText({ queueMs, computeMs, batchRows }: BatchResult): string {
  return `queue=${Math.round(queueMs * 1000)},compute=${Math.round(computeMs * 1000)},rows=${batchRows}`;
}
