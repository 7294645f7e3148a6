import type { Context } from "@/server/kernel/context";
import type { Log } from "@/server/kernel/log";
import type { TrainingBackend } from "../backends/backend";

/** How often things happen, milliseconds. */
export interface Timings {
  /** A lease that is not renewed for so long is free for others. */
  leaseMs: number;
  heartbeatMs: number;
  /** Between two looks at a trainer's state and output. */
  watchMs: number;
  /** Between two looks at the queue; a notification comes first as a rule. */
  pollMs: number;
  /** From asking a trainer to end until it is ended. */
  graceMs: number;
  /** The same when the worker itself is asked to end. */
  shutdownGraceMs: number;
  timeLimitMs: number;
  retryDelayMs: (attempt: number) => number;
}

export const TIMINGS: Timings = {
  leaseMs: 15_000,
  heartbeatMs: 5_000,
  watchMs: 500,
  pollMs: 1_000,
  graceMs: 10_000,
  shutdownGraceMs: 3_000,
  timeLimitMs: 6 * 3600 * 1000,
  retryDelayMs: (attempt) => 5_000 * 4 ** (attempt - 1),
};

/** Whether trainers can start; while they cannot, queued jobs wait and say why. */
export type Readiness =
  | { state: "ready" }
  | { state: "waiting"; message: string }
  | { state: "failed"; message: string };

export interface DispatcherOptions {
  jobContext: (workspaceId: string, name: string) => Context;
  backend: TrainingBackend;
  /** Trainers at the same time. */
  slots: number;
  readiness: () => Readiness;
  /** Where trainers reach our server. */
  trackingUrl: string;
  log: Log;
  timings: Timings;
}
