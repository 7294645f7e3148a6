import { type Queryable, rows } from "./database";
import type { StoredEvent } from "./types";

/** Name and id go beside the payload: Postgres cannot take text out of JSON that holds U+0000. */
const INSERT = {
  name: "inngest_events",
  text: `INSERT INTO inngest.events (internal_id, id, name, payload, routed)
    SELECT x.internal_id, x.id, x.name, x.payload, x.routed
    FROM unnest($1::text[], $2::text[], $3::text[], $4::json[], $5::bool[])
      AS x(internal_id, id, name, payload, routed)
    ON CONFLICT (internal_id) DO NOTHING RETURNING internal_id`,
};

/** Inserts events; answers those that were not there yet. */
export async function storeEvents(
  tx: Queryable,
  events: StoredEvent[],
  isRouted: (event: StoredEvent) => boolean,
): Promise<StoredEvent[]> {
  if (events.length === 0) return [];
  const inserted = await rows<{ internal_id: string }>(tx, INSERT, [
    events.map((event) => event.internalId),
    events.map((event) => event.payload.id),
    events.map((event) => event.payload.name),
    events.map((event) => JSON.stringify(event.payload)),
    events.map(isRouted),
  ]);
  const ids = new Set(inserted.map((row) => row.internal_id));
  return events.filter((event) => ids.has(event.internalId));
}
