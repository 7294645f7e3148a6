import { and, eq, getTableColumns, inArray, isNull, type SQL, sql } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { experiments, loggedModels } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import type { Page } from "@/server/kernel/paging";
import { compileFilter, type Filter, LOGGED_MODEL_LANGUAGE } from "./filter";
import { toLoggedModelDto } from "./logged-model-internal";
import { type LoggedModelDto, searchLoggedModelsInput } from "./logged-model-schemas";
import { readModelMetrics } from "./read-model-metrics";
import { loggedModelSort, loggedModelSql, onDatasets } from "./search/logged-model-fields";
import { readFilter } from "./search/read-filter";
import { afterSql, decodePlace, encodePlace } from "./search/run-cursor";

/**
 * A page of the logged models of some experiments by MLflow's filter and sort, the newest first unless
 * asked otherwise. A key of one run sees its run's. Throws validation_failed for what cannot be read.
 */
export async function searchLoggedModels(
  ctx: Context,
  input: z.input<typeof searchLoggedModelsInput>,
): Promise<Page<LoggedModelDto>> {
  requirePermission(ctx, "experiments:read");
  const query = searchLoggedModelsInput.parse(input);
  const filter = readFilter(query.filter, LOGGED_MODEL_LANGUAGE);
  const sort = loggedModelSort(query.orderBy);
  const after = query.cursor ? decodePlace([sort], query.cursor) : undefined;
  const keyRun = ctx.actor.type === "apiKey" ? ctx.actor.runId : null;
  const { rows, metrics } = await withWorkspace(ctx, async (tx) => {
    const rows = await tx
      .select({
        model: getTableColumns(loggedModels),
        number: experiments.number,
        keys: sql<(string | number)[]>`json_build_array(${sql.join(
          sort.keys.map((key) => key.expression),
          sql`, `,
        )})`,
      })
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
          filter ? compileFilter(filter, loggedModelSql(query.datasets)) : undefined,
          query.datasets.length > 0 && !asksMetrics(filter)
            ? onDatasets(query.datasets)
            : undefined,
          keyRun ? eq(loggedModels.sourceRunId, keyRun) : undefined,
          after ? afterSql(sort.keys, after.keys) : undefined,
        ),
      )
      .orderBy(...sort.keys.map(directed))
      .limit(query.limit + 1);
    const ids = rows.map((row) => row.model.id);
    return { rows, metrics: await readModelMetrics(tx, ctx, ids) };
  });
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  return {
    items: shown.map(({ model, number }) => toLoggedModelDto(model, number, metrics.get(model.id))),
    nextCursor:
      rows.length > query.limit && last
        ? encodePlace([sort], { stretch: 0, keys: last.keys })
        : null,
  };
}

const directed = ({ expression, ascending }: { expression: SQL; ascending: boolean }): SQL =>
  ascending ? sql`${expression} asc` : sql`${expression} desc`;

/** Whether a metric is compared anywhere in the filter. */
function asksMetrics(filter: Filter | null): boolean {
  if (!filter) return false;
  if (filter.kind === "not") return asksMetrics(filter.term);
  if (filter.kind === "and" || filter.kind === "or") return filter.terms.some(asksMetrics);
  return filter.field.entity === "metric";
}
