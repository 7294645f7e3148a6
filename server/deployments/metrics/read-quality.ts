import { and, eq, inArray } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { modelVersions } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import type { Quality } from "./schemas";
import { type QualitySum, sumQuality } from "./sum-quality";

/**
 * What was predicted beside what came of it, by variant id, for requests made from `fromMs` until
 * before `untilMs`. Only requests whose log row was kept with its payload can be compared.
 */
export async function readQuality(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  query: { deploymentId: string; fromMs: number; untilMs: number },
): Promise<Map<string, Quality>> {
  // One slot that holds all of it.
  const sums = await sumQuality(tx, ctx, { ...query, slotMs: Number.MAX_SAFE_INTEGER });
  if (sums.length === 0) return new Map();
  const classifiers = await classifiersAmong(tx, ctx, sums);
  return new Map(
    sums.map((sum) => [sum.variantId, qualityOf(sum, classifiers.has(sum.versionId))]),
  );
}

/** Ids of the versions that predict classes. */
export async function classifiersAmong(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  sums: readonly Pick<QualitySum, "versionId">[],
): Promise<Set<string>> {
  const ids = [...new Set(sums.map(({ versionId }) => versionId))];
  const rows = await tx
    .select({ id: modelVersions.id })
    .from(modelVersions)
    .where(
      and(
        eq(modelVersions.workspaceId, ctx.workspaceId),
        inArray(modelVersions.id, ids),
        eq(modelVersions.task, "classification"),
      ),
    );
  return new Set(rows.map(({ id }) => id));
}

/** Accuracy of classes, mean errors of numbers; null where there is nothing to say. */
export const qualityOf = (
  sum: Pick<QualitySum, "outcomes" | "matches" | "errors" | "absolute" | "squared">,
  isClass: boolean,
): Quality => ({
  outcomes: sum.outcomes,
  accuracy: isClass && sum.outcomes > 0 ? sum.matches / sum.outcomes : null,
  mae: isClass || sum.errors === 0 ? null : sum.absolute / sum.errors,
  rmse: isClass || sum.errors === 0 ? null : Math.sqrt(sum.squared / sum.errors),
});
