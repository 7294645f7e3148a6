import type { PoolClient } from "pg";
import { fetchConfigs, type Handler } from "./call";
import type { Core } from "./core";
import { nextFire } from "./cron";
import { inTransaction, rows } from "./database";
import { UNROUTED_MS } from "./limits";
import { LOCK_REGISTRY, saveFunctions } from "./registry";
import { routeEvents } from "./route";
import type { EventPayload, FunctionSpec } from "./types";
import { readFunctionConfig } from "./validate-config";

/**
 * Reads the configurations from the SDK, refuses unsupported ones, stores them with their cron rows
 * and offers them the events that came before. Answers the functions this process can run.
 * @throws UnsupportedFunctionError
 */
export async function registerFunctions(
  core: Core,
  handler: Handler,
  signingKey: string,
  now: Date,
): Promise<Map<string, FunctionSpec>> {
  const { appId, functions } = await fetchConfigs(handler, signingKey);
  const specs = functions.map((config) => readFunctionConfig(appId, config));
  await inTransaction(
    core.pool,
    async (tx) => {
      const before = await core.registry.load(tx);
      await saveFunctions(tx, appId, functions);
      await saveSchedules(tx, appId, specs, now);
      await routeEarlier(tx, core, before.isEmpty);
    },
    LOCK_REGISTRY,
  );
  return new Map(specs.map((spec) => [spec.id, spec]));
}

async function saveSchedules(
  tx: PoolClient,
  appId: string,
  specs: FunctionSpec[],
  now: Date,
): Promise<void> {
  const wanted = specs.flatMap((spec) => spec.crons.map(({ cron }) => ({ id: spec.id, cron })));
  await tx.query(
    `DELETE FROM inngest.schedules s USING inngest.functions f
     WHERE f.id = s.function_id AND f.app_id = $1
       AND NOT EXISTS (SELECT FROM unnest($2::text[], $3::text[]) AS x(id, cron)
         WHERE x.id = s.function_id AND x.cron = s.cron)`,
    [appId, wanted.map((each) => each.id), wanted.map((each) => each.cron)],
  );
  for (const { id, cron } of wanted) {
    await tx.query(
      `INSERT INTO inngest.schedules (function_id, cron, next_at) VALUES ($1, $2, $3)
       ON CONFLICT DO NOTHING`,
      [id, cron, nextFire(cron, now)],
    );
  }
}

const UNROUTED_BATCH = 500;

/**
 * Offers events nobody listened to when they came. Those of the last hour count, since a producer
 * can be newer than its worker; before the first registration of all there is no such bound.
 */
async function routeEarlier(tx: PoolClient, core: Core, first: boolean): Promise<void> {
  const registry = await core.registry.load(tx);
  for (;;) {
    const found = await rows<{ internal_id: string; payload: EventPayload }>(tx, UNROUTED, [
      first ? 1e15 : UNROUTED_MS,
      UNROUTED_BATCH,
    ]);
    const events = found
      .map((row) => ({
        internalId: row.internal_id,
        payload: row.payload,
        ownId: row.payload.id !== row.internal_id,
      }))
      .filter((event) => registry.listeners(event.payload.name).length > 0)
      .sort((a, b) => a.payload.ts - b.payload.ts);
    if (events.length === 0) return;
    await tx.query("UPDATE inngest.events SET routed = true WHERE internal_id = ANY($1)", [
      events.map((event) => event.internalId),
    ]);
    await routeEvents(tx, core, registry, events, { waits: false });
  }
}

const UNROUTED = {
  name: "inngest_unrouted",
  text: `SELECT e.internal_id, e.payload FROM inngest.events e
    WHERE NOT e.routed AND e.received_at > now() - least($1::float8, 1e13) * interval '1 ms'
      AND EXISTS (SELECT FROM inngest.functions f,
        json_array_elements(f.config->'triggers') AS t
        WHERE f.active AND (t->>'event' = e.name OR (t->>'event' LIKE '%*'
          AND starts_with(e.name, left(t->>'event', -1)))))
    ORDER BY e.received_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
};

/** The same for events that a producer was storing while the registration committed. */
export async function routeStragglers(core: Core): Promise<void> {
  await inTransaction(core.pool, (tx) => routeEarlier(tx, core, false));
  core.wake();
}
