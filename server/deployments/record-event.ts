import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { deploymentEvents } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { newId } from "@/server/kernel/ids";
import type { DeploymentEventKind } from "./constants";

/** The channel gateways follow; its payload is the workspace's id. */
export const ROUTING_CHANNEL = "modelyard_routing";

export interface TimelineEntry {
  deploymentId: string;
  kind: DeploymentEventKind;
  versionId: string | null;
  message: string;
  /** Why, in the words of who did it. */
  comment?: string | null | undefined;
  /** Steps that may run twice name what they write, so that it is written once. */
  once?: string;
}

/** Appends to a deployment's timeline; answers the event's id, null when `once` was written before. */
export async function recordEvent(
  tx: Transaction,
  ctx: Context,
  entry: TimelineEntry,
): Promise<string | null> {
  const { once, comment, ...values } = entry;
  const rows = await tx
    .insert(deploymentEvents)
    .values({
      ...values,
      comment: comment || null,
      workspaceId: ctx.workspaceId,
      id: once ? idOf(`${entry.kind}:${once}`) : newId(ctx.now().getTime()),
      actor: ctx.actor,
      at: ctx.now(),
    })
    .onConflictDoNothing()
    .returning({ id: deploymentEvents.id });
  return rows[0]?.id ?? null;
}

/** A UUID version 8 (RFC 9562) made of the text. */
function idOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Tells every gateway, after the commit, to read the routing table again. */
export async function announceRouting(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
): Promise<void> {
  await tx.execute(sql`select pg_notify(${ROUTING_CHANNEL}, ${ctx.workspaceId})`);
}
