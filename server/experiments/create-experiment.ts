import { eq, max, sql } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { experiments, experimentTags } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { actorName } from "@/server/kernel/actor";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import {
  type ExperimentRow,
  ensureDefaultExperiment,
  refuseRunKey,
  toExperimentDto,
} from "./internal";
import { createExperimentInput, type Entry, type ExperimentDto } from "./schemas";

/** Makes an experiment with the next number. Throws conflict when the name is taken, deleted ones included. */
export async function createExperiment(
  ctx: Context,
  input: z.input<typeof createExperimentInput>,
): Promise<ExperimentDto> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const values = createExperimentInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const row = await insertExperiment(tx, ctx, values);
    if (!row) {
      throw new AppError("conflict", `Experiment(name=${values.name}) already exists.`, {
        issues: [{ path: "name", message: "is taken" }],
      });
    }
    const tags = [...new Map(values.tags.map((tag) => [tag.key, tag])).values()];
    return toExperimentDto(row, { runCount: 0, lastRunAt: null, tags });
  });
}

/** Writes the experiment with its audit row in the caller's transaction; undefined when the name is taken. */
export async function insertExperiment(
  tx: Transaction,
  ctx: Context,
  values: { name: string; description: string; tags: Entry[] },
): Promise<ExperimentRow | undefined> {
  await ensureDefaultExperiment(tx, ctx);
  // One at a time, so that numbers follow each other.
  await tx.execute(
    sql`select pg_advisory_xact_lock(hashtextextended(${`experiments:${ctx.workspaceId}`}, 0))`,
  );
  const [last] = await tx
    .select({ number: max(experiments.number) })
    .from(experiments)
    .where(eq(experiments.workspaceId, ctx.workspaceId));
  const [row] = await tx
    .insert(experiments)
    .values({
      workspaceId: ctx.workspaceId,
      id: newId(ctx.now().getTime()),
      number: (last?.number ?? 0) + 1,
      name: values.name,
      description: values.description,
      createdBy: actorName(ctx.actor),
      createdAt: ctx.now(),
      updatedAt: ctx.now(),
    })
    .onConflictDoNothing()
    .returning();
  if (!row) return undefined;
  await writeTags(tx, row, values.tags);
  await recordAudit(tx, ctx, {
    action: "experiment.created",
    subjectType: "experiment",
    subjectId: row.id,
    after: { name: row.name, number: row.number, tags: values.tags },
  });
  await announceChange(tx, ctx, "experiments", row.id);
  return row;
}

async function writeTags(tx: Transaction, row: ExperimentRow, tags: Entry[]): Promise<void> {
  // The last value of a repeated key counts.
  const distinct = [...new Map(tags.map((tag) => [tag.key, tag])).values()];
  if (distinct.length === 0) return;
  await tx
    .insert(experimentTags)
    .values(
      distinct.map((tag) => ({ ...tag, workspaceId: row.workspaceId, experimentId: row.id })),
    );
}
