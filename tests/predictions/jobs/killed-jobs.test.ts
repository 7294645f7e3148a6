import { type ChildProcess, fork } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { NodePool } from "@/server/deployments";
import type { Context } from "@/server/kernel/context";
import { cancelBatchJob } from "@/server/predictions/jobs/cancel-job";
import { createBatchJob } from "@/server/predictions/jobs/create-job";
import { getBatchJob } from "@/server/predictions/jobs/get-job";
import { resumeBatchJob } from "@/server/predictions/jobs/resume-job";
import type { BatchJobDto } from "@/server/predictions/jobs/schemas";
import { deployModel, openPool, slopeModel } from "../../deployments/support/deployed-world";
import { asOwner } from "../../support/database";
import { freePort } from "../../support/postgres-server";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../../support/workspace";
import { until } from "../support/prediction-server";
import { datasetOf, sumsOf } from "./batch-world";
import { POISON, type PoisonProxy, startPoisonProxy } from "./poison-proxy";

const ROWS = 200_000;
/** Every so many rows one does not fit, and one makes the model fail. */
const EVERY = { misfit: 1_000, poison: 40_000 } as const;
const FAILED = ROWS / EVERY.misfit + ROWS / EVERY.poison;
const PATIENCE_MS = 300_000;

let world: TestWorld;
let workspace: TestWorkspace;
let admin: Context;
let nodes: NodePool;
let proxy: PoisonProxy;
let nodePort: number;
let dataset: string;
const children = new Set<ChildProcess>();

async function startChild(path: string, args: string[]): Promise<ChildProcess> {
  const child = fork(path, args, { execArgv: ["--import", "tsx"] });
  children.add(child);
  await new Promise((resolve, reject) => {
    child.once("message", resolve);
    child.once("exit", reject);
  });
  return child;
}

const startNode = () =>
  startChild("tests/predictions/support/node-process.ts", [
    world.artifactsFolder,
    String(nodePort),
  ]);
const startWorker = () =>
  startChild("tests/predictions/jobs/worker-process.ts", [
    world.db.url,
    world.artifactsFolder,
    proxy.url,
  ]);

async function kill(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
  children.delete(child);
}

let node: ChildProcess;
beforeAll(async () => {
  world = await createTestWorld();
  workspace = await world.workspace();
  admin = workspace.as("admin");
  nodePort = await freePort();
  node = await startNode();
  nodes = openPool([`http://127.0.0.1:${nodePort}`], world.objects);
  admin.ports.nodes = nodes;
  await deployModel(world, workspace, "lines", slopeModel(2));
  proxy = await startPoisonProxy(() => `http://127.0.0.1:${nodePort}`);
  const rows = Array.from({ length: ROWS }, (_, i) => {
    if (i % EVERY.poison === 20_011) return `${i},${POISON.fails}`;
    return i % EVERY.misfit === 7 ? "x,1" : `${i},${i % 3}`;
  });
  dataset = await datasetOf(admin, `a,b\n${rows.join("\n")}\n`);
}, 300_000);
afterEach(async () => {
  for (const child of children) if (child !== node) await kill(child);
});
afterAll(async () => {
  for (const child of children) await kill(child);
  await nodes.close();
  await proxy.close();
  await world.close();
});

const look = (job: BatchJobDto) => getBatchJob(admin, { batchJob: job.id });
const start = () => createBatchJob(admin, { deployment: "lines", dataset });
const reaches = (job: BatchJobDto, rows: number) =>
  until(async () => {
    const now = await look(job);
    return (now.rowsRead >= rows || now.status !== "running") && now.status !== "queued" && now;
  }, PATIENCE_MS);

/** Jobs of this file that are completed; nothing else is counted in its database. */
let finished = 0;

/** Every row is in the result once, with its own answer or its reason, and counts once. */
async function expectWhole(job: BatchJobDto): Promise<void> {
  const done = await until(async () => {
    const now = await look(job);
    return now.status !== "running" && now.status !== "queued" && now;
  }, PATIENCE_MS);
  expect(done).toMatchObject({
    ...{ status: "completed", error: null },
    ...{ rowsRead: ROWS, rowsDone: ROWS - FAILED, rowsFailed: FAILED },
  });
  expect(await sumsOf(admin, job.id, "2 * (row - 1) + (row - 1) % 3")).toEqual({
    ...{ rows: ROWS, distinct: ROWS, wrong: 0, failed: FAILED, both: 0 },
  });
  finished += 1;
  const [counted] = await asOwner<{ answered: string; failed: string }>(
    world.db.ownerUrl,
    "select sum(answered) as answered, sum(failed) as failed from batch_row_counts where seconds = 3600",
  );
  expect(Number(counted?.answered)).toBe(finished * (ROWS - FAILED));
  expect(Number(counted?.failed)).toBe(finished * FAILED);
  const [kept] = await asOwner<{ n: string }>(
    world.db.ownerUrl,
    "select count(*) as n from batch_job_errors where job_id = $1",
    [job.id],
  );
  expect(Number(kept?.n)).toBe(FAILED);
}

describe("a batch job that is interrupted", () => {
  it("answers every row once, wherever its worker is killed", async () => {
    const job = await start();
    let worker = await startWorker();
    for (const share of [0, 0.1, 0.5]) {
      await reaches(job, ROWS * share);
      await sleep(Math.random() * 300);
      await kill(worker);
      worker = await startWorker();
    }
    await expectWhole(job);
  }, 900_000);

  it("waits for a node that is killed and goes on when there is one again", async () => {
    const job = await start();
    await startWorker();
    await reaches(job, 10_000);
    await kill(node);
    node = await startNode();
    await expectWhole(job);
  }, 900_000);

  it("stops when it is cancelled and goes on where it stood when it is resumed", async () => {
    const job = await start();
    await startWorker();
    await reaches(job, 5_000);
    const cancelled = await cancelBatchJob(admin, { batchJob: job.id });
    expect(cancelled.status).toBe("cancelled");
    // What a worker has in hand is not committed any more.
    await sleep(1_500);
    const { rowsRead } = await look(job);
    expect(rowsRead).toBe(cancelled.rowsRead);
    expect(rowsRead).toBeLessThan(ROWS);
    const resumed = await resumeBatchJob(admin, { batchJob: job.id });
    expect(resumed).toMatchObject({ status: "queued", attempt: 2, rowsRead });
    await expectWhole(job);
  }, 900_000);
});
