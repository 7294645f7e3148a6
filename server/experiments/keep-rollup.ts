import { sql } from "drizzle-orm";
import { type Database, type Transaction, withWorkspace } from "@/db/client";
import { loadRollup, loadSeries, type SeriesOwner } from "./load-rollup";
import { encodeRollup } from "./metric-rollup";

/** Points after which a rollup is made again; a read joins as many at most by itself. */
const FRESH_MAX = 5000;
/** Series whose new points are counted; beyond that the next read notices. */
const COUNTED_MAX = 50_000;

type Place = SeriesOwner & { db: Database };

/**
 * Brings the kept rollup of one series up to date; true when it did. Points that come in meanwhile make
 * it leave everything as it is. It is a cache: made of stored points only, by nobody's order.
 */
export async function keepRollup(place: Place, key: string): Promise<boolean> {
  return withWorkspace(place, async (tx) => {
    const [series] = await loadSeries(tx, place, [key], FRESH_MAX - 1);
    if (!series || series.points < FRESH_MAX) return false;
    const { rollup, fresh } = await loadRollup(tx, place, series);
    if (fresh === 0) return false;
    return save(tx, place, { ...series, data: encodeRollup(rollup) });
  });
}

async function save(
  tx: Transaction,
  { workspaceId, runId }: SeriesOwner,
  series: { key: string; points: number; lastTime: number | bigint; data: Buffer },
): Promise<boolean> {
  // The count of points changes with every new one, so an equal count means that none came.
  const { rowCount } = await tx.execute(
    sql`update run_latest_metrics set rolled_until = ${String(series.lastTime)}::int8
      where workspace_id = ${workspaceId} and run_id = ${runId} and key = ${series.key} and points = ${series.points}`,
  );
  if (rowCount === 0) return false;
  await tx.execute(
    sql`insert into run_metric_rollups (workspace_id, run_id, key, data)
      values (${workspaceId}, ${runId}, ${series.key}, ${series.data})
      on conflict (workspace_id, run_id, key) do update set data = excluded.data`,
  );
  return true;
}

/** New points of each series since its rollup was last made by this process. */
const counted = new Map<string, number>();
const waiting = new Map<string, { place: Place; key: string }>();
let isBusy = false;

const nameOf = ({ workspaceId, runId }: SeriesOwner, key: string) =>
  `${workspaceId} ${runId} ${key}`;

/** Notes points that were committed; those of a long series are rolled up in the background. */
export function countPoints(place: Place, points: readonly { key: string }[]): void {
  if (counted.size > COUNTED_MAX) counted.clear();
  const byKey = new Map<string, number>();
  for (const { key } of points) byKey.set(key, (byKey.get(key) ?? 0) + 1);
  for (const [key, added] of byKey) {
    const name = nameOf(place, key);
    const count = (counted.get(name) ?? 0) + added;
    counted.set(name, count);
    if (count >= FRESH_MAX) rollSoon(place, key);
  }
}

/** Asks for a rollup, one series after another, each once however often it is asked for. */
export function rollSoon({ db, workspaceId, runId }: Place, key: string): void {
  const place = { db, workspaceId, runId };
  counted.delete(nameOf(place, key));
  waiting.set(nameOf(place, key), { place, key });
  if (!isBusy) void work();
}

async function work(): Promise<void> {
  isBusy = true;
  for (const [name, { place, key }] of waiting) {
    waiting.delete(name);
    // The points are stored; without a rollup the next chart only takes longer.
    await keepRollup(place, key).catch(() => false);
  }
  isBusy = false;
}

/** Whether a read that joined so many points should have left a rollup behind. */
export const isWorthRolling = (fresh: number): boolean => fresh >= FRESH_MAX;
