import { eventType } from "inngest";
import { z } from "zod";

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
export const deploymentDeleted = eventType("deployments/deployment.deleted", {
  schema: z.object({ workspaceId: z.uuid(), deploymentId: z.uuid() }),
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
