import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { batchJobs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { byDate, keyset, type Page, toPage } from "@/server/kernel/paging";
import { selectBatchJobs, toBatchJobDto } from "./internal";
import { type BatchJobDto, listBatchJobsInput } from "./schemas";

/** A page of batch jobs by keyset, newest first unless asked otherwise. */
export async function listBatchJobs(
  ctx: Context,
  input: z.input<typeof listBatchJobsInput>,
): Promise<Page<BatchJobDto>> {
  requirePermission(ctx, "predictions:read");
  const { status, deployment, model, ...query } = listBatchJobsInput.parse(input);
  const page = keyset(byDate(batchJobs.createdAt), batchJobs.id, query);
  const rows = await withWorkspace(ctx, (tx) =>
    selectBatchJobs(tx)
      .where(
        and(
          eq(batchJobs.workspaceId, ctx.workspaceId),
          status ? eq(batchJobs.status, status) : undefined,
          deployment ? eq(batchJobs.deploymentId, deployment) : undefined,
          model ? eq(batchJobs.modelId, model) : undefined,
          page.where,
        ),
      )
      .orderBy(...page.orderBy)
      .limit(query.limit + 1),
  );
  return toPage(
    rows,
    query.limit,
    (row) => [row.createdAt.toISOString(), row.id],
    (row) => toBatchJobDto(row),
  );
}
