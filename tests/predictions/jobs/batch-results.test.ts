import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/server/kernel/context";
import { expireResults, setPredictionRetention } from "@/server/predictions";
import { getBatchJob } from "@/server/predictions/jobs/get-job";
import { listBatchErrors } from "@/server/predictions/jobs/list-errors";
import { writeParquet } from "../../datasets/parquet-file";
import {
  createDeployedWorld,
  type DeployedWorld,
  deployModel,
} from "../../deployments/support/deployed-world";
import { mixedModel, mixedSignature } from "../../node/support/sample-models";
import { asOwner } from "../../support/database";
import type { TestWorkspace } from "../../support/workspace";
import { call, type PredictionServer, startPredictionServer } from "../support/prediction-server";
import { datasetOf, finishJob, resultRows } from "./batch-world";

let world: DeployedWorld;
let server: PredictionServer;
let a: TestWorkspace;
let admin: Context;
let key: string;
beforeAll(async () => {
  world = await createDeployedWorld();
  a = await world.workspace();
  admin = a.as("admin");
  key = await a.key("admin");
  server = await startPredictionServer(world, world.nodes);
  await deployModel(world, a, "lines");
  await deployModel(world, a, "mixed", { onnx: mixedModel(), signature: mixedSignature });
});
afterAll(async () => {
  await server.close();
  await world.close();
});

describe("the result of a batch job", () => {
  it("has every row once, in the order of the dataset, beside the columns asked for", async () => {
    const rows = Array.from({ length: 10_000 }, (_, i) => `${i},${i % 7},n${i}`);
    const dataset = await datasetOf(admin, `a,b,name\n${rows.join("\n")}\n`);
    const job = await finishJob(admin, a.job(), {
      deployment: "lines",
      dataset,
      columns: ["name"],
    });
    expect(job).toMatchObject({ status: "completed", rowsDone: 10_000, rowsFailed: 0 });
    const expected = rows.map((_, i) => ({
      row: BigInt(i + 1),
      name: `n${i}`,
      prediction: i + (i % 7),
      model_version: 1,
      error: null,
    }));
    const result = await resultRows(admin, job.id);
    expect(Object.keys(result[0] ?? {})).toEqual([
      ...["row", "name", "prediction", "model_version", "error"],
    ]);
    expect(result).toEqual(expected);
  });

  it("says the same as a request for each row, for texts, flags and missing values", async () => {
    const colors = ["red", "green", "grün", "other", null];
    const inputs = Array.from({ length: 300 }, (_, i) => ({
      width: i % 11 === 0 ? null : i / 10,
      wet: i % 3 === 0,
      color: colors[i % colors.length] ?? null,
    }));
    const lines = inputs.map((one) => `${one.width ?? ""},${one.wet},${one.color ?? ""}`);
    const dataset = await datasetOf(admin, `width,wet,color\n${lines.join("\n")}\n`);
    const job = await finishJob(admin, a.job(), { deployment: "mixed", dataset });
    expect(job).toMatchObject({ status: "completed", rowsDone: 300 });
    const asked = await call(`${server.url}/api/v1/deployments/mixed/predict`, key, {
      inputs,
      options: { includeConfidence: true },
    });
    const { predictions, probabilities, confidence } = asked.body as {
      predictions: boolean[];
      probabilities: Record<string, number>[];
      confidence: number[];
    };
    expect(await resultRows(admin, job.id)).toEqual(
      predictions.map((prediction, i) => ({
        row: BigInt(i + 1),
        prediction,
        confidence: confidence[i],
        probability_false: probabilities[i]?.false,
        probability_true: probabilities[i]?.true,
        model_version: 1,
        error: null,
      })),
    );
  });

  it("has the reason in place of the answer where a row does not fit", async () => {
    const dataset = await datasetOf(admin, "a,b\n1,2\nx,2\n3,\n4,inf\n5,1\n");
    const job = await finishJob(admin, a.job(), { deployment: "lines", dataset });
    expect(job).toMatchObject({ status: "completed", rowsDone: 2, rowsFailed: 3 });
    const { items } = await listBatchErrors(admin, { batchJob: job.id });
    expect(items).toEqual([
      { row: 2, message: "a must be a number, got x" },
      { row: 3, message: "b is missing, expected a number" },
      { row: 4, message: "b must be a number, got inf" },
    ]);
    const rows = await resultRows(admin, job.id);
    expect(rows.map(({ row, prediction, error }) => [row, prediction, error])).toEqual([
      [1n, 3, null],
      [2n, null, "a must be a number, got x"],
      [3n, null, "b is missing, expected a number"],
      [4n, null, "b must be a number, got inf"],
      [5n, 6, null],
    ]);
  });

  it("takes Parquet with every kind of column, and keeps names that are ours", async () => {
    const parquet = await writeParquet(
      `select i::tinyint as a, (i / 2)::decimal(9, 2) as b, i as "row", date '2026-01-01' + i::int as "Prediction",
         'it''s "' || i as "a ""name""", i % 2 = 0 as flag from range(5) t(i)`,
    );
    const dataset = await datasetOf(admin, parquet);
    const job = await finishJob(admin, a.job(), { deployment: "lines", dataset, columns: "all" });
    expect(job).toMatchObject({ status: "completed", error: null });
    const [, , third] = await resultRows(admin, job.id);
    expect(third).toEqual({
      ...{ row: 3n, a: 2, b: 1, input_row: 2n, input_Prediction: new Date("2026-01-03") },
      ...{ 'a "name"': `it's "2`, flag: true, prediction: 3, model_version: 1 },
      error: null,
    });
  });

  it("is downloaded as Parquet in ranges and as CSV, by who may read predictions", async () => {
    const dataset = await datasetOf(admin, 'a,b,note\n1,2,"x, ""y"""\n3,4,z\n');
    const job = await finishJob(admin, a.job(), {
      deployment: "lines",
      dataset,
      columns: ["note"],
    });
    const url = `${server.url}/api/v1/batch-jobs/${job.id}/result`;
    const headers = { authorization: `Bearer ${await a.key("viewer")}` };
    const whole = Buffer.from(await (await fetch(url, { headers })).arrayBuffer());
    expect(whole.byteLength).toBe(job.resultBytes);
    expect(whole.subarray(0, 4).toString()).toBe("PAR1");
    const part = await fetch(url, { headers: { ...headers, range: "bytes=4-9" } });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(whole.subarray(4, 10));
    const csv = await fetch(`${url}?format=csv`, { headers });
    expect(csv.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(csv.headers.get("content-disposition")).toContain(`batch-${job.id}.csv`);
    expect(await csv.text()).toBe(
      'row,note,prediction,model_version,error\n1,"x, ""y""",3.0,1,\n2,z,7.0,1,\n',
    );
    const preview = await fetch(url.replace("/result", "/preview"), { headers });
    expect(await preview.json()).toEqual({
      columns: ["row", "note", "prediction", "model_version", "error"],
      rows: [
        [1, 'x, "y"', 3, 1, null],
        [2, "z", 7, 1, null],
      ],
    });
    // A result goes when its time is over; the job says so and stays.
    const retention = { keepDays: 14, archiveDays: 365 };
    expect(await expireResults(a.job())).toBe(0);
    await setPredictionRetention(admin, { ...retention, resultDays: 3 });
    expect(await expireResults(a.job())).toBe(0);
    await asOwner(
      world.db.ownerUrl,
      "update batch_jobs set finished_at = now() - interval '4 days' where id = $1",
      [job.id],
    );
    expect(await expireResults(a.job())).toBe(1);
    expect(await expireResults(a.job())).toBe(0);
    const gone = await fetch(url, { headers });
    expect([gone.status, (await gone.json()) as { detail: string }]).toMatchObject([
      409,
      { detail: expect.stringContaining("when its time was over") },
    ]);
    expect(await getBatchJob(admin, { batchJob: job.id })).toMatchObject({
      ...{ status: "completed", rowsDone: 2, resultBytes: null },
      resultExpiredAt: expect.any(String),
    });
    const other = await (await world.workspace()).key("admin");
    const foreign = await fetch(url, { headers: { authorization: `Bearer ${other}` } });
    expect(foreign.status).toBe(404);
  });
});
