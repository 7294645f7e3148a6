import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/server/kernel/context";
import { cancelBatchJob } from "@/server/predictions/jobs/cancel-job";
import { createBatchJob } from "@/server/predictions/jobs/create-job";
import { resultOf } from "@/server/predictions/jobs/download-result";
import { listBatchErrors } from "@/server/predictions/jobs/list-errors";
import {
  createDeployedWorld,
  type Deployed,
  type DeployedWorld,
  deployModel,
} from "../../deployments/support/deployed-world";
import type { TestWorkspace } from "../../support/workspace";
import { datasetOf, finishJob, readParquet, runJob } from "./batch-world";

let world: DeployedWorld;
let a: TestWorkspace;
let deployed: Deployed;
let admin: Context;
beforeAll(async () => {
  world = await createDeployedWorld();
  a = await world.workspace();
  admin = a.as("admin");
  deployed = await deployModel(world, a, "lines");
});
afterAll(() => world.close());

const resultRows = async (job: string) => {
  const { object } = await resultOf(admin, job);
  return readParquet(await buffer(await world.objects.get(a.id, object.sha256)));
};

describe("a batch job", () => {
  it("answers every row of a dataset once, in its order, beside the columns asked for", async () => {
    const rows = Array.from({ length: 10_000 }, (_, i) => `${i},${i % 7},n${i}`);
    const dataset = await datasetOf(admin, `a,b,name\n${rows.join("\n")}\n`);
    const job = await finishJob(admin, a.job(), {
      deployment: "lines",
      dataset,
      columns: ["name"],
    });
    expect(job).toMatchObject({
      status: "completed",
      rowsDone: 10_000,
      rowsFailed: 0,
      error: null,
    });
    const result = await resultRows(job.id);
    expect(result).toHaveLength(10_000);
    expect(Object.keys(result[0] ?? {})).toEqual(["row", "name", "prediction", "model_version"]);
    result.forEach((one, i) => {
      expect(one).toEqual({
        row: BigInt(i + 1),
        name: `n${i}`,
        prediction: i + (i % 7),
        model_version: 1,
      });
    });
  });

  it("leaves rows out that do not fit and says why", async () => {
    const dataset = await datasetOf(admin, "a,b\n1,2\nx,2\n3,\n4,inf\n5,1\n");
    const job = await finishJob(admin, a.job(), { deployment: "lines", dataset });
    expect(job).toMatchObject({ status: "completed", rowsDone: 2, rowsFailed: 3 });
    const { items } = await listBatchErrors(admin, { batchJob: job.id });
    expect(items).toEqual([
      { row: 2, message: "a must be a number, got x" },
      { row: 3, message: "b is missing, expected a number" },
      { row: 4, message: "b must be a number, got inf" },
    ]);
    expect(await resultRows(job.id)).toMatchObject([
      { row: 1n, prediction: 3 },
      { row: 5n, prediction: 6 },
    ]);
  });
});
