import type { IncomingMessage, ServerResponse } from "node:http";
import { performance } from "node:perf_hooks";
import { classify } from "@/server/node/http/classify";
import {
  INFER_BYTES_MAX,
  type PredictionGateway,
  type Route,
  readLaneBody,
  send,
  type Variant,
} from "@/server/predictions";
import {
  badRequest,
  encodeInferResponse,
  type InferRequest,
  parseInferRequest,
  type Tensor,
} from "@/server/protocols/open-inference/codec";
import { tensorRows } from "./tensor-rows";

/** Bytes that a large batch may take in the log; beyond them only its size is noted. */
const LOGGED_ELEMENTS_MAX = 100_000;

export interface InferCall {
  gateway: PredictionGateway;
  route: Route;
  /** As the caller wrote it in the path. */
  name: string;
  version: string | undefined;
  requestId: string;
  startedMs: number;
}

/** `POST /v2/models/{name}/infer`, JSON or binary. Throws AppError, ProtocolError. */
export async function answerInfer(
  call: InferCall,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const { gateway, route, requestId, startedMs } = call;
  let variant: Variant | undefined;
  let rows = 0;
  try {
    const chosen = gateway.choose(
      route,
      call.version === undefined ? undefined : Number(call.version),
    );
    variant = chosen;
    const bytes = await readLaneBody(req, INFER_BYTES_MAX);
    const request = parseInferRequest(
      bytes,
      req.headers["inference-header-content-length"],
      { tensorBytesMax: INFER_BYTES_MAX },
      () => rawInputOf(chosen),
    );
    rows = request.inputs[0]?.shape[0] ?? 1;
    const names = request.outputs?.map((output) => output.name);
    const answer = await gateway.run(chosen, request.inputs, names);
    sendAnswer(call, chosen, request, answer.tensors, res);
    gateway.metrics.predictions.inc(rows);
    const { queueMs, computeMs } = answer.timings;
    gateway.logs.push({
      workspaceId: route.workspaceId,
      requestId,
      atMs: Date.now(),
      deploymentId: route.deploymentId,
      variantId: chosen.id,
      versionId: chosen.model.versionId,
      status: 200,
      rows,
      inputs: () => loggedRows(chosen, request.inputs),
      outputs: loggedOutputs(chosen, answer.tensors, names),
      error: null,
      latencyMs: performance.now() - startedMs,
      queueMs,
      computeMs,
      bytes: 500 + 2 * bytes.byteLength,
    });
  } catch (error) {
    gateway.recordFailure({ route, variant, requestId, rows, startedMs }, error);
    throw error;
  }
}

function rawInputOf(variant: Variant) {
  const [input, ...others] = variant.signature.inputs;
  if (!input || others.length > 0) {
    throw badRequest("a raw request needs a model with exactly one input");
  }
  return input;
}

function sendAnswer(
  call: InferCall,
  variant: Variant,
  request: InferRequest,
  tensors: readonly Tensor[],
  res: ServerResponse,
): void {
  const wanted = new Map(request.outputs?.map((output) => [output.name, output]));
  const outputs = tensors.map((tensor) => {
    const count = wanted.get(tensor.name)?.classification;
    return count === undefined ? tensor : classify(tensor, count, variant.signature);
  });
  const message = encodeInferResponse(
    {
      modelName: call.name,
      modelVersion: String(variant.versionNumber),
      id: request.id,
      outputs,
    },
    (tensor) => wanted.get(tensor.name)?.binary ?? request.binaryOutput,
  );
  const isBinary = message.headerLength !== undefined;
  const headers = isBinary ? ["inference-header-content-length", String(message.headerLength)] : [];
  const type = isBinary ? "application/octet-stream" : "application/json";
  send(res, 200, call.requestId, type, message.body, headers);
}

function loggedRows(variant: Variant, inputs: readonly Tensor[]): unknown {
  const elements = inputs.reduce((sum, input) => sum + input.data.length, 0);
  return elements > LOGGED_ELEMENTS_MAX ? null : tensorRows(variant.signature, inputs);
}

/** By class name like everywhere else; null where the caller asked for a part of the outputs. */
function loggedOutputs(
  variant: Variant,
  tensors: readonly Tensor[],
  names: readonly string[] | undefined,
): unknown {
  return names === undefined ? variant.codec.decode(tensors) : null;
}
