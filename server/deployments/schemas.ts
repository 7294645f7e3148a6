import { z } from "zod";
import { pageOf, pageQuery } from "@/server/kernel/paging";
import {
  DEPLOYMENT_EVENT_KINDS,
  DEPLOYMENT_STATUSES,
  ENVIRONMENTS,
  MODEL_RUNTIMES,
  REPLICAS_MAX,
  VARIANT_ROLES,
  VARIANT_STATUSES,
} from "./constants";
import { planInput, planIssue, strategySchema } from "./roll-outs/plan";
import { changeFields, rollOutDto } from "./roll-outs/schemas";

const UUID_FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Names are the model name of the Open Inference Protocol and a URL segment. */
export const deploymentName = z
  .string()
  .trim()
  .min(1)
  .max(128)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
    "may hold letters, digits, dots, dashes and underscores, and begins with a letter or digit",
  )
  .refine((name) => !UUID_FORM.test(name), "may not look like an id");

const replicas = z.int().min(1).max(REPLICAS_MAX);

const deployFields = z.strictObject({
  versionId: z.uuid().describe("The model version that shall answer."),
  name: deploymentName,
  environment: z.enum(ENVIRONMENTS),
  minReplicas: replicas
    .optional()
    .describe(
      "Inference nodes that hold the version; 1 if absent. A deployment that scales by itself keeps its bounds.",
    ),
  maxReplicas: replicas.optional().describe("At least `minReplicas`, which it is if absent."),
  runtime: z
    .enum(MODEL_RUNTIMES)
    .optional()
    .describe(
      "How a model that MLflow logged natively is served: `onnx`, which it is if absent, converts it for every node; `native` has Python nodes run XGBoost, LightGBM and skops as they are. A version keeps the form it was first deployed in.",
    ),
  strategy: strategySchema.default("direct"),
  plan: planInput.prefault({}).describe("Steps, analysis and end of the roll-out."),
  comment: z.string().trim().max(1000).optional().describe("Why; shown on the timeline."),
});

const orderedReplicas = (value: {
  minReplicas?: number | undefined;
  maxReplicas?: number | undefined;
}) => (value.maxReplicas ?? REPLICAS_MAX) >= (value.minReplicas ?? 1);
const replicasIssue = { path: ["maxReplicas"], message: "must be at least minReplicas" };

type Fields = z.output<typeof deployFields>;
function checkPlan({ value, issues }: z.core.ParsePayload<Pick<Fields, "strategy" | "plan">>) {
  const issue = planIssue(value.strategy, value.plan);
  if (!issue) return;
  const { member, message } = issue;
  issues.push({ code: "custom", path: ["plan", member], message, input: value.plan });
}

export const deployBody = deployFields.refine(orderedReplicas, replicasIssue).check(checkPlan);

const modelRef = z.string().min(1).max(200);
/** `model` is an id or a name. */
export const deployInput = deployFields
  .extend({ model: modelRef })
  .refine(orderedReplicas, replicasIssue)
  .check(checkPlan);

/** An id, or the name of a deployment that is not deleted. */
export const deploymentRef = z.string().min(1).max(128);
export const deploymentParams = z.object({ deployment: deploymentRef });
export const deployParams = z.object({ model: modelRef });
export const deployReply = z.object({
  deploymentId: z.uuid(),
  /** null when the version serves already. */
  rollOutId: z.uuid().nullable(),
});

/** Going back may say what it was decided on, and why. */
export const rollBackInput = changeFields.extend(deploymentParams.shape);

export const listDeploymentsInput = pageQuery.extend({
  environment: z.enum(ENVIRONMENTS).optional(),
  status: z
    .enum(DEPLOYMENT_STATUSES)
    .optional()
    .describe("`inactive` lists deleted deployments, which no other list shows."),
  model: modelRef.optional().describe("Id or name of the model."),
  search: z.string().trim().max(200).optional().describe("Part of the name."),
  sort: z.enum(["createdAt", "updatedAt", "name"]).default("createdAt"),
});

export const variantDto = z.object({
  id: z.uuid(),
  name: z.string(),
  versionId: z.uuid(),
  versionNumber: z.int(),
  /** Percent of the deployment's traffic. */
  weight: z.int(),
  /** Percent of the deployment's replicas that hold it while a roll-out moves them; null for all. */
  replicaShare: z.int().nullable(),
  role: z.enum(VARIANT_ROLES),
  status: z.enum(VARIANT_STATUSES),
  createdAt: z.string(),
  activatedAt: z.string().nullable(),
  retiredAt: z.string().nullable(),
});
export type VariantDto = z.infer<typeof variantDto>;

export const deploymentDto = z.object({
  id: z.uuid(),
  name: z.string(),
  modelId: z.uuid(),
  modelName: z.string(),
  environment: z.enum(ENVIRONMENTS),
  status: z.enum(DEPLOYMENT_STATUSES),
  /** Why the last roll-out failed; null when it did not. */
  error: z.string().nullable(),
  minReplicas: z.int(),
  maxReplicas: z.int(),
  /** Nodes that should hold its versions now; 0 while it is idle. */
  replicas: z.int(),
  /** Whether replicas follow the measured load; else they are set by hand. */
  isAutoscaled: z.boolean(),
  /** Counts changes of traffic and roll-outs; `expectedRevision` of a change refers to it. */
  revision: z.int(),
  /** What answers now; of several, the one with the largest share. */
  activeVersion: variantDto.nullable(),
  /** What is being loaded. */
  pendingVersion: variantDto.nullable(),
  /** What a rollback would bring back; null when there is nothing to go back to. */
  rollbackVersion: variantDto.nullable(),
  createdBy: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
  deletedAt: z.string().nullable(),
});
export type DeploymentDto = z.infer<typeof deploymentDto>;

/** With every variant it ever had, newest first, at most 100. */
export const deploymentDetailDto = deploymentDto.extend({
  variants: z.array(variantDto),
  /** The roll-out under way, the newest of several; null when there is none. */
  rollOut: rollOutDto.nullable(),
});
export type DeploymentDetailDto = z.infer<typeof deploymentDetailDto>;

export const deploymentPage = pageOf(deploymentDto);

export const scaleBody = z.strictObject({
  replicas: replicas.describe("Inference nodes that hold the deployment's versions."),
});
export const scaleInput = scaleBody.extend(deploymentParams.shape);

export const listEventsQuery = pageQuery;
export const listEventsInput = pageQuery.extend({ deployment: deploymentRef });

const measured = z.object({
  requests: z.int(),
  /** Share of replies with status 500 and above, 0 to 1. */
  errorRate: z.number().nullable(),
  p99Ms: z.number().nullable(),
});
export const effectDto = z.object({
  /** Length of each of the two windows. */
  minutes: z.int(),
  before: measured,
  after: measured,
});
export type EffectDto = z.infer<typeof effectDto>;

export const deploymentEventDto = z.object({
  id: z.uuid(),
  kind: z.enum(DEPLOYMENT_EVENT_KINDS),
  versionId: z.uuid().nullable(),
  versionNumber: z.int().nullable(),
  /** Who did it, as shown to people. */
  actorName: z.string(),
  message: z.string(),
  /** Why, in the words of who did it. */
  comment: z.string().nullable(),
  /** What was measured before and after a change of traffic; null until it was. */
  effect: effectDto.nullable(),
  at: z.string(),
});
export type DeploymentEventDto = z.infer<typeof deploymentEventDto>;

export const healthDto = z.object({
  status: z.enum(DEPLOYMENT_STATUSES),
  /** healthy: every wanted replica is loaded. degraded: it answers, with fewer. unhealthy: it cannot answer. idle: the next request loads it. */
  health: z.enum(["healthy", "degraded", "unhealthy", "idle"]),
  replicas: z.object({ min: z.int(), max: z.int(), wanted: z.int(), ready: z.int() }),
  nodes: z.array(z.object({ node: z.string(), reachable: z.boolean(), loaded: z.boolean() })),
  /** Where a cluster runs its nodes; `message` says what is in the way. */
  pods: z.object({ replicas: z.int(), ready: z.int(), message: z.string().nullable() }).nullable(),
  lastError: z.string().nullable(),
  /** Requests of the last five minutes; errors are replies of status 500 and above. */
  recent: z.object({
    minutes: z.int(),
    requests: z.int(),
    errors: z.int(),
    errorRate: z.number(),
  }),
  checkedAt: z.string(),
});
export type HealthDto = z.infer<typeof healthDto>;
