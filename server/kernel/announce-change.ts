import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { Context } from "./context";

/** The channel open pages follow; a payload is `workspaceId topic id`. */
export const CHANGES_CHANNEL = "modelyard_changes";

/** What a change is about: the router whose queries a page should ask again. */
export type ChangeTopic =
  | "access"
  | "datasets"
  | "experiments"
  | "registry"
  | "training"
  | "deployments"
  | "nodes"
  | "predictions"
  | "webhooks";

/** Tells open pages, after the commit, that something changed. Ids only. */
export async function announceChange(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  topic: ChangeTopic,
  ...ids: string[]
): Promise<void> {
  const payloads = ids.map((id) => `${ctx.workspaceId} ${topic} ${id}`);
  await tx.execute(
    sql`select pg_notify(${CHANGES_CHANNEL}, payload) from unnest(${sql.param(payloads)}::text[]) as payload`,
  );
}
