import { and, desc, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { rollOutAnalyses } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import type { RollOutMetric, Verdict } from "../constants";
import { getDeploymentInWorkspace } from "../internal";
import { getRollOutOfDeployment, toRollOutDto } from "./internal";
import { type RollOutDetailDto, rollOutParams } from "./schemas";

/** Readings an answer holds at most: some dozens of looks. */
const ANALYSES_MAX = 200;

/** One roll-out with its newest looks. */
export async function getRollOut(
  ctx: Context,
  input: z.input<typeof rollOutParams>,
): Promise<RollOutDetailDto> {
  requirePermission(ctx, "deployments:read");
  const { deployment: ref, rollOut: id } = rollOutParams.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const deployment = await getDeploymentInWorkspace(tx, ctx, ref);
    const rollOut = await getRollOutOfDeployment(tx, ctx, deployment, id);
    const rows = await tx
      .select()
      .from(rollOutAnalyses)
      .where(
        and(
          eq(rollOutAnalyses.workspaceId, ctx.workspaceId),
          eq(rollOutAnalyses.rollOutId, rollOut.id),
        ),
      )
      .orderBy(desc(rollOutAnalyses.look), desc(rollOutAnalyses.id))
      .limit(ANALYSES_MAX);
    return {
      ...toRollOutDto(rollOut),
      analyses: rows.map((row) => ({
        look: row.look,
        step: row.step,
        metric: row.metric as RollOutMetric,
        stableCount: row.stableCount,
        stableValue: row.stableValue,
        candidateCount: row.candidateCount,
        candidateValue: row.candidateValue,
        statistic: row.statistic,
        pValue: row.pValue,
        lowerBound: row.lowerBound,
        upperBound: row.upperBound,
        verdict: row.verdict as Verdict,
        message: row.message,
        at: row.at.toISOString(),
      })),
    };
  });
}
