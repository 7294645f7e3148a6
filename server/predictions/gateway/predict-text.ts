import { performance } from "node:perf_hooks";
import { decodeRows, describeRows, takesImages } from "@/server/images";
import type { Departure } from "@/server/kernel/departure";
import { beginTrace } from "@/server/kernel/tracing";
import type { Predictions, Signature } from "@/server/protocols/open-inference/codec";
import { type Confidence, confidenceOf } from "../confidence/confidence-of";
import type { FeatureImportance } from "../explain";
import { isPinned, unitOf } from "./choose-variant";
import { measuredOf, replyHeaders } from "./deployment-flow";
import type { PredictionGateway } from "./gateway";
import { featureError, type PredictBody, parsePredictBody } from "./parse-body";
import type { Variant } from "./routing-table";
import type { Target } from "./target";

export interface PredictCall {
  workspaceId: string;
  target: Target;
  requestId: string;
  /** As parsed from JSON; nothing about it is known yet. */
  body: unknown;
  bodyBytes: number;
  /** The JSON that was parsed, where it is at hand. */
  bodyText?: string | undefined;
  /** `performance.now()` when the request came in. */
  startedMs: number;
  /** The value of a request header, by its name in lower case; absent inside the process. */
  header?: ((name: string) => string | undefined) | undefined;
  /** Aborted when the caller is gone. */
  signal?: Departure | undefined;
}

export interface PredictAnswer {
  /** The JSON of the reply. */
  text: string;
  /** Which variant answered, and whether from a cache: name, value, name, value. */
  headers: readonly string[];
}

/** Answers a prediction request as the JSON text of its reply. Throws AppError. */
export async function predictText(
  gateway: PredictionGateway,
  call: PredictCall,
): Promise<PredictAnswer> {
  const { workspaceId, target, requestId, startedMs } = call;
  const route = gateway.find(workspaceId, target) ?? (await gateway.locate(workspaceId, target));
  const trace = beginTrace(call.header?.("traceparent"), "predict");
  let variant: Variant | undefined;
  let rows = 0;
  let pinned = false;
  try {
    const body = parsePredictBody(call.body);
    const asked = { header: call.header, unit: body.unit };
    variant = gateway.choose(route, undefined, asked);
    pinned = isPinned(route, asked);
    rows = body.rows.length;
    const read = await readRows(variant.signature, body);
    const encoded = variant.codec.encode(read);
    if ("issues" in encoded) throw featureError(encoded.issues, body.isSingle);
    const cacheControl = call.header?.("cache-control");
    const options = { cacheControl, trace, signal: call.signal };
    const answer = await gateway.run(variant, encoded.tensors, undefined, options);
    const outputs = variant.codec.decode(answer.tensors);
    const importance = body.includeFeatureImportance
      ? await gateway.explain(variant, read, outputs)
      : undefined;
    const confidence = body.includeConfidence
      ? await confidenceAsked(gateway, variant, outputs)
      : undefined;
    const latencyMs = performance.now() - startedMs;
    const text = replyText(
      variant,
      outputs,
      { ...body, importance, confidence },
      requestId,
      latencyMs,
    );
    gateway.metrics.predictions.inc(rows);
    gateway.statistics.answered(variant, rows, answer.timings);
    gateway.logs.push({
      workspaceId,
      requestId,
      atMs: Date.now(),
      deploymentId: route.deploymentId,
      variantId: variant.id,
      versionId: variant.model.versionId,
      status: 200,
      rows,
      inputs: read === body.rows ? read : describeRows(read),
      inputsText: read === body.rows ? rowsText(call.bodyText) : undefined,
      outputs: withIntervals(outputs, confidence),
      error: null,
      latencyMs,
      ...measuredOf(answer),
      traceId: trace?.traceId,
      unit: unitOf(route, asked),
      isPinned: pinned,
      logging: route.settings.logging,
      bytes: 500 + call.bodyBytes + text.length,
    });
    trace?.end({ "modelyard.deployment": route.deploymentId, "modelyard.rows": rows });
    return { text, headers: replyHeaders(variant, answer, trace) };
  } catch (error) {
    if (variant) gateway.statistics.failed(variant);
    const failed = { route, variant, requestId, rows, startedMs, isPinned: pinned, trace };
    gateway.recordFailure(failed, error);
    throw error;
  }
}

/** Longer texts may hold numbers that PostgreSQL cannot take. */
const ROWS_TEXT_MAX = 8_192;
const ROWS_START = '{"inputs":';
/** Escapes that are no PostgreSQL text, exponents beyond its numbers, and 42.0 where one looks for 42. */
const NEEDS_CARE = /\\|\d[eE]|\.\d*0[\s,}]/;

/**
 * The rows of a body that is nothing but its rows, as the caller wrote them: the log keeps these, for
 * writing numbers as text again costs more than the rest of a log row.
 */
function rowsText(text: string | undefined): string | undefined {
  if (text === undefined || text.length > ROWS_TEXT_MAX) return undefined;
  if (!text.startsWith(ROWS_START) || !text.endsWith("]}")) return undefined;
  if (text.includes('"inputs"', ROWS_START.length) || NEEDS_CARE.test(text)) return undefined;
  return text.slice(ROWS_START.length, -1);
}

/** The rows as they are encoded: those of a model that takes images are decoded first. */
async function readRows(signature: Signature, body: PredictBody): Promise<readonly unknown[]> {
  if (!takesImages(signature)) return body.rows;
  const decoded = await decodeRows(signature, body.rows);
  if ("issues" in decoded) throw featureError(decoded.issues, body.isSingle);
  return decoded.rows;
}

async function confidenceAsked(
  gateway: PredictionGateway,
  variant: Variant,
  outputs: Predictions,
): Promise<Confidence> {
  const { task } = variant.signature;
  const band = task === "regression" ? await gateway.bandOf(variant) : null;
  return confidenceOf(task, outputs, band);
}

/** What the log keeps of an answer: of a number that was asked how sure it is, the interval as well. */
const withIntervals = (outputs: Predictions, confidence: Confidence | undefined) =>
  confidence?.predictionIntervals
    ? { ...outputs, predictionIntervals: confidence.predictionIntervals }
    : outputs;

/** Probabilities come unless the caller declines; how sure each row is when it is asked for. */
function replyText(
  variant: Variant,
  outputs: Predictions,
  body: PredictBody & {
    importance: FeatureImportance[] | undefined;
    confidence: Confidence | undefined;
  },
  requestId: string,
  latencyMs: number,
): string {
  const { predictions, probabilities } = outputs;
  let text = `{"predictions":${JSON.stringify(predictions)}`;
  if (probabilities && body.includeConfidence !== false) {
    text += `,"probabilities":${JSON.stringify(probabilities)}`;
  }
  // A JSON object without its braces.
  if (body.confidence) text += `,${JSON.stringify(body.confidence).slice(1, -1)}`;
  if (body.importance) text += `,"featureImportance":${JSON.stringify(body.importance)}`;
  return `${text}${variant.replyMiddle}${requestId}","latencyMs":${latencyMs.toFixed(3)}}`;
}
