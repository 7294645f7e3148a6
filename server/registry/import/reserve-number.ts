import { and, eq, max } from "drizzle-orm";
import { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { modelVersions } from "@/db/schema";
import { requireGrant, requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { insertVersion } from "../insert-version";
import { getModelInWorkspace } from "../internal";

const input = z.object({ model: z.string().min(1), before: z.int().positive().max(100_000) });

/**
 * Uses up the numbers below `before` that no version has had, as deleted ones, so that an imported
 * version can keep its number. Answers the next number. Throws not_found.
 */
export async function reserveNumbers(ctx: Context, values: z.input<typeof input>): Promise<number> {
  requirePermission(ctx, "models:write");
  const { model: ref, before } = input.parse(values);
  return withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, ref, true);
    await requireGrant(tx, ctx, { on: { modelId: model.id }, action: "write" });
    const first = await nextNumber(tx, ctx, model.id);
    if (first >= before) return first;
    for (let number = first; number < before; number += 1) {
      const facts = { modelId: model.id, task: "other", metrics: { validation: {}, test: {} } };
      const row = await insertVersion(tx, ctx, facts, []);
      await tx
        .update(modelVersions)
        .set({ deletedAt: ctx.now() })
        .where(and(eq(modelVersions.workspaceId, ctx.workspaceId), eq(modelVersions.id, row.id)));
    }
    await recordAudit(tx, ctx, {
      action: "model.numbers_reserved",
      subjectType: "model",
      subjectId: model.id,
      after: { from: first, to: before - 1, why: "deleted on the server they are imported from" },
    });
    await announceChange(tx, ctx, "registry", model.id);
    return before;
  });
}

async function nextNumber(tx: Transaction, ctx: Context, modelId: string): Promise<number> {
  const [last] = await tx
    .select({ number: max(modelVersions.number) })
    .from(modelVersions)
    .where(and(eq(modelVersions.workspaceId, ctx.workspaceId), eq(modelVersions.modelId, modelId)));
  return (last?.number ?? 0) + 1;
}
