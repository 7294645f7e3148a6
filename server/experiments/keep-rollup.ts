import { sql } from "drizzle-orm";
import { type Database, type Transaction, withWorkspace } from "@/db/client";
import type { ExactInt } from "@/server/kernel/exact-int";
import { loadRollup, loadSeries, type SeriesOwner } from "./load-rollup";
import { encodeRollup } from "./metric-rollup";

/** Points after which a rollup is made again; a read joins as many at most by itself. */
const FRESH_MAX = 5000;
/** Series whose new points are counted; beyond that the next read notices. */
const COUNTED_MAX = 50_000;

type Place = SeriesOwner & { db: Database };

/**
 * Brings the kept rollup of one series up to date; true when it did. It is a cache: made of stored
 * points only, by nobody's order. Writers never wait for it: they note what they add meanwhile.
 */
export async function keepRollup(place: Place, key: string): Promise<boolean> {
  const turn = await withWorkspace(place, (tx) => begin(tx, place, key));
  if (turn === undefined) return false;
  // Whoever added before the turn began has committed, since both write the same row.
  const made = await withWorkspace(place, async (tx) => {
    const [series] = await loadSeries(tx, place, [key], 0);
    if (!series) return undefined;
    const { rollup } = await loadRollup(tx, place, series);
    return { lastTime: series.lastTime, data: encodeRollup(rollup) };
  });
  return made ? withWorkspace(place, (tx) => save(tx, place, { key, turn, ...made })) : false;
}

async function begin(
  tx: Transaction,
  owner: SeriesOwner,
  key: string,
): Promise<number | undefined> {
  const { rows } = await tx.execute<{ turn: number }>(
    sql`update run_latest_metrics set rollups = rollups + 1, added_from = null
      where workspace_id = ${owner.workspaceId} and run_id = ${owner.runId} and key = ${key} and points >= ${FRESH_MAX}
      returning rollups as turn`,
  );
  return rows[0]?.turn;
}

/** Does nothing when another process has begun since. */
async function save(
  tx: Transaction,
  { workspaceId, runId }: SeriesOwner,
  made: { key: string; turn: number; lastTime: ExactInt; data: Buffer },
): Promise<boolean> {
  const { rowCount } = await tx.execute(
    sql`update run_latest_metrics set rolled_until = least(${String(made.lastTime)}::int8, added_from - 1)
      where workspace_id = ${workspaceId} and run_id = ${runId} and key = ${made.key} and rollups = ${made.turn}`,
  );
  if (rowCount === 0) return false;
  await tx.execute(
    sql`insert into run_metric_rollups (workspace_id, run_id, key, data)
      values (${workspaceId}, ${runId}, ${made.key}, ${made.data})
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
