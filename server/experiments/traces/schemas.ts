import { z } from "zod";
import { LIMITS } from "../constants";
import { storedText, timeMs } from "../schemas";

export const TRACE_STATES = ["STATE_UNSPECIFIED", "OK", "ERROR", "IN_PROGRESS"] as const;

/** Becomes a segment of an artifact's path. */
export const traceId = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/, "is no id of a trace");

const entries = (valueMax: number) =>
  z
    .record(storedText(LIMITS.key).min(1), storedText(valueMax))
    .refine((record) => Object.keys(record).length <= 1000, "holds too many entries")
    .default({});

export const startTraceInput = z.object({
  traceId,
  experimentNumber: z.int(),
  clientRequestId: storedText(LIMITS.key).nullable().default(null),
  requestTime: timeMs,
  durationMs: timeMs.nullable().default(null),
  state: z.enum(TRACE_STATES).default("STATE_UNSPECIFIED"),
  requestPreview: storedText(10_000).nullable().default(null),
  responsePreview: storedText(10_000).nullable().default(null),
  metadata: entries(LIMITS.tagValue),
  tags: entries(LIMITS.tagValue),
});

export const endTraceInput = z.object({
  traceId: z.string(),
  endTime: timeMs.optional(),
  state: z.enum(TRACE_STATES).optional(),
  metadata: entries(LIMITS.tagValue),
  tags: entries(LIMITS.tagValue),
});

export interface AssessmentDto {
  id: string;
  traceId: string;
  name: string;
  /** The client's message without id, trace and times. */
  body: Record<string, unknown>;
  createdAt: string;
  updatedAt: string;
}

export interface TraceDto {
  id: string;
  experimentNumber: number;
  clientRequestId: string | null;
  /** Milliseconds since the epoch. */
  requestTime: number;
  durationMs: number | null;
  state: (typeof TRACE_STATES)[number];
  requestPreview: string | null;
  responsePreview: string | null;
  metadata: Record<string, string>;
  tags: Record<string, string>;
  assessments: AssessmentDto[];
}

/** JSON of a client, not too large. */
export const assessmentBody = z
  .record(z.string(), z.unknown())
  .refine((body) => JSON.stringify(body).length <= 65_536, "is larger than 64 KiB of JSON")
  .refine((body) => !JSON.stringify(body).includes("\\u0000"), "may not hold a NUL character");

export const assessmentName = storedText(LIMITS.key).min(1);
