import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { getRun } from "@/server/experiments";
import { listVersions } from "@/server/registry";
import { cancelJob, failJob, type JobDto, listJobs } from "@/server/training";
import { startOf } from "@/server/training/backends/local/process-identity";
import { asOwner } from "../support/database";
import { createTrainingLab, csv, ended, type TrainingLab } from "./support/training-lab";

let lab: TrainingLab;
beforeAll(async () => {
  lab = await createTrainingLab();
  await lab.worker("by-dataset", { slots: 4 });
});
afterAll(() => lab.close());

/** Starts a job whose trainer behaves as named. */
const begin = async (behavior: string): Promise<string> => {
  // A row of its own, so that each dataset is another content.
  const datasetId = await lab.upload(`${csv()}1,1,${behavior},,1,yes\n`, behavior);
  return lab.start({ datasetId });
};
const finish = async (behavior: string): Promise<JobDto> =>
  lab.until(await begin(behavior), ended, 40_000);

const versionsOf = async (job: JobDto) => {
  const { items } = await listVersions(lab.a.as("viewer"), { model: "churn" });
  return items.filter((version) => version.trainingJobId === job.id);
};

/** What must hold however a job failed. */
async function expectFailed(job: JobDto, words: RegExp, attempts: number): Promise<void> {
  expect(job).toMatchObject({ status: "failed", versionId: null, attempt: attempts });
  expect(job.error).toMatch(words);
  expect(await versionsOf(job)).toEqual([]);
  const run = await getRun(lab.a.as("viewer"), { runId: job.runId });
  expect(run.status).toBe("FAILED");
  const keys = await asOwner(
    lab.world.db.ownerUrl,
    "select 1 from api_keys where run_id = $1 and revoked_at is null",
    [job.runId],
  );
  expect(keys).toEqual([]);
}

describe("a trainer that", () => {
  it("crashes each time is started three times, then its last words are the error", async () => {
    const job = await finish("crash");
    await expectFailed(job, /exit code 139 .*3 attempts.*Segmentation fault in layer 3/, 3);
    expect(await lab.log(job.id)).toMatch(/Attempt 2 of 3[\s\S]*Attempt 3 begins/);
  });

  it("is killed by the system counts as crashed and names the signal", async () => {
    await expectFailed(await finish("kill-itself"), /SIGKILL/, 3);
  });

  it("crashes once succeeds at the second attempt with one version", async () => {
    const job = await finish("crash-once");
    expect(job).toMatchObject({ status: "completed", attempt: 2, error: null });
    expect(await versionsOf(job)).toHaveLength(1);
  });

  it("asks to be tried again is", async () => {
    expect(await finish("retry-once")).toMatchObject({ status: "completed", attempt: 2 });
  });

  it("refuses the data is never started again and its words are the error", async () => {
    await expectFailed(await finish("bad-data"), /^Column a holds text in row 17\.$/, 1);
  });

  it("explains its failure is not started again", async () => {
    await expectFailed(await finish("explained"), /parity check failed over 40 rows/, 1);
  });

  it("says success without a result makes no version and a failed job that says why", async () => {
    await expectFailed(await finish("no-result"), /modelyard\/result\.json/, 1);
  });

  it("reports label flips makes no version", async () => {
    await expectFailed(await finish("no-parity"), /2 labels differ/, 1);
  });

  it("lists a file it did not upload makes no version", async () => {
    await expectFailed(await finish("liar"), /model\.onnx is not the file/, 1);
  });

  it("prints 100 MB completes; 10 MiB are kept and the cut is said", async () => {
    const job = await finish("flood");
    expect(job.status).toBe("completed");
    const log = await lab.log(job.id);
    expect(log.length).toBeGreaterThan(10 * 1024 * 1024 - 100);
    expect(log.length).toBeLessThan(10 * 1024 * 1024 + 1000);
    expect(log.slice(-100)).toMatch(/log truncated: only the first 10 MiB are kept\n$/);
  });

  it("prints bytes that are no text harms nothing and keeps every offset", async () => {
    const job = await finish("dirty");
    expect(job.status).toBe("completed");
    expect(await lab.log(job.id)).toContain("a??é??\nstarting");
  });

  it("sees no secret of the product in its environment", async () => {
    process.env.MODELYARD_SECRET = "the-secret-of-the-product-0123456789";
    const log = await lab.log((await finish("secrets")).id);
    delete process.env.MODELYARD_SECRET;
    const line = log.split("\n").find((one) => one.startsWith("{")) ?? "{}";
    const seen = JSON.parse(line);
    expect(Object.keys(seen)).not.toContain("MODELYARD_SECRET");
    expect(Object.keys(seen).filter((name) => /DATABASE|SECRET|ADMIN/.test(name))).toEqual([]);
    expect(seen.MLFLOW_TRACKING_TOKEN).toMatch(/^mdy_/);
  });

  it("leaves processes behind has them ended with it", async () => {
    const job = await finish("family");
    const pid = Number(/child (\d+)/.exec(await lab.log(job.id))?.[1]);
    expect(pid).toBeGreaterThan(0);
    await expect.poll(() => startOf(pid)).toBe("");
  });
});

describe("cancelling", () => {
  it("ends a running trainer, marks job and run, and leaves no version", async () => {
    const jobId = await begin("hang");
    await lab.until(jobId, (job) => job.progress === 0.25);
    const asked = await cancelJob(lab.a.as("data_scientist"), { job: jobId });
    expect(asked).toMatchObject({ status: "running", cancelRequested: true });
    const job = await lab.until(jobId, ended);
    expect(job).toMatchObject({ status: "cancelled", error: null, versionId: null });
    const run = await getRun(lab.a.as("viewer"), { runId: job.runId });
    expect(run.status).toBe("KILLED");
    expect(await lab.log(jobId)).toMatch(/The training was cancelled\.\n$/);
  });

  it("ends a trainer that ignores SIGTERM after the grace", async () => {
    const jobId = await begin("stubborn");
    await lab.until(jobId, (job) => job.status === "running");
    await expect.poll(() => lab.log(jobId), { timeout: 30_000 }).toContain("stubborn");
    await cancelJob(lab.a.as("admin"), { job: jobId });
    expect(await lab.until(jobId, ended)).toMatchObject({ status: "cancelled" });
    expect(await lab.log(jobId)).toContain("not yet");
  });
});

it("a job that background work gives up takes its running trainer with it", async () => {
  const jobId = await begin("hang");
  await lab.until(jobId, (job) => job.progress === 0.25);
  const folder = join(lab.home, "training", "jobs", jobId, "attempt-1");
  const { pid } = JSON.parse(await readFile(join(folder, "trainer.json"), "utf8"));
  await failJob(lab.a.job(), { jobId, error: "given up" });
  await expect.poll(() => startOf(pid), { timeout: 30_000 }).toBe("");
  await expectFailed(await lab.until(jobId, ended), /given up/, 1);
});

it("keeps the work folders of failed trainers for whoever looks into it, and no others", async () => {
  const { items } = await listJobs(lab.a.as("viewer"), { status: "failed", limit: 200 });
  const kept = await readdir(join(lab.home, "training", "jobs"));
  const failed = items.map((job) => job.id);
  expect(kept.filter((id) => !failed.includes(id))).toEqual([]);
  expect(kept.length).toBeGreaterThanOrEqual(4);
});
