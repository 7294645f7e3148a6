import { and, eq, inArray, isNull } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { experiments, loggedModels } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { byDate, keyset, type Page, toPage } from "@/server/kernel/paging";
import { parseRunId } from "./internal";
import { toLoggedModelDto } from "./logged-model-internal";
import { type LoggedModelDto, searchLoggedModelsInput } from "./logged-model-schemas";
import { readModelMetrics } from "./read-model-metrics";

/** A page of the logged models of some experiments, newest first. A key of one run sees its run's. */
export async function searchLoggedModels(
  ctx: Context,
  input: z.input<typeof searchLoggedModelsInput>,
): Promise<Page<LoggedModelDto>> {
  requirePermission(ctx, "experiments:read");
  const query = searchLoggedModelsInput.parse(input);
  const page = keyset(byDate(loggedModels.createdAt), loggedModels.id, query);
  const keyRun = ctx.actor.type === "apiKey" ? ctx.actor.runId : null;
  const { rows, metrics } = await withWorkspace(ctx, async (tx) => {
    const rows = await tx
      .select({ model: loggedModels, number: experiments.number })
      .from(loggedModels)
      .innerJoin(
        experiments,
        and(
          eq(experiments.workspaceId, loggedModels.workspaceId),
          eq(experiments.id, loggedModels.experimentId),
        ),
      )
      .where(
        and(
          eq(loggedModels.workspaceId, ctx.workspaceId),
          isNull(loggedModels.deletedAt),
          inArray(experiments.number, query.experimentNumbers),
          query.names ? inArray(loggedModels.name, query.names) : undefined,
          query.status ? eq(loggedModels.status, query.status) : undefined,
          query.sourceRunId
            ? eq(loggedModels.sourceRunId, parseRunId(query.sourceRunId))
            : undefined,
          keyRun ? eq(loggedModels.sourceRunId, keyRun) : undefined,
          page.where,
        ),
      )
      .orderBy(...page.orderBy)
      .limit(query.limit + 1);
    const ids = rows.map((row) => row.model.id);
    return { rows, metrics: await readModelMetrics(tx, ctx, ids) };
  });
  return toPage(
    rows,
    query.limit,
    (row) => [row.model.createdAt.toISOString(), row.model.id],
    (row) => toLoggedModelDto(row.model, row.number, metrics.get(row.model.id)),
  );
}
