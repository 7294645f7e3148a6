import type { z } from "zod";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { writeCsv } from "@/server/kernel/table/csv";
import { writeParquet } from "@/server/kernel/table/parquet";
import { listColumns, searchRunTable } from "../search";
import { COLUMNS_MAX, type ColumnsDto, type RunRowDto } from "../search/schemas";
import { exportColumns } from "./run-table";
import { exportRunsInput } from "./schemas";

/** Runs read at a time: no transaction stays open while a slow reader takes them. */
const PAGE = 1000;

type Keys = Pick<ColumnsDto, "metrics" | "params" | "tags">;

/**
 * All runs a filter lets through as one table, in pieces: CSV (RFC 4180) or Parquet. A metric's column
 * holds its last value; of each kind the 1,000 names most runs have are columns. Permission, filter
 * and order are checked before the first piece. Throws validation_failed, not_found.
 */
export async function exportRuns(
  ctx: Context,
  input: z.input<typeof exportRunsInput>,
): Promise<AsyncGenerator<Uint8Array>> {
  requirePermission(ctx, "experiments:read");
  const query = exportRunsInput.parse(input);
  const experimentIds = query.experiment === undefined ? undefined : [query.experiment];
  const found = await listColumns(ctx, { experimentIds });
  const keys = {
    metrics: found.metrics.slice(0, COLUMNS_MAX),
    params: found.params.slice(0, COLUMNS_MAX),
    tags: found.tags.slice(0, COLUMNS_MAX),
  };
  const read = (cursor: string | undefined) =>
    searchRunTable(ctx, {
      experimentIds,
      filter: query.filter,
      orderBy: query.orderBy === undefined ? [] : [query.orderBy],
      view: query.view,
      limit: PAGE,
      cursor,
      columns: asked(keys),
    });
  const pages = allPages(await read(undefined), read);
  const columns = exportColumns(keys);
  return query.format === "csv" ? writeCsv(columns, pages) : writeParquet(columns, pages);
}

const asked = (keys: Keys) => ({
  metrics: keys.metrics.map(({ key }) => ({ key })),
  params: keys.params.map(({ key }) => key),
  tags: keys.tags.map(({ key }) => key),
});

interface RunPage {
  items: RunRowDto[];
  nextCursor: string | null;
}

async function* allPages(
  first: RunPage,
  read: (cursor: string) => Promise<RunPage>,
): AsyncGenerator<RunRowDto[]> {
  let page = first;
  yield page.items;
  while (page.nextCursor !== null) {
    page = await read(page.nextCursor);
    yield page.items;
  }
}
