import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { trainingJobs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { latestMetrics, selectJobs, toJobDto } from "./internal";
import { type JobDto, jobRef } from "./schemas";

/** One training job with its newest metrics. */
export async function getJob(ctx: Context, input: z.input<typeof jobRef>): Promise<JobDto> {
  requirePermission(ctx, "training:read");
  const { job } = jobRef.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const [row] = await selectJobs(tx).where(
      and(eq(trainingJobs.workspaceId, ctx.workspaceId), eq(trainingJobs.id, job)),
    );
    if (!row) throw notFound("The training job");
    const metrics = await latestMetrics(tx, ctx, [row.runId]);
    return toJobDto(row, metrics.get(row.runId), ctx.now());
  });
}
