import type { Core } from "./core";
import { nextFire } from "./cron";
import { inTransaction, rows } from "./database";
import { internalEvent } from "./incoming";
import { routeEvents } from "./route";
import { startRuns } from "./start-runs";
import { storeEvents } from "./store-events";
import type { FunctionSpec } from "./types";

const DUE = {
  name: "inngest_due_crons",
  text: `SELECT function_id, cron, next_at FROM inngest.schedules
    WHERE next_at <= $1 AND function_id = ANY($2)
    ORDER BY function_id, cron FOR UPDATE SKIP LOCKED`,
};

const NEXT = {
  name: "inngest_next_cron",
  text: "UPDATE inngest.schedules SET next_at = $3 WHERE function_id = $1 AND cron = $2",
};

/**
 * Fires the crons that are due. Every worker may call this: a row fires in one transaction, and its
 * fire time is an event id that counts once. Ticks missed while nobody ran fire once, together.
 * Answers how many fired.
 */
export async function fireCrons(
  core: Core,
  specs: ReadonlyMap<string, FunctionSpec>,
  now: Date,
): Promise<number> {
  const withCrons = [...specs.values()].filter((spec) => spec.crons.length > 0);
  if (withCrons.length === 0) return 0;
  const fired = await inTransaction(core.pool, async (tx) => {
    const due = await rows<{ function_id: string; cron: string; next_at: Date }>(tx, DUE, [
      now,
      withCrons.map((spec) => spec.id),
    ]);
    for (const row of due) {
      const spec = specs.get(row.function_id);
      const trigger = spec?.crons.find((each) => each.cron === row.cron);
      if (!spec || !trigger) continue;
      const id = `cron:${spec.id}:${row.cron}:${row.next_at.toISOString()}`;
      const event = internalEvent("inngest/scheduled.timer", { cron: row.cron }, id);
      const [stored] = await storeEvents(tx, [{ ...event, ownId: true }], () => true);
      await rows(tx, NEXT, [row.function_id, row.cron, nextFire(row.cron, now)]);
      if (!stored) continue;
      const registry = await core.registry.load(tx);
      const delayMs = Math.random() * trigger.jitterMs;
      const start = { spec, event: stored, delayMs };
      const { caused } = await startRuns(tx, core, registry, [start]);
      await routeEvents(tx, core, registry, caused, { waits: true });
    }
    return due.length;
  });
  if (fired > 0) core.wake();
  return fired;
}
