import { Client } from "pg";
import { openDatabase } from "@/db/client";
import { createRun, logBatch, metricHistory } from "@/server/experiments";
import type { Context } from "@/server/kernel/context";
import { Caller, type Figures, percentiles, type Target } from "./load";

const BATCH = 1000;
/** Points of a chart 320 pixels wide: the lowest and the highest of each pixel. */
const CHART_POINTS = 640;
/** No further turn begins after this. */
const SECONDS_MAX = 20;

interface Size {
  points: number;
  turns: number;
}

const valueAt = (i: number) => Math.exp(-i / 1e5) + Math.sin(i) / 100;

/** Logs a series, then asks the store for it as a chart does. */
export async function sampleHere(
  store: { databaseUrl: string; workspaceId: string },
  { points, turns }: Size,
): Promise<Figures> {
  const db = openDatabase(store.databaseUrl, 4);
  const ctx = {
    db,
    workspaceId: store.workspaceId,
    actor: { type: "job", name: "benchmark" },
    now: () => new Date(),
    requestId: "benchmark",
    // Neither logging nor reading metrics calls anything outside of the database.
    ports: {} as Context["ports"],
  } satisfies Context;
  const { id: runId } = await createRun(ctx, {});
  for (let from = 0; from < points; from += BATCH) {
    const metrics = Array.from({ length: BATCH }, (_, i) => ({
      key: "loss",
      step: from + i,
      timestamp: 1_760_000_000_000 + from + i,
      value: valueAt(from + i),
    }));
    await logBatch(ctx, { runId, metrics });
  }
  const figures = await timed(turns, async () => {
    const { series } = await metricHistory(ctx, { runId, keys: ["loss"], maxPoints: CHART_POINTS });
    if (series[0]?.totalPoints !== points) throw new Error("points are missing");
  });
  await db.pool.end();
  return figures;
}

/**
 * The same series in the stock server's table, written with SQL because its own way takes an hour, asked for as its own
 * page does: evenly spaced steps, so that spikes between them are lost.
 */
export async function sampleThere(
  peer: Target & { databaseUrl: string },
  { points, turns }: Size,
): Promise<Figures> {
  const caller = new Caller(peer, 1);
  const [runId] = await caller.makeRuns(1);
  const client = new Client({ connectionString: peer.databaseUrl });
  await client.connect();
  await client.query(
    `insert into metrics (run_uuid, key, value, timestamp, step, is_nan)
     select $1, 'loss', exp(-i / 1e5) + sin(i) / 100, 1760000000000 + i, i, false from generate_series(0, $2::int - 1) as i`,
    [runId, points],
  );
  await client.query(
    `insert into latest_metrics (run_uuid, key, value, timestamp, step, is_nan)
     select run_uuid, key, value, timestamp, step, is_nan from metrics where run_uuid = $1 order by step desc limit 1`,
    [runId],
  );
  await client.query("analyze metrics");
  await client.end();
  const query = `run_ids=${runId}&metric_key=loss&max_results=${CHART_POINTS}`;
  const url = `${peer.url}/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?${query}`;
  const figures = await timed(turns, async () => {
    const reply = await fetch(url);
    const { metrics } = (await reply.json()) as { metrics: unknown[] };
    if (metrics.length < CHART_POINTS / 2) throw new Error("points are missing");
  });
  await caller.close();
  return figures;
}

async function timed(turns: number, ask: () => Promise<void>): Promise<Figures> {
  const durations: number[] = [];
  await ask();
  const end = performance.now() + SECONDS_MAX * 1000;
  for (let turn = 0; turn < turns && performance.now() < end; turn++) {
    const asked = performance.now();
    await ask();
    durations.push(performance.now() - asked);
  }
  const total = durations.reduce((sum, one) => sum + one, 0);
  return {
    ...percentiles(durations),
    requestsPerSecond: (durations.length * 1000) / total,
    failed: 0,
    sent: durations.length,
  };
}
