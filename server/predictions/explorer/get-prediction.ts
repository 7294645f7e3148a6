import { and, eq } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { predictionLogs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { requestIs } from "./log-filters";
import { selectLogs, toDto } from "./log-rows";
import { getPredictionInput, type PredictionLogDto } from "./schemas";

/** One logged request with all its rows. Throws not_found, also for what sampling left out. */
export async function getPrediction(
  ctx: Context,
  input: { requestId: string },
): Promise<PredictionLogDto> {
  requirePermission(ctx, "predictions:read");
  const { requestId } = getPredictionInput.parse(input);
  const [row] = await withWorkspace(ctx, (tx) =>
    selectLogs(tx, "full")
      .where(and(eq(predictionLogs.workspaceId, ctx.workspaceId), requestIs(requestId, ctx.now())))
      .limit(1),
  );
  if (!row) throw notFound("The prediction");
  return toDto(row);
}
