import type { IncomingMessage, ServerResponse } from "node:http";
import { performance } from "node:perf_hooks";
import { AppError, notFound, toProblem, wrongMethod } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import {
  authenticateKey,
  departureOf,
  errorHead,
  headerOf,
  type Lane,
  type PredictionGateway,
  send,
} from "@/server/predictions";
import { ProtocolError } from "@/server/protocols/open-inference/codec";
import type { Runtime } from "@/server/runtime";
import { serverMetadata } from "../model/describe-model";
import { findModel } from "../model/find-model";
import { answerAboutModel, answerAllStats, answerIndex } from "./answer";
import { answerInfer } from "./infer";
import { isV2, methodOf, parseV2Path, V2_PERMISSIONS } from "./parse-path";

export interface LaneOptions {
  runtime: Pick<Runtime, "resolver" | "log" | "limits" | "contextOf">;
  gateway: PredictionGateway;
}

/** One request on its way. */
export interface Exchange extends LaneOptions {
  req: IncomingMessage;
  res: ServerResponse;
  requestId: string;
  startedMs: number;
}

/** The Open Inference Protocol V2 over REST; a model of the protocol is a deployment. */
export function createOpenInferenceLane(options: LaneOptions): Lane {
  return (req, res) => {
    const url = req.url ?? "";
    if (!isV2(url)) return false;
    const startedMs = performance.now();
    void answer(url, { ...options, req, res, requestId: newId(), startedMs });
    return true;
  };
}

async function answer(url: string, exchange: Exchange): Promise<void> {
  const { res, requestId, startedMs, gateway } = exchange;
  try {
    await route(url, exchange);
  } catch (error) {
    const { status, text, headers } = errorReply(exchange, error);
    send(res, status, requestId, "application/json", text, headers);
    // Nothing is sent to a caller who is gone, and the reply keeps its first status.
    res.statusCode = status;
  }
  if (url.includes("/infer")) {
    gateway.metrics.observe("v2", res.statusCode, performance.now() - startedMs);
  }
}

async function route(url: string, exchange: Exchange): Promise<void> {
  const { runtime, gateway, req, res } = exchange;
  const path = parseV2Path(url);
  if (path.kind === "unknown") throw notFound("This address");
  if (path.kind === "unsupported") {
    throw new ProtocolError(501, `this server does not support ${path.what}`);
  }
  const method = methodOf(path.kind);
  if (req.method !== method && !(method === "GET" && req.method === "HEAD")) {
    throw wrongMethod(method);
  }
  if (path.kind === "server") return sendJson(exchange, serverMetadata());
  if (path.kind === "live" || path.kind === "ready") {
    const ready = gateway.isReady;
    return sendJson(exchange, { live: true, ready }, path.kind === "live" || ready ? 200 : 503);
  }
  const permission = V2_PERMISSIONS[path.kind];
  const principal = await authenticateKey(runtime, req, res, permission);
  if (path.kind === "index") {
    return sendJson(exchange, await answerIndex(exchange, principal));
  }
  if (path.kind === "allStats") return sendJson(exchange, answerAllStats(exchange, principal));
  const found = await findModel(gateway, principal.workspaceId, path);
  if (path.kind !== "infer") {
    const { status, body } = answerAboutModel(gateway, found, path);
    return sendJson(exchange, body, status);
  }
  const { requestId, startedMs } = exchange;
  const header = (name: string) => headerOf(req, name);
  const { name, version } = path;
  const call = {
    lane: "v2" as const,
    gateway,
    route: found,
    version,
    requestId,
    startedMs,
    header,
    signal: departureOf(res),
  };
  return answerInfer(call, name, req, res);
}

function sendJson({ res, requestId }: Exchange, value: unknown, status = 200): void {
  send(res, status, requestId, "application/json", JSON.stringify(value));
}

/** The protocol's own error body; a malformed or unacceptable tensor is 400 there. */
function errorReply({ runtime, requestId }: Exchange, error: unknown) {
  if (error instanceof ProtocolError && (error.status < 500 || error.status === 501)) {
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
