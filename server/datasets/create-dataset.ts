import { createReadStream } from "node:fs";
import { and, eq, max, sql } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { datasetPreviews, datasets } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { storeObject } from "@/server/artifacts";
import { recordAudit } from "@/server/audit";
import { actorName } from "@/server/kernel/actor";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import { AppError } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import { findNewestInWorkspace, toDatasetDto, toDatasetSummary } from "./internal";
import { profileFile } from "./profile-file";
import { type DatasetDto, type DatasetProfile, uploadDatasetInput } from "./schemas";
import type { StagedFile } from "./stage-file";

type Values = z.output<typeof uploadDatasetInput>;

/**
 * Makes the next version of a name from a staged file. The content of the newest version sent again
 * answers that version, `created` false, and writes nothing. Throws validation_failed when the file
 * is no dataset.
 */
export async function createDataset(
  ctx: Context,
  input: z.input<typeof uploadDatasetInput>,
  file: StagedFile,
): Promise<{ dataset: DatasetDto; created: boolean }> {
  requirePermission(ctx, "datasets:write");
  const values = uploadDatasetInput.parse(input);
  const known = await withWorkspace(ctx, (tx) => findNewestInWorkspace(tx, ctx, values.name));
  if (known?.sha256 === file.sha256) return { dataset: toDatasetDto(known), created: false };
  const profile = await profileFile(file);
  // No transaction is held while bytes move. An object without a row is invisible.
  const content = createReadStream(file.path);
  const stored = await ctx.ports.objects.put(ctx.workspaceId, content, file.sizeBytes);
  if (stored.sha256 !== file.sha256) {
    throw new AppError("unavailable", "The file changed while it was stored. Send it again.");
  }
  return withWorkspace(ctx, async (tx) => {
    await lockName(tx, ctx, values.name);
    const newest = await findNewestInWorkspace(tx, ctx, values.name);
    if (newest?.sha256 === file.sha256) return { dataset: toDatasetDto(newest), created: false };
    await storeObject(tx, ctx, stored);
    // A name keeps the spelling it was first given.
    const name = newest?.name ?? values.name;
    const dataset = await insert(tx, ctx, { ...values, name }, { ...profile, ...stored });
    await recordAudit(tx, ctx, {
      action: "dataset.created",
      subjectType: "dataset",
      subjectId: dataset.id,
      after: toDatasetSummary(dataset),
    });
    await emitEvent(tx, ctx, {
      name: "datasets/dataset.created",
      data: { datasetId: dataset.id },
    });
    await announceChange(tx, ctx, "datasets", dataset.id);
    return { dataset: toDatasetDto(dataset), created: true };
  });
}

/** Two uploads of one name take their version numbers one after the other. */
async function lockName(tx: Transaction, ctx: Context, name: string): Promise<void> {
  const key = `dataset:${ctx.workspaceId}:${name}`;
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(lower(${key}), 0))`);
}

async function insert(
  tx: Transaction,
  ctx: Context,
  values: Values,
  found: DatasetProfile & { sha256: string; sizeBytes: number },
) {
  // Deleted versions keep their numbers.
  const [last] = await tx
    .select({ version: max(datasets.version) })
    .from(datasets)
    .where(
      and(
        eq(datasets.workspaceId, ctx.workspaceId),
        eq(sql`lower(${datasets.name})`, sql`lower(${values.name})`),
      ),
    );
  const { preview, columns, ...facts } = found;
  const [row] = await tx
    .insert(datasets)
    .values({
      ...values,
      ...facts,
      columns,
      columnCount: columns.length,
      workspaceId: ctx.workspaceId,
      id: newId(ctx.now().getTime()),
      version: (last?.version ?? 0) + 1,
      createdBy: actorName(ctx.actor),
      createdAt: ctx.now(),
    })
    .returning();
  if (!row) throw new AppError("conflict", `A dataset named ${values.name} was made just now.`);
  await tx
    .insert(datasetPreviews)
    .values({ workspaceId: ctx.workspaceId, datasetId: row.id, rows: preview });
  return row;
}
