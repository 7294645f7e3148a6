import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { DuckDBInstance } from "@duckdb/node-api";
import { createDataset, stageFile } from "@/server/datasets";
import type { NodePool } from "@/server/deployments";
import type { Context } from "@/server/kernel/context";
import { beginBatchRun, runBatchTurn } from "@/server/predictions";
import { createBatchJob } from "@/server/predictions/jobs/create-job";
import { resultOf } from "@/server/predictions/jobs/download-result";
import { getBatchJob } from "@/server/predictions/jobs/get-job";
import type { BatchJobDto } from "@/server/predictions/jobs/schemas";

/** Makes a dataset of a file; answers its id. */
export async function datasetOf(ctx: Context, content: string | Uint8Array): Promise<string> {
  const name = `d-${randomUUID().slice(0, 8)}`;
  const bytes = Buffer.from(content);
  const file = await stageFile(Readable.from([bytes]), "data", bytes.byteLength);
  try {
    return (await createDataset(ctx, { name, description: "" }, file)).dataset.id;
  } finally {
    await file.discard();
  }
}

/** The context with other nodes behind it. */
export const withNodes = (ctx: Context, nodes: NodePool): Context => ({
  ...ctx,
  ports: { ...ctx.ports, nodes },
});

/** Does what the Inngest function does, in this process, until the job is over. */
export async function runJob(ctx: Context, job: BatchJobDto): Promise<boolean> {
  const run = { jobId: job.id, attempt: job.attempt };
  if (!(await beginBatchRun(ctx, { ...run, ref: randomUUID() }))) return false;
  for (let turn = 0; turn < 100; turn++) {
    if ((await runBatchTurn(ctx, run)).isOver) return true;
  }
  return false;
}

export type NewJob = Parameters<typeof createBatchJob>[1];

/** Creates a job and works it through; answers how it ended. */
export async function finishJob(people: Context, work: Context, input: NewJob) {
  const job = await createBatchJob(people, input);
  await runJob(work, job);
  return getBatchJob(people, { batchJob: job.id });
}

type Row = Record<string, unknown>;

/** Runs a query over a Parquet file named `result`, as another program reads it. */
export async function queryParquet(bytes: Uint8Array, sql: string): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "batch-result-"));
  const instance = await DuckDBInstance.create(":memory:");
  try {
    const path = join(folder, "result.parquet");
    await writeFile(path, bytes);
    const connection = await instance.connect();
    await connection.run(`create view result as select * from read_parquet('${path}')`);
    const rows = (await connection.runAndReadAll(sql)).getRowObjectsJS();
    connection.closeSync();
    return rows;
  } finally {
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The bytes of a finished job's file. */
export async function resultBytes(ctx: Context, job: string): Promise<Buffer> {
  const { object } = await resultOf(ctx, job);
  return buffer(await ctx.ports.objects.get(ctx.workspaceId, object.sha256));
}

/** The rows of a finished job's file. */
export const resultRows = async (ctx: Context, job: string): Promise<Row[]> =>
  queryParquet(await resultBytes(ctx, job), "from result");

/** Rows of a result, different numbers among them, and those with another answer than `expected`. */
export async function sumsOf(ctx: Context, job: string, expected: string) {
  const [sums] = await queryParquet(
    await resultBytes(ctx, job),
    `select count(*) as rows, count(distinct row) as distinct,
       count(*) filter (where error is null and prediction is distinct from ${expected}) as wrong,
       count(error) as failed, count(*) filter (where error is not null and prediction is not null) as both from result`,
  );
  return Object.fromEntries(
    Object.entries(sums ?? {}).map(([name, value]) => [name, Number(value)]),
  );
}
