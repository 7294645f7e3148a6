import type { Transaction } from "@/db/client";
import { modelConversions } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import { actorName } from "@/server/kernel/actor";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import type { NativeSource } from "@/server/registry";
import { allowsPickled, isOpen, lockConversion } from "./internal";

/**
 * Asks for the ONNX file of a version without one, in the transaction of whoever needs it and has
 * its model locked; one that is under way already is enough. Throws conflict for a pickled model
 * where the workspace does not allow those.
 */
export async function requestConversion(
  tx: Transaction,
  ctx: Context,
  version: { id: string; number: number; modelId: string },
  source: Pick<NativeSource, "flavor" | "form">,
): Promise<void> {
  if (source.form === "pickle" && !(await allowsPickled(tx, ctx))) {
    throw new AppError(
      "conflict",
      `Version ${version.number} is stored as a pickle, which runs code when it is read, and this workspace does not allow pickled models to be converted. An administrator can allow it under Settings, Workspace; or log the model anew in MLflow's skops format.`,
      { setting: "allowPickled" },
    );
  }
  if (isOpen(await lockConversion(tx, ctx, version.id))) return;
  const id = newId(ctx.now().getTime());
  await tx.insert(modelConversions).values({
    workspaceId: ctx.workspaceId,
    id,
    versionId: version.id,
    status: "queued",
    flavor: source.flavor,
    form: source.form,
    createdBy: actorName(ctx.actor),
    createdAt: ctx.now(),
  });
  await recordAudit(tx, ctx, {
    action: "conversion.requested",
    subjectType: "version",
    subjectId: version.id,
    after: { conversionId: id, flavor: source.flavor, form: source.form },
  });
  await announceChange(tx, ctx, "training", id);
}
