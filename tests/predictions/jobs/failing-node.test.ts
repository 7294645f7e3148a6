import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { getDeploymentMetrics, type NodePool } from "@/server/deployments";
import type { Context } from "@/server/kernel/context";
import { beginBatchRun, failBatchRun, runBatchTurn } from "@/server/predictions";
import { createBatchJob } from "@/server/predictions/jobs/create-job";
import { getBatchJob } from "@/server/predictions/jobs/get-job";
import { resumeBatchJob } from "@/server/predictions/jobs/resume-job";
import {
  createDeployedWorld,
  type DeployedWorld,
  deployModel,
  openPool,
} from "../../deployments/support/deployed-world";
import { asOwner } from "../../support/database";
import type { TestWorkspace } from "../../support/workspace";
import { datasetOf, resultRows, runJob, withNodes } from "./batch-world";

let world: DeployedWorld;
let a: TestWorkspace;
let admin: Context;
let broken: Server;
let brokenNodes: NodePool;
beforeAll(async () => {
  world = await createDeployedWorld();
  a = await world.workspace();
  admin = a.as("admin");
  await deployModel(world, a, "lines");
  broken = createServer((request, reply) => {
    const fails = request.url?.endsWith("/infer") ?? false;
    request.resume().on("end", () => {
      reply.writeHead(fails ? 500 : 200, { "content-type": "application/json" });
      reply.end(fails ? '{"error":"the card is on fire"}' : "{}");
    });
  });
  await new Promise<void>((resolve) => broken.listen(0, "127.0.0.1", resolve));
  const { port } = broken.address() as AddressInfo;
  brokenNodes = openPool([`http://127.0.0.1:${port}`], world.objects);
});
afterAll(async () => {
  await brokenNodes.close();
  broken.closeAllConnections();
  await new Promise((resolve) => broken.close(resolve));
  await world.close();
});

/** The job's context, with nodes that answer 500 to every request. */
const onBroken = () => withNodes(a.job(), brokenNodes);

it("waits longer and longer for a node that fails, gives up with the reason, and can be resumed", async () => {
  const dataset = await datasetOf(admin, "a,b\n1,2\nx,2\n3,4\n");
  const job = await createBatchJob(admin, { deployment: "lines", dataset });
  const run = { jobId: job.id, attempt: 1 };
  expect(await beginBatchRun(a.job(), { ...run, ref: "r" })).toBe(true);
  const turn = () => runBatchTurn(onBroken(), run, { patienceMs: 100 });
  const failingFor = (minutes: number) =>
    asOwner(
      world.db.ownerUrl,
      "update batch_jobs set stalled_since = now() - make_interval(mins => $2) where id = $1",
      [job.id, minutes],
    );

  expect(await turn()).toEqual({ isOver: false, waitSeconds: 5 });
  expect(await getBatchJob(admin, { batchJob: job.id })).toMatchObject({
    status: "running",
    rowsRead: 0,
    message: expect.stringContaining("Waiting: "),
  });
  await failingFor(2);
  const { waitSeconds } = await turn();
  expect(waitSeconds).toBeGreaterThanOrEqual(30);
  expect(waitSeconds).toBeLessThanOrEqual(60);
  await failingFor(9);
  expect(await turn()).toEqual({ isOver: false, waitSeconds: 60 });

  await failingFor(11);
  const error = await turn().catch((thrown: Error) => thrown.message);
  expect(error).toContain("From row 1 on nothing was answered for 11 minutes");
  await failBatchRun(a.job(), { ...run, error: String(error) });
  expect(await getBatchJob(admin, { batchJob: job.id })).toMatchObject({ status: "failed", error });
  const counted = async () =>
    (await getDeploymentMetrics(admin, { deployment: "lines", rangeMinutes: 60 })).batch;
  expect(await counted()).toMatchObject({ rows: 0, failed: 0, versions: [] });

  const resumed = await resumeBatchJob(admin, { batchJob: job.id });
  await runJob(a.job(), resumed);
  expect(await getBatchJob(admin, { batchJob: job.id })).toMatchObject({ status: "completed" });
  expect(await resultRows(admin, job.id)).toHaveLength(3);
  // Rows of jobs count beside the requests, once each, and by their version.
  const batch = await counted();
  expect(batch).toMatchObject({
    ...{ rows: 2, failed: 1 },
    versions: [{ rows: 2, failed: 1, versionNumber: 1 }],
  });
  expect(batch.series.reduce((sum, { rows }) => sum + rows, 0)).toBe(2);
  const metrics = await getDeploymentMetrics(admin, { deployment: "lines", rangeMinutes: 60 });
  expect(metrics.requests).toBe(0);
}, 120_000);
