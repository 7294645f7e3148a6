import { and, desc, eq, lt, sql } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { modelCards } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { decodeCursor, type Page, toPage } from "@/server/kernel/paging";
import { loadNames } from "../approvals/person-names";
import { getModelInWorkspace } from "../internal";
import {
  type CardRevision,
  type CardRevisionSummary,
  cardRevisionRef,
  listCardRevisionsInput,
} from "./schemas";

/** Who wrote a model's card and when, newest first. Throws not_found. */
export async function listCardRevisions(
  ctx: Context,
  input: z.input<typeof listCardRevisionsInput>,
): Promise<Page<CardRevisionSummary>> {
  requirePermission(ctx, "models:read");
  const { model: idOrName, limit, cursor } = listCardRevisionsInput.parse(input);
  const before = cursor === undefined ? undefined : Number(decodeCursor(cursor, 1)[0]);
  return withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, idOrName);
    const rows = await tx
      .select({
        revision: modelCards.revision,
        writtenBy: modelCards.writtenBy,
        createdAt: modelCards.createdAt,
        characters: sql<number>`length(${modelCards.content})`,
      })
      .from(modelCards)
      .where(
        and(
          eq(modelCards.workspaceId, ctx.workspaceId),
          eq(modelCards.modelId, model.id),
          before === undefined ? undefined : lt(modelCards.revision, before),
        ),
      )
      .orderBy(desc(modelCards.revision))
      .limit(limit + 1);
    const naming = await loadNames(
      tx,
      ctx,
      rows.map(({ writtenBy }) => writtenBy),
    );
    return toPage(
      rows,
      limit,
      (row) => [row.revision],
      (row) => ({
        ...row,
        writtenBy: naming(row.writtenBy),
        createdAt: row.createdAt.toISOString(),
      }),
    );
  });
}

/** One text a model's card had. Throws not_found. */
export async function getCardRevision(
  ctx: Context,
  input: z.input<typeof cardRevisionRef>,
): Promise<CardRevision> {
  requirePermission(ctx, "models:read");
  const { model: idOrName, revision } = cardRevisionRef.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, idOrName);
    const [row] = await tx
      .select()
      .from(modelCards)
      .where(
        and(
          eq(modelCards.workspaceId, ctx.workspaceId),
          eq(modelCards.modelId, model.id),
          eq(modelCards.revision, revision),
        ),
      );
    if (!row) throw notFound("The revision");
    const naming = await loadNames(tx, ctx, [row.writtenBy]);
    return {
      revision: row.revision,
      content: row.content,
      writtenBy: naming(row.writtenBy),
      createdAt: row.createdAt.toISOString(),
    };
  });
}
