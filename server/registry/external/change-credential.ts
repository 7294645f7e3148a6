import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { externalModels } from "@/db/schema";
import { requireGrant, requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { getExternalInWorkspace, secretOf, toExternalDto } from "./internal";
import { remoteAccess, sealCredential } from "./open-remote";
import { changeCredentialInput, type ExternalDto } from "./schemas";

/**
 * Replaces what a version's server is shown; gateways use it within ten seconds. Throws not_found.
 */
export async function changeExternalCredential(
  ctx: Context,
  input: z.input<typeof changeCredentialInput>,
): Promise<ExternalDto> {
  requirePermission(ctx, "models:write");
  const { credential, ...ref } = changeCredentialInput.parse(input);
  const access = remoteAccess(ctx.ports);
  return withWorkspace(ctx, async (tx) => {
    const { external, model } = await getExternalInWorkspace(tx, ctx, ref);
    await requireGrant(tx, ctx, { on: { modelId: model.id }, action: "write" });
    const secret = secretOf(credential);
    const [row = external] = await tx
      .update(externalModels)
      .set({
        credential: credential.kind,
        headerName: credential.kind === "header" ? credential.name : null,
        secret: secret === null ? null : sealCredential(access, external, secret),
      })
      .where(
        and(
          eq(externalModels.workspaceId, ctx.workspaceId),
          eq(externalModels.versionId, external.versionId),
        ),
      )
      .returning();
    await recordAudit(tx, ctx, {
      action: "version.credential_changed",
      subjectType: "version",
      subjectId: external.versionId,
      before: { credential: external.credential },
      after: { credential: row.credential, headerName: row.headerName },
    });
    await announceChange(tx, ctx, "registry", model.id);
    return toExternalDto(row);
  });
}
