import type { Context } from "@/server/kernel/context";
import {
  countInArchives,
  countInResults,
  eraseFromArchives,
  eraseFromResults,
  type FoundInArchives,
  findInArchives,
  findInResults,
} from "@/server/predictions";
import type { Search } from "./conditions";
import type { Erasure } from "./erasure";
import { fieldPattern, toExpression } from "./policy";

/** The table whose rows lie in archives. */
const TABLE = "prediction_logs";
const PERSONAL = ["unit", "inputs", "outputs", "error"] as const;

type Meant = Parameters<typeof countInArchives>[1];

/** As `foundIn` looks through lines of the log; undefined when nothing is to be looked for. */
function meantBy({ terms, fields }: Search): Meant | undefined {
  const patterns =
    fields.length > 0
      ? terms.filter((term) => term.typed).map((term) => fieldPattern(fields, term))
      : terms.filter((term) => term.words).map((term) => term.strict);
  if (patterns.length === 0) return undefined;
  const expression = toExpression(patterns.join("|"));
  if (fields.length > 0) return { inputs: expression };
  return Object.fromEntries(PERSONAL.map((column) => [column, expression]));
}

/** What rows of a batch job's result are called in a report. */
export const RESULTS = "batch_job_results";

/** As `meantBy`, for the columns of datasets that results of batch jobs repeat. */
function meantCellsBy({ terms, fields }: Search): Parameters<typeof countInResults>[1] | undefined {
  const named = fields.length > 0;
  const patterns = named
    ? terms.filter((term) => term.typed).map((term) => fieldPattern(fields, term))
    : terms.filter((term) => term.words).map((term) => term.strict);
  return patterns.length > 0 ? { expression: toExpression(patterns.join("|")), named } : undefined;
}

/** Erases the subject from results of batch jobs, adds what it did to the erasure. Answers results not read. */
export async function sweepResults(ctx: Context, erasure: Erasure): Promise<number> {
  const meant = meantCellsBy(erasure.search);
  if (!meant) return 0;
  const { found, unread } = await eraseFromResults(ctx, meant);
  if (found > 0) erasure.touched.set(RESULTS, { found, deleted: found, changed: 0 });
  return unread;
}

/** How many rows of results the subject is in. */
export async function searchResults(ctx: Context, search: Search): Promise<FoundInArchives> {
  const meant = meantCellsBy(search);
  return meant ? countInResults(ctx, meant) : { found: 0, unread: 0 };
}

/** Rows of results the subject is in, with the columns of the dataset, as texts. */
export async function* exportResults(
  ctx: Context,
  search: Search,
): AsyncGenerator<{ table: string; record: unknown }[]> {
  const meant = meantCellsBy(search);
  if (!meant) return;
  for await (const rows of findInResults(ctx, meant)) {
    yield rows.map((record) => ({ table: RESULTS, record }));
  }
}

/** Erases the subject from archived requests, adds what it did to the erasure. Answers archives not read. */
export async function sweepArchives(ctx: Context, erasure: Erasure): Promise<number> {
  const meant = meantBy(erasure.search);
  if (!meant) return 0;
  const { found, unread } = await eraseFromArchives(ctx, meant);
  if (found > 0) {
    const sum = erasure.touched.get(TABLE) ?? { found: 0, deleted: 0, changed: 0 };
    erasure.touched.set(TABLE, {
      ...sum,
      found: sum.found + found,
      deleted: sum.deleted + found,
    });
  }
  return unread;
}

/** How many archived requests the subject is in. */
export async function searchArchives(ctx: Context, search: Search): Promise<FoundInArchives> {
  const meant = meantBy(search);
  return meant ? countInArchives(ctx, meant) : { found: 0, unread: 0 };
}

/** Archived requests the subject is in, as records of their table. */
export async function* exportArchives(
  ctx: Context,
  search: Search,
): AsyncGenerator<{ table: string; record: unknown }[]> {
  const meant = meantBy(search);
  if (!meant) return;
  for await (const rows of findInArchives(ctx, meant)) {
    yield rows.map(({ inputs, outputs, ...row }) => ({
      table: TABLE,
      record: { ...row, inputs: parsed(inputs), outputs: parsed(outputs) },
    }));
  }
}

const parsed = (json: string | null): unknown => (json === null ? null : JSON.parse(json));
