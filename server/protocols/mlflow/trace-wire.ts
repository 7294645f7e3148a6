import type { AssessmentDto, TraceDto } from "@/server/experiments";
import { invalidParameter } from "./errors";
import { hexId } from "./wire";

/** Where clients put a trace's files: its spans. */
const traceArtifactUri = (trace: Pick<TraceDto, "id" | "experimentNumber">): string =>
  `mlflow-artifacts:/${trace.experimentNumber}/traces/${trace.id}/artifacts`;

/** The number of the experiment a location names. Throws INVALID_PARAMETER_VALUE for any other place. */
export function experimentNumber(text: string | undefined): number {
  if (text && /^\d{1,9}$/.test(text)) return Number(text);
  throw invalidParameter("A trace lives in an experiment, named by its integer id.");
}

/** The tags of a trace and, among them, the place of its files. */
export const traceTags = (trace: TraceDto): Record<string, string> => ({
  ...trace.tags,
  "mlflow.artifactLocation": traceArtifactUri(trace),
});

/** Milliseconds of a proto timestamp, `2026-01-31T12:00:00.5Z`. Throws INVALID_PARAMETER_VALUE. */
export function timestampMs(text: string, name: string): number {
  const ms = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw invalidParameter(`Invalid value for parameter '${name}' supplied.`);
  return ms;
}

/** Milliseconds of a proto duration, `1.5s`. Throws INVALID_PARAMETER_VALUE. */
export function durationMs(text: string, name: string): number {
  const seconds = /^(\d{1,12}(?:\.\d{1,9})?)s$/.exec(text)?.[1];
  if (!seconds) throw invalidParameter(`Invalid value for parameter '${name}' supplied.`);
  return Math.round(Number(seconds) * 1000);
}

const filled = (record: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null));

export const assessmentHexId = (id: string): string => `a-${hexId(id)}`;

export const toWireAssessment = (assessment: AssessmentDto) => ({
  ...assessment.body,
  assessment_id: assessmentHexId(assessment.id),
  assessment_name: assessment.name,
  trace_id: assessment.traceId,
  create_time: assessment.createdAt,
  last_update_time: assessment.updatedAt,
});

/** A trace as TraceInfoV3. */
export const toWireTrace = (trace: TraceDto) => ({
  trace_id: trace.id,
  trace_location: {
    type: "MLFLOW_EXPERIMENT",
    mlflow_experiment: { experiment_id: String(trace.experimentNumber) },
  },
  request_time: new Date(trace.requestTime).toISOString(),
  state: trace.state,
  trace_metadata: trace.metadata,
  tags: traceTags(trace),
  ...filled({
    client_request_id: trace.clientRequestId,
    request_preview: trace.requestPreview,
    response_preview: trace.responsePreview,
    execution_duration: trace.durationMs === null ? null : `${trace.durationMs / 1000}s`,
    assessments: trace.assessments.length > 0 ? trace.assessments.map(toWireAssessment) : null,
  }),
});
