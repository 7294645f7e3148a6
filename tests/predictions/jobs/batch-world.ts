import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { DuckDBInstance } from "@duckdb/node-api";
import { createDataset, stageFile } from "@/server/datasets";
import type { Context } from "@/server/kernel/context";
import { beginBatchRun, runBatchTurn } from "@/server/predictions";
import { createBatchJob } from "@/server/predictions/jobs/create-job";
import { getBatchJob } from "@/server/predictions/jobs/get-job";
import type { BatchJobDto } from "@/server/predictions/jobs/schemas";

/** Makes a dataset of a CSV text; answers its id. */
export async function datasetOf(ctx: Context, csv: string, name = `d-${randomUUID().slice(0, 8)}`) {
  const file = await stageFile(Readable.from([csv]), "data.csv", csv.length * 4 + 1);
  try {
    return (await createDataset(ctx, { name, description: "" }, file)).dataset.id;
  } finally {
    await file.discard();
  }
}

/** Does what the Inngest function does, in this process, until the job is over or `turns` are done. */
export async function runJob(ctx: Context, job: BatchJobDto, turns = 100): Promise<boolean> {
  const run = { jobId: job.id, attempt: job.attempt };
  if (!(await beginBatchRun(ctx, { ...run, ref: randomUUID() }))) return false;
  for (let turn = 0; turn < turns; turn++) {
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

/** Rows of a Parquet file, as another program reads it. */
export async function readParquet(bytes: Uint8Array): Promise<Record<string, unknown>[]> {
  const folder = await mkdtemp(join(tmpdir(), "batch-result-"));
  const instance = await DuckDBInstance.create(":memory:");
  try {
    const path = join(folder, "result.parquet");
    await writeFile(path, bytes);
    const connection = await instance.connect();
    const read = await connection.runAndReadAll(`select * from read_parquet('${path}')`);
    const rows = read.getRowObjectsJS();
    connection.closeSync();
    return rows;
  } finally {
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}
