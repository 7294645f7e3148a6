import { AppError } from "@/server/kernel/errors";
import type { PredictReply } from "../schemas";
import type { BatchPredictReply } from "./schemas";

type Row = Record<string, unknown>;

export interface Batch {
  /** Number of its first row, from 0. */
  from: number;
  rows: Row[];
}

/** Rows by feature name, whichever way they came. */
export function toRows(table: {
  inputs?: Row[] | undefined;
  columns?: string[] | undefined;
  rows?: unknown[][] | undefined;
}): Row[] {
  if (table.inputs) return table.inputs;
  const columns = table.columns ?? [];
  // Without a prototype, so that a column may have any name.
  return (table.rows ?? []).map((values) => {
    const row: Row = Object.create(null);
    for (const [at, column] of columns.entries()) row[column] = values[at];
    return row;
  });
}

export function splitRows(rows: Row[], batchSize: number): Batch[] {
  return Array.from({ length: Math.ceil(rows.length / batchSize) }, (_, at) => ({
    from: at * batchSize,
    rows: rows.slice(at * batchSize, (at + 1) * batchSize),
  }));
}

const ROW = /\binputs\.(\d+)/g;

/** The error of a batch with the rows it names counted from the first row of the call. */
export function atRow(error: unknown, from: number): unknown {
  if (!(error instanceof AppError)) return error;
  const moved = (text: string) => text.replace(ROW, (_, row) => `inputs.${from + Number(row)}`);
  const issues = error.details.issues?.map((issue) => ({ ...issue, path: moved(issue.path) }));
  return new AppError(error.code, moved(error.message), {
    ...error.details,
    ...(issues && { issues }),
  });
}

/** One answer of those of the batches, which come in the order of their rows. */
export function joinReplies(
  batches: readonly Batch[],
  replies: readonly PredictReply[],
  latencyMs: number,
): BatchPredictReply {
  const probabilities = replies.flatMap((reply) => reply.probabilities ?? []);
  const confidence = replies.flatMap((reply) => reply.confidence ?? []);
  const intervals = replies.flatMap((reply) => reply.predictionIntervals ?? []);
  const missing = replies.find((reply) => reply.confidenceMissing)?.confidenceMissing;
  return {
    predictions: replies.flatMap((reply) => reply.predictions),
    ...(probabilities.length > 0 && { probabilities }),
    ...(confidence.length > 0 && { confidence }),
    ...(intervals.length > 0 && missing === undefined && { predictionIntervals: intervals }),
    ...(missing !== undefined && { confidenceMissing: missing }),
    deploymentId: replies[0]?.deploymentId ?? "",
    latencyMs,
    batches: replies.map((reply, at) => ({
      from: batches[at]?.from ?? 0,
      rows: batches[at]?.rows.length ?? 0,
      requestId: reply.requestId,
      modelVersion: reply.modelVersion,
      latencyMs: reply.latencyMs,
    })),
  };
}
