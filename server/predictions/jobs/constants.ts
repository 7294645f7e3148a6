export const BATCH_JOB_STATUSES = [
  "queued",
  "running",
  "completed",
  "failed",
  "cancelled",
] as const;
export type BatchJobStatus = (typeof BATCH_JOB_STATUSES)[number];

export const isOver = (status: BatchJobStatus): boolean =>
  status === "completed" || status === "failed" || status === "cancelled";

/** Jobs of one workspace that run at the same time; the others wait in the order they came. */
export const RUNNING_MAX = 2;
/** Jobs of one workspace that may wait. */
export const QUEUED_MAX = 200;
/** Rows without an answer whose reasons are kept. */
export const ERRORS_KEPT_MAX = 10_000;
/** Largest number of rows without an answer that a job can be told to bear. */
export const MAX_ERRORS_MAX = 2_000_000_000;
/** Columns of the dataset a result may repeat. */
export const COLUMNS_MAX = 2_000;
