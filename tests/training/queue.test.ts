import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cancelJob, submitJob } from "@/server/training";
import type { TrainingBackend, TrainingTask } from "@/server/training/backends/backend";
import { ownName } from "@/server/training/backends/local/process-identity";
import { Dispatcher } from "@/server/training/dispatcher/dispatcher";
import { type DispatcherOptions, TIMINGS } from "@/server/training/dispatcher/settings";
import { claimJob } from "@/server/training/queue/claim-job";
import { endAttempt } from "@/server/training/queue/end-attempt";
import { LeaseLost, renewLease } from "@/server/training/queue/lease";
import { asOwner } from "../support/database";
import { createTrainingLab, type TrainingLab } from "./support/training-lab";
import { QUICK } from "./support/worker-options";

let lab: TrainingLab;
beforeAll(async () => {
  lab = await createTrainingLab();
});
afterAll(() => lab.close());
beforeEach(() =>
  asOwner(lab.world.db.ownerUrl, "update training_jobs set status = 'failed', lease_token = null"),
);

const claim = (jobId: string, more: Partial<Parameters<typeof claimJob>[2]> = {}) =>
  claimJob(lab.a.job(), jobId, { owner: "one", leaseMs: 60_000, deadOwners: [], ...more });

const submitted = async (priority = 0): Promise<string> => {
  const jobId = await lab.start({ priority });
  await submitJob(lab.a.job(), { jobId });
  return jobId;
};

/** A place whose trainers live as long as the test says; it counts what starts and how many at once. */
function theatre(lifeMs: (task: TrainingTask) => number) {
  const started: { jobId: string; attempt: number; by: string }[] = [];
  const until = new Map<string, number>();
  let most = 0;
  const stage = (by: string): TrainingBackend => ({
    name: "theatre",
    async submit(task) {
      const key = `${task.jobId}/${task.attempt}`;
      if (!until.has(key)) {
        started.push({ jobId: task.jobId, attempt: task.attempt, by });
        until.set(key, Date.now() + lifeMs(task));
        const now = Date.now();
        most = Math.max(most, [...until.values()].filter((end) => end > now).length);
      }
      return { key };
    },
    async status(handle) {
      if ((until.get(String(handle.key)) ?? 0) > Date.now()) return { state: "running" };
      const exit = { exitCode: 0, signal: null, reason: "exit", lastError: "" } as const;
      return { state: "ended", exit };
    },
    logs: async () => Buffer.alloc(0),
    cancel: async (handle) => void until.set(String(handle.key), 0),
    forget: async () => undefined,
    release: async () => undefined,
  });
  return { started, stage, most: () => most };
}

const dispatcherOf = (
  backend: TrainingBackend,
  slots: number,
  more: Partial<DispatcherOptions> = {},
) =>
  new Dispatcher(lab.server.runtime.db.pool, {
    jobContext: lab.server.runtime.jobContext,
    backend,
    slots,
    readiness: () => ({ state: "ready" }),
    trackingUrl: lab.server.url,
    log: lab.server.runtime.log,
    timings: { ...TIMINGS, ...QUICK, watchMs: 30, pollMs: 50 },
    ...more,
  });

const trained = async (jobIds: string[]): Promise<boolean> => {
  const rows = await asOwner(
    lab.world.db.ownerUrl,
    "select 1 from training_jobs where id = any($1) and trained_at is not null",
    [jobIds],
  );
  return rows.length === jobIds.length;
};

describe("the queue", () => {
  it("starts by priority, then in the order of asking, one slot at a time", async () => {
    const asked = [0, 5, 0, -3, 5, 1];
    const jobs: { id: string; priority: number }[] = [];
    for (const priority of asked) jobs.push({ id: await submitted(priority), priority });
    const { started, stage, most } = theatre(() => 40);
    const dispatcher = dispatcherOf(stage("one"), 1);
    await dispatcher.start();
    await expect.poll(() => trained(jobs.map(({ id }) => id)), { timeout: 30_000 }).toBe(true);
    await dispatcher.stop();
    const expected = jobs.toSorted((a, b) => b.priority - a.priority).map(({ id }) => id);
    expect(started.map(({ jobId }) => jobId)).toEqual(expected);
    expect(most()).toBe(1);
  });

  it("whatever the slots, workers and lives: every job starts once, and never more than the slots", {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            priority: fc.integer({ min: -2, max: 2 }),
            lifeMs: fc.integer({ min: 0, max: 120 }),
          }),
          { minLength: 1, maxLength: 8 },
        ),
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
        async (jobs, slots) => {
          const lives = new Map<string, number>();
          for (const { priority, lifeMs } of jobs) lives.set(await submitted(priority), lifeMs);
          const ids = [...lives.keys()];
          const { started, stage, most } = theatre((task) => lives.get(task.jobId) ?? 0);
          const dispatchers = slots.map((count, i) => dispatcherOf(stage(`worker ${i}`), count));
          await Promise.all(dispatchers.map((one) => one.start()));
          await expect.poll(() => trained(ids), { timeout: 30_000 }).toBe(true);
          await Promise.all(dispatchers.map((one) => one.stop()));
          expect(started.map(({ jobId }) => jobId).sort()).toEqual(ids.sort());
          expect(most()).toBeLessThanOrEqual(slots.reduce((a, b) => a + b, 0));
        },
      ),
      { numRuns: 6 },
    );
  });

  it("holds what background work has not let in, and a retry until its time", async () => {
    const jobId = await lab.start();
    expect(await claim(jobId)).toBeNull();
    await submitJob(lab.a.job(), { jobId });
    await submitJob(lab.a.job(), { jobId });
    const held = await claim(jobId);
    if (!held) throw new Error("not claimed");
    await endAttempt(held.lease, { kind: "retry", message: "again", delayMs: 60_000 });
    expect(await claim(jobId)).toBeNull();
    await asOwner(
      lab.world.db.ownerUrl,
      "update training_jobs set not_before = now() where id = $1",
      [jobId],
    );
    expect((await claim(jobId))?.job.attempt).toBe(2);
  });

  it("waits for the Python environment and says so; fails jobs when there can be none", async () => {
    const { stage, started } = theatre(() => 0);
    let readiness: ReturnType<DispatcherOptions["readiness"]> = {
      state: "waiting",
      message: "Preparing the Python environment (42 %)",
    };
    const dispatcher = dispatcherOf(stage("one"), 1, { readiness: () => readiness });
    const jobId = await submitted();
    await dispatcher.start();
    const waiting = await lab.until(jobId, (job) => job.message !== null);
    expect(waiting).toMatchObject({
      status: "queued",
      message: "Preparing the Python environment (42 %)",
    });
    readiness = { state: "failed", message: "No trainer can run. Install Python." };
    const failed = await lab.until(jobId, (job) => job.status === "failed");
    expect(failed.error).toBe("No trainer can run. Install Python.");
    await dispatcher.stop();
    expect(started).toEqual([]);
  });
});

describe("a lease", () => {
  it("belongs to one of many workers that grasp for it at the same moment", async () => {
    const jobId = await submitted();
    const claims = await Promise.all(
      Array.from({ length: 8 }, (_, i) => claim(jobId, { owner: `w${i}` })),
    );
    expect(claims.filter(Boolean)).toHaveLength(1);
  });

  it("that ran out goes to the next worker, in the same attempt; the sleeper can write nothing more", async () => {
    const jobId = await submitted();
    const sleeper = await claim(jobId, { leaseMs: 50 });
    await sleep(80);
    const next = await claim(jobId, { owner: "two" });
    expect(next?.job.attempt).toBe(1);
    if (!sleeper || !next) throw new Error("not claimed");
    await expect(renewLease(sleeper.lease)).rejects.toThrow(LeaseLost);
    await expect(endAttempt(sleeper.lease, { kind: "trained" })).rejects.toThrow(LeaseLost);
    expect(await lab.until(jobId, () => true)).toMatchObject({ status: "running" });
    await endAttempt(next.lease, { kind: "failed", error: "because" });
    await expect(endAttempt(next.lease, { kind: "trained" })).rejects.toThrow(LeaseLost);
    expect(await lab.until(jobId, () => true)).toMatchObject({
      status: "failed",
      error: "because",
    });
  });

  it("of a dead process is taken before it runs out, one of a living process is not", async () => {
    const jobId = await submitted();
    const [place, , start] = JSON.parse(await ownName());
    const dead = JSON.stringify([place, 2 ** 22 - 3, start]);
    await claim(jobId, { owner: dead });
    const { stage, started } = theatre(() => 0);
    const dispatcher = dispatcherOf(stage("two"), 1);
    const other = await submitted();
    await claim(other, { owner: await ownName() });
    await dispatcher.start();
    await expect.poll(() => trained([jobId]), { timeout: 30_000 }).toBe(true);
    await dispatcher.stop();
    expect(started.map((one) => one.jobId)).toEqual([jobId]);
  });

  it("keeps the promise of a cancel that came while the trainer ended well", async () => {
    const jobId = await submitted();
    const held = await claim(jobId);
    await cancelJob(lab.a.as("admin"), { job: jobId });
    if (!held) throw new Error("not claimed");
    await endAttempt(held.lease, { kind: "trained" });
    expect(await lab.until(jobId, () => true)).toMatchObject({ status: "cancelled" });
  });
});
