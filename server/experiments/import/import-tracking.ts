import { deleteExperiment } from "../delete-experiment";
import { copyLoggedModel } from "./copy-logged-model";
import { copyRun } from "./copy-run";
import { importExperiment } from "./import-experiment";
import { type ImportJob, onePiece, severalAtOnce } from "./import-job";
import { readExperiments, readLoggedModels, readRuns } from "./read-source";
import type { SourceExperiment } from "./source-schemas";

/** Runs that are copied at the same time. */
const RUNS_AT_ONCE = 4;

/**
 * Copies experiments with their logged models and runs, all or the one of a name. What is whole
 * already is passed over, so that it can be called again at any time. Throws SourceError when the
 * other server refuses everything.
 */
export async function importTracking(job: ImportJob, only?: string): Promise<void> {
  const found: SourceExperiment[] = [];
  for await (const experiment of readExperiments(job.source)) {
    if (only === undefined || experiment.name === only) found.push(experiment);
  }
  if (only !== undefined && found.length === 0) {
    job.problems.push(`${job.source.base} has no experiment named ${only}.`);
  }
  for (const one of found) await beginExperiment(job, one);
  // A run may read models of another experiment: all models are here before the first run is.
  for (const one of found) {
    await severalAtOnce(readLoggedModels(job.source, one.experiment_id), RUNS_AT_ONCE, (model) =>
      onePiece(job, `logged model ${model.info.model_id}`, () => copyLoggedModel(job, model)),
    );
  }
  for (const one of found) await copyRunsOf(job, one);
}

async function beginExperiment(job: ImportJob, there: SourceExperiment): Promise<void> {
  const { experiment_id: id, name, tags } = there;
  job.counts.experiments += 1;
  await onePiece(job, `experiment ${name}`, async () => {
    const here = await importExperiment(job.ctx, {
      from: `${job.source.base}#${id}`,
      number: /^\d{1,9}$/.test(id) ? Number(id) : null,
      name,
      tags,
    });
    job.experiments.set(id, here);
    if (String(here.number) !== id) {
      job.notes.push(`Experiment ${id} (${name}) has the number ${here.number} here.`);
    }
    if (here.name !== name) {
      job.notes.push(`Experiment ${id} is named ${here.name} here; there it is ${name}.`);
    }
  });
}

async function copyRunsOf(job: ImportJob, there: SourceExperiment): Promise<void> {
  const here = job.experiments.get(there.experiment_id);
  if (!here) return;
  const isDeletedThere = there.lifecycle_stage === "deleted";
  const problemsBefore = job.problems.length;
  await severalAtOnce(readRuns(job.source, there.experiment_id), RUNS_AT_ONCE, (run) =>
    onePiece(job, `run ${run.info.run_id}`, () => copyRun(job, run, { isDeletedThere })),
  );
  // Last, since nothing can be added to a deleted experiment. One with problems stays open for the next try.
  if (!isDeletedThere || here.isDeleted || here.number === 0) return;
  if (job.problems.length > problemsBefore) return;
  await deleteExperiment(job.ctx, { experiment: here.id });
}
