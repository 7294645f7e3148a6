import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { runInputs, runModels } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { announceRun } from "./announce-run";
import { INPUT_CONTEXT_TAG } from "./constants";
import { getRunInWorkspace } from "./internal";
import { requireLoggedModels } from "./logged-model-internal";
import { logInputsInput } from "./schemas";

type Datasets = z.output<typeof logInputsInput>["datasets"];

/**
 * Notes which datasets and logged models a run read. One with the same name and digest is noted
 * once. Throws not_found for the run or a model, conflict for a deleted run. not audited: it only appends.
 */
export async function logInputs(
  ctx: Context,
  input: z.input<typeof logInputsInput>,
): Promise<void> {
  requirePermission(ctx, "experiments:write");
  const { runId, datasets, modelIds } = logInputsInput.parse(input);
  const run = await withWorkspace(ctx, async (tx) => {
    const row = await getRunInWorkspace(tx, ctx, runId, { active: true });
    await writeDatasets(tx, ctx, row.id, datasets);
    const models = await requireLoggedModels(tx, ctx, modelIds);
    if (models.length > 0) {
      await tx
        .insert(runModels)
        .values(
          models.toSorted().map((modelId) => ({
            workspaceId: ctx.workspaceId,
            runId: row.id,
            direction: "input",
            modelId,
          })),
        )
        .onConflictDoNothing();
    }
    return row;
  });
  announceRun(ctx, run.id);
}

async function writeDatasets(
  tx: Transaction,
  ctx: Context,
  runId: string,
  datasets: Datasets,
): Promise<void> {
  if (datasets.length === 0) return;
  const rows = datasets.map(({ tags, ...dataset }) => ({
    ...dataset,
    workspaceId: ctx.workspaceId,
    runId,
    tags,
    context: tags.find((tag) => tag.key === INPUT_CONTEXT_TAG)?.value ?? "",
  }));
  await tx
    .insert(runInputs)
    .values(rows.toSorted((a, b) => (`${a.name}\n${a.digest}` < `${b.name}\n${b.digest}` ? -1 : 1)))
    .onConflictDoNothing();
}
