import { and, eq } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { experiments } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import {
  experimentColumns,
  findExperimentByName,
  getExperimentInWorkspace,
  toExperimentDto,
} from "./internal";
import { type ExperimentDto, experimentRef } from "./schemas";

/**
 * One experiment by id, number or name, deleted ones included; `byName` takes the text as a name
 * only. Throws not_found.
 */
export async function getExperiment(
  ctx: Context,
  input: { experiment: string; byName?: boolean },
): Promise<ExperimentDto> {
  requirePermission(ctx, "experiments:read");
  const ref = experimentRef.parse(input.experiment);
  return withWorkspace(ctx, async (tx) => {
    const row = input.byName
      ? await findExperimentByName(tx, ctx, ref)
      : await getExperimentInWorkspace(tx, ctx, ref);
    if (!row) throw notFound("The experiment");
    const [more] = await tx
      .select(experimentColumns)
      .from(experiments)
      .where(and(eq(experiments.workspaceId, ctx.workspaceId), eq(experiments.id, row.id)));
    return toExperimentDto(row, more ?? { runCount: 0, lastRunAt: null, tags: [] });
  });
}
