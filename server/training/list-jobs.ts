import { and, eq, sql } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { models, trainingJobs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { isUuid } from "@/server/kernel/ids";
import { byDate, byNumber, keyset, type Page, toPage } from "@/server/kernel/paging";
import { latestMetrics, selectJobs, toJobDto } from "./internal";
import { type JobDto, listJobsInput } from "./schemas";

const SORTS = {
  createdAt: byDate(trainingJobs.createdAt),
  priority: byNumber(trainingJobs.priority),
};

/** A page of training jobs by keyset, newest first unless asked otherwise. */
export async function listJobs(
  ctx: Context,
  input: z.input<typeof listJobsInput>,
): Promise<Page<JobDto>> {
  requirePermission(ctx, "training:read");
  const query = listJobsInput.parse(input);
  const page = keyset(SORTS[query.sort], trainingJobs.id, query);
  const { rows, metrics } = await withWorkspace(ctx, async (tx) => {
    const rows = await selectJobs(tx)
      .where(
        and(
          eq(trainingJobs.workspaceId, ctx.workspaceId),
          query.status ? eq(trainingJobs.status, query.status) : undefined,
          query.model ? ofModel(query.model) : undefined,
          page.where,
        ),
      )
      .orderBy(...page.orderBy)
      .limit(query.limit + 1);
    const runIds = rows.map((row) => row.runId);
    return { rows, metrics: await latestMetrics(tx, ctx, runIds) };
  });
  return toPage(
    rows,
    query.limit,
    (row) => [query.sort === "priority" ? row.priority : row.createdAt.toISOString(), row.id],
    (row) => toJobDto(row, metrics.get(row.runId), ctx.now()),
  );
}

const ofModel = (model: string) =>
  isUuid(model) ? eq(models.id, model) : eq(sql`lower(${models.name})`, model.toLowerCase());
