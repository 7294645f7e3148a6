import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { getDeploymentMetrics, type NodePool } from "@/server/deployments";
import type { Context } from "@/server/kernel/context";
import { beginBatchRun, runBatchTurn } from "@/server/predictions";
import { createBatchJob } from "@/server/predictions/jobs/create-job";
import { getBatchJob } from "@/server/predictions/jobs/get-job";
import { listBatchErrors } from "@/server/predictions/jobs/list-errors";
import {
  createDeployedWorld,
  type DeployedWorld,
  deployModel,
  openPool,
} from "../../deployments/support/deployed-world";
import type { TestWorkspace } from "../../support/workspace";
import { datasetOf, finishJob, resultRows, withNodes } from "./batch-world";
import { POISON, type PoisonProxy, startPoisonProxy } from "./poison-proxy";

let world: DeployedWorld;
let a: TestWorkspace;
let admin: Context;
let proxy: PoisonProxy;
let poisoned: NodePool;
beforeAll(async () => {
  world = await createDeployedWorld();
  a = await world.workspace();
  admin = a.as("admin");
  await deployModel(world, a, "lines");
  proxy = await startPoisonProxy(() => world.node.url);
  poisoned = openPool([proxy.url], world.objects);
});
afterAll(async () => {
  await poisoned.close();
  await proxy.close();
  await world.close();
});

/** The job's context, with a node whose model cannot bear some rows. */
const onPoisoned = () => withNodes(a.job(), poisoned);

/** Rows `i, i % 7`, but for those that are given. */
const rowsWith = (count: number, special: ReadonlyMap<number, string>): Promise<string> => {
  const lines = Array.from({ length: count }, (_, i) => special.get(i) ?? `${i},${i % 7}`);
  return datasetOf(admin, `a,b\n${lines.join("\n")}\n`);
};

describe("a row on which the model always fails", () => {
  it("stands in the result with its reason, and every other row with its answer", async () => {
    const bad = [0, 700, 701, 4_999];
    const special = new Map(bad.map((i) => [i, `${i},${POISON.fails}`]));
    special.set(800, "x,1");
    const dataset = await rowsWith(5_000, special);
    const job = await finishJob(admin, onPoisoned(), { deployment: "lines", dataset });
    expect(job).toMatchObject({
      ...{ status: "completed", rowsRead: 5_000, rowsDone: 4_995, rowsFailed: 5 },
      error: null,
    });
    const fails = "the model fails: the node answered 500: division by zero";
    const reasons = new Map<number, string>(bad.map((i) => [i, fails]));
    reasons.set(800, "a must be a number, got x");
    const rows = await resultRows(admin, job.id);
    expect(rows).toEqual(
      Array.from({ length: 5_000 }, (_, i) => ({
        row: BigInt(i + 1),
        prediction: reasons.has(i) ? null : i + (i % 7),
        model_version: 1,
        error: reasons.get(i) ?? null,
      })),
    );
    const { items } = await listBatchErrors(admin, { batchJob: job.id });
    expect(items.map(({ row }) => row)).toEqual([1, 701, 702, 801, 5_000]);
    const { batch } = await getDeploymentMetrics(admin, {
      deployment: "lines",
      rangeMinutes: 60,
    });
    expect(batch).toMatchObject({ rows: 4_995, failed: 5 });
  }, 120_000);

  it("is found as well where it takes its node down each time it is asked", async () => {
    const dataset = await rowsWith(300, new Map([[123, `1,${POISON.kills}`]]));
    const job = await createBatchJob(admin, { deployment: "lines", dataset });
    const run = { jobId: job.id, attempt: 1 };
    await beginBatchRun(a.job(), { ...run, ref: "r" });
    // A turn whose patience ends before its node is back leaves the job to the next one.
    for (let turn = 0; turn < 20; turn++) {
      if ((await runBatchTurn(onPoisoned(), run, { patienceMs: 3_000 })).isOver) break;
    }
    expect(await getBatchJob(admin, { batchJob: job.id })).toMatchObject({
      ...{ status: "completed", rowsDone: 299, rowsFailed: 1 },
    });
    const { items } = await listBatchErrors(admin, { batchJob: job.id });
    expect(items).toEqual([
      { row: 124, message: "the node is lost whenever it runs the model on this row" },
    ]);
  }, 180_000);

  it("fails the job where there are more of them than it bears", async () => {
    const special = new Map([3, 5, 8].map((i) => [i, `${i},${POISON.fails}`]));
    const dataset = await rowsWith(100, special);
    const wanted = { deployment: "lines", dataset };
    const failed = await finishJob(admin, onPoisoned(), { ...wanted, maxErrorShare: 0.02 });
    expect(failed).toMatchObject({
      ...{ status: "failed", maxErrors: 2, rowsRead: 0 },
      error: expect.stringMatching(
        /^More than 2 of 100 rows got no answer.*row 4, the model fails/,
      ),
    });
    const borne = await finishJob(admin, onPoisoned(), { ...wanted, maxErrorShare: 0.03 });
    expect(borne).toMatchObject({ status: "completed", rowsDone: 97, rowsFailed: 3 });
  }, 120_000);
});
