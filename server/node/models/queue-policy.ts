import type { QueuePolicy } from "@/server/node/batching/batcher";
import type { ModelConfig } from "./load-request";
import type { WarmUp } from "./warm-up";

const ROWS_MAX_DEFAULT = 256;
/** What one call may take by the timing of the warm-up, milliseconds. */
const CALL_MS = 50;
const QUEUE_MAX_DEFAULT = 1000;
const TIMEOUT_MS_DEFAULT = 30_000;

/** The queue of a model as its configuration asks for and its warm-up allows. */
export function queuePolicy(
  config: ModelConfig,
  { rowsAreIndependent, rowMs }: Pick<WarmUp, "rowsAreIndependent" | "rowMs">,
): QueuePolicy {
  const affordable = Math.max(1, Math.floor(CALL_MS / Math.max(rowMs, 1e-3)));
  const rowsMax = config.max_batch_size ?? ROWS_MAX_DEFAULT;
  const priorityLevels = config.priority_levels ?? 0;
  return {
    mode: config.mode ?? modeOf(config),
    rowsMax: rowsAreIndependent ? rowsMax : 0,
    rowsStart: Math.min(rowsMax, affordable),
    rowsPreferred: [...(config.preferred_batch_size ?? [])]
      .filter((rows) => rows <= rowsMax)
      .sort((a, b) => a - b),
    delayMs: (config.max_queue_delay_microseconds ?? 0) / 1000,
    queueMax: config.max_queue_size ?? QUEUE_MAX_DEFAULT,
    timeoutMs: (config.default_timeout_microseconds ?? TIMEOUT_MS_DEFAULT * 1000) / 1000,
    timeoutOverride: config.allow_timeout_override ?? true,
    priorityLevels,
    priorityDefault: Math.min(config.default_priority_level ?? priorityLevels, priorityLevels),
  };
}

/** Who names sizes or delays, as Triton's configurations do, means them. */
function modeOf(config: ModelConfig): QueuePolicy["mode"] {
  const { max_batch_size, preferred_batch_size, max_queue_delay_microseconds } = config;
  const named = max_batch_size ?? preferred_batch_size ?? max_queue_delay_microseconds;
  return named === undefined ? "auto" : "fixed";
}
