import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { deploymentSettings } from "@/server/deployments";
import { newId } from "@/server/kernel/ids";
import type { LogEntry } from "@/server/predictions/logs/log-entry";
import { LogWriter } from "@/server/predictions/logs/log-writer";
import { PredictionMetrics } from "@/server/predictions/metrics";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let a: TestWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
  a = await world.workspace();
});
afterAll(() => world.close());

const silent = { warn: () => undefined };
const variantId = randomUUID();
/** The start of an hour, so that every slot of a test is known. */
const HOUR_MS = Math.floor(Date.now() / 3_600_000) * 3_600_000;

const entry = (deploymentId: string, values: Partial<LogEntry> = {}): LogEntry => ({
  workspaceId: a.id,
  requestId: newId(),
  atMs: HOUR_MS,
  deploymentId,
  variantId,
  versionId: null,
  status: 200,
  rows: 2,
  inputs: [{ x: 1 }],
  outputs: { predictions: [1] },
  error: null,
  latencyMs: 1.5,
  queueMs: 0.1,
  computeMs: 0.2,
  bytes: 200,
  ...values,
});

const logging = (value: { sampleRate?: number; payload?: boolean }) =>
  deploymentSettings.parse({ logging: value }).logging;

const owner = <T extends object>(query: string, values: unknown[]) =>
  asOwner<T>(world.db.ownerUrl, query, values);

const slots = (deploymentId: string) =>
  owner<{ seconds: number; at: Date; variant_id: string; status_class: number; requests: string }>(
    `select seconds, at, variant_id, status_class, sum(requests) as requests from prediction_counts
     where deployment_id = $1 group by 1, 2, 3, 4 order by 1, 2, 3, 4`,
    [deploymentId],
  );

const total = async (deploymentId: string, seconds: number): Promise<number> =>
  (await slots(deploymentId))
    .filter((one) => one.seconds === seconds)
    .reduce((sum, one) => sum + Number(one.requests), 0);

it("counts exactly what it samples, and keeps the row of every failure", async () => {
  const deploymentId = randomUUID();
  let drawn = 0;
  const writer = new LogWriter(world.db, new PredictionMetrics(), silent, {
    draw: () => (drawn++ % 10) / 10,
  });
  const sampled = logging({ sampleRate: 0.2 });
  for (let i = 0; i < 1_000; i++) writer.push(entry(deploymentId, { logging: sampled }));
  for (let i = 0; i < 7; i++) {
    writer.push(entry(deploymentId, { logging: sampled, status: 503, variantId: null }));
  }
  writer.push(entry(deploymentId, { logging: logging({ sampleRate: 0 }) }));
  await writer.close();
  const rows = await owner<{ status: number; n: number }>(
    "select status, count(*)::int as n from prediction_logs where deployment_id = $1 group by 1 order by 1",
    [deploymentId],
  );
  expect(rows).toEqual([
    { status: 200, n: 200 },
    { status: 503, n: 7 },
  ]);
  for (const seconds of [10, 60, 3600]) expect(await total(deploymentId, seconds)).toBe(1_008);
  const [failed] = (await slots(deploymentId)).filter((one) => one.status_class === 5);
  expect(failed?.variant_id).toBe("00000000-0000-0000-0000-000000000000");
});

it("sums slots up to minutes and hours, over several writes of a slot that goes on", async () => {
  const deploymentId = randomUUID();
  const writer = new LogWriter(world.db, new PredictionMetrics(), silent);
  for (const second of [0, 3, 9, 10, 59, 60, 125, 3599]) {
    writer.push(entry(deploymentId, { atMs: HOUR_MS + second * 1000 }));
    await writer.flush();
    await writer.flush();
  }
  await writer.close();
  const counts = (seconds: number) =>
    slots(deploymentId).then((all) =>
      all.filter((one) => one.seconds === seconds).map((one) => Number(one.requests)),
    );
  expect(await counts(10)).toEqual([3, 1, 1, 1, 1, 1]);
  expect(await counts(60)).toEqual([5, 1, 1, 1]);
  expect(await counts(3600)).toEqual([8]);
});

it("adds up what several processes counted in the same slot", async () => {
  const deploymentId = randomUUID();
  const writers = [1, 2, 3].map(() => new LogWriter(world.db, new PredictionMetrics(), silent));
  for (const writer of writers) for (let i = 0; i < 5; i++) writer.push(entry(deploymentId));
  await Promise.all(writers.map((writer) => writer.close()));
  expect(await total(deploymentId, 60)).toBe(15);
});

it("loses and doubles nothing when a write fails after the database took it", async () => {
  const deploymentId = randomUUID();
  const connect = world.db.pool.connect.bind(world.db.pool);
  let failures = 0;
  const broken = Object.create(world.db.pool, {
    connect: {
      value: async () => {
        const client = await connect();
        const query = client.query.bind(client);
        client.query = (async (...args: Parameters<typeof query>) => {
          const result = await (query as (...all: unknown[]) => Promise<unknown>)(...args);
          if ((args[0] as unknown) === "commit" && failures++ < 3) throw new Error("cut off");
          return result;
        }) as typeof client.query;
        const release = client.release.bind(client);
        client.release = (error) => {
          client.query = query;
          release(error);
        };
        return client;
      },
    },
  });
  const writer = new LogWriter({ pool: broken }, new PredictionMetrics(), silent);
  for (let i = 0; i < 4; i++) {
    writer.push(entry(deploymentId));
    await writer.flush();
  }
  await writer.close();
  expect(failures).toBeGreaterThan(3);
  expect(await total(deploymentId, 10)).toBe(4);
  const [rows] = await owner<{ n: number }>(
    "select count(*)::int as n from prediction_logs where deployment_id = $1",
    [deploymentId],
  );
  expect(rows?.n).toBe(4);
});

it("writes a row of a day that has no partition yet", async () => {
  const deploymentId = randomUUID();
  const metrics = new PredictionMetrics();
  const writer = new LogWriter(world.db, metrics, silent);
  writer.push(entry(deploymentId, { atMs: HOUR_MS - 40 * 24 * 3_600_000 }));
  await writer.close();
  const found = await owner<{ part: string }>(
    "select tableoid::regclass::text as part from prediction_logs where deployment_id = $1",
    [deploymentId],
  );
  expect(found).toHaveLength(1);
  expect(found[0]?.part).toMatch(/^prediction_days\.day_\d{8}$/);
});

it("lets nobody reach a day past the policies of the log, nor make days without end", async () => {
  const [day] = await owner<{ part: string }>(
    "select inhrelid::regclass::text as part from pg_inherits where inhparent = 'prediction_logs'::regclass limit 1",
    [],
  );
  await expect(world.db.pool.query(`select * from ${day?.part}`)).rejects.toThrow(/permission/);
  await expect(
    world.db.pool.query("select make_prediction_days('2026-01-01', '9999-01-01')"),
  ).rejects.toThrow(/out of range/);
});

it("stores lane, unit, latency split, confidence and trace, and no payload where that is off", async () => {
  const deploymentId = randomUUID();
  const writer = new LogWriter(world.db, new PredictionMetrics(), silent);
  const probabilities = [
    { yes: 0.75, no: 0.25 },
    { yes: 0.5, no: 0.5 },
  ];
  const full = entry(deploymentId, {
    lane: "grpc",
    unit: "customer\x1e\x1f7",
    nodeMs: 0.9,
    batchRows: 12,
    isCached: true,
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
    outputs: () => ({ predictions: ["yes", "yes"], probabilities }),
  });
  writer.push(full);
  writer.push(entry(deploymentId, { logging: logging({ payload: false }) }));
  await writer.close();
  const rows = await owner<object>(
    `select lane, unit, node_us, queue_us, compute_us, batch_rows, is_cached, trace_id, confidence, inputs, outputs
     from prediction_logs where deployment_id = $1 order by lane`,
    [deploymentId],
  );
  expect(rows).toEqual([
    {
      ...{
        lane: "grpc",
        unit: "customer\ufffd\ufffd7",
        node_us: 900,
        queue_us: 100,
        compute_us: 200,
      },
      ...{ batch_rows: 12, is_cached: true, trace_id: full.traceId, confidence: 0.5 },
      inputs: [{ x: 1 }],
      outputs: { predictions: ["yes", "yes"], probabilities },
    },
    {
      ...{ lane: "rest", unit: null, node_us: null, queue_us: 100, compute_us: 200 },
      ...{ batch_rows: null, is_cached: false, trace_id: null, confidence: null },
      inputs: null,
      outputs: null,
    },
  ]);
});
