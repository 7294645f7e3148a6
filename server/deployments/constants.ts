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
  "step",
  "activated",
  "paused",
  "resumed",
  "awaiting_promotion",
  "aborted",
  "superseded",
  "failed",
  "rolled_back",
  "traffic_set",
  "settings_changed",
  "scaled",
  "deleted",
] as const;
export type DeploymentEventKind = (typeof DEPLOYMENT_EVENT_KINDS)[number];

/**
 * direct: all traffic at once. rolling: replica by replica. blue_green: all traffic at once, the
 * version before kept warm while it bakes. canary: a share that grows. shadow: copies of requests,
 * answers to nobody.
 */
export const STRATEGIES = ["direct", "rolling", "blue_green", "canary", "shadow"] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** What a variant is for. A candidate or shadow belongs to a roll-out; a shadow answers nobody. */
export const VARIANT_ROLES = ["stable", "candidate", "shadow"] as const;
export type VariantRole = (typeof VARIANT_ROLES)[number];

/**
 * pending: asked for. loading: nodes load it. progressing: its step bakes. paused: stands still until
 * somebody resumes it; it is still watched. awaiting_promotion: passed every step and waits for a
 * person. The rest are ends: promoted, rolled_back (by its analysis), aborted (by a person), failed
 * (could not be loaded), superseded (by a newer one).
 */
export const ROLL_OUT_STATES = [
  "pending",
  "loading",
  "progressing",
  "paused",
  "awaiting_promotion",
  "promoted",
  "rolled_back",
  "aborted",
  "failed",
  "superseded",
] as const;
export type RollOutState = (typeof ROLL_OUT_STATES)[number];

/** States a roll-out can leave. */
export const OPEN_STATES = [
  "pending",
  "loading",
  "progressing",
  "paused",
  "awaiting_promotion",
] as const satisfies readonly RollOutState[];

export const ROLL_OUT_METRICS = [
  "error_share",
  "error_rate",
  "latency_p99",
  "outputs",
  "label_quality",
] as const;
export type RollOutMetric = (typeof ROLL_OUT_METRICS)[number];

export const VERDICTS = ["pass", "hold", "fail"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Events that background work reacts to. */
export const ROLLOUT_REQUESTED = "deployments/rollout.requested";
/** Somebody paused, resumed, promoted or ended a roll-out. */
export const ROLLOUT_CHANGED = "deployments/rollout.changed";
/** Traffic moved; what that did is measured later. */
export const TRAFFIC_CHANGED = "deployments/traffic.changed";
export const DEPLOYMENT_DELETED = "deployments/deployment.deleted";

/** Replicas one deployment may ask for. */
export const REPLICAS_MAX = 100;

/** What gives deployments their nodes; a further one needs its name here and its line in scaling/open-backend.ts. */
export const SCALING_BACKENDS = ["local", "fixed", "kubernetes"] as const;
export type ScalingBackendName = (typeof SCALING_BACKENDS)[number];

/** How a natively logged model is served. */
export const MODEL_RUNTIMES = ["onnx", "native"] as const;
export type ModelRuntime = (typeof MODEL_RUNTIMES)[number];

/** The label by which a supervisor's further nodes are told from others; its value names the supervisor. */
export const NODE_GROUP_LABEL = "modelyard/group";

/** The same of the Python node that a supervisor always runs: further ones are like it. */
export const FIRST_NODE_LABEL = "modelyard/first";

/** Programs a supervisor runs further nodes of. */
export const LOCAL_NODE_KINDS = ["node", "python"] as const;
export type LocalNodeKind = (typeof LOCAL_NODE_KINDS)[number];
