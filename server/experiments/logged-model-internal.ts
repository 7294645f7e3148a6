import { and, eq, inArray, isNull } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { experiments, loggedModels } from "@/db/schema";
import { requireRunInScope } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { AppError, notFound } from "@/server/kernel/errors";
import type { LoggedModelStatus } from "./constants";
import type { LoggedModelDto, LoggedModelMetricDto } from "./logged-model-schemas";
import { readModelMetrics } from "./read-model-metrics";
import type { Entry } from "./schemas";

export type LoggedModelRow = typeof loggedModels.$inferSelect;

/** The id in MLflow's form, `m-` and 32 hex digits, or with dashes. Throws not_found for other text. */
export function parseLoggedModelId(text: string): string {
  const hex = text.replace(/^m-/, "").replaceAll("-", "").toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(hex)) throw notFound("The logged model");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Loads a logged model; a key of one run reaches those of its run. Throws not_found. */
export async function getLoggedModelInWorkspace(
  tx: Transaction,
  ctx: Context,
  id: string,
  options: { lock?: boolean } = {},
): Promise<LoggedModelRow> {
  const query = tx
    .select()
    .from(loggedModels)
    .where(
      and(
        eq(loggedModels.workspaceId, ctx.workspaceId),
        eq(loggedModels.id, parseLoggedModelId(id)),
        isNull(loggedModels.deletedAt),
      ),
    )
    .limit(1);
  const [row] = options.lock ? await query.for("no key update") : await query;
  if (!row) throw notFound("The logged model");
  requireRunInScope(ctx, row.sourceRunId ?? "");
  return row;
}

/** The ids as they are stored. Throws not_found when one is no logged model of the workspace. */
export async function requireLoggedModels(
  tx: Transaction,
  ctx: Context,
  ids: string[],
): Promise<string[]> {
  const wanted = new Set(ids.map(parseLoggedModelId));
  if (wanted.size === 0) return [];
  const found = await tx
    .select({ id: loggedModels.id })
    .from(loggedModels)
    .where(
      and(eq(loggedModels.workspaceId, ctx.workspaceId), inArray(loggedModels.id, [...wanted])),
    );
  if (found.length < wanted.size) {
    throw new AppError("not_found", "A logged model of the list does not exist in this workspace.");
  }
  return [...wanted];
}

const entries = (record: unknown): Entry[] =>
  Object.entries(record as Record<string, string>).map(([key, value]) => ({ key, value }));

/** A logged model as it goes out, with its experiment's number and its metrics. */
export async function readLoggedModel(
  tx: Transaction,
  ctx: Context,
  row: LoggedModelRow,
): Promise<LoggedModelDto> {
  const [experiment] = await tx
    .select({ number: experiments.number })
    .from(experiments)
    .where(and(eq(experiments.workspaceId, row.workspaceId), eq(experiments.id, row.experimentId)));
  if (!experiment) throw notFound("The experiment");
  const metrics = await readModelMetrics(tx, ctx, [row.id]);
  return toLoggedModelDto(row, experiment.number, metrics.get(row.id));
}

export function toLoggedModelDto(
  row: LoggedModelRow,
  experimentNumber: number,
  metrics: LoggedModelMetricDto[] = [],
): LoggedModelDto {
  return {
    id: row.id,
    experimentId: row.experimentId,
    experimentNumber,
    sourceRunId: row.sourceRunId,
    name: row.name,
    modelType: row.modelType,
    status: row.status as LoggedModelStatus,
    params: entries(row.params),
    tags: entries(row.tags),
    metrics,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
