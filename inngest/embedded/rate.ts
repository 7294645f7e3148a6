import { type Queryable, rows } from "./database";
import { hashKey } from "./ids";
import type { RateSpec } from "./types";

/**
 * Rates by the generic cell rate algorithm (ITU-T I.371): a key's row in `once_keys` holds the
 * theoretical time of the next start as its expiry. An expired row means the key is at rest.
 */
const THROTTLE = {
  name: "inngest_throttle",
  text: `INSERT INTO inngest.once_keys AS o (key, ref, expires_at)
    VALUES ($1, $2, now() + $3::float8 * interval '1 ms')
    ON CONFLICT (key) DO UPDATE SET
      expires_at = greatest(o.expires_at, now()) + $3::float8 * interval '1 ms'
    RETURNING extract(epoch FROM expires_at - now())::float8 * 1000 - $3::float8 AS ahead_ms`,
};

/** Milliseconds by which a start must be put off so that `limit` of them fit into the period. */
export async function throttleDelay(
  tx: Queryable,
  functionId: string,
  rate: RateSpec & { burst: number },
  keyText: string,
): Promise<number> {
  const intervalMs = rate.periodMs / rate.limit;
  const key = hashKey("throttle", functionId, keyText);
  const [row] = await rows<{ ahead_ms: number }>(tx, THROTTLE, [key, functionId, intervalMs]);
  return Math.max(0, (row?.ahead_ms ?? 0) - intervalMs * (rate.burst - 1));
}

const LIMIT = {
  name: "inngest_rate_limit",
  text: `INSERT INTO inngest.once_keys AS o (key, ref, expires_at)
    VALUES ($1, $2, now() + $3::float8 * interval '1 ms')
    ON CONFLICT (key) DO UPDATE SET
      expires_at = greatest(o.expires_at, now()) + $3::float8 * interval '1 ms'
    WHERE greatest(o.expires_at, now()) + $3::float8 * interval '1 ms'
      <= now() + $4::float8 * interval '1 ms'
    RETURNING key`,
};

/** False when the start would be more than `limit` in the period; it is then dropped. */
export async function withinRate(
  tx: Queryable,
  functionId: string,
  rate: RateSpec,
  keyText: string,
): Promise<boolean> {
  const key = hashKey("rate", functionId, keyText);
  const values = [key, functionId, rate.periodMs / rate.limit, rate.periodMs];
  return (await rows(tx, LIMIT, values)).length > 0;
}
