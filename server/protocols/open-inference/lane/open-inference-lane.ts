import type { IncomingMessage, ServerResponse } from "node:http";
import { performance } from "node:perf_hooks";
import { AppError, notFound, toProblem, wrongMethod } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import {
  authenticateKey,
  errorHead,
  type Lane,
  type PredictionGateway,
  type Route,
  send,
} from "@/server/predictions";
import { ProtocolError } from "@/server/protocols/open-inference/codec";
import type { Runtime } from "@/server/runtime";
import { answerInfer } from "./infer";
import { isV2, parseV2Path, V2_PERMISSIONS } from "./parse-path";

/** What we can do beyond the protocol's core, by the names Triton gave it. */
const EXTENSIONS = ["binary_tensor_data", "classification"];

export interface LaneOptions {
  runtime: Pick<Runtime, "resolver" | "log" | "limits">;
  gateway: PredictionGateway;
}

/** The Open Inference Protocol V2 over REST; a model of the protocol is a deployment. */
export function createOpenInferenceLane(options: LaneOptions): Lane {
  return (req, res) => {
    const url = req.url ?? "";
    if (!isV2(url)) return false;
    void answer(options, url, req, res);
    return true;
  };
}

async function answer(
  options: LaneOptions,
  url: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const startedMs = performance.now();
  const requestId = newId();
  try {
    await route(options, url, req, res, requestId, startedMs);
  } catch (error) {
    const { status, text, headers } = errorReply(options, error, requestId);
    send(res, status, requestId, "application/json", text, headers);
  }
  if (url.includes("/infer")) {
    options.gateway.metrics.observe("v2", res.statusCode, performance.now() - startedMs);
  }
}

async function route(
  { runtime, gateway }: LaneOptions,
  url: string,
  req: IncomingMessage,
  res: ServerResponse,
  requestId: string,
  startedMs: number,
): Promise<void> {
  const path = parseV2Path(url);
  const sendJson = (value: unknown, status = 200) =>
    send(res, status, requestId, "application/json", JSON.stringify(value));
  const method = path.kind === "infer" ? "POST" : "GET";
  if (path.kind === "unknown") throw notFound("This address");
  if (req.method !== method && !(method === "GET" && req.method === "HEAD")) {
    throw wrongMethod(method);
  }
  if (path.kind === "server") {
    return sendJson({ name: "modelyard", version: "1", extensions: EXTENSIONS });
  }
  if (path.kind === "live") return sendJson({ live: true });
  if (path.kind === "ready") {
    const ready = gateway.isReady;
    return sendJson({ live: true, ready }, ready ? 200 : 503);
  }
  const permission = V2_PERMISSIONS[path.kind];
  const { workspaceId } = await authenticateKey(runtime, req, res, permission);
  const { name, version } = path;
  const target = { deployment: name };
  const found = gateway.find(workspaceId, target) ?? (await gateway.locate(workspaceId, target));
  if (version !== undefined) checkVersion(found, version);
  if (path.kind === "infer") {
    const call = { gateway, route: found, name, version, requestId, startedMs };
    return answerInfer(call, req, res);
  }
  if (path.kind === "metadata") return sendJson(metadataOf(found, name, version));
  const ready = gateway.isReady;
  sendJson({ name, live: true, ready }, ready ? 200 : 503);
}

function checkVersion(found: Route, version: string): void {
  if (!found.variants.some((one) => String(one.versionNumber) === version)) {
    throw notFound("This version of the deployment");
  }
}

function metadataOf(found: Route, name: string, version: string | undefined) {
  const variant =
    found.variants.find((one) => String(one.versionNumber) === version) ?? found.variants[0];
  const tensor = (one: { name: string; datatype: string; shape: number[] }) => ({
    name: one.name,
    datatype: one.datatype,
    shape: one.shape,
  });
  return {
    name,
    versions: found.variants.map((one) => String(one.versionNumber)),
    platform: "onnx_onnxv1",
    inputs: variant?.signature.inputs.map(tensor) ?? [],
    outputs: variant?.signature.outputs.map(tensor) ?? [],
  };
}

/** The protocol's own error body; a malformed or unacceptable tensor is 400 there. */
function errorReply({ runtime }: LaneOptions, error: unknown, requestId: string) {
  if (error instanceof ProtocolError && error.status < 500) {
    return { status: error.status, text: JSON.stringify({ error: error.message }), headers: [] };
  }
  const problem = toProblem(error, requestId);
  if (problem.code === "internal") {
    runtime.log.error({ requestId, err: error }, "inference failed");
  }
  const head = errorHead(error);
  const isRefused = error instanceof AppError && error.code === "validation_failed";
  return {
    status: isRefused ? 400 : head.status,
    text: JSON.stringify({ error: problem.detail }),
    headers: head.headers,
  };
}
