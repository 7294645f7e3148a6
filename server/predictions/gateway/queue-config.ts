import type { DeploymentSettings } from "@/server/deployments";
import type { ModelConfig } from "@/server/node/models/load-request";

/** Batching settings as a node's load request names them. */
export const queueConfig = (settings: DeploymentSettings["batching"]): ModelConfig => ({
  mode: settings.mode,
  max_batch_size: settings.maxBatchSize,
  preferred_batch_size: settings.preferredBatchSizes,
  max_queue_delay_microseconds: settings.maxQueueDelayMicroseconds,
  max_queue_size: settings.maxQueueSize,
  default_timeout_microseconds: settings.queueTimeoutMs * 1000,
  allow_timeout_override: settings.allowTimeoutOverride,
  priority_levels: settings.priorityLevels,
  ...(settings.defaultPriorityLevel === null
    ? {}
    : { default_priority_level: settings.defaultPriorityLevel }),
});
