import {
  bigint,
  foreignKey,
  index,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy, workspaceId } from "../columns";
import { experiments, runs } from "./experiments";
import { artifactObjects } from "./kernel";

/** One call of an instrumented program, as MLflow's clients report it; its spans are a file. */
export const traces = pgTable(
  "traces",
  {
    workspaceId: workspaceId(),
    /** The client's: `tr-` and 32 hex digits, or whatever it chose. */
    id: text("id").notNull(),
    experimentId: uuid("experiment_id").notNull(),
    clientRequestId: text("client_request_id"),
    /** Milliseconds since the epoch. */
    requestTime: bigint("request_time", { mode: "number" }).notNull(),
    /** Milliseconds; null while it is in progress. */
    durationMs: bigint("duration_ms", { mode: "number" }),
    /** STATE_UNSPECIFIED, OK, ERROR, IN_PROGRESS */
    state: text("state").notNull(),
    requestPreview: text("request_preview"),
    responsePreview: text("response_preview"),
    /** { key: value } of text; written with the trace. */
    metadata: jsonb("metadata").notNull().default({}),
    /** { key: value } of text; may change later. */
    tags: jsonb("tags").notNull().default({}),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    index("traces_experiment").on(t.workspaceId, t.experimentId, t.requestTime, t.id),
    foreignKey({
      columns: [t.workspaceId, t.experimentId],
      foreignColumns: [experiments.workspaceId, experiments.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);

/** One step of a trace that came by OpenTelemetry; other clients keep theirs among the trace's files. */
export const traceSpans = pgTable(
  "trace_spans",
  {
    workspaceId: workspaceId(),
    traceId: text("trace_id").notNull(),
    /** 16 hex digits */
    spanId: text("span_id").notNull(),
    name: text("name").notNull(),
    /** mlflow.spanType, such as CHAIN or LLM; null when the program did not say. */
    type: text("type"),
    /** UNSET, OK, ERROR */
    status: text("status").notNull(),
    /** Nanoseconds since the epoch. */
    startTime: bigint("start_time", { mode: "bigint" }).notNull(),
    /** The span in proto JSON. */
    body: jsonb("body").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.traceId, t.spanId] }),
    foreignKey({
      columns: [t.workspaceId, t.traceId],
      foreignColumns: [traces.workspaceId, traces.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);

/** Traces that belong to a run beside the one they were made in. */
export const runTraces = pgTable(
  "run_traces",
  {
    workspaceId: workspaceId(),
    runId: uuid("run_id").notNull(),
    traceId: text("trace_id").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.runId, t.traceId] }),
    foreignKey({
      columns: [t.workspaceId, t.runId],
      foreignColumns: [runs.workspaceId, runs.id],
    }).onDelete("cascade"),
    foreignKey({
      columns: [t.workspaceId, t.traceId],
      foreignColumns: [traces.workspaceId, traces.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);

/** The prompts a trace used, each `name/version`; the prompt itself may be gone. */
export const tracePrompts = pgTable(
  "trace_prompts",
  {
    workspaceId: workspaceId(),
    traceId: text("trace_id").notNull(),
    prompt: text("prompt").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.traceId, t.prompt] }),
    foreignKey({
      columns: [t.workspaceId, t.traceId],
      foreignColumns: [traces.workspaceId, traces.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);

/** What a person, a program or a judge says of a trace: feedback or an expectation. */
export const traceAssessments = pgTable(
  "trace_assessments",
  {
    workspaceId: workspaceId(),
    id: uuid("id").notNull(),
    traceId: text("trace_id").notNull(),
    name: text("name").notNull(),
    /** The client's message without id, trace and times. */
    body: jsonb("body").notNull(),
    createdAt: createdAt(),
    updatedAt: instant("updated_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    index("trace_assessments_trace").on(t.workspaceId, t.traceId, t.createdAt, t.id),
    foreignKey({
      columns: [t.workspaceId, t.traceId],
      foreignColumns: [traces.workspaceId, traces.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);

/** Files of a trace: its spans, mostly. */
export const traceArtifacts = pgTable(
  "trace_artifacts",
  {
    workspaceId: workspaceId(),
    traceId: text("trace_id").notNull(),
    path: text("path").notNull(),
    sha256: text("sha256").notNull(),
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.traceId, t.path] }),
    foreignKey({
      columns: [t.workspaceId, t.traceId],
      foreignColumns: [traces.workspaceId, traces.id],
    }).onDelete("cascade"),
    foreignKey({
      columns: [t.workspaceId, t.sha256],
      foreignColumns: [artifactObjects.workspaceId, artifactObjects.sha256],
    }),
    tenantPolicy(),
  ],
);
