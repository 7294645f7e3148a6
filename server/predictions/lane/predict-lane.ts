import type { IncomingMessage, ServerResponse } from "node:http";
import { performance } from "node:perf_hooks";
import { AppError, toProblem, wrongMethod } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import { ProtocolError, parseProtocolJson } from "@/server/protocols/open-inference/codec";
import type { Runtime } from "@/server/runtime";
import { PREDICT_BYTES_MAX } from "../constants";
import type { PredictionGateway } from "../gateway/gateway";
import { predictText } from "../gateway/predict-text";
import type { Target } from "../gateway/target";
import {
  authenticateKey,
  decodeSegment,
  departureOf,
  errorHead,
  headerOf,
  type Lane,
  readLaneBody,
  send,
} from "./lane-http";

const API = "/api/v1/";
const DEPLOYMENTS = "deployments/";
const MODELS = "models/";
const PREDICT = "/predict";
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\b/i;

/** `POST /api/v1/{deployments,models}/{…}/predict` on the bare Node request. */
export function createPredictLane(options: {
  runtime: Pick<Runtime, "resolver" | "log" | "limits">;
  gateway: PredictionGateway;
}): Lane {
  return (req, res) => {
    const target = targetOf(req.url ?? "");
    if (!target) return false;
    void answer(options, target, req, res);
    return true;
  };
}

interface RawTarget {
  kind: "deployment" | "model";
  /** Still percent-encoded. */
  segment: string;
}

/** String comparisons only: every request of the product passes here. */
function targetOf(url: string): RawTarget | undefined {
  if (!url.startsWith(API)) return undefined;
  const query = url.indexOf("?");
  const end = query === -1 ? url.length : query;
  if (!url.endsWith(PREDICT, end)) return undefined;
  const isDeployment = url.startsWith(DEPLOYMENTS, API.length);
  if (!isDeployment && !url.startsWith(MODELS, API.length)) return undefined;
  const start = API.length + (isDeployment ? DEPLOYMENTS.length : MODELS.length);
  const segment = url.slice(start, end - PREDICT.length);
  if (segment === "" || segment.includes("/")) return undefined;
  return { kind: isDeployment ? "deployment" : "model", segment };
}

async function answer(
  { runtime, gateway }: Parameters<typeof createPredictLane>[0],
  raw: RawTarget,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const startedMs = performance.now();
  const requestId = newId();
  let status = 200;
  try {
    if (req.method !== "POST") throw wrongMethod("POST");
    const { workspaceId } = await authenticateKey(runtime, req, res, "predictions:create");
    const ref = decodeSegment(raw.segment);
    const target: Target = raw.kind === "deployment" ? { deployment: ref } : { model: ref };
    if (!JSON_TYPE.test(req.headers["content-type"] ?? "")) {
      throw new AppError("unsupported_media_type", "Send the body as application/json.");
    }
    const bytes = await readLaneBody(req, PREDICT_BYTES_MAX);
    const { body, text: bodyText } = parseBody(bytes);
    const bodyBytes = bytes.byteLength;
    const header = (name: string) => headerOf(req, name);
    const signal = departureOf(res);
    const said = { body, bodyText, bodyBytes, header, signal };
    const { text, headers } = await predictText(gateway, {
      workspaceId,
      target,
      requestId,
      startedMs,
      ...said,
    });
    send(res, 200, requestId, "application/json", text, headers);
  } catch (error) {
    const problem = toProblem(error, requestId);
    if (problem.code === "internal") {
      runtime.log.error({ requestId, err: error }, "prediction failed");
    }
    const head = errorHead(error);
    status = head.status;
    const text = JSON.stringify(problem);
    send(res, status, requestId, "application/problem+json", text, head.headers);
  }
  gateway.metrics.observe("rest", status, performance.now() - startedMs);
}

/** JSON; the bare words NaN and Infinity pass as text, so that the feature can be named. */
function parseBody(bytes: Buffer): { body: unknown; text?: string } {
  const text = bytes.toString("utf8");
  try {
    return { body: JSON.parse(text), text };
  } catch {
    if (text.includes("NaN") || text.includes("Infinity")) {
      try {
        return { body: parseProtocolJson(text) };
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
      }
    }
    throw new AppError("bad_request", "The body is not valid JSON.");
  }
}
