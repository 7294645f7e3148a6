/**
 * A batch job over a dataset of 30 features through one node, beside synchronous batches and the
 * bare model, and what live requests feel of it, in one run.
 * Usage: npx tsx bench/serving/batch.ts [rows] [parquet|csv] [seconds of live load]
 */
import { readFile } from "node:fs/promises";
import { build } from "esbuild";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { classifierModel } from "@/tests/node/support/sample-models";
import { type BenchProcess, startProcess, stopProcess } from "../predict/processes";
import { makeTable } from "./batch-data";
import { liveLoad } from "./batch-live";
import { FEATURES } from "./requests";
import { startServingWorld } from "./world";

const ROWS = Number(process.argv[2] ?? 1_000_000);
const FORMAT = process.argv[3] === "csv" ? "csv" : "parquet";
const LIVE_SECONDS = Number(process.argv[4] ?? 10);
const BATCH_ROWS = 10_000;

interface Job {
  id: string;
  status: string;
  error: string | null;
  rowsDone: number;
  startedAt: string;
  finishedAt: string;
}

/** Processor seconds of a process and of its children that ended. */
async function cpuSeconds({ child }: BenchProcess): Promise<number> {
  const stat = await readFile(`/proc/${child.pid}/stat`, "utf8").catch(() => "");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at] ?? 0), 0) / 100;
}

/** Rows a minute of the model alone, in calls of `rows`. */
async function bareModel(rows: number): Promise<number> {
  const session = await InferenceSession.create(classifierModel(FEATURES), {
    intraOpNumThreads: 1,
  });
  const data = Float64Array.from({ length: rows * FEATURES }, (_, at) => Math.sin(at) * 10);
  const run = () => session.run({ numeric: new Tensor("float64", data, [rows, FEATURES]) });
  const until = performance.now() + 3_000;
  let done = 0;
  const started = performance.now();
  while (performance.now() < until) {
    await run();
    done += rows;
  }
  return (done * 60_000) / (performance.now() - started);
}

async function main(): Promise<void> {
  for (const name of ["scan/scan-process", "profile-process"]) {
    await build({
      entryPoints: [`server/datasets/${name}.ts`],
      outfile: `dist/bench/${name.split("/").at(-1)}.mjs`,
      ...{ bundle: true, platform: "node", target: "node24", format: "esm", packages: "external" },
    });
  }
  const world = await startServingWorld(FEATURES);
  const { web, node, key, deployment, databaseUrl, artifactsFolder } = world;
  const worker = await startProcess("../serving/batch-worker.ts", [
    databaseUrl,
    artifactsFolder,
    node.url,
  ]);
  const headers = { authorization: `Bearer ${key}` };
  const ask = async <T>(path: string, body?: unknown): Promise<T> => {
    const reply = await fetch(`${web.url}/api/v1${path}`, {
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
      headers: { ...headers, "content-type": "application/json" },
    });
    const answer = await reply.json();
    if (!reply.ok) throw new Error(JSON.stringify(answer));
    return answer as T;
  };
  try {
    const form = new FormData();
    form.set("name", "rows");
    form.set(
      "file",
      new Blob([new Uint8Array(await makeTable(ROWS, FEATURES, FORMAT))]),
      `rows.${FORMAT}`,
    );
    const sent = await fetch(`${web.url}/api/v1/datasets`, { method: "POST", headers, body: form });
    const dataset = ((await sent.json()) as { id: string }).id;
    const runJob = async (): Promise<Job> => {
      const { id } = await ask<Job>(`/deployments/${deployment}/batch-jobs`, { dataset });
      for (;;) {
        const job = await ask<Job>(`/batch-jobs/${id}`);
        if (!["queued", "running"].includes(job.status)) return job;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    const line = (label: string, rowsAMinute: number, more = "") =>
      console.log(`| ${label} | ${Math.round(rowsAMinute).toLocaleString("en-US")} | ${more} |`);
    console.log(
      `${ROWS} rows × ${FEATURES}, ${FORMAT}\n\n| what | rows a minute | CPU |\n|---|---:|---|`,
    );
    for (const rows of [256, 4096]) line(`bare model, calls of ${rows}`, await bareModel(rows));
    const columns = Array.from({ length: FEATURES }, (_, at) => `x${at}`);
    const rows = Array.from({ length: BATCH_ROWS }, (_, row) =>
      columns.map((_, at) => Math.sin(row * at) * 10),
    );
    const startedMs = performance.now();
    for (let call = 0; call < 5; call++) {
      await ask(`/deployments/${deployment}/batch-predict`, { columns, rows });
    }
    line("batch-predict, synchronous", (5 * BATCH_ROWS * 60_000) / (performance.now() - startedMs));
    const before = await Promise.all([worker, node].map(cpuSeconds));
    const job = await runJob();
    const after = await Promise.all([worker, node].map(cpuSeconds));
    const tookMs = Date.parse(job.finishedAt) - Date.parse(job.startedAt);
    const micros = after.map((one, at) => (((one - (before[at] ?? 0)) * 1e6) / ROWS).toFixed(1));
    const cpu = `${micros.join(" + ")} µs a row (worker and its scan + node)`;
    line(
      `batch job, ${job.status}, ${job.rowsDone} rows in ${tookMs} ms`,
      (ROWS * 60_000) / tookMs,
      cpu,
    );
    if (job.error) console.log(job.error);
    if (LIVE_SECONDS > 0) {
      const load = { url: web.url, key, deployment, seconds: LIVE_SECONDS };
      console.log(`\n| live requests, 100/s | p50 ms | p99 ms | failed |\n|---|---:|---:|---:|`);
      console.log(`| alone | ${await liveLoad(load)} |`);
      const jobs = (async () => {
        const until = Date.now() + LIVE_SECONDS * 1000;
        while (Date.now() < until) await runJob();
      })();
      console.log(`| beside batch jobs | ${await liveLoad(load)} |`);
      await jobs;
    }
  } finally {
    await stopProcess(worker);
    await world.close();
  }
}

await main();
