import { and, asc, desc, eq, gte, inArray, isNull } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import {
  deployments,
  deploymentVariants,
  modelVersions,
  shadowComparisons,
  shadowExamples,
} from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { isUuid } from "@/server/kernel/ids";
import { type ShadowComparisonDto, shadowInput } from "./schemas";

const EXAMPLES_MAX = 20;

type Minute = typeof shadowComparisons.$inferSelect;

/** How the shadows of a deployment would have answered, by minute, with the worst examples. */
export async function getShadowComparison(
  ctx: Context,
  input: z.input<typeof shadowInput>,
): Promise<ShadowComparisonDto> {
  requirePermission(ctx, "predictions:read");
  const { deployment: ref, rangeMinutes } = shadowInput.parse(input);
  const since = new Date(ctx.now().getTime() - rangeMinutes * 60_000);
  return withWorkspace(ctx, async (tx) => {
    const deploymentId = await idOf(tx, ctx, ref);
    const own = { workspaceId: ctx.workspaceId, deploymentId };
    const t = shadowComparisons;
    const minutes = await tx
      .select()
      .from(t)
      .where(
        and(eq(t.workspaceId, own.workspaceId), eq(t.deploymentId, deploymentId), gte(t.at, since)),
      )
      .orderBy(asc(t.at));
    const variants = await namesOf(tx, own, [...new Set(minutes.map((one) => one.variantId))]);
    const examples = await examplesOf(tx, own);
    return {
      rangeMinutes,
      variants: variants.map(({ id, name, versionNumber }) => {
        const ofVariant = minutes.filter((one) => one.variantId === id);
        return {
          variantId: id,
          name,
          versionNumber,
          ...totalsOf(ofVariant),
          series: ofVariant.map((one) => ({ at: one.at.toISOString(), ...totalsOf([one]) })),
          examples: examples
            .filter((one) => one.variantId === id)
            .slice(0, EXAMPLES_MAX)
            .map(({ at, flips, difference, inputs, sent, shadow }) => ({
              at: at.toISOString(),
              flips,
              difference,
              inputs,
              sent,
              shadow,
            })),
        };
      }),
    };
  });
}

async function idOf(tx: Transaction, ctx: Context, ref: string): Promise<string> {
  const [row] = await tx
    .select({ id: deployments.id })
    .from(deployments)
    .where(
      and(
        eq(deployments.workspaceId, ctx.workspaceId),
        isUuid(ref) ? eq(deployments.id, ref) : eq(deployments.name, ref),
        isNull(deployments.deletedAt),
      ),
    );
  if (!row) throw notFound("The deployment");
  return row.id;
}

interface Own {
  workspaceId: string;
  deploymentId: string;
}

const namesOf = (tx: Transaction, { workspaceId, deploymentId }: Own, ids: string[]) =>
  tx
    .select({
      id: deploymentVariants.id,
      name: deploymentVariants.name,
      versionNumber: modelVersions.number,
    })
    .from(deploymentVariants)
    .innerJoin(
      modelVersions,
      and(
        eq(modelVersions.workspaceId, deploymentVariants.workspaceId),
        eq(modelVersions.id, deploymentVariants.versionId),
      ),
    )
    .where(
      and(
        eq(deploymentVariants.workspaceId, workspaceId),
        eq(deploymentVariants.deploymentId, deploymentId),
        inArray(deploymentVariants.id, ids),
      ),
    )
    .orderBy(desc(deploymentVariants.createdAt));

const examplesOf = (tx: Transaction, { workspaceId, deploymentId }: Own) =>
  tx
    .select()
    .from(shadowExamples)
    .where(
      and(
        eq(shadowExamples.workspaceId, workspaceId),
        eq(shadowExamples.deploymentId, deploymentId),
      ),
    )
    .orderBy(desc(shadowExamples.flips), desc(shadowExamples.difference), desc(shadowExamples.id));

function totalsOf(minutes: readonly Minute[]) {
  const sum = (pick: (one: Minute) => number) =>
    minutes.reduce((total, one) => total + pick(one), 0);
  const requests = sum((one) => one.requests);
  const mean = (total: number) => (requests === 0 ? null : total / requests);
  return {
    requests,
    rows: sum((one) => one.rows),
    equal: sum((one) => one.equal),
    flips: sum((one) => one.flips),
    errors: sum((one) => one.errors),
    dropped: sum((one) => one.dropped),
    differenceMax: Math.max(0, ...minutes.map((one) => one.differenceMax)),
    differenceMean: mean(sum((one) => one.differenceSum)),
    latencyMs: mean(sum((one) => one.latencyUsSum) / 1000),
    shadowLatencyMs: mean(sum((one) => one.shadowLatencyUsSum) / 1000),
  };
}
