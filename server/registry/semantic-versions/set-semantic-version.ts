import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { modelVersions } from "@/db/schema";
import { requireGrant, requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { getModelInWorkspace, getVersionInWorkspace, toVersionDto } from "../internal";
import type { VersionDto } from "../schemas";
import { loadSemanticVersions } from "./list-semantic-versions";
import { setSemanticVersionInput } from "./schemas";
import { nextSemanticVersion, printSemanticVersion } from "./semantic-version";

/**
 * Gives a version its semantic version, the next one of the model where `next` says so, or takes it
 * off. Throws not_found, conflict for one that another version of the model carries.
 */
export async function setSemanticVersion(
  ctx: Context,
  input: z.input<typeof setSemanticVersionInput>,
): Promise<VersionDto> {
  requirePermission(ctx, "models:write");
  const values = setSemanticVersionInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    // The lock makes two who ask for the next one get different ones.
    const model = await getModelInWorkspace(tx, ctx, values.model, true);
    await requireGrant(tx, ctx, { on: { modelId: model.id }, action: "write" });
    const before = await getVersionInWorkspace(tx, ctx, model, values.version);
    const known = await loadSemanticVersions(tx, ctx, model.id);
    const semanticVersion = values.next
      ? printSemanticVersion(nextSemanticVersion(known[0]?.parsed, values.next))
      : (values.semanticVersion ?? null);
    const holder = known.find((one) => one.semanticVersion === semanticVersion);
    if (holder && holder.versionId !== before.id) {
      const message = `${semanticVersion} is version ${holder.number} already.`;
      throw new AppError("conflict", message, {
        issues: [{ path: "semanticVersion", message: "is taken" }],
      });
    }
    const after = { ...before, semanticVersion, updatedAt: ctx.now() };
    await tx
      .update(modelVersions)
      .set({ semanticVersion, updatedAt: ctx.now() })
      .where(and(eq(modelVersions.workspaceId, ctx.workspaceId), eq(modelVersions.id, before.id)));
    await recordAudit(tx, ctx, {
      action: "version.labelled",
      subjectType: "version",
      subjectId: before.id,
      before: { semanticVersion: before.semanticVersion },
      after: { semanticVersion },
    });
    await announceChange(tx, ctx, "registry", model.id);
    return toVersionDto(after, model.name);
  });
}
