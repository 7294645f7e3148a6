import { type Queryable, rows } from "./database";

const TAKE = {
  name: "inngest_once",
  text: `INSERT INTO inngest.once_keys AS o (key, ref, expires_at)
    SELECT x.key, x.ref, now() + $3::float8 * interval '1 ms'
    FROM unnest($1::text[], $2::text[]) AS x(key, ref) ORDER BY x.key
    ON CONFLICT (key) DO UPDATE SET
      ref = CASE WHEN o.expires_at < now() THEN excluded.ref ELSE o.ref END,
      expires_at = CASE WHEN o.expires_at < now() THEN excluded.expires_at ELSE o.expires_at END
    RETURNING key, ref`,
};

/**
 * Takes keys that count once until they expire. Answers who holds each key now: the given ref when
 * it was free, the earlier one when not. Keys are distinct; they are locked in one order.
 */
export async function takeOnce(
  tx: Queryable,
  keys: ReadonlyMap<string, string>,
  ttlMs: number,
): Promise<Map<string, string>> {
  if (keys.size === 0) return new Map();
  const taken = await rows<{ key: string; ref: string }>(tx, TAKE, [
    [...keys.keys()],
    [...keys.values()],
    ttlMs,
  ]);
  return new Map(taken.map((row) => [row.key, row.ref]));
}
