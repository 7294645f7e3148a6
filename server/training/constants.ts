export const JOB_STATUSES = ["queued", "running", "completed", "failed", "cancelled"] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** A job in one of these never changes again. */
export const FINISHED: readonly JobStatus[] = ["completed", "failed", "cancelled"];
export const isFinished = (status: string): boolean =>
  (FINISHED as readonly string[]).includes(status);

/** Starts of a trainer before the job fails: it crashed, or asked to be tried again. */
export const ATTEMPTS_MAX = 3;

/** Output that is kept of one job, bytes; the rest is dropped with a line that says so. */
export const LOG_BYTES_MAX = 10 * 1024 * 1024;

export const PRIORITY_MAX = 100;

/** How a trainer ends, besides 0: see the README of this slice. */
export const EXIT = { badInput: 64, retry: 75, cancelled: 143 } as const;

/** Tags a trainer leaves on its run. */
export const TAGS = { progress: "modelyard.progress", error: "modelyard.error" } as const;

/** The run artifact in which a trainer says what it made. */
export const RESULT_PATH = "modelyard/result.json";

export const ENVIRONMENT_STATUSES = ["preparing", "ready", "failed"] as const;
