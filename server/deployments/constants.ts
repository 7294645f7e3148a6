export const ENVIRONMENTS = ["development", "staging", "production"] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/**
 * pending: waits for its first version. deploying: a version is being loaded; an earlier one still
 * answers, if there was one. active: answers with the version it was asked to. rolled_back: answers
 * with the version before, until the next roll-out or rollback. failed: the first version could not
 * be loaded, nothing answers. inactive: deleted, takes no traffic.
 */
export const DEPLOYMENT_STATUSES = [
  "pending",
  "deploying",
  "active",
  "inactive",
  "failed",
  "rolled_back",
] as const;
export type DeploymentStatus = (typeof DEPLOYMENT_STATUSES)[number];

export const VARIANT_STATUSES = ["loading", "active", "retired", "failed"] as const;
export type VariantStatus = (typeof VARIANT_STATUSES)[number];

export const DEPLOYMENT_EVENT_KINDS = [
  "requested",
  "loading",
  "activated",
  "superseded",
  "failed",
  "rolled_back",
  "deleted",
] as const;
export type DeploymentEventKind = (typeof DEPLOYMENT_EVENT_KINDS)[number];

/** Events that background work reacts to. */
export const ROLLOUT_REQUESTED = "deployments/rollout.requested";
export const DEPLOYMENT_DELETED = "deployments/deployment.deleted";

/** Replicas one deployment may ask for. */
export const REPLICAS_MAX = 100;
