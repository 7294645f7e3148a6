import type { TraceDto } from "./schemas";

export const SPAN_STATUSES = ["UNSET", "OK", "ERROR"] as const;

/** One step of a trace, as a protocol read it. */
export interface SpanInput {
  traceId: string;
  spanId: string;
  /** null for the step that holds all others. */
  parentId: string | null;
  name: string;
  type: string | null;
  status: (typeof SPAN_STATUSES)[number];
  /** Nanoseconds since the epoch; an end of 0 is not known yet. */
  startTime: bigint;
  endTime: bigint;
  /** What it was called with and answered, as JSON, shortened. */
  inputs: string | null;
  outputs: string | null;
  tags: Record<string, string>;
  body: Record<string, unknown>;
}

/** What spans say of their trace. */
interface GatheredTrace {
  id: string;
  /** Milliseconds since the epoch. */
  requestTime: number;
  endTime: number;
  state: TraceDto["state"];
  requestPreview: string | null;
  responsePreview: string | null;
  tags: Record<string, string>;
}

const toMs = (nanoseconds: bigint): number => Number(nanoseconds / 1_000_000n);

/**
 * One entry a trace, by id, so that two requests lock rows in one order. Its state, name and previews are
 * those of the outermost span; without it the trace is in progress.
 */
export function gatherTraces(spans: SpanInput[]): GatheredTrace[] {
  const byTrace = Map.groupBy(spans, (span) => span.traceId);
  return [...byTrace]
    .map(([id, list]) => gather(id, list))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function gather(id: string, spans: SpanInput[]): GatheredTrace {
  const root = spans.find((span) => span.parentId === null);
  const starts = spans.map((span) => toMs(span.startTime));
  const ends = spans.map((span) => toMs(span.endTime));
  const requestTime = starts.reduce((a, b) => Math.min(a, b));
  return {
    id,
    requestTime,
    endTime: ends.reduce((a, b) => Math.max(a, b), requestTime),
    state: root ? (root.status === "ERROR" ? "ERROR" : "OK") : "IN_PROGRESS",
    requestPreview: root?.inputs ?? null,
    responsePreview: root?.outputs ?? null,
    tags: {
      ...Object.assign({}, ...spans.map((span) => span.tags)),
      ...(root ? { "mlflow.traceName": root.name.slice(0, 250) } : {}),
    },
  };
}
