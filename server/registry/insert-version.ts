import { and, desc, eq, isNull, type SQL } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { models, modelVersionArtifacts, modelVersions } from "@/db/schema";
import { actorName } from "@/server/kernel/actor";
import type { Context } from "@/server/kernel/context";
import { newId } from "@/server/kernel/ids";
import type { VersionRow } from "./internal";
import type { VersionArtifact } from "./schemas";
import { initialStage } from "./stages/internal";

type Facts = Omit<
  typeof modelVersions.$inferInsert,
  | "workspaceId"
  | "id"
  | "number"
  | "parentVersionId"
  | "stage"
  | "createdBy"
  | "createdAt"
  | "updatedAt"
>;

/** Rows of one insert; a statement takes 65,535 parameters at most. */
const BATCH = 5_000;

/**
 * Writes the next version of a model whose row the caller has locked, with its artifacts. Numbers of
 * deleted versions are not given again; the newest one that is left becomes the parent.
 */
export async function insertVersion(
  tx: Transaction,
  ctx: Context,
  facts: Facts,
  artifacts: readonly VersionArtifact[],
): Promise<VersionRow> {
  const { workspaceId } = ctx;
  const newest = (which?: SQL) =>
    tx
      .select({ id: modelVersions.id, number: modelVersions.number })
      .from(modelVersions)
      .where(
        and(
          eq(modelVersions.workspaceId, workspaceId),
          eq(modelVersions.modelId, facts.modelId),
          which,
        ),
      )
      .orderBy(desc(modelVersions.number))
      .limit(1);
  const [last] = await newest();
  const [parent] = await newest(isNull(modelVersions.deletedAt));
  const [row] = await tx
    .insert(modelVersions)
    .values({
      ...facts,
      workspaceId,
      id: newId(ctx.now().getTime()),
      number: (last?.number ?? 0) + 1,
      parentVersionId: parent?.id ?? null,
      stage: await initialStage(tx, ctx),
      createdBy: actorName(ctx.actor),
      createdAt: ctx.now(),
      updatedAt: ctx.now(),
    })
    .returning();
  if (!row) throw new Error("insert returned no row");
  for (let at = 0; at < artifacts.length; at += BATCH) {
    const rows = artifacts.slice(at, at + BATCH);
    await tx
      .insert(modelVersionArtifacts)
      .values(rows.map((one) => ({ ...one, workspaceId, versionId: row.id })));
  }
  await tx
    .update(models)
    .set({ updatedAt: ctx.now() })
    .where(and(eq(models.workspaceId, workspaceId), eq(models.id, facts.modelId)));
  return row;
}
