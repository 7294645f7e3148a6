import { and, desc, eq } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { modelCards } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { personKey } from "../approvals/policy";

type Tenant = Pick<Context, "workspaceId">;

/** The number of a model's newest revision; 0 before the first. */
export async function newestRevision(
  tx: Transaction,
  ctx: Tenant,
  modelId: string,
): Promise<number> {
  const [row] = await tx
    .select({ revision: modelCards.revision })
    .from(modelCards)
    .where(and(eq(modelCards.workspaceId, ctx.workspaceId), eq(modelCards.modelId, modelId)))
    .orderBy(desc(modelCards.revision))
    .limit(1);
  return row?.revision ?? 0;
}

/** Keeps a text as the next revision; the caller holds the model's lock and audits. */
export async function saveCard(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId" | "actor" | "now">,
  modelId: string,
  content: string,
) {
  const row = {
    workspaceId: ctx.workspaceId,
    modelId,
    revision: (await newestRevision(tx, ctx, modelId)) + 1,
    content,
    writtenBy: personKey(ctx.actor),
    createdAt: ctx.now(),
  };
  await tx.insert(modelCards).values(row);
  return row;
}
