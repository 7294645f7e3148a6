import { performance } from "node:perf_hooks";
import type { Departure } from "@/server/kernel/departure";
import { beginTrace, type Traced } from "@/server/kernel/tracing";
import { classify } from "@/server/node/http/classify";
import {
  type GatewayAnswer,
  isPinned,
  isUnit,
  measuredOf,
  type PredictionGateway,
  type Route,
  type RunOptions,
  unitOf as requestUnit,
  type Variant,
} from "@/server/predictions";
import {
  badRequest,
  type InferRequest,
  parseSchedulePolicy,
  type Tensor,
  type TensorSpec,
} from "@/server/protocols/open-inference/codec";
import { tensorRows } from "./tensor-rows";

/** Bytes that a large batch may take in the log; beyond them only its size is noted. */
const LOGGED_ELEMENTS_MAX = 100_000;

/** One inference, whatever it came in by. */
export interface InferCall {
  lane: "v2" | "grpc";
  gateway: PredictionGateway;
  route: Route;
  /** The version the caller named; undefined lets the deployment choose. */
  version: string | undefined;
  requestId: string;
  /** `performance.now()` when the request came in. */
  startedMs: number;
  /** The value of a request header, by its name in lower case. */
  header: (name: string) => string | undefined;
  /** Aborted when the caller is gone. */
  signal?: Departure | undefined;
}

/** A request as it was read, and how long its message was. */
export interface ReadInput {
  request: InferRequest;
  bytes: number;
}

export interface InferReply {
  variant: Variant;
  request: InferRequest;
  answer: GatewayAnswer;
  /** Those asked for, classified where that was asked. */
  outputs: readonly Tensor[];
  trace: Traced | undefined;
}

/**
 * Reads a request, chooses its variant, runs it, has the reply written, and notes it in log, metrics
 * and statistics, answered or refused. `read` may ask for the only input of the variant that would
 * answer a raw request. Throws AppError, ProtocolError.
 */
export async function runInfer<T>(
  call: InferCall,
  read: (rawInput: () => TensorSpec) => ReadInput | Promise<ReadInput>,
  write: (reply: InferReply) => T,
): Promise<T> {
  const { gateway, route, requestId, startedMs, header } = call;
  const versionNumber = call.version === undefined ? undefined : Number(call.version);
  const trace = beginTrace(header("traceparent"), "infer");
  let variant: Variant | undefined;
  let rows = 0;
  let pinned = false;
  try {
    const { request, bytes } = await read(() =>
      rawInputOf(gateway.choose(route, versionNumber, { header })),
    );
    const unit = unitOf(request);
    const asked = { header, unit };
    const chosen = gateway.choose(route, versionNumber, asked);
    pinned = isPinned(route, { ...asked, versionNumber });
    variant = chosen;
    rows = request.inputs[0]?.shape[0] ?? 1;
    const names = request.outputs?.map((output) => output.name);
    const options = { ...optionsOf(call, request), trace };
    const answer = await gateway.run(chosen, request.inputs, names, options);
    const outputs = classified(request, answer.tensors, chosen);
    const written = write({ variant: chosen, request, answer, outputs, trace });
    gateway.statistics.answered(chosen, rows, answer.timings);
    gateway.metrics.predictions.inc(rows);
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
      outputs: () => loggedOutputs(chosen, answer.tensors, names),
      error: null,
      latencyMs: performance.now() - startedMs,
      ...measuredOf(answer),
      traceId: trace?.traceId,
      lane: call.lane,
      unit: requestUnit(route, asked),
      isPinned: pinned,
      logging: route.settings.logging,
      bytes: 500 + 2 * bytes,
    });
    trace?.end({ "modelyard.deployment": route.deploymentId, "modelyard.rows": rows });
    return written;
  } catch (error) {
    if (variant) gateway.statistics.failed(variant);
    const { lane } = call;
    const failed = { route, variant, requestId, rows, startedMs, isPinned: pinned, lane, trace };
    gateway.recordFailure(failed, error);
    throw error;
  }
}

function rawInputOf(variant: Variant): TensorSpec {
  const [input, ...others] = variant.signature.inputs;
  if (!input || others.length > 0) {
    throw badRequest("a raw request needs a model with exactly one input");
  }
  return input;
}

/** The parameter `unit`: whom the request is about. */
function unitOf({ parameters }: InferRequest): string | undefined {
  const unit = parameters.get("unit");
  if (unit === undefined || isUnit(unit)) return unit;
  throw badRequest("the parameter unit must be a text of 1 to 256 characters");
}

/** The parameter `timeout` bounds the wait in the queue alone. */
function optionsOf(call: InferCall, request: InferRequest): RunOptions {
  const { signal } = call;
  const cacheControl = call.header("cache-control");
  if (request.parameters.size === 0) return { signal, cacheControl };
  const { priority, timeoutMs: queueTimeoutMs } = parseSchedulePolicy(request.parameters);
  return { signal, cacheControl, priority, queueTimeoutMs };
}

function classified(
  request: InferRequest,
  tensors: readonly Tensor[],
  variant: Variant,
): readonly Tensor[] {
  if (!request.outputs?.some((output) => output.classification !== undefined)) return tensors;
  const counts = new Map(request.outputs.map((one) => [one.name, one.classification]));
  return tensors.map((tensor) => {
    const count = counts.get(tensor.name);
    return count === undefined ? tensor : classify(tensor, count, variant.signature);
  });
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
