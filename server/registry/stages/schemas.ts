import { z } from "zod";
import { gateSchema } from "../gates/schemas";
import {
  GATES_MAX,
  MLFLOW_STAGES,
  REQUEST_DAYS_MAX,
  REVIEWERS_MAX,
  STAGE_COLORS,
  STAGES_MAX,
} from "./constants";

/** Names a stage there is or is not. */
export const stageName = z.string().min(1).max(40).describe("Key of a stage.");

/** What versions hold; harmless in URLs. */
const stageKey = z
  .string()
  .regex(
    /^[a-z][a-z0-9_-]{0,39}$/,
    "must begin with a letter and hold lower-case letters, digits, _ and - only",
  );

export const reviewers = z.strictObject({
  count: z
    .number()
    .int()
    .min(1)
    .max(REVIEWERS_MAX)
    .default(1)
    .describe("How many different people must approve."),
  roles: z
    .array(z.string().min(1).max(40))
    .max(20)
    .default([])
    .describe("Only these roles count; with no role and no person named, anybody who may approve."),
  people: z.array(z.uuid()).max(50).default([]).describe("Ids of people who count as well."),
});
export type Reviewers = z.infer<typeof reviewers>;

/** What people read. */
const title = z.string().normalize("NFKC").trim().min(1).max(60);
const gates = z.array(gateSchema).max(GATES_MAX);

const settings = {
  name: title,
  description: z.string().max(2_000),
  color: z.enum(STAGE_COLORS),
  serving: z.boolean().describe("Versions in it answer real traffic."),
  needsApproval: z.boolean(),
  reviewers,
  gates: gates.describe("Rules a version must meet to enter."),
  archivesPrevious: z.boolean().describe("Versions that were in it are archived on entry."),
  mlflowStage: z.enum(MLFLOW_STAGES).describe("What MLflow's clients see."),
  requestDays: z.number().int().min(1).max(REQUEST_DAYS_MAX),
};

export const createStageInput = z.strictObject({
  key: stageKey,
  name: settings.name,
  description: settings.description.default(""),
  color: settings.color.default("gray"),
  serving: settings.serving.default(false),
  needsApproval: settings.needsApproval.default(false),
  reviewers: settings.reviewers.prefault({}),
  gates: settings.gates.default([]),
  archivesPrevious: settings.archivesPrevious.default(false),
  mlflowStage: settings.mlflowStage.default("None"),
  requestDays: settings.requestDays.default(14),
});

export const stageRef = z.object({ stage: stageName });

export const stageChanges = z.strictObject({
  name: settings.name.optional(),
  description: settings.description.optional(),
  color: settings.color.optional(),
  serving: settings.serving.optional(),
  needsApproval: settings.needsApproval.optional(),
  reviewers: settings.reviewers.optional(),
  gates: settings.gates.optional(),
  archivesPrevious: settings.archivesPrevious.optional(),
  mlflowStage: settings.mlflowStage.optional(),
  requestDays: settings.requestDays.optional(),
});
export const updateStageInput = z.strictObject({ ...stageRef.shape, ...stageChanges.shape });

export const reorderStagesInput = z.strictObject({
  keys: z.array(stageName).min(1).max(STAGES_MAX).describe("Every stage, from left to right."),
});

export const stageDto = z.object({
  key: z.string(),
  name: z.string(),
  description: z.string(),
  color: z.enum(STAGE_COLORS),
  serving: z.boolean(),
  needsApproval: z.boolean(),
  reviewers: z.object({
    count: z.number().int(),
    roles: z.array(z.string()),
    people: z.array(z.string()),
  }),
  gates: z.array(gateSchema),
  archivesPrevious: z.boolean(),
  mlflowStage: z.enum(MLFLOW_STAGES),
  requestDays: z.number().int(),
  /** Versions that are in it now. */
  versionCount: z.number().int(),
});
export type StageDto = z.infer<typeof stageDto>;
/** A stage as the rules see it. */
export type Stage = Omit<StageDto, "versionCount">;

export const stageList = z.object({ items: z.array(stageDto), nextCursor: z.null() });
export type StageList = z.infer<typeof stageList>;
