import { and, eq, inArray } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { deploymentVariants, modelVersions } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { classifiersAmong, type QualitySum, qualityOf, sumQuality } from "@/server/deployments";
import type { Context } from "@/server/kernel/context";
import { unreadDays } from "../archives/unread-days";
import { deploymentIdOf } from "../explorer/read-log";
import { archivedQuality } from "./archived-quality";
import { type PredictionQualityDto, qualityInput, slotMsOf } from "./schemas";

/**
 * How right the variants of a deployment were over time, out of the database and the archives alike.
 * Only requests whose log row was kept with its payload can be compared. Throws not_found.
 */
export async function getPredictionQuality(
  ctx: Context,
  input: z.input<typeof qualityInput>,
): Promise<PredictionQualityDto> {
  requirePermission(ctx, "predictions:read");
  const { deployment, days } = qualityInput.parse(input);
  const slotMs = slotMsOf(days);
  const untilMs = ctx.now().getTime();
  const fromMs = Math.floor((untilMs - days * 86_400_000) / slotMs) * slotMs;
  const { deploymentId, hot } = await withWorkspace(ctx, async (tx) => {
    const deploymentId = await deploymentIdOf(tx, ctx, deployment);
    const hot = await sumQuality(tx, ctx, { deploymentId, fromMs, untilMs, slotMs });
    return { deploymentId, hot };
  });
  const query = { deploymentId, fromMs, untilMs, slotMs };
  const { sums: cold, completeFromMs, unread } = await archivedQuality(ctx, query);
  const sums = added([...hot, ...cold]);
  return {
    from: new Date(fromMs).toISOString(),
    to: new Date(untilMs).toISOString(),
    slotSeconds: slotMs / 1000,
    completeFrom: new Date(completeFromMs).toISOString(),
    unread: unreadDays(unread),
    variants: await withWorkspace(ctx, (tx) => variantsOf(tx, ctx, sums, slotMs)),
  };
}

/** One sum for each variant and slot. */
function added(sums: readonly QualitySum[]): QualitySum[] {
  const byKey = new Map<string, QualitySum>();
  for (const sum of sums) {
    const key = `${sum.variantId} ${sum.slot}`;
    const before = byKey.get(key);
    byKey.set(key, before ? plus(before, sum) : sum);
  }
  return [...byKey.values()].sort((a, b) => a.slot - b.slot);
}

const plus = (a: QualitySum, b: QualitySum): QualitySum => ({
  ...b,
  outcomes: a.outcomes + b.outcomes,
  matches: a.matches + b.matches,
  errors: a.errors + b.errors,
  absolute: a.absolute + b.absolute,
  squared: a.squared + b.squared,
});

async function variantsOf(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  sums: readonly QualitySum[],
  slotMs: number,
): Promise<PredictionQualityDto["variants"]> {
  if (sums.length === 0) return [];
  const ids = [...new Set(sums.map(({ variantId }) => variantId))];
  const classifiers = await classifiersAmong(tx, ctx, sums);
  const names = await namesOf(tx, ctx, ids);
  return ids
    .map((variantId) => {
      const own = sums.filter((sum) => sum.variantId === variantId);
      const isClass = own.some(({ versionId }) => classifiers.has(versionId));
      const name = names.get(variantId);
      return {
        ...qualityOf(own.reduce(plus), isClass),
        variantId,
        name: name?.name ?? null,
        versionNumber: name?.versionNumber ?? null,
        points: own.map((sum) => ({
          ...qualityOf(sum, isClass),
          at: new Date(sum.slot * slotMs).toISOString(),
        })),
      };
    })
    .sort((a, b) => (a.versionNumber ?? 0) - (b.versionNumber ?? 0));
}

async function namesOf(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  ids: string[],
): Promise<Map<string, { name: string; versionNumber: number }>> {
  const v = deploymentVariants;
  const rows = await tx
    .select({ id: v.id, name: v.name, versionNumber: modelVersions.number })
    .from(v)
    .innerJoin(
      modelVersions,
      and(eq(modelVersions.workspaceId, v.workspaceId), eq(modelVersions.id, v.versionId)),
    )
    .where(and(eq(v.workspaceId, ctx.workspaceId), inArray(v.id, ids)));
  return new Map(rows.map((row) => [row.id, row]));
}
