import { and, asc, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { runMetrics } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { exactInt } from "@/server/kernel/exact-int";
import { decodeCursor, type Page, toPage } from "@/server/kernel/paging";
import { LIMITS } from "./constants";
import { getRunInWorkspace } from "./internal";
import { toMetricDto } from "./metric-points";
import type { MetricDto } from "./schemas";

const listMetricPointsInput = z.object({
  runId: z.string(),
  key: z.string().max(LIMITS.key),
  /** Without a limit the whole series comes. */
  limit: z.int().min(1).max(LIMITS.historyPage).optional(),
  cursor: z.string().max(500).optional(),
});

/** Every point of one metric by (timestamp, step, value), by keyset. Throws not_found. */
export async function listMetricPoints(
  ctx: Context,
  input: z.input<typeof listMetricPointsInput>,
): Promise<Page<MetricDto>> {
  requirePermission(ctx, "experiments:read");
  const { runId, key, limit, cursor } = listMetricPointsInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const run = await getRunInWorkspace(tx, ctx, runId);
    const query = tx
      .select()
      .from(runMetrics)
      .where(
        and(
          eq(runMetrics.workspaceId, ctx.workspaceId),
          eq(runMetrics.runId, run.id),
          eq(runMetrics.key, key.replaceAll("\0", "")),
          cursor ? afterCursor(cursor) : undefined,
        ),
      )
      .orderBy(
        asc(runMetrics.timestamp),
        asc(runMetrics.step),
        asc(runMetrics.value),
        asc(runMetrics.isNan),
      );
    const rows = limit ? await query.limit(limit + 1) : await query;
    return toPage(
      rows,
      limit ?? rows.length,
      (row) => [String(row.timestamp), String(row.step), row.value, Number(row.isNan)],
      toMetricDto,
    );
  });
}

const DIGITS = /^-?\d{1,19}$/;

function afterCursor(cursor: string) {
  const [timestamp = "", step = "", value, isNan] = decodeCursor(cursor, 4);
  const isGood = [timestamp, step].every(
    (text) => DIGITS.test(String(text)) && exactInt(text) !== undefined,
  );
  if (!isGood || !Number.isFinite(value)) {
    throw new AppError("bad_request", "The cursor is damaged: take nextCursor unchanged.");
  }
  return sql`(${runMetrics.timestamp}, ${runMetrics.step}, ${runMetrics.value}, ${runMetrics.isNan}) >
    (${timestamp}::int8, ${step}::int8, ${value}::float8, ${isNan === 1})`;
}
