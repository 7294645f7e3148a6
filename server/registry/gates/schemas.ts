import { z } from "zod";
import { LINEAGE_PARTS, METRIC_SOURCES, OPERATORS, type Operator } from "./constants";

const stageKey = z.string().min(1).max(40);

/** What a metric is held against. */
const against = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("constant"), value: z.number() }),
  z.strictObject({ kind: z.literal("alias"), alias: z.string().trim().min(1).max(256) }),
  z.strictObject({ kind: z.literal("stage"), stage: stageKey }),
]);
export type Against = z.infer<typeof against>;

const comparison = {
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
};

const metricGate = z.strictObject({
  type: z.literal("metric"),
  source: z.enum(METRIC_SOURCES).default("test"),
  ...comparison,
});

const benchmarkGate = z
  .strictObject({
    type: z.literal("benchmark"),
    dataset: z.uuid().describe("Id of the dataset version that was approved for this."),
    ...comparison,
  })
  .describe("The newest benchmark on one dataset, compared like a metric.");

/** A rule a version must meet to enter a stage. The set is closed: a rule is data, never code. */
export const gateSchema = z.discriminatedUnion("type", [
  metricGate,
  benchmarkGate,
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
/** Rules that compare a number. */
export type ComparingGate = Extract<Gate, { type: "metric" | "benchmark" }>;

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

/** How operators are written for people. */
export const SIGNS = { ">=": "≥", ">": ">", "<=": "≤", "<": "<" } satisfies Record<
  Operator,
  string
>;

/** A rule in words. */
export function gateTitle(gate: Gate): string {
  switch (gate.type) {
    case "metric":
    case "benchmark": {
      const margin = gate.margin > 0 ? ` by ${gate.margin}` : "";
      return `${whatOf(gate)} ${SIGNS[gate.operator]} ${nameOf(gate.against)}${margin}`;
    }
    case "parity":
      return "parity passed";
    case "artifacts":
      return `files: ${gate.kinds.join(", ")}`;
    case "lineage":
      return `${gate.parts.join(" and ")} known`;
    case "semantic_version":
      return "semantic version present";
  }
}

/** The number a comparing rule looks at. */
export const whatOf = (gate: ComparingGate): string =>
  `${gate.type === "metric" ? gate.source : "benchmark"} ${gate.metric}`;

/** What it is held against. */
export const nameOf = (against: Against): string =>
  against.kind === "constant"
    ? String(against.value)
    : against.kind === "alias"
      ? against.alias
      : `the version in ${against.stage}`;
