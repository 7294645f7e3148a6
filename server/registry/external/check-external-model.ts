import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requireGrant, requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { getModelInWorkspace } from "../internal";
import type { SignatureHints } from "../uploads/schemas";
import { secretOf } from "./internal";
import { checkedUrl, remoteAccess } from "./open-remote";
import { probeRemote } from "./probe-remote";
import { checkExternalModelInput, type ExternalFindings } from "./schemas";

type Target = z.output<typeof checkExternalModelInput>;

/**
 * Looks at a model on a server elsewhere without registering it. Writes nothing. Throws not_found,
 * validation_failed with the reason where it could not be registered.
 */
export async function checkExternalModel(
  ctx: Context,
  input: z.input<typeof checkExternalModelInput>,
): Promise<ExternalFindings> {
  requirePermission(ctx, "models:write");
  const values = checkExternalModelInput.parse(input);
  await withWorkspace(ctx, async (tx) => {
    const { id } = await getModelInWorkspace(tx, ctx, values.model);
    await requireGrant(tx, ctx, { on: { modelId: id }, action: "write" });
  });
  return (await probeTarget(ctx, values)).findings;
}

/** Probes a target as it was written. */
export async function probeTarget(ctx: Context, values: Target) {
  const { outbound } = remoteAccess(ctx.ports);
  const { credential } = values;
  const where = {
    url: checkedUrl(values.url, outbound),
    model: values.remoteModel,
    version: values.remoteVersion,
    credential: credential.kind,
    headerName: credential.kind === "header" ? credential.name : null,
    secret: secretOf(credential),
  };
  const findings = await probeRemote(where, hintsOf(values), outbound, values.infer);
  return { where, findings };
}

const hintsOf = ({
  task,
  target,
  features,
  classes,
  outputs,
  image,
  signature,
}: Target): SignatureHints => ({
  target,
  ...(task ? { task } : {}),
  ...(features ? { features } : {}),
  ...(classes ? { classes } : {}),
  ...(outputs ? { outputs } : {}),
  ...(image ? { image } : {}),
  ...(signature ? { signature } : {}),
});
