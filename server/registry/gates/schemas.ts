import { z } from "zod";
import { LINEAGE_PARTS, METRIC_SOURCES, OPERATORS } from "./constants";

const stageKey = z.string().min(1).max(40);

/** What a metric is held against. */
const against = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("constant"), value: z.number() }),
  z.strictObject({ kind: z.literal("alias"), alias: z.string().trim().min(1).max(256) }),
  z.strictObject({ kind: z.literal("stage"), stage: stageKey }),
]);
export type Against = z.infer<typeof against>;

const metricGate = z.strictObject({
  type: z.literal("metric"),
  source: z.enum(METRIC_SOURCES).default("test"),
  metric: z.string().trim().min(1).max(250),
  operator: z.enum(OPERATORS).default(">="),
  against,
  margin: z
    .number()
    .min(0)
    .max(1e12)
    .default(0)
    .describe("By how much the bound must be exceeded, in the metric's unit."),
  whenAbsent: z
    .enum(["pass", "fail"])
    .default("pass")
    .describe("What counts while no version holds the alias or stage."),
});

/** A rule a version must meet to enter a stage. The set is closed: a rule is data, never code. */
export const gateSchema = z.discriminatedUnion("type", [
  metricGate,
  z.strictObject({ type: z.literal("parity") }).describe("ONNX answers as the framework did."),
  z
    .strictObject({
      type: z.literal("artifacts"),
      kinds: z
        .array(z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/))
        .min(1)
        .max(20)
        .default(["model"]),
    })
    .describe("The version has a stored, non-empty file of each kind."),
  z
    .strictObject({
      type: z.literal("lineage"),
      parts: z.array(z.enum(LINEAGE_PARTS)).min(1).max(2).default(["dataset"]),
    })
    .describe("It is known what the version was made from."),
  z
    .strictObject({ type: z.literal("semantic_version") })
    .describe("It carries a semantic version."),
]);
export type Gate = z.infer<typeof gateSchema>;

export const gateOutcome = z.object({
  gate: gateSchema,
  /** The rule in words, such as "test accuracy ≥ champion". */
  title: z.string(),
  passed: z.boolean(),
  /** What the version has; null when it has nothing to measure. */
  measured: z.union([z.number(), z.string()]).nullable(),
  /** What it had to have; null when the rule has no number. */
  bound: z.union([z.number(), z.string()]).nullable(),
  reason: z.string(),
});
export type GateOutcome = z.infer<typeof gateOutcome>;

export const gateReport = z.object({ at: z.string(), outcomes: z.array(gateOutcome) });
export type GateReport = z.infer<typeof gateReport>;
