import { and, eq, gte, isNull, lt } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { deployments, modelVersions, predictionLogs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { isUuid } from "@/server/kernel/ids";
import { byDate, keyset, type Page, toPage } from "@/server/kernel/paging";
import { listPredictionsInput, type PredictionLogDto } from "./schemas";

/** The prediction log of a deployment, newest first unless asked otherwise. */
export async function listPredictions(
  ctx: Context,
  input: z.input<typeof listPredictionsInput>,
): Promise<Page<PredictionLogDto>> {
  requirePermission(ctx, "predictions:read");
  const query = listPredictionsInput.parse(input);
  const page = keyset(byDate(predictionLogs.at), predictionLogs.requestId, query);
  return withWorkspace(ctx, async (tx) => {
    const ref = query.deployment;
    const [deployment] = await tx
      .select({ id: deployments.id })
      .from(deployments)
      .where(
        and(
          eq(deployments.workspaceId, ctx.workspaceId),
          isUuid(ref) ? eq(deployments.id, ref) : eq(deployments.name, ref),
          isNull(deployments.deletedAt),
        ),
      );
    if (!deployment) throw notFound("The deployment");
    const rows = await tx
      .select({ log: predictionLogs, versionNumber: modelVersions.number })
      .from(predictionLogs)
      .leftJoin(
        modelVersions,
        and(
          eq(modelVersions.workspaceId, predictionLogs.workspaceId),
          eq(modelVersions.id, predictionLogs.versionId),
        ),
      )
      .where(
        and(
          eq(predictionLogs.workspaceId, ctx.workspaceId),
          eq(predictionLogs.deploymentId, deployment.id),
          query.status === "ok" ? lt(predictionLogs.status, 400) : undefined,
          query.status === "error" ? gte(predictionLogs.status, 400) : undefined,
          page.where,
        ),
      )
      .orderBy(...page.orderBy)
      .limit(query.limit + 1);
    return toPage(
      rows,
      query.limit,
      ({ log }) => [log.at.toISOString(), log.requestId],
      ({ log, versionNumber }) => toDto(log, versionNumber),
    );
  });
}

const milliseconds = (us: number | null): number | null => (us === null ? null : us / 1000);

function toDto(
  log: typeof predictionLogs.$inferSelect,
  versionNumber: number | null,
): PredictionLogDto {
  return {
    requestId: log.requestId,
    at: log.at.toISOString(),
    variantId: log.variantId,
    versionId: log.versionId,
    versionNumber,
    status: log.status,
    rows: log.rows,
    inputs: log.inputs,
    outputs: log.outputs,
    error: log.error,
    latencyMs: log.latencyUs / 1000,
    queueMs: milliseconds(log.queueUs),
    computeMs: milliseconds(log.computeUs),
  };
}
