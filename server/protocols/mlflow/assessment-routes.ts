import {
  createAssessment,
  deleteAssessment,
  getAssessment,
  updateAssessment,
} from "@/server/experiments";
import { defineMlflowRoute } from "./contract";
import { invalidParameter } from "./errors";
import { anyObject, required, str } from "./fields";
import { toWireAssessment } from "./trace-wire";

const ids = { trace_id: required(str), assessment_id: required(str) };

/** What the server gives by itself. */
const OWN = ["assessment_id", "assessment_name", "trace_id", "create_time", "last_update_time"];

/** What a client may say of a trace (mlflow/protos/assessments.proto). */
const SAID = [
  "span_id",
  "source",
  "feedback",
  "expectation",
  "rationale",
  "error",
  "metadata",
  "overrides",
  "valid",
];

const camelCase = (name: string) => name.replaceAll(/_([a-z])/g, (_, c: string) => c.toUpperCase());

/** The known fields of a message by their snake_case name; others are ignored. */
const known = (message: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    [...OWN, ...SAID].flatMap((name) => {
      const value = message[name] ?? message[camelCase(name)];
      return value === undefined || value === null ? [] : [[name, value]];
    }),
  );

const said = (message: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(message).filter(([name]) => SAID.includes(name)));

function nameOf(message: Record<string, unknown>): string {
  const name = message.assessment_name;
  if (typeof name === "string" && name !== "") return name;
  throw invalidParameter("Missing value for required parameter 'assessment.assessment_name'.");
}

/** snake_case paths of a field mask, `feedback,assessmentName` or a list. */
const maskOf = (mask: string): string[] =>
  mask
    .split(",")
    .map((path) => path.trim().replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
    .filter((path) => path !== "");

export const assessmentRoutes = [
  defineMlflowRoute({
    version: "3.0",
    methods: ["POST"],
    path: "/traces/:trace_id/assessments",
    permission: "experiments:write",
    fields: { trace_id: required(str), assessment: required(anyObject) },
    handler: async ({ ctx, body }) => {
      const message = known(body.assessment);
      const made = await createAssessment(ctx, {
        traceId: body.trace_id,
        name: nameOf(message),
        body: said(message),
      });
      return { assessment: toWireAssessment(made) };
    },
  }),
  defineMlflowRoute({
    version: "3.0",
    methods: ["GET"],
    path: "/traces/:trace_id/assessments/:assessment_id",
    permission: "experiments:read",
    fields: ids,
    handler: async ({ ctx, body }) => {
      const { trace_id: traceId, assessment_id: assessmentId } = body;
      return { assessment: toWireAssessment(await getAssessment(ctx, { traceId, assessmentId })) };
    },
  }),
  defineMlflowRoute({
    version: "3.0",
    methods: ["PATCH"],
    path: "/traces/:trace_id/assessments/:assessment_id",
    permission: "experiments:write",
    fields: { ...ids, assessment: required(anyObject), update_mask: required(str) },
    handler: async ({ ctx, body }) => {
      const message = known(body.assessment);
      const mask = maskOf(body.update_mask);
      const changed = Object.entries(said(message)).filter(([name]) => mask.includes(name));
      const after = await updateAssessment(ctx, {
        traceId: body.trace_id,
        assessmentId: body.assessment_id,
        name: mask.includes("assessment_name") ? nameOf(message) : undefined,
        changes: Object.fromEntries(changed),
      });
      return { assessment: toWireAssessment(after) };
    },
  }),
  defineMlflowRoute({
    version: "3.0",
    methods: ["DELETE"],
    path: "/traces/:trace_id/assessments/:assessment_id",
    permission: "experiments:write",
    fields: ids,
    handler: async ({ ctx, body }) => {
      const { trace_id: traceId, assessment_id: assessmentId } = body;
      await deleteAssessment(ctx, { traceId, assessmentId });
      return {};
    },
  }),
];
