import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { outbox } from "@/db/schema";
import type { Context } from "./context";
import { newId } from "./ids";

/** The channel the relay listens on; its payload is empty. */
export const OUTBOX_CHANNEL = "modelyard_outbox";

/**
 * Writes an event in the transaction of the change it tells of; the relay sends it after the commit
 * with the row's id as event id. `data` holds ids, not rows; workspaceId is added.
 */
export async function emitEvent(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId" | "now">,
  event: { name: string; data: Record<string, string | number | boolean | null> },
): Promise<void> {
  await tx.insert(outbox).values({
    workspaceId: ctx.workspaceId,
    id: newId(ctx.now().getTime()),
    name: event.name,
    data: { ...event.data, workspaceId: ctx.workspaceId },
    createdAt: ctx.now(),
  });
  await tx.execute(sql`select pg_notify(${OUTBOX_CHANNEL}, '')`);
}
