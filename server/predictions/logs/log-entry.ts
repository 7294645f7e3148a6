/** One answered request on its way to the log. */
export interface LogEntry {
  workspaceId: string;
  requestId: string;
  /** Milliseconds since the epoch. */
  atMs: number;
  deploymentId: string;
  variantId: string | null;
  versionId: string | null;
  /** HTTP status of the reply. */
  status: number;
  rows: number;
  /** Rows of feature values; a function is called when the row is written, after the reply. */
  inputs: unknown | (() => unknown);
  outputs: unknown;
  error: string | null;
  latencyMs: number;
  queueMs: number | null;
  computeMs: number | null;
  /** About what the entry keeps in memory. */
  bytes: number;
}

/** NUL and lone surrogates are JSON but no PostgreSQL text. */
const UNSTORABLE = /\\u(?:0000|d[89a-f])/i;

/** The entry as one element of the JSON that the insert unfolds. */
export function logEntryJson(entry: LogEntry): string {
  const inputs = typeof entry.inputs === "function" ? entry.inputs() : entry.inputs;
  return storableJson({
    request_id: entry.requestId,
    at: new Date(entry.atMs).toISOString(),
    deployment_id: entry.deploymentId,
    variant_id: entry.variantId,
    version_id: entry.versionId,
    status: entry.status,
    rows: entry.rows,
    inputs,
    outputs: entry.outputs,
    error: entry.error,
    latency_us: microseconds(entry.latencyMs),
    queue_us: entry.queueMs === null ? null : microseconds(entry.queueMs),
    compute_us: entry.computeMs === null ? null : microseconds(entry.computeMs),
  });
}

function storableJson(value: unknown): string {
  const text = JSON.stringify(value);
  if (!UNSTORABLE.test(text)) return text;
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === "string" ? one.replaceAll("\0", "\uFFFD").toWellFormed() : one,
  );
}

const INTEGER_MAX = 2_147_483_647;
const microseconds = (ms: number): number => Math.min(INTEGER_MAX, Math.round(ms * 1000));
