import { and, eq, inArray } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { trainingJobs } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";

/** A dataset stays while a training job still has to read it. Throws conflict. */
export async function keepDatasetInUse(
  tx: Transaction,
  ctx: Context,
  dataset: { id: string },
): Promise<void> {
  await refuse(tx, ctx, eq(trainingJobs.datasetId, dataset.id), "uses this dataset");
}

/** A model stays while a training job still makes a version of it. Throws conflict. */
export async function keepModelInUse(
  tx: Transaction,
  ctx: Context,
  model: { id: string },
): Promise<void> {
  await refuse(tx, ctx, eq(trainingJobs.modelId, model.id), "trains this model");
}

async function refuse(
  tx: Transaction,
  ctx: Context,
  of: ReturnType<typeof eq>,
  does: string,
): Promise<void> {
  const [job] = await tx
    .select({ id: trainingJobs.id, status: trainingJobs.status })
    .from(trainingJobs)
    .where(
      and(
        eq(trainingJobs.workspaceId, ctx.workspaceId),
        inArray(trainingJobs.status, ["queued", "running"]),
        of,
      ),
    )
    .limit(1);
  if (!job) return;
  throw new AppError(
    "conflict",
    `The ${job.status} training job ${job.id} ${does}. Wait for it, or cancel it first.`,
  );
}
