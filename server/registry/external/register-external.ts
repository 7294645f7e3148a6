import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { externalModels } from "@/db/schema";
import { requireGrant, requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import { invalid } from "@/server/kernel/errors";
import { insertVersion } from "../insert-version";
import { getModelInWorkspace, toVersionDto, toVersionSummary } from "../internal";
import type { VersionDto } from "../schemas";
import { probeTarget } from "./check-external-model";
import { remoteAccess, sealCredential } from "./open-remote";
import { checkExternalModelInput, registerExternalInput } from "./schemas";

/**
 * Registers a model that runs on a server elsewhere as the model's next version, deployable like any
 * other. It must be ready now, and answer where that is asked for. Throws not_found,
 * validation_failed with the reason, unavailable.
 */
export async function registerExternalVersion(
  ctx: Context,
  input: z.input<typeof registerExternalInput>,
): Promise<VersionDto> {
  requirePermission(ctx, "models:write");
  const { label, description, ...target } = registerExternalInput.parse(input);
  // Before the server is asked; registering asks again, since it may take long.
  const modelId = await withWorkspace(ctx, async (tx) => {
    const { id } = await getModelInWorkspace(tx, ctx, target.model);
    await requireGrant(tx, ctx, { on: { modelId: id }, action: "write" });
    return id;
  });
  const access = remoteAccess(ctx.ports);
  const { where, findings } = await probeTarget(ctx, checkExternalModelInput.parse(target));
  const { signature, binaryTensors, outputs, ...check } = findings;
  if (check.error !== null) throw invalid(check.error, [{ path: "url", message: check.error }]);
  return withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, modelId, true);
    await requireGrant(tx, ctx, { on: { modelId: model.id }, action: "write" });
    const row = await insertVersion(
      tx,
      ctx,
      {
        modelId: model.id,
        label,
        description,
        task: signature.task,
        signature,
        inputExample: target.inputExample ?? null,
        metrics: { validation: {}, test: {} },
        environment: { origin: "external" },
      },
      [],
    );
    const secret = where.secret;
    const external = {
      url: where.url,
      remoteModel: where.model,
      remoteVersion: where.version,
      binaryTensors,
      outputNames: outputs,
      credential: where.credential,
      headerName: where.headerName,
    };
    await tx.insert(externalModels).values({
      ...external,
      workspaceId: ctx.workspaceId,
      versionId: row.id,
      secret:
        secret === null
          ? null
          : sealCredential(access, { workspaceId: ctx.workspaceId, versionId: row.id }, secret),
      lastCheck: check,
      checkedAt: ctx.now(),
      createdAt: ctx.now(),
    });
    await recordAudit(tx, ctx, {
      action: "version.registered",
      subjectType: "version",
      subjectId: row.id,
      after: { ...toVersionSummary(row, model.name), external },
    });
    await emitEvent(tx, ctx, {
      name: "registry/version.registered",
      data: { modelId: model.id, versionId: row.id },
    });
    await announceChange(tx, ctx, "registry", model.id);
    return toVersionDto(row, model.name);
  });
}
