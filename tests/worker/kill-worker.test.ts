import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { getRun } from "@/server/experiments";
import { listVersions } from "@/server/registry";
import type { JobDto } from "@/server/training";
import { asOwner } from "../support/database";
import { createTrainingLab, ended, type TrainingLab } from "../training/support/training-lab";
import { killAllWorkers, spawnWorker } from "./support/spawn-worker";

let lab: TrainingLab;
beforeAll(async () => {
  lab = await createTrainingLab();
});
// The worker of a test that failed would take the job of the next.
afterEach(killAllWorkers);
afterAll(() => lab.close());

/** Printed with a failure, so that the moments can be repeated. */
const SEED = Number(process.env.KILL_SEED ?? Math.floor(Math.random() * 1e9));
let state = SEED;
/** Mulberry32, a number from 0 to 1. */
function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

/** One version, one run that ended well, each step's metric once, nothing kept in the log twice. */
async function expectWhole(job: JobDto, steps: number): Promise<void> {
  expect(job, `seed ${SEED}`).toMatchObject({ status: "completed", error: null });
  const { items } = await listVersions(lab.a.as("viewer"), { model: "churn", limit: 200 });
  const mine = items.filter((version) => version.trainingJobId === job.id);
  expect(mine.map((version) => version.id)).toEqual([job.versionId]);
  const run = await getRun(lab.a.as("viewer"), { runId: job.runId });
  expect(run.status).toBe("FINISHED");
  const points = await asOwner<{ step: number; value: number }>(
    lab.world.db.ownerUrl,
    "select step::int, value from run_metrics where run_id = $1 and key = 'loss' order by step, timestamp",
    [job.runId],
  );
  const expected = Array.from({ length: steps }, (_, i) => ({
    step: i + 1,
    value: Math.round(1e6 / (i + 1)) / 1e6,
  }));
  expect(points, `seed ${SEED}`).toEqual(expected);
  const audit = await asOwner<{ action: string; n: number }>(
    lab.world.db.ownerUrl,
    "select action, count(*)::int as n from audit_log where subject_id = $1 and action in ('training_job.completed', 'training_job.created') group by 1 order by 1",
    [job.id],
  );
  expect(audit).toEqual([
    { action: "training_job.completed", n: 1 },
    { action: "training_job.created", n: 1 },
  ]);
}

const stepsSaid = (log: string): number[] =>
  [...log.matchAll(/^step (\d+) of/gm)].map((match) => Number(match[1]));

it("kill -9 of the worker at ten random moments of one training: it completes once, in one attempt", {
  timeout: 600_000,
}, async () => {
  const steps = 120;
  const environment = { FAKE_STEPS: String(steps), FAKE_STEP_MS: "300" };
  let worker = spawnWorker(lab, environment);
  await worker.ready;
  const jobId = await lab.start();
  let kills = 0;
  while (kills < 10) {
    await sleep(random() * 2_500);
    const [job] = await asOwner<{ status: string; trained_at: string | null }>(
      lab.world.db.ownerUrl,
      "select status, trained_at from training_jobs where id = $1",
      [jobId],
    );
    expect(job?.trained_at, "the training must outlast the kills").toBeNull();
    await worker.kill("SIGKILL");
    kills += 1;
    worker = spawnWorker(lab, environment);
  }
  const job = await lab.until(jobId, ended, 300_000);
  await worker.kill("SIGTERM");
  expect(job.attempt).toBe(1);
  await expectWhole(job, steps);
  // The trainer itself never noticed, and its output is there once.
  expect(stepsSaid(await lab.log(jobId))).toEqual(Array.from({ length: steps }, (_, i) => i + 1));
});

it("kill -9 of the worker at a random moment of each of ten short trainings: each completes once", {
  timeout: 600_000,
}, async () => {
  const environment = { FAKE_STEPS: "6", FAKE_STEP_MS: "60" };
  let worker = spawnWorker(lab, environment);
  await worker.ready;
  for (let round = 0; round < 10; round++) {
    const jobId = await lab.start({ seed: round });
    await sleep(random() * 1_600);
    await worker.kill("SIGKILL");
    worker = spawnWorker(lab, environment);
    const job = await lab.until(jobId, ended, 200_000);
    await expectWhole(job, 6);
  }
  await worker.kill("SIGTERM");
});

it("a machine that loses worker and trainer at once goes on from the checkpoint", {
  timeout: 300_000,
}, async () => {
  const environment = { FAKE_STEPS: "60", FAKE_STEP_MS: "100" };
  let worker = spawnWorker(lab, environment);
  const jobId = await lab.start();
  await lab.until(jobId, (job) => job.progress >= 0.3, 200_000);
  const folder = join(lab.home, "training", "jobs", jobId, "attempt-1");
  const { pid } = JSON.parse(await readFile(join(folder, "launcher.json"), "utf8"));
  await worker.kill("SIGKILL");
  process.kill(-pid, "SIGKILL");
  worker = spawnWorker(lab, environment);
  const job = await lab.until(jobId, ended, 200_000);
  await worker.kill("SIGTERM");
  expect(job.attempt).toBe(2);
  await expectWhole(job, 60);
  expect(await lab.log(jobId)).toMatch(/Attempt 2 begins\.\n(resuming at step \d+)/);
});

it("a worker that is asked to end stops its trainer and gives the job back; the next one goes on", {
  timeout: 300_000,
}, async () => {
  const environment = { FAKE_STEPS: "60", FAKE_STEP_MS: "100" };
  const first = spawnWorker(lab, environment);
  const jobId = await lab.start();
  await lab.until(jobId, (job) => job.progress >= 0.3, 200_000);
  await first.kill("SIGTERM");
  const waiting = await lab.until(jobId, () => true);
  expect(waiting).toMatchObject({ status: "queued", attempt: 0 });
  const second = spawnWorker(lab, environment);
  const job = await lab.until(jobId, ended, 200_000);
  await second.kill("SIGTERM");
  expect(job.attempt).toBe(1);
  await expectWhole(job, 60);
});
