import { and, eq, getTableColumns, ilike, isNotNull, isNull } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { experiments } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { byDate, byText, keyset, type Page, toPage } from "@/server/kernel/paging";
import { ensureDefaultExperiment, experimentColumns, toExperimentDto } from "./internal";
import { escapeLike } from "./run-query";
import { type ExperimentDto, listExperimentsInput } from "./schemas";

const SORTS = {
  createdAt: byDate(experiments.createdAt),
  updatedAt: byDate(experiments.updatedAt),
  name: byText(experiments.name),
};

/** A page of experiments by keyset; the default one is always among them. */
export async function listExperiments(
  ctx: Context,
  input: z.input<typeof listExperimentsInput>,
): Promise<Page<ExperimentDto>> {
  requirePermission(ctx, "experiments:read");
  const query = listExperimentsInput.parse(input);
  const page = keyset(SORTS[query.sort], experiments.id, query);
  const rows = await withWorkspace(ctx, async (tx) => {
    await ensureDefaultExperiment(tx, ctx);
    return tx
      .select({ ...getTableColumns(experiments), ...experimentColumns })
      .from(experiments)
      .where(
        and(
          eq(experiments.workspaceId, ctx.workspaceId),
          query.view === "active" ? isNull(experiments.deletedAt) : undefined,
          query.view === "deleted" ? isNotNull(experiments.deletedAt) : undefined,
          query.search ? ilike(experiments.name, `%${escapeLike(query.search)}%`) : undefined,
          page.where,
        ),
      )
      .orderBy(...page.orderBy)
      .limit(query.limit + 1);
  });
  return toPage(
    rows,
    query.limit,
    (row) => [query.sort === "name" ? row.name : row[query.sort].toISOString(), row.id],
    (row) => toExperimentDto(row, row),
  );
}
