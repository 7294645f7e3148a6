import { and, desc, eq, lt } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { modelSignatures } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { decodeCursor, type Page, toPage } from "@/server/kernel/paging";
import { loadNames } from "../approvals/person-names";
import { getModelInWorkspace, getVersionInWorkspace } from "../internal";
import { listSignaturesInput, type SignatureRevision } from "./schemas";

/** The signatures a version had once one was changed, newest first. Throws not_found. */
export async function listSignatures(
  ctx: Context,
  input: z.input<typeof listSignaturesInput>,
): Promise<Page<SignatureRevision>> {
  requirePermission(ctx, "models:read");
  const { model: ref, version: which, limit, cursor } = listSignaturesInput.parse(input);
  const before = cursor === undefined ? undefined : Number(decodeCursor(cursor, 1)[0]);
  return withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, ref);
    const version = await getVersionInWorkspace(tx, ctx, model, which);
    const rows = await tx
      .select()
      .from(modelSignatures)
      .where(
        and(
          eq(modelSignatures.workspaceId, ctx.workspaceId),
          eq(modelSignatures.versionId, version.id),
          before === undefined ? undefined : lt(modelSignatures.revision, before),
        ),
      )
      .orderBy(desc(modelSignatures.revision))
      .limit(limit + 1);
    const naming = await loadNames(
      tx,
      ctx,
      rows.flatMap(({ changedBy }) => changedBy ?? []),
    );
    return toPage(
      rows,
      limit,
      (row) => [row.revision],
      (row) => ({
        revision: row.revision,
        signature: row.signature as SignatureRevision["signature"],
        note: row.note,
        changedBy: row.changedBy === null ? null : naming(row.changedBy),
        createdAt: row.createdAt.toISOString(),
      }),
    );
  });
}
