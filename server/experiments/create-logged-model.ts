import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { loggedModels } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { invalid } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import { getExperimentInWorkspace, getRunInWorkspace, refuseRunKey } from "./internal";
import { toLoggedModelDto } from "./logged-model-internal";
import { createLoggedModelInput, type LoggedModelDto } from "./logged-model-schemas";
import { randomRunName } from "./run-names";
import type { Entry } from "./schemas";

/**
 * Announces a model whose files follow; it is pending until it is finalized. Throws not_found,
 * conflict for a deleted experiment or run, validation_failed for a name that is no file name.
 */
export async function createLoggedModel(
  ctx: Context,
  input: z.input<typeof createLoggedModelInput>,
): Promise<LoggedModelDto> {
  requirePermission(ctx, "experiments:write");
  const values = createLoggedModelInput.parse(input);
  const name = values.name || randomRunName();
  if (/[/:.%"'\0]/.test(name)) {
    throw invalid(
      `Invalid model name ('${name}') provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '"', "'")`,
    );
  }
  return withWorkspace(ctx, async (tx) => {
    const experiment = await getExperimentInWorkspace(tx, ctx, values.experiment, { active: true });
    // A key of one run may make models of that run only.
    if (!values.sourceRunId) refuseRunKey(ctx);
    const run = values.sourceRunId
      ? await getRunInWorkspace(tx, ctx, values.sourceRunId, { active: true })
      : null;
    const row = {
      workspaceId: ctx.workspaceId,
      id: newId(ctx.now().getTime()),
      experimentId: experiment.id,
      sourceRunId: run?.id ?? null,
      name,
      modelType: values.modelType,
      status: "LOGGED_MODEL_PENDING" as const,
      params: toRecord(values.params),
      tags: toRecord(values.tags),
      createdAt: ctx.now(),
      updatedAt: ctx.now(),
      deletedAt: null,
    };
    await tx.insert(loggedModels).values(row);
    await recordAudit(tx, ctx, {
      action: "logged_model.created",
      subjectType: "logged_model",
      subjectId: row.id,
      after: { name, experimentId: experiment.id, sourceRunId: row.sourceRunId },
    });
    await announceChange(tx, ctx, "experiments", run?.id ?? experiment.id);
    return toLoggedModelDto(row, experiment.number);
  });
}

export const toRecord = (entries: Entry[]): Record<string, string> =>
  Object.fromEntries(entries.map(({ key, value }) => [key, value]));
