import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { trainingJobs } from "@/db/schema";
import { requireGrant, requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { type DatasetDto, getDataset } from "@/server/datasets";
import { actorName } from "@/server/kernel/actor";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import { type Issue, invalid } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import { getModel, type ModelDto } from "@/server/registry";
import { type Algorithm, catalog, TASKS, type Task } from "./catalog";
import { checkData } from "./policy/check-data";
import { checkHyperparameters } from "./policy/check-hyperparameters";
import { checkSplits } from "./policy/check-splits";
import { suggestion } from "./policy/near-matches";
import { openRun } from "./run-books";
import { startTrainingInput } from "./schemas";

type Input = z.output<typeof startTrainingInput>;

/**
 * Queues the training of one new version. Everything that can be known to fail is refused here
 * with validation_failed: columns, classes, algorithm, hyperparameters, splits.
 */
export async function startTraining(
  ctx: Context,
  input: z.input<typeof startTrainingInput>,
): Promise<{ jobId: string }> {
  requirePermission(ctx, "training:write");
  const values = startTrainingInput.parse(input);
  const model = await getModel(ctx, { model: values.model });
  const dataset = await getDataset(ctx, { dataset: values.datasetId });
  const { algorithm, task } = chooseAlgorithm(values.algorithm, model);
  refuse(findIssues(values, model, dataset, algorithm, task));
  return queueJob(ctx, values, { model, dataset, task });
}

function refuse(issues: Issue[]): void {
  const first = issues[0];
  if (first) throw invalid(`${first.path} ${first.message}`, issues);
}

function chooseAlgorithm(id: string, model: ModelDto): { algorithm: Algorithm; task: Task } {
  const task = TASKS.find((one) => one === model.type);
  if (!task) {
    throw invalid(
      `${model.name} is a ${model.type} model; the trainers here make ${TASKS.join(" and ")} models.`,
      [{ path: "model", message: `is of type ${model.type}` }],
    );
  }
  const algorithm = catalog.algorithms.find((one) => one.id === id);
  const usable = catalog.algorithms.filter((one) => one.tasks.includes(task)).map((one) => one.id);
  const message = algorithm
    ? `makes no ${task} models. Use ${usable.join(", ")}`
    : `is not known. ${suggestion(id, usable)}`;
  if (!algorithm?.tasks.includes(task)) {
    throw invalid(`algorithm ${id} ${message}`, [{ path: "algorithm", message }]);
  }
  return { algorithm, task };
}

function findIssues(
  values: Input,
  model: ModelDto,
  dataset: DatasetDto,
  algorithm: Algorithm,
  task: Task,
): Issue[] {
  const { target } = values;
  const { columns, rows } = dataset;
  return [
    ...checkData({ columns, rows, target, features: model.features, task }),
    ...checkHyperparameters(algorithm, task, values.hyperparameters),
    ...checkSplits(values.validationSplit, values.testSplit),
  ];
}

interface Chosen {
  model: ModelDto;
  dataset: DatasetDto;
  task: Task;
}

function queueJob(ctx: Context, values: Input, chosen: Chosen): Promise<{ jobId: string }> {
  const jobId = newId(ctx.now().getTime());
  return withWorkspace(ctx, async (tx) => {
    // A training ends in a new version, which is a write of the model.
    await requireGrant(tx, ctx, { on: { modelId: chosen.model.id }, action: "write" });
    const { model: _model, version, ...rest } = values;
    const runId = await openRun(tx, ctx, {
      jobId,
      modelName: chosen.model.name,
      datasetName: `${chosen.dataset.name} v${chosen.dataset.version}`,
      algorithm: values.algorithm,
    });
    const row = {
      ...rest,
      workspaceId: ctx.workspaceId,
      id: jobId,
      modelId: chosen.model.id,
      runId,
      task: chosen.task,
      features: chosen.model.features,
      versionLabel: version ?? null,
      status: "queued",
      createdBy: actorName(ctx.actor),
      createdAt: ctx.now(),
    };
    await tx.insert(trainingJobs).values(row);
    await recordAudit(tx, ctx, {
      action: "training_job.created",
      subjectType: "training_job",
      subjectId: jobId,
      after: row,
    });
    const data = { jobId, runId, modelId: row.modelId };
    await emitEvent(tx, ctx, { name: "training/job.requested", data });
    await announceChange(tx, ctx, "training", jobId);
    return { jobId };
  });
}
