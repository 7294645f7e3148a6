import { and, eq, inArray } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { batchJobs } from "@/db/schema";
import { datasetGuards } from "@/server/datasets";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { modelDeletionGuards, versionDeletionGuards } from "@/server/registry";

async function refuse(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  of: ReturnType<typeof eq>,
  what: string,
): Promise<void> {
  const [job] = await tx
    .select({ id: batchJobs.id, status: batchJobs.status })
    .from(batchJobs)
    .where(
      and(
        eq(batchJobs.workspaceId, ctx.workspaceId),
        inArray(batchJobs.status, ["queued", "running"]),
        of,
      ),
    )
    .limit(1);
  if (!job) return;
  throw new AppError(
    "conflict",
    `The ${job.status} batch job ${job.id} uses this ${what}. Wait for it, or cancel it first.`,
  );
}

/** What a job still has to read stays. */
datasetGuards.push((tx, ctx, { id }) => refuse(tx, ctx, eq(batchJobs.datasetId, id), "dataset"));
modelDeletionGuards.push((tx, ctx, { id }) => refuse(tx, ctx, eq(batchJobs.modelId, id), "model"));
versionDeletionGuards.push((tx, ctx, { id }) =>
  refuse(tx, ctx, eq(batchJobs.versionId, id), "version"),
);
