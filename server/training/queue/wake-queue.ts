import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";

/** The channel on which dispatchers hear that the queue changed; its payload is empty. */
export const QUEUE_CHANNEL = "modelyard_training";

/** Wakes the dispatchers after the commit, so that nobody waits for their next look. */
export async function wakeQueue(tx: Transaction): Promise<void> {
  await tx.execute(sql`select pg_notify(${QUEUE_CHANNEL}, '')`);
}
