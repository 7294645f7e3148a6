import { and, eq, isNotNull } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { modelVersions } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { getModelInWorkspace } from "../internal";
import { listSemanticVersionsInput, type SemanticVersionList } from "./schemas";
import {
  compareSemanticVersions,
  nextSemanticVersion,
  type Part,
  parseSemanticVersion,
  printSemanticVersion,
} from "./semantic-version";

/** A model's semantic versions, newest first, and what may follow. Throws not_found. */
export async function listSemanticVersions(
  ctx: Context,
  input: z.input<typeof listSemanticVersionsInput>,
): Promise<SemanticVersionList> {
  requirePermission(ctx, "models:read");
  const { model: idOrName } = listSemanticVersionsInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, idOrName);
    const known = await loadSemanticVersions(tx, ctx, model.id);
    const next = (part: Part) => printSemanticVersion(nextSemanticVersion(known[0]?.parsed, part));
    return {
      items: known.map(({ parsed: _parsed, ...one }) => one),
      nextCursor: null,
      next: { patch: next("patch"), minor: next("minor"), major: next("major") },
    };
  });
}

/** Those of a model, newest first; a deleted version keeps its own, so that none is given twice. */
export async function loadSemanticVersions(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  modelId: string,
) {
  const rows = await tx
    .select({
      semanticVersion: modelVersions.semanticVersion,
      versionId: modelVersions.id,
      number: modelVersions.number,
    })
    .from(modelVersions)
    .where(
      and(
        eq(modelVersions.workspaceId, ctx.workspaceId),
        eq(modelVersions.modelId, modelId),
        isNotNull(modelVersions.semanticVersion),
      ),
    );
  return rows
    .flatMap((row) => {
      const parsed = parseSemanticVersion(row.semanticVersion ?? "");
      return parsed ? [{ ...row, semanticVersion: printSemanticVersion(parsed), parsed }] : [];
    })
    .toSorted((a, b) => compareSemanticVersions(b.parsed, a.parsed));
}
