import { afterAll, beforeAll, expect, it } from "vitest";
import { getRun } from "@/server/experiments";
import { getVersion } from "@/server/registry";
import { createTrainingLab, ended, type TrainingLab } from "./support/training-lab";

let lab: TrainingLab;
beforeAll(async () => {
  lab = await createTrainingLab();
});
afterAll(() => lab.close());

it("makes one version with its files, metrics and run, and says so on the job", async () => {
  await lab.worker("train");
  const jobId = await lab.start({ version: "1.0.0", seed: 7 });
  const job = await lab.until(jobId, ended);
  expect(job).toMatchObject({ status: "completed", progress: 1, error: null, attempt: 1 });
  expect(job.metrics).toMatchObject({ loss: 0.2 });
  const ctx = lab.a.as("viewer");
  const version = await getVersion(ctx, { model: "churn", version: String(job.versionNumber) });
  expect(version).toMatchObject({
    id: job.versionId,
    number: 1,
    label: "1.0.0",
    trainingJobId: jobId,
    runId: job.runId,
    seed: 7,
    metrics: { validation: { accuracy: 0.9 }, test: { accuracy: 0.8 } },
    inputExample: [{ a: 1 }],
  });
  const run = await getRun(ctx, { runId: job.runId });
  expect(run).toMatchObject({ status: "FINISHED", experimentName: "churn" });
  expect(await lab.log(jobId)).toMatch(/Attempt 1 begins[\s\S]*step 5 of 5/);
});
