import { afterAll, beforeAll, expect, it } from "vitest";
import { setQuotas } from "@/server/access";
import { getJob, submitJob } from "@/server/training";
import { claimJob } from "@/server/training/queue/claim-job";
import { endAttempt } from "@/server/training/queue/end-attempt";
import { createTrainingLab, type TrainingLab } from "./support/training-lab";

let lab: TrainingLab;
beforeAll(async () => {
  lab = await createTrainingLab();
});
afterAll(() => lab.close());

const claim = (jobId: string) =>
  claimJob(lab.a.job(), jobId, { owner: "one", leaseMs: 60_000, deadOwners: [] });

it("starts no more trainings of a workspace at once than its quota, whoever asks", async () => {
  await setQuotas(lab.a.as("admin"), { concurrentTrainingMax: 2 });
  const jobs = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const jobId = await lab.start({});
      await submitJob(lab.a.job(), { jobId });
      return jobId;
    }),
  );
  const claims = await Promise.all(jobs.map(claim));
  const won = claims.filter((one) => one !== null);
  expect(won).toHaveLength(2);
  const waiting = jobs.filter((_, i) => claims[i] === null);
  for (const jobId of waiting) {
    const { status, message } = await getJob(lab.a.as("viewer"), { job: jobId });
    expect([status, message]).toEqual([
      "queued",
      "Waiting for another training of this workspace to end",
    ]);
  }
  const [first] = won;
  if (first) await endAttempt(first.lease, { kind: "failed", error: "test" });
  expect(await claim(waiting[0] ?? "")).not.toBeNull();
  expect(await claim(waiting[1] ?? "")).toBeNull();
  await setQuotas(lab.a.as("admin"), { concurrentTrainingMax: null });
  expect(await claim(waiting[1] ?? "")).not.toBeNull();
});
