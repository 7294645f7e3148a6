import type { z } from "zod";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { unreadDays } from "../archives/unread-days";
import { toDto } from "./log-rows";
import { cursorOf } from "./places";
import { readLog } from "./read-log";
import { type LogPage, listPredictionsInput } from "./schemas";

/**
 * The prediction log of a deployment or of the workspace, newest first unless asked otherwise, on into
 * its archives. A page may be short, or empty, and yet have a next one: archives are looked through
 * for some seconds at a time. What lies in archives that cannot be read is left out and said in
 * `unread`. Throws not_found for an unknown deployment.
 */
export async function listPredictions(
  ctx: Context,
  input: z.input<typeof listPredictionsInput>,
): Promise<LogPage> {
  requirePermission(ctx, "predictions:read");
  const query = listPredictionsInput.parse(input);
  const { items, next, unread } = await readLog(ctx, query, "short");
  return {
    items: items.map(toDto),
    nextCursor: next && cursorOf(next),
    unread: unreadDays(unread),
  };
}
