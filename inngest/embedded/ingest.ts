import type { PoolClient } from "pg";
import type { Core } from "./core";
import { inTransaction } from "./database";
import { hashKey } from "./ids";
import { DEDUPE_MS } from "./limits";
import { takeOnce } from "./once";
import { routeEvents } from "./route";
import { storeEvents } from "./store-events";
import type { StoredEvent } from "./types";

/**
 * Accepts events: stores them, resumes and cancels the runs that wait for them and starts the
 * functions they trigger, all or nothing. An id seen in the last 24 hours is accepted once.
 * Answers one internal id an event; a repeated event gets the id of its first sending.
 */
export async function ingestEvents(core: Core, events: StoredEvent[]): Promise<string[]> {
  if (events.length === 0) return [];
  const ids = await inTransaction(core.pool, (tx) => ingest(tx, core, events));
  core.wake();
  return ids;
}

async function ingest(tx: PoolClient, core: Core, events: StoredEvent[]): Promise<string[]> {
  const registry = await core.registry.load(tx);
  const { fresh, ids } = await dropRepeated(tx, events);
  const stored = await storeEvents(
    tx,
    fresh,
    (event) => registry.listeners(event.payload.name).length > 0,
  );
  await routeEvents(tx, core, registry, stored, { waits: true });
  await tx.query("SELECT pg_notify('inngest', '')");
  return ids;
}

async function dropRepeated(
  tx: PoolClient,
  events: StoredEvent[],
): Promise<{ fresh: StoredEvent[]; ids: string[] }> {
  const keys = new Map<string, string>();
  const keyOf = new Map<StoredEvent, string>();
  for (const event of events) {
    if (!event.ownId) continue;
    const key = hashKey("event", event.payload.name, event.payload.id);
    keyOf.set(event, key);
    if (!keys.has(key)) keys.set(key, event.internalId);
  }
  const owners = await takeOnce(tx, keys, DEDUPE_MS);
  const ids = events.map((event) => owners.get(keyOf.get(event) ?? "") ?? event.internalId);
  return { fresh: events.filter((event, index) => ids[index] === event.internalId), ids };
}
