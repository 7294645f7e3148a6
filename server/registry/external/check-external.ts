import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { externalModels } from "@/db/schema";
import { requireGrant, requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { signatureSchema } from "@/server/protocols/open-inference/codec";
import { versionRef } from "../schemas";
import { getExternalInWorkspace, toExternalDto, toRemoteModel } from "./internal";
import { openCredential, openRemote, remoteAccess } from "./open-remote";
import { checkRemote } from "./probe-remote";
import type { ExternalDto } from "./schemas";

/** Asks the server of a version again whether it is ready and answers. Throws not_found. */
export async function checkExternal(
  ctx: Context,
  input: z.input<typeof versionRef>,
): Promise<ExternalDto> {
  requirePermission(ctx, "models:write");
  const ref = versionRef.parse(input);
  const access = remoteAccess(ctx.ports);
  const { external, version, model } = await withWorkspace(ctx, async (tx) => {
    const found = await getExternalInWorkspace(tx, ctx, ref);
    await requireGrant(tx, ctx, { on: { modelId: found.model.id }, action: "write" });
    return found;
  });
  const remote = toRemoteModel(external);
  const secret = openCredential(access, external, remote);
  const caller = openRemote({ ...remote, secret }, access.outbound);
  const signature = signatureSchema.parse(version.signature);
  const check = await checkRemote(caller, { ...remote, secret }, signature, true).finally(() =>
    caller.client.close(),
  );
  return withWorkspace(ctx, async (tx) => {
    const [row = external] = await tx
      .update(externalModels)
      .set({ lastCheck: check, checkedAt: ctx.now() })
      .where(
        and(
          eq(externalModels.workspaceId, ctx.workspaceId),
          eq(externalModels.versionId, external.versionId),
        ),
      )
      .returning();
    await recordAudit(tx, ctx, {
      action: "version.endpoint_checked",
      subjectType: "version",
      subjectId: version.id,
      after: check,
    });
    await announceChange(tx, ctx, "registry", model.id);
    return toExternalDto(row);
  });
}
