import {
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy, workspaceId } from "../columns";
import { deployments, deploymentVariants } from "./deployments";

/** A version on its way to all traffic of a deployment: how it shall get there, and how far it is. */
export const rollOuts = pgTable(
  "roll_outs",
  {
    workspaceId: workspaceId(),
    id: uuid("id").notNull(),
    deploymentId: uuid("deployment_id").notNull(),
    /** The variant that shall take over. */
    candidateId: uuid("candidate_id").notNull(),
    /** What it is compared with; null before it has traffic, and where nothing answered before. */
    stableId: uuid("stable_id"),
    /** direct, rolling, blue_green, canary, shadow */
    strategy: text("strategy").notNull(),
    /** server/deployments/roll-outs/plan.ts: steps, analysis, what ends it. */
    plan: jsonb("plan").notNull(),
    /** Variants and weights before its first step, which an abort brings back. */
    baseline: jsonb("baseline").notNull().default([]),
    /** server/deployments/constants.ts: pending to promoted. */
    state: text("state").notNull(),
    /** Index into the steps of the plan; -1 before the first. */
    step: integer("step").notNull().default(-1),
    stepStartedAt: instant("step_started_at"),
    /** When the step has baked; null while it is paused. */
    dueAt: instant("due_at"),
    /** What was left to bake when it was paused, milliseconds. */
    remainingMs: integer("remaining_ms"),
    /** A request slower than this counts as slow, microseconds; null until the stable variant has shown enough. */
    slowAboveUs: integer("slow_above_us"),
    /** Slow requests are counted from here on. */
    slowSince: instant("slow_since"),
    /** Why it is in its state, for a person. */
    reason: text("reason"),
    /** Why it was asked for. */
    comment: text("comment"),
    createdBy: text("created_by"),
    createdAt: createdAt(),
    /** When it got its first traffic. */
    startedAt: instant("started_at"),
    finishedAt: instant("finished_at"),
    updatedAt: instant("updated_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    index("roll_outs_deployment").on(t.workspaceId, t.deploymentId, t.createdAt),
    uniqueIndex("roll_outs_candidate").on(t.workspaceId, t.candidateId),
    foreignKey({
      columns: [t.workspaceId, t.deploymentId],
      foreignColumns: [deployments.workspaceId, deployments.id],
    }).onDelete("cascade"),
    foreignKey({
      columns: [t.workspaceId, t.candidateId],
      foreignColumns: [deploymentVariants.workspaceId, deploymentVariants.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);

/** One metric of one look at a roll-out: what was counted, what the test says. */
export const rollOutAnalyses = pgTable(
  "roll_out_analyses",
  {
    workspaceId: workspaceId(),
    id: uuid("id").notNull(),
    rollOutId: uuid("roll_out_id").notNull(),
    /** Counts from 1; the metrics of one look share it. */
    look: integer("look").notNull(),
    step: integer("step").notNull(),
    /** server/deployments/constants.ts: ROLL_OUT_METRICS. */
    metric: text("metric").notNull(),
    stableCount: integer("stable_count").notNull(),
    stableValue: doublePrecision("stable_value"),
    candidateCount: integer("candidate_count").notNull(),
    candidateValue: doublePrecision("candidate_value"),
    /** Of the test; its message names it. */
    statistic: doublePrecision("statistic"),
    /** Valid however often one looks; null where nothing was tested. */
    pValue: doublePrecision("p_value"),
    /** Of the difference candidate − stable, valid however often one looks. */
    lowerBound: doublePrecision("lower_bound"),
    upperBound: doublePrecision("upper_bound"),
    /** pass, hold, fail */
    verdict: text("verdict").notNull(),
    /** The verdict in words. */
    message: text("message").notNull(),
    at: instant("at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    index("roll_out_analyses_roll_out").on(t.workspaceId, t.rollOutId, t.look),
    foreignKey({
      columns: [t.workspaceId, t.rollOutId],
      foreignColumns: [rollOuts.workspaceId, rollOuts.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);
