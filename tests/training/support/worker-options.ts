import { join, resolve } from "node:path";
import type { WorkerOptions } from "@/server/worker/start-worker";

export const TRAINER = resolve("tests/training/support/fake-trainer.mjs");

/** Times short enough for tests; a lease still outlives several heartbeats. */
export const QUICK = {
  leaseMs: 2_000,
  heartbeatMs: 400,
  watchMs: 100,
  pollMs: 200,
  graceMs: 700,
  shutdownGraceMs: 700,
  retryDelayMs: () => 100,
};

/** A worker with quick times whose trainer behaves as named. */
export function workerOptions(
  behavior: string,
  home: string,
  url: string,
  options: Partial<WorkerOptions> = {},
): WorkerOptions {
  return {
    inngest: {},
    folders: {
      home,
      artifacts: join(home, "artifacts"),
      python: join(home, "python"),
      training: join(home, "training"),
    },
    url,
    slots: 2,
    trainer: (specFile) => ({
      program: process.execPath,
      args: [TRAINER, behavior, "--spec", specFile],
    }),
    ...options,
    timings: { ...QUICK, ...options.timings },
  };
}
