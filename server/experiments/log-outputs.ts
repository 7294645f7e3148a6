import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { runModels } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { announceRun } from "./announce-run";
import { getRunInWorkspace } from "./internal";
import { parseLoggedModelId, requireLoggedModels } from "./logged-model-internal";
import { logOutputsInput } from "./logged-model-schemas";

/** Notes which logged models a run made, each once. Throws as logInputs does. not audited: it only appends. */
export async function logOutputs(
  ctx: Context,
  input: z.input<typeof logOutputsInput>,
): Promise<void> {
  requirePermission(ctx, "experiments:write");
  const { runId, models } = logOutputsInput.parse(input);
  const run = await withWorkspace(ctx, async (tx) => {
    const row = await getRunInWorkspace(tx, ctx, runId, { active: true });
    const ids = models.map((model) => model.modelId);
    const steps = new Map(models.map((model) => [parseLoggedModelId(model.modelId), model.step]));
    const known = await requireLoggedModels(tx, ctx, ids);
    if (known.length === 0) return row;
    await tx
      .insert(runModels)
      .values(
        known.toSorted().map((modelId) => ({
          workspaceId: ctx.workspaceId,
          runId: row.id,
          direction: "output",
          modelId,
          step: steps.get(modelId) ?? 0,
        })),
      )
      .onConflictDoNothing();
    return row;
  });
  announceRun(ctx, run.id);
}
