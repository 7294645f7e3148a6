export {
  createEmbeddedExecutor,
  type EmbeddedExecutor,
  type ExecutorOptions,
} from "./executor";
export {
  cancelRun,
  countQueue,
  getRun,
  listRuns,
  type QueueCounts,
  type RunDetail,
  type RunFilter,
  type RunSummary,
} from "./queries";
export { createEmbeddedTransport, type EmbeddedTransport } from "./transport";
export type { Log, RunStatus } from "./types";
export { UnsupportedFunctionError } from "./validate-config";
