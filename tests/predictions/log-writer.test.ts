import { randomUUID } from "node:crypto";
import { Pool } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openDatabase } from "@/db/client";
import { newId } from "@/server/kernel/ids";
import type { LogEntry } from "@/server/predictions/logs/log-entry";
import { LogWriter } from "@/server/predictions/logs/log-writer";
import { PredictionMetrics } from "@/server/predictions/metrics";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let a: TestWorkspace;
let b: TestWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
  a = await world.workspace();
  b = await world.workspace();
});
afterAll(() => world.close());

const silent = { warn: () => undefined };
const deploymentId = randomUUID();

const entry = (workspaceId: string, values: Partial<LogEntry> = {}): LogEntry => ({
  workspaceId,
  requestId: newId(),
  atMs: Date.now(),
  deploymentId,
  variantId: null,
  versionId: null,
  status: 200,
  rows: 1,
  inputs: [{ x: 1 }],
  outputs: { predictions: [1] },
  error: null,
  latencyMs: 1.5,
  queueMs: 0.1,
  computeMs: 0.2,
  bytes: 200,
  ...values,
});

const count = async (workspaceId: string): Promise<number> => {
  const [row] = await asOwner<{ n: number }>(
    world.db.ownerUrl,
    "select count(*)::int as n from prediction_logs where workspace_id = $1",
    [workspaceId],
  );
  return row?.n ?? 0;
};

const countedBy = async (metrics: PredictionMetrics, name: string): Promise<number> => {
  const metric = await metrics.registry.getSingleMetric(name)?.get();
  return metric?.values[0]?.value ?? -1;
};

it("writes each entry into its own workspace, once, within half a second", async () => {
  const metrics = new PredictionMetrics();
  const writer = new LogWriter(world.db, metrics, silent);
  const twice = entry(a.id);
  for (let i = 0; i < 700; i++) writer.push(entry(i % 2 ? a.id : b.id));
  writer.push(twice);
  writer.push(twice);
  await expect.poll(() => count(a.id), { timeout: 30_000 }).toBe(351);
  expect(await count(b.id)).toBe(350);
  await writer.close();
});

it("writes what is in the buffer when it is closed", async () => {
  const writer = new LogWriter(world.db, new PredictionMetrics(), silent);
  const before = await count(b.id);
  writer.push(entry(b.id));
  await writer.close();
  expect(await count(b.id)).toBe(before + 1);
});

it("stores what PostgreSQL calls text and loses only the row it cannot store", async () => {
  const metrics = new PredictionMetrics();
  const writer = new LogWriter(world.db, metrics, silent);
  const before = await count(b.id);
  const odd = entry(b.id, { inputs: [{ x: "a\u0000\ud800b\\u0000" }], error: "\u0000" });
  writer.push(odd);
  writer.push(entry(b.id, { requestId: "not an id" }));
  writer.push(entry(b.id, { inputs: () => [{ late: true }] }));
  await writer.flush();
  expect(await count(b.id)).toBe(before + 2);
  const [row] = await asOwner<{ inputs: unknown }>(
    world.db.ownerUrl,
    "select inputs from prediction_logs where request_id = $1",
    [odd.requestId],
  );
  expect(row?.inputs).toEqual([{ x: "a\ufffd\ufffdb\\u0000" }]);
  expect(await countedBy(metrics, "modelyard_prediction_logs_dropped_total")).toBe(1);
  await writer.close();
});

it("keeps entries while the database is away, and drops and counts what no longer fits", async () => {
  const db = openDatabase(world.db.url, 2);
  const metrics = new PredictionMetrics();
  const writer = new LogWriter(db, metrics, silent);
  const realConnect = Pool.prototype.connect;
  const before = await count(a.id);
  db.pool.connect = (() => Promise.reject(new Error("away"))) as typeof realConnect;
  for (let i = 0; i < 20_050; i++) writer.push(entry(a.id));
  await writer.flush();
  expect(await countedBy(metrics, "modelyard_prediction_logs_dropped_total")).toBe(50);
  db.pool.connect = realConnect;
  await writer.close();
  expect(await count(a.id)).toBe(before + 20_000);
  await db.pool.end();
}, 180_000);
