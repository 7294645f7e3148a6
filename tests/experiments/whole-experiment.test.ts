import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createExperiment, createRun, deleteRun, getRun, logBatch } from "@/server/experiments";
import { stopExperiment } from "@/server/experiments/whole/stop-experiment";
import { summarizeMetrics } from "@/server/experiments/whole/summarize-metrics";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let a: TestWorkspace;
let b: TestWorkspace;
let experiment: string;
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  a = await world.workspace();
  b = await world.workspace();
  experiment = (await createExperiment(a.as("admin"), { name: "study" })).id;
});

const startRun = async (values: number[] = [], key = "loss"): Promise<string> => {
  const run = await createRun(a.as("admin"), { experimentId: experiment });
  await logBatch(a.as("admin"), {
    runId: run.id,
    metrics: values.map((value, step) => ({ key, value, timestamp: step, step })),
  });
  return run.id;
};

describe("stopExperiment", () => {
  it("ends what runs, once, in this experiment only, and audits each run", async () => {
    const [one, two] = [await startRun(), await startRun()];
    const elsewhere = await createRun(a.as("admin"), {});
    const { stopped, left } = await stopExperiment(a.as("data_scientist"), { experiment });
    expect(stopped.toSorted()).toEqual([one, two].toSorted());
    expect(left).toEqual([]);
    expect(await getRun(a.as("viewer"), { runId: one })).toMatchObject({
      status: "KILLED",
      endTime: expect.any(String),
    });
    expect((await getRun(a.as("viewer"), { runId: elsewhere.id })).status).toBe("RUNNING");
    expect((await stopExperiment(a.as("admin"), { experiment })).stopped).toEqual([]);
    const audited = await asOwner(
      world.db.ownerUrl,
      "select 1 from audit_log where workspace_id = $1 and action = 'run.updated'",
      [a.id],
    );
    expect(audited).toHaveLength(2);
  });

  it("leaves the run of a training job to the job, and says so", async () => {
    const [own, other] = [await startRun(), await startRun()];
    // The model and the dataset of the job do not matter here, so foreign keys rest for this row.
    await asOwner(
      world.db.ownerUrl,
      `set session_replication_role = replica;
       insert into training_jobs (workspace_id, id, model_id, dataset_id, run_id, algorithm, task, target,
         validation_split, test_split, seed, status)
       values ('${a.id}', gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '${own}', 'xgboost',
         'classification', 'y', 0.1, 0.1, 1, 'running')`,
    );
    const result = await stopExperiment(a.as("admin"), { experiment });
    expect(result).toMatchObject({ stopped: [other], left: [{ runId: own }] });
    expect((await getRun(a.as("viewer"), { runId: own })).status).toBe("RUNNING");
  });

  it("is not for viewers, and another workspace's experiment does not exist", async () => {
    await expect(stopExperiment(a.as("viewer"), { experiment })).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(stopExperiment(b.as("admin"), { experiment })).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("summarizeMetrics", () => {
  it("names the runs with the least, the greatest and the best value of all steps", async () => {
    const dip = await startRun([3, 0.5, 2]);
    const high = await startRun([9, 8, Number.NaN]);
    const gone = await startRun([-100]);
    await deleteRun(a.as("admin"), { runId: gone });
    await startRun([0.1], "accuracy");
    const { items } = await summarizeMetrics(a.as("viewer"), { experiment: "study" });
    expect(items.map((item) => item.key)).toEqual(["loss", "accuracy"]);
    expect(items[0]).toEqual({
      key: "loss",
      runs: 2,
      goal: "minimize",
      min: { value: 0.5, runId: dip },
      max: { value: 9, runId: high },
      best: { value: 0.5, runId: dip },
    });
    expect(items[1]).toMatchObject({ goal: "maximize", best: { value: 0.1 } });
  });

  it("has no best where all is NaN, and sees no other workspace", async () => {
    await startRun([Number.NaN]);
    const { items } = await summarizeMetrics(a.as("viewer"), { experiment });
    expect(items).toMatchObject([{ key: "loss", runs: 1, min: null, best: null }]);
    await expect(summarizeMetrics(b.as("admin"), { experiment })).rejects.toMatchObject({
      code: "not_found",
    });
  });
});
