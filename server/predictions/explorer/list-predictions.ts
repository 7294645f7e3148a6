import { and, eq, isNull } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { deployments, predictionLogs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { isUuid } from "@/server/kernel/ids";
import { byDate, keyset, type Page, toPage } from "@/server/kernel/paging";
import { logFilters } from "./log-filters";
import { selectLogs, toDto } from "./log-rows";
import { type LogQuery, listPredictionsInput, type PredictionLogDto } from "./schemas";

/** The prediction log of a deployment or of the workspace, newest first unless asked otherwise. */
export async function listPredictions(
  ctx: Context,
  input: z.input<typeof listPredictionsInput>,
): Promise<Page<PredictionLogDto>> {
  requirePermission(ctx, "predictions:read");
  const query = listPredictionsInput.parse(input);
  const rows = await withWorkspace(ctx, (tx) => readLogs(tx, ctx, query, "short"));
  return toPage(rows, query.limit, ({ log }) => [log.at.toISOString(), log.requestId], toDto);
}

/** One row more than the page holds. Throws not_found for an unknown deployment. */
export async function readLogs(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId" | "now">,
  query: LogQuery,
  detail: "short" | "full",
) {
  const { deployment } = query;
  const deploymentId = deployment && (await deploymentIdOf(tx, ctx, deployment));
  const page = keyset(byDate(predictionLogs.at), predictionLogs.requestId, query);
  return selectLogs(tx, detail)
    .where(
      and(
        eq(predictionLogs.workspaceId, ctx.workspaceId),
        deploymentId ? eq(predictionLogs.deploymentId, deploymentId) : undefined,
        ...logFilters(query, ctx.now()),
        page.where,
      ),
    )
    .orderBy(...page.orderBy)
    .limit(query.limit + 1);
}

async function deploymentIdOf(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  ref: string,
): Promise<string> {
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
  return deployment.id;
}
