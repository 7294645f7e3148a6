import { z } from "zod";
import { REPLICAS_MAX, STRATEGIES, type Strategy } from "../constants";

const DAY_SECONDS = 86_400;
const seconds = z
  .int()
  .min(0)
  .max(14 * DAY_SECONDS);

/** A share of traffic and how long it is watched before the next. */
const planStep = z.strictObject({
  /** Percent of the traffic the new version takes. */
  weight: z.int().min(0).max(100),
  bakeSeconds: seconds,
});
export type PlanStep = z.output<typeof planStep>;

/** How a candidate is compared with what it would replace, and what follows. */
export const analysisSettings = z.strictObject({
  isEnabled: z.boolean().default(true),
  /** Probability, over the whole roll-out, that a version that is no worse is taken back. */
  alpha: z.number().min(0.0001).max(0.2).default(0.01),
  /** Requests each variant must have answered in a step before it may pass. */
  minRequests: z.int().min(1).max(1_000_000).default(100),
  /** How long a step waits for them beyond its bake time. */
  maxWaitSeconds: seconds.default(3_600),
  onTooFewRequests: z.enum(["hold", "promote", "rollback"]).default("hold"),
  /** The candidate is taken back when more than this share of its requests fails, whoever else fails. */
  errorShareMax: z.number().min(0.0001).max(0.9).default(0.05),
  /** Tolerated odds of failing, relative to the stable version's. */
  errorOddsMax: z.number().min(1).max(100).default(1.25),
  /** Tolerated odds of being slower than the stable version's p99, relative to its own. */
  slowOddsMax: z.number().min(1).max(100).default(1.5),
  /** Population stability index of outputs beyond which they count as different. */
  psiMax: z.number().min(0.01).max(10).default(0.25),
  onOutputDrift: z.enum(["hold", "rollback", "ignore"]).default("hold"),
  /** Whether predictions are held against the outcomes told meanwhile; too few hold nothing up. */
  judgesOutcomes: z.boolean().default(true),
  /** Outcomes of each variant from which they are compared. */
  minOutcomes: z.int().min(10).max(100_000).default(50),
  /** Tolerated odds of predicting a wrong class, relative to the stable version's. */
  wrongOddsMax: z.number().min(1).max(100).default(1.25),
});
export type AnalysisSettings = z.output<typeof analysisSettings>;

/** How replicas change with the traffic of a rolling roll-out. */
const replicaMove = z.strictObject({
  /** Nodes that may be asked for beyond the deployment's replicas meanwhile. */
  maxSurge: z.int().min(0).max(REPLICAS_MAX).default(1),
  /** Replicas that may be missing while the new version is loaded in their place. */
  maxUnavailable: z.int().min(0).max(REPLICAS_MAX).default(0),
});
const ONE_BY_ONE = { maxSurge: 1, maxUnavailable: 0 };

/** What a caller may say about a plan; the strategy has defaults for the rest. */
export const planInput = z.strictObject({
  steps: z
    .array(planStep)
    .min(1)
    .max(20)
    .optional()
    .describe("Of a canary, or of a rolling roll-out. Traffic goes to 100 percent after the last."),
  bakeSeconds: seconds.optional().describe("Of each default step."),
  promotion: z
    .enum(["automatic", "manual"])
    .optional()
    .describe("Whether all traffic follows by itself when every step passed."),
  replicas: replicaMove
    .refine(({ maxSurge, maxUnavailable }) => maxSurge + maxUnavailable > 0, {
      message: "must allow a replica more, or one less",
    })
    .optional()
    .describe(
      "Of a rolling roll-out: how many replicas change at once, where this installation starts and ends nodes. One more, none missing if absent.",
    ),
  analysis: analysisSettings.prefault({}),
});
export type PlanInput = z.input<typeof planInput>;

/** A plan as a roll-out keeps it. */
export const rollOutPlan = z.strictObject({
  steps: z.array(planStep),
  promotion: z.enum(["automatic", "manual"]),
  /** Null where replicas do not change with the traffic. */
  replicas: replicaMove.nullable().default(null),
  analysis: analysisSettings,
});
export type RollOutPlan = z.output<typeof rollOutPlan>;

export const strategySchema = z
  .enum(STRATEGIES)
  .describe(
    "direct: all traffic at once. rolling: replica by replica. blue_green: all at once, with the version before kept warm. canary: a growing share. shadow: copies of requests only.",
  );

const CANARY_WEIGHTS = [5, 25, 50];
const ROLLING_STEPS_MAX = 10;
const BAKE_SECONDS: Record<Strategy, number> = {
  direct: 0,
  rolling: 60,
  blue_green: 600,
  canary: 300,
  shadow: 1_800,
};

/** The plan of a strategy: what was asked for, with defaults. `replicas` shapes a rolling one. */
export function planOf(
  strategy: Strategy,
  input: z.output<typeof planInput>,
  replicas: number,
): RollOutPlan {
  const bakeSeconds = input.bakeSeconds ?? BAKE_SECONDS[strategy];
  const evenly = (weights: number[]) => weights.map((weight) => ({ weight, bakeSeconds }));
  const steps: Record<Strategy, () => PlanStep[]> = {
    direct: () => [],
    rolling: () => input.steps ?? evenly(rollingWeights(replicas, input.replicas)),
    blue_green: () => evenly([100]),
    canary: () => input.steps ?? evenly(CANARY_WEIGHTS),
    shadow: () => evenly([0]),
  };
  return {
    steps: steps[strategy](),
    promotion: input.promotion ?? (strategy === "shadow" ? "manual" : "automatic"),
    replicas: strategy === "rolling" ? (input.replicas ?? ONE_BY_ONE) : null,
    analysis: input.analysis,
  };
}

/** Shares after each change of as many replicas as may change at once; the last is the promotion itself. */
function rollingWeights(replicas: number, move: z.output<typeof planInput>["replicas"]): number[] {
  const count = move
    ? Math.max(2, Math.ceil(replicas / (move.maxSurge + move.maxUnavailable)))
    : Math.min(Math.max(replicas, 2), ROLLING_STEPS_MAX);
  return Array.from({ length: count - 1 }, (_, i) => Math.round(((i + 1) * 100) / count));
}

interface PlanIssue {
  /** The member of the plan that is wrong. */
  member: "steps" | "replicas";
  message: string;
}

/** What is wrong with a plan for a strategy; null when nothing is. */
export function planIssue(strategy: Strategy, input: z.output<typeof planInput>): PlanIssue | null {
  if (input.replicas && strategy !== "rolling") {
    const message = `A ${strategy} roll-out does not change replicas; leave them out.`;
    return { member: "replicas", message };
  }
  if (!input.steps) return null;
  if (strategy !== "canary" && strategy !== "rolling") {
    const message = `A ${strategy} roll-out has no steps of its own; leave them out.`;
    return { member: "steps", message };
  }
  const isGrowing = input.steps.every(
    (step, i) => step.weight > (input.steps?.[i - 1]?.weight ?? 0),
  );
  const message = "Each step must have a larger weight than the one before, from 1 to 100.";
  return isGrowing ? null : { member: "steps", message };
}
