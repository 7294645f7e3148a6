import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { modelVersions } from "@/db/schema";
import { requireGrant, requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { getModelInWorkspace, getVersionInWorkspace, toVersionDto } from "./internal";
import { updateVersionInput, type VersionDto, versionRef } from "./schemas";

const input = z.strictObject({ ...versionRef.shape, ...updateVersionInput.shape });

/** Changes what people call a version; all else about it stays as it was made. Throws not_found. */
export async function updateVersion(
  ctx: Context,
  values: z.input<typeof input>,
): Promise<VersionDto> {
  requirePermission(ctx, "models:write");
  const { model: idOrName, version, ...changes } = input.parse(values);
  return withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, idOrName, true);
    await requireGrant(tx, ctx, { on: { modelId: model.id }, action: "write" });
    const before = await getVersionInWorkspace(tx, ctx, model, version);
    const { label = before.label, description = before.description } = changes;
    await tx
      .update(modelVersions)
      .set({ label, description, updatedAt: ctx.now() })
      .where(and(eq(modelVersions.workspaceId, ctx.workspaceId), eq(modelVersions.id, before.id)));
    await recordAudit(tx, ctx, {
      action: "version.updated",
      subjectType: "version",
      subjectId: before.id,
      before: { label: before.label, description: before.description },
      after: { label, description },
    });
    await announceChange(tx, ctx, "registry", model.id);
    return toVersionDto({ ...before, label, description }, model.name);
  });
}
