import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { toDto } from "./log-rows";
import { readLog } from "./read-log";
import { getPredictionInput, listPredictionsInput, type PredictionLogDto } from "./schemas";

/** One logged request with all its rows. Throws not_found, also for what sampling left out. */
export async function getPrediction(
  ctx: Context,
  input: { requestId: string },
): Promise<PredictionLogDto> {
  requirePermission(ctx, "predictions:read");
  const { requestId } = getPredictionInput.parse(input);
  const query = listPredictionsInput.parse({ requestId, limit: 1 });
  const { items } = await readLog(ctx, query, "full");
  const [row] = items;
  if (!row) throw notFound("The prediction");
  return toDto(row);
}
