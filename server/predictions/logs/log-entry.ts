import type { LoggingSettings } from "@/server/deployments";
import type { Predictions } from "@/server/protocols/open-inference/codec";

/** The way a request came in. */
export type LogLane = "rest" | "v2" | "grpc" | "batch";

/** One answered request on its way to the log. Times are milliseconds. */
export interface LogEntry {
  workspaceId: string;
  requestId: string;
  /** Since the epoch. */
  atMs: number;
  deploymentId: string;
  variantId: string | null;
  versionId: string | null;
  /** HTTP status of the reply. */
  status: number;
  rows: number;
  /** Rows of feature values; a function is called when the row is written, after the reply. */
  inputs: unknown | (() => unknown);
  /** `inputs` as JSON where it is at hand; taken as it is, so it must be what PostgreSQL can keep. */
  inputsText?: string | undefined;
  /** { predictions, probabilities?, predictionIntervals? }; a function likewise. */
  outputs: unknown | (() => unknown);
  error: string | null;
  latencyMs: number;
  queueMs: number | null;
  computeMs: number | null;
  /** About what the entry keeps in memory. */
  bytes: number;
  /** rest where absent. */
  lane?: LogLane | undefined;
  /** Whom or what the prediction was for. */
  unit?: string | null | undefined;
  /** From the gateway to the node and back. */
  nodeMs?: number | null | undefined;
  /** Rows of all requests that ran in the same call of the model. */
  batchRows?: number | null | undefined;
  /** Whether the gateway's cache answered. */
  isCached?: boolean | undefined;
  /** Whether the caller chose the variant. */
  isPinned?: boolean | undefined;
  /** W3C trace id. */
  traceId?: string | null | undefined;
  /** The deployment's; everything is kept where absent. */
  logging?: LoggingSettings | undefined;
}

/** Between the columns of a row and between rows; JSON text holds neither. */
export const CELL_END = "\x1f";
export const ROW_END = "\x1e";

/** NUL and lone surrogates are JSON but no PostgreSQL text. */
const UNSTORABLE = /\\u(?:0000|d[89a-f])/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not stay.
const CONTROL = /[\0\x1e\x1f]/g;

/** The entry as one row, its cells in the order in which `write-logs.ts` reads them; an empty one is null. */
export function logLine(entry: LogEntry): string {
  const keepsPayload = entry.logging?.payload ?? true;
  const outputs = keepsPayload ? called(entry.outputs) : null;
  return [
    entry.requestId,
    instantOf(entry.atMs),
    entry.deploymentId,
    entry.variantId ?? "",
    entry.versionId ?? "",
    entry.status,
    entry.rows,
    entry.lane ?? "rest",
    plain(entry.unit),
    keepsPayload ? (entry.inputsText ?? json(called(entry.inputs))) : "",
    json(outputs),
    confidenceOf(outputs) ?? "",
    plain(entry.error),
    microseconds(entry.latencyMs),
    microseconds(entry.nodeMs),
    microseconds(entry.queueMs),
    microseconds(entry.computeMs),
    entry.batchRows ?? "",
    entry.isCached ? "t" : "f",
    plain(entry.traceId),
    entry.isPinned ? "t" : "f",
  ].join(CELL_END);
}

const called = (value: unknown): unknown => (typeof value === "function" ? value() : value);

const plain = (text: string | null | undefined): string =>
  text ? text.replaceAll(CONTROL, "\uFFFD").toWellFormed() : "";

/** Rows come many in a millisecond, and the text of one costs more than its other cells. */
let instant = { ms: 0, text: "1970-01-01T00:00:00.000Z" };

function instantOf(ms: number): string {
  if (instant.ms !== ms) instant = { ms, text: new Date(ms).toISOString() };
  return instant.text;
}

function json(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = JSON.stringify(value);
  if (!UNSTORABLE.test(text)) return text;
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === "string" ? one.replaceAll("\0", "\uFFFD").toWellFormed() : one,
  );
}

/**
 * Probability of the predicted class of the least certain row; undefined where one is not known. A
 * number has none: its interval, where one was asked for, is among the outputs.
 */
function confidenceOf(outputs: unknown): number | undefined {
  const { predictions, probabilities } = (outputs ?? {}) as Partial<Predictions>;
  if (!Array.isArray(predictions) || !probabilities?.length) return undefined;
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at < probabilities.length; at++) {
    // The predicted class need not be the likeliest one.
    const share = probabilities[at]?.[String(predictions[at])];
    if (typeof share !== "number") return undefined;
    least = Math.min(least, share);
  }
  return Number.isFinite(least) ? least : undefined;
}

const INTEGER_MAX = 2_147_483_647;
const microseconds = (ms: number | null | undefined): number | "" =>
  ms === null || ms === undefined ? "" : Math.min(INTEGER_MAX, Math.round(ms * 1000));
