import type { Transaction } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import type { Page } from "@/server/kernel/paging";
import { toRunDto } from "./internal";
import { loadRunData } from "./run-data";
import type { RunDto } from "./schemas";
import { findRuns, type RunPageQuery } from "./search/find-runs";

/** A search text as the literal part of a LIKE pattern. */
export const escapeLike = (text: string) => text.replaceAll(/[\\%_]/g, (c) => `\\${c}`);

/** One page of runs with all they logged. */
export async function queryRuns(
  tx: Transaction,
  ctx: Context,
  query: RunPageQuery,
): Promise<Page<RunDto>> {
  const { rows, nextCursor } = await findRuns(tx, ctx, query);
  const data = await loadRunData(
    tx,
    ctx,
    rows.map(({ run }) => run.id),
  );
  return {
    items: rows.map(({ run, experiment }) => toRunDto(run, experiment, data(run.id))),
    nextCursor,
  };
}
