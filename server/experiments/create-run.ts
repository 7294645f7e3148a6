import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { runs, runTags } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { actorName } from "@/server/kernel/actor";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { invalid } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import { DEFAULT_EXPERIMENT, LIMITS, RUN_NAME_TAG } from "./constants";
import { insertExperiment } from "./create-experiment";
import {
  deletedExperiment,
  type ExperimentRow,
  findExperimentByName,
  getExperimentInWorkspace,
  refuseRunKey,
  toRunDto,
} from "./internal";
import { randomRunName } from "./run-names";
import { createRunInput, type RunDto } from "./schemas";

type RunValues = z.output<typeof createRunInput>;

/**
 * Starts a run in an experiment (by id, number or name; made when only a name is given and none has
 * it). Throws not_found, conflict for a deleted experiment, validation_failed for two different names.
 */
export async function createRun(
  ctx: Context,
  input: z.input<typeof createRunInput>,
): Promise<RunDto> {
  return withWorkspace(ctx, (tx) => createRunInTransaction(tx, ctx, input));
}

/** createRun as a part of a larger change: the run stays only if the caller's transaction commits. */
export async function createRunInTransaction(
  tx: Transaction,
  ctx: Context,
  input: z.input<typeof createRunInput>,
): Promise<RunDto> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const values = createRunInput.parse(input);
  const experiment = await experimentOf(tx, ctx, values);
  const { name, tags } = nameAndTags(values);
  const row = {
    workspaceId: ctx.workspaceId,
    id: newId(ctx.now().getTime()),
    experimentId: experiment.id,
    name,
    status: "RUNNING" as const,
    userName: values.userName ?? actorName(ctx.actor).slice(0, LIMITS.userName),
    startTime: values.startTime ?? ctx.now().getTime(),
    endTime: null,
    createdAt: ctx.now(),
    deletedAt: null,
  };
  await tx.insert(runs).values(row);
  await tx
    .insert(runTags)
    .values(tags.map((tag) => ({ ...tag, workspaceId: ctx.workspaceId, runId: row.id })));
  await recordAudit(tx, ctx, {
    action: "run.created",
    subjectType: "run",
    subjectId: row.id,
    after: { name, experiment: experiment.name, experimentId: experiment.id },
  });
  await announceChange(tx, ctx, "experiments", row.id);
  return toRunDto(row, experiment, { params: [], tags, metrics: [] });
}

async function experimentOf(
  tx: Transaction,
  ctx: Context,
  values: RunValues,
): Promise<ExperimentRow> {
  const { experimentName: name } = values;
  if (name === undefined) {
    const ref = values.experimentId ?? String(DEFAULT_EXPERIMENT.number);
    return getExperimentInWorkspace(tx, ctx, ref, { active: true });
  }
  const row =
    (await findExperimentByName(tx, ctx, name)) ??
    (await insertExperiment(tx, ctx, { name, description: "", tags: [] })) ??
    // Somebody made it in between.
    (await getExperimentInWorkspace(tx, ctx, name));
  if (row.deletedAt) throw deletedExperiment(row);
  return row;
}

/** The run's name and its tag say the same; a name of our own when neither was sent. */
function nameAndTags(values: RunValues) {
  const byKey = new Map(values.tags.map((tag) => [tag.key, tag.value]));
  const tagged = byKey.get(RUN_NAME_TAG);
  if (values.name && tagged && values.name !== tagged) {
    throw invalid(
      `Both 'run_name' argument and '${RUN_NAME_TAG}' tag are specified, but with different values (run_name='${values.name}', ${RUN_NAME_TAG}='${tagged}').`,
      [{ path: "name", message: `differs from the tag ${RUN_NAME_TAG}` }],
    );
  }
  const name = values.name || tagged || randomRunName();
  byKey.set(RUN_NAME_TAG, name);
  const tags = [...byKey].map(([key, value]) => ({ key, value }));
  return { name, tags: tags.toSorted((a, b) => (a.key < b.key ? -1 : 1)) };
}
