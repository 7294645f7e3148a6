import { and, eq, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { experiments, runs } from "@/db/schema";
import { requireRunInScope } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { AppError, notFound } from "@/server/kernel/errors";
import { isUuid, newId } from "@/server/kernel/ids";
import { DEFAULT_EXPERIMENT, type RunStatus } from "./constants";
import type { Entry, ExperimentDto, MetricDto, RunDto } from "./schemas";

export type ExperimentRow = typeof experiments.$inferSelect;
export type RunRow = typeof runs.$inferSelect;

/** A key made for one run may not touch what lies beside the run. */
export function refuseRunKey(ctx: Pick<Context, "actor">): void {
  if (ctx.actor.type === "apiKey" && ctx.actor.runId) {
    throw new AppError("forbidden", "This API key belongs to one run and reaches nothing else.");
  }
}

/** Makes number 0 where a workspace has none yet. */
export async function ensureDefaultExperiment(tx: Transaction, ctx: Context): Promise<void> {
  await tx
    .insert(experiments)
    .values({
      ...DEFAULT_EXPERIMENT,
      workspaceId: ctx.workspaceId,
      id: newId(ctx.now().getTime()),
      createdAt: ctx.now(),
      updatedAt: ctx.now(),
    })
    .onConflictDoNothing();
}

/** Numbers above int4 can belong to no experiment. */
const NUMBER = /^\d{1,9}$/;

/** Which column a text means: an id, a number, else a name. */
function experimentMatch(ref: string) {
  if (isUuid(ref)) return eq(experiments.id, ref);
  if (NUMBER.test(ref)) return eq(experiments.number, Number(ref));
  return eq(experiments.name, ref);
}

/**
 * Loads an experiment by id, number or name, deleted or not. The default one is made on the way.
 * Throws not_found.
 */
export async function getExperimentInWorkspace(
  tx: Transaction,
  ctx: Context,
  ref: string,
  options: { lock?: boolean; active?: boolean } = {},
): Promise<ExperimentRow> {
  const query = () => {
    const select = tx
      .select()
      .from(experiments)
      .where(and(eq(experiments.workspaceId, ctx.workspaceId), experimentMatch(ref)))
      .limit(1);
    return options.lock ? select.for("update") : select;
  };
  let [row] = await query();
  if (!row && [String(DEFAULT_EXPERIMENT.number), DEFAULT_EXPERIMENT.name].includes(ref)) {
    await ensureDefaultExperiment(tx, ctx);
    [row] = await query();
  }
  if (!row) throw notFound("The experiment");
  if (options.active && row.deletedAt) throw deletedExperiment(row);
  return row;
}

/** Loads by exact name only, so that a name of digits is no number. undefined when there is none. */
export async function findExperimentByName(
  tx: Transaction,
  ctx: Context,
  name: string,
): Promise<ExperimentRow | undefined> {
  if (name === DEFAULT_EXPERIMENT.name) await ensureDefaultExperiment(tx, ctx);
  const [row] = await tx
    .select()
    .from(experiments)
    .where(and(eq(experiments.workspaceId, ctx.workspaceId), eq(experiments.name, name)));
  return row;
}

export const deletedExperiment = (row: { number: number }) =>
  new AppError(
    "conflict",
    `The experiment ${row.number} must be in the 'active' state. Current state is deleted.`,
  );

/** A run's id with or without dashes. Throws not_found for any other text. */
export function parseRunId(text: string): string {
  const hex = text.replaceAll("-", "").toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(hex)) throw notFound("The run");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export const deletedRun = (id: string) =>
  new AppError(
    "conflict",
    `The run ${id.replaceAll("-", "")} must be in the 'active' state. Current state is deleted.`,
  );

/**
 * Loads a run of the workspace within the reach of the caller's key. `active` refuses deleted ones
 * with conflict; `lock` keeps the row from changing until the transaction ends. Throws not_found.
 */
export async function getRunInWorkspace(
  tx: Transaction,
  ctx: Context,
  id: string,
  options: { lock?: boolean; active?: boolean } = {},
): Promise<RunRow> {
  const runId = parseRunId(id);
  requireRunInScope(ctx, runId);
  const query = tx
    .select()
    .from(runs)
    .where(and(eq(runs.workspaceId, ctx.workspaceId), eq(runs.id, runId)))
    .limit(1);
  const [row] = options.lock ? await query.for("no key update") : await query;
  if (!row) throw notFound("The run");
  if (options.active && row.deletedAt) throw deletedRun(row.id);
  return row;
}

/**
 * Correlated columns of an experiment's reply. Spelled out, because the query builder leaves out
 * the names of tables when it selects from one.
 */
export const experimentColumns = {
  runCount: sql<number>`(select count(*)::int from runs r where r.workspace_id = experiments.workspace_id
    and r.experiment_id = experiments.id and r.deleted_at is null)`,
  lastRunAt: sql<
    string | null
  >`(select max(r.start_time) from runs r where r.workspace_id = experiments.workspace_id
    and r.experiment_id = experiments.id and r.deleted_at is null)`,
  tags: sql<
    Entry[]
  >`(select coalesce(json_agg(json_build_object('key', t.key, 'value', t.value) order by t.key), '[]')
    from experiment_tags t where t.workspace_id = experiments.workspace_id and t.experiment_id = experiments.id)`,
};

export const isoOf = (ms: number | string | null): string | null =>
  ms === null ? null : new Date(Number(ms)).toISOString();

export function toExperimentDto(
  row: ExperimentRow,
  more: { runCount: number; lastRunAt: string | null; tags: Entry[] },
): ExperimentDto {
  return {
    id: row.id,
    number: row.number,
    name: row.name,
    description: row.description,
    tags: more.tags,
    runCount: more.runCount,
    lastRunAt: isoOf(more.lastRunAt),
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    deletedAt: row.deletedAt?.toISOString() ?? null,
  };
}

/** What a run logged, as far as lists show it. */
export interface RunData {
  params: Entry[];
  tags: Entry[];
  metrics: MetricDto[];
}

/** A run without what it logged. */
export function toRunHead(
  row: RunRow,
  experiment: Pick<ExperimentRow, "number" | "name">,
): Omit<RunDto, keyof RunData> {
  return {
    id: row.id,
    experimentId: row.experimentId,
    experimentNumber: experiment.number,
    experimentName: experiment.name,
    name: row.name,
    status: row.status as RunStatus,
    userName: row.userName,
    startTime: new Date(row.startTime).toISOString(),
    endTime: isoOf(row.endTime),
    deletedAt: row.deletedAt?.toISOString() ?? null,
  };
}

export const toRunDto = (
  row: RunRow,
  experiment: Pick<ExperimentRow, "number" | "name">,
  data: RunData,
): RunDto => ({ ...toRunHead(row, experiment), ...data });
