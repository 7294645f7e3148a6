import { createHash } from "node:crypto";
import { and, eq, inArray } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { evaluationDatasets, experiments } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { ensureDefaultExperiment } from "../internal";
import type { DatasetSchema, EvaluationDatasetDto } from "./schemas";

export type DatasetRow = typeof evaluationDatasets.$inferSelect;

/** A UUID of an id such as `d-` and 32 hex digits; undefined for any other text. */
export function uuidOf(text: string, prefix: "d-" | "dr-"): string | undefined {
  const hex = text
    .replace(new RegExp(`^${prefix}`), "")
    .replaceAll("-", "")
    .toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(hex)) return undefined;
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const noDataset = (ref: string) =>
  new AppError("not_found", `Evaluation dataset with id '${ref.slice(0, 100)}' not found`);

/** Loads a dataset. `lock` keeps it from changing until the transaction ends. Throws not_found. */
export async function getDatasetInWorkspace(
  tx: Transaction,
  ctx: Context,
  ref: string,
  options: { lock?: boolean } = {},
): Promise<DatasetRow> {
  const id = uuidOf(ref, "d-");
  if (!id) throw noDataset(ref);
  const query = tx
    .select()
    .from(evaluationDatasets)
    .where(and(eq(evaluationDatasets.workspaceId, ctx.workspaceId), eq(evaluationDatasets.id, id)));
  const [row] = options.lock ? await query.for("no key update") : await query;
  if (!row) throw noDataset(ref);
  return row;
}

/** The ids of experiments by their numbers, in any order. Throws not_found for the first that is none. */
export async function experimentIds(
  tx: Transaction,
  ctx: Context,
  numbers: number[],
): Promise<string[]> {
  const wanted = [...new Set(numbers)];
  if (wanted.length === 0) return [];
  if (wanted.includes(0)) await ensureDefaultExperiment(tx, ctx);
  const rows = await tx
    .select({ id: experiments.id, number: experiments.number })
    .from(experiments)
    .where(and(eq(experiments.workspaceId, ctx.workspaceId), inArray(experiments.number, wanted)));
  const missing = wanted.find((number) => !rows.some((row) => row.number === number));
  if (missing === undefined) return rows.map(({ id }) => id);
  throw new AppError("not_found", `No Experiment with id=${missing} exists`);
}

/** What tells one state of a dataset from the next, 8 hex digits. */
export const digestOf = (name: string, at: Date): string =>
  createHash("sha256").update(`${name}:${at.getTime()}`).digest("hex").slice(0, 8);

export const toDatasetDto = (row: DatasetRow): EvaluationDatasetDto => ({
  id: row.id,
  name: row.name,
  digest: row.digest,
  tags: row.tags as Record<string, string>,
  schema: row.schema as DatasetSchema | null,
  recordCount: row.recordCount,
  createdBy: row.createdBy,
  updatedBy: row.updatedBy,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});
