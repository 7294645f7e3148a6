import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { AppError, notFound } from "@/server/kernel/errors";
import { unreadDays } from "../archives/unread-days";
import { toDto } from "./log-rows";
import { readLog } from "./read-log";
import { getPredictionInput, listPredictionsInput, type PredictionLogDto } from "./schemas";

/**
 * One logged request with all its rows. Throws not_found, also for what sampling left out and what
 * lay in an archive that is lost; unavailable where its archive cannot be read for the moment.
 */
export async function getPrediction(
  ctx: Context,
  input: { requestId: string },
): Promise<PredictionLogDto> {
  requirePermission(ctx, "predictions:read");
  const { requestId } = getPredictionInput.parse(input);
  const query = listPredictionsInput.parse({ requestId, limit: 1 });
  const { items, unread } = await readLog(ctx, query, "full");
  const [row] = items;
  if (row) return toDto(row);
  const [lost] = unreadDays(unread);
  if (lost?.reason === "unavailable") {
    const message = `The archive of ${lost.day} could not be read this time. Try again.`;
    throw new AppError("unavailable", message, { retryAfterSeconds: 5 });
  }
  if (lost) {
    throw new AppError(
      "not_found",
      `An archive of ${lost.day}, where the prediction may have been, is ${lost.reason}.`,
    );
  }
  throw notFound("The prediction");
}
