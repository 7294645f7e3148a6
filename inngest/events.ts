import { eventType } from "inngest";
import { z } from "zod";
import { DELIVERY_REQUESTED, TOLD_EVENTS } from "@/server/webhooks/constants";

const ofJob = z.object({
  workspaceId: z.uuid(),
  jobId: z.uuid(),
  runId: z.uuid(),
  modelId: z.uuid(),
});

/**
 * Events that functions react to. Verbs write them to the outbox in the transaction of the change;
 * payloads hold ids, not rows.
 */
export const trainingRequested = eventType("training/job.requested", { schema: ofJob });
/** The trainer is no more: its version can be registered, or the job failed. */
export const trainingFinished = eventType("training/job.finished", { schema: ofJob });

export const rolloutRequested = eventType("deployments/rollout.requested", {
  schema: z.object({ workspaceId: z.uuid(), deploymentId: z.uuid(), variantId: z.uuid() }),
});
/** Somebody paused, resumed, promoted or ended it. */
export const rolloutChanged = eventType("deployments/rollout.changed", {
  schema: z.object({ workspaceId: z.uuid(), deploymentId: z.uuid(), variantId: z.uuid() }),
});
/** A run has made many looks and hands the roll-out on to a fresh one. */
export const rolloutContinued = eventType("deployments/rollout.continued", {
  schema: z.object({ workspaceId: z.uuid(), deploymentId: z.uuid(), variantId: z.uuid() }),
});
export const trafficChanged = eventType("deployments/traffic.changed", {
  schema: z.object({ workspaceId: z.uuid(), deploymentId: z.uuid(), eventId: z.uuid() }),
});
export const deploymentDeleted = eventType("deployments/deployment.deleted", {
  schema: z.object({ workspaceId: z.uuid(), deploymentId: z.uuid() }),
});

const ofBatchJob = z.object({ workspaceId: z.uuid(), jobId: z.uuid(), attempt: z.number().int() });
/** A batch job may start, at once or when there is room for it. */
export const batchJobRequested = eventType("predictions/batch_job.requested", {
  schema: ofBatchJob,
});
/** A run has worked many turns and hands the job on to a fresh one. */
export const batchJobContinued = eventType("predictions/batch_job.continued", {
  schema: ofBatchJob.extend({ takesOver: z.string().optional() }),
});

/** Somebody asked to move a version to a stage, and people decide. */
export const approvalRequested = eventType("registry/approval.requested", {
  schema: z.object({
    workspaceId: z.uuid(),
    approvalId: z.uuid(),
    modelId: z.uuid(),
    versionId: z.uuid(),
  }),
});

/** What a change about a model is about; beside the model it differs. */
export const registryChange = z.object({
  workspaceId: z.uuid(),
  modelId: z.uuid(),
  versionId: z.uuid().optional(),
  approvalId: z.uuid().optional(),
  jobId: z.uuid().optional(),
  key: z.string().optional(),
  alias: z.string().optional(),
  from: z.string().optional(),
  to: z.string().optional(),
});
const changes = (names: readonly string[]) =>
  names.map((name) => eventType(name, { schema: registryChange }));
const isOfModel = (name: string) => name.startsWith("registry/model.");
/** The changes of the registry that webhooks may be told of: of models, and of their versions. */
export const modelChanged = changes(TOLD_EVENTS.filter(isOfModel));
export const versionChanged = changes(TOLD_EVENTS.filter((name) => !isOfModel(name)));

export const deliveryRequested = eventType(DELIVERY_REQUESTED, {
  schema: z.object({
    workspaceId: z.uuid(),
    webhookId: z.uuid(),
    deliveryId: z.uuid(),
    /** Another one for each time somebody asks for the delivery. */
    turn: z.string(),
  }),
});

export const benchmarkRequested = eventType("registry/benchmark.requested", {
  schema: z.object({ workspaceId: z.uuid(), benchmarkId: z.uuid(), modelId: z.uuid() }),
});
