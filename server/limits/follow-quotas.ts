import type { Database } from "@/db/client";
import { getQuotas } from "@/server/access";

/** How long a known rate is used before it is asked for again, milliseconds. */
const FRESH_MS = 2_000;
const ENTRIES_MAX = 10_000;

/**
 * What a workspace's quota says about requests a second, without waiting: a call takes the rate
 * that is known, and a rate that has grown old is asked for beside it.
 */
export function followQuotas(db: Database): (workspaceId: string) => number | undefined {
  const known = new Map<string, { rate: number | undefined; until: number }>();
  const ask = async (workspaceId: string): Promise<void> => {
    const { requestsPerSecondMax } = await getQuotas(db, workspaceId);
    known.set(workspaceId, {
      rate: requestsPerSecondMax ?? undefined,
      until: Date.now() + FRESH_MS,
    });
  };
  return (workspaceId) => {
    const entry = known.get(workspaceId);
    if (entry && entry.until > Date.now()) return entry.rate;
    if (known.size >= ENTRIES_MAX) known.clear();
    const rate = entry?.rate;
    // Until the answer is there, and while the database is away, the last rate holds.
    known.set(workspaceId, { rate, until: Date.now() + FRESH_MS });
    ask(workspaceId).catch(() => undefined);
    return rate;
  };
}
