import { type ImportJob, onePiece } from "@/server/experiments";
import { AppError } from "@/server/kernel/errors";
import { setAlias } from "../aliases/set-alias";
import { requestStage } from "../approvals/request-stage";
import { createRegisteredModel } from "../create-registered-model";
import { EXACT_NAME } from "../internal";
import { getRegisteredModel } from "../search/get-registered-model";
import { getRegisteredVersion } from "../search/get-registered-version";
import type { RegisteredModelDto } from "../search/schemas";
import { registerFromSource } from "../sources/register-from-source";
import { listStages } from "../stages/list-stages";
import { fromMlflowStage } from "../stages/mlflow-stages";
import {
  readExperimentOf,
  readModels,
  readVersions,
  type SourceModel,
  type SourceVersion,
} from "./read-registry";
import { reserveNumbers } from "./reserve-number";

/** The tag of a model that was imported: the address of the server it came from. */
const IMPORT_TAG = "modelyard.importedFrom";

/** All models, or those with versions from the experiments that were copied, and these versions alone. */
type ImportScope = "all" | "copied-experiments";

/**
 * Copies registered models with their versions under the same numbers, aliases, tags and stages. Files
 * are those of runs and logged models, so these come first. What is here already stays as it is.
 * Throws SourceError when the other server refuses everything.
 */
export async function importModels(job: ImportJob, scope: ImportScope = "all"): Promise<void> {
  for await (const model of readModels(job.source)) {
    await onePiece(job, `model ${model.name}`, () => importModel(job, model, scope));
  }
}

async function importModel(job: ImportJob, there: SourceModel, scope: ImportScope): Promise<void> {
  const { ctx, counts, source } = job;
  const versions = await versionsToImport(job, there, scope);
  if (scope === "copied-experiments" && versions.length === 0) return;
  counts.models += 1;
  const here = (await findModel(job, there.name)) ?? (await createModel(job, there));
  const isOurs = here.tags.some(({ key, value }) => key === IMPORT_TAG && value === source.base);
  if (!isOurs)
    throw new Error("a model of this name is here that was not imported; it stays as it is");
  for (const version of versions) {
    counts.versions += 1;
    const what = `version ${version.version} of ${there.name}`;
    await onePiece(job, what, () => importVersion(job, here.name, version));
  }
  for (const { alias, version } of there.aliases) {
    if (here.aliases.some((one) => one.alias === alias)) continue;
    if (!versions.some((one) => String(one.version) === version)) continue;
    const target = { model: EXACT_NAME + here.name, alias, version };
    await onePiece(job, `alias ${alias} of ${there.name}`, async () => {
      await setAlias(ctx, target);
    });
  }
}

/** The versions that are wanted, lowest number first. */
async function versionsToImport(
  { source, experiments }: ImportJob,
  { name }: SourceModel,
  scope: ImportScope,
): Promise<SourceVersion[]> {
  const versions = await readVersions(source, name);
  if (scope === "all") return versions;
  const wanted: SourceVersion[] = [];
  for (const version of versions) {
    const id = await readExperimentOf(source, version);
    if (id !== undefined && experiments.has(id)) wanted.push(version);
  }
  return wanted;
}

async function findModel(job: ImportJob, name: string): Promise<RegisteredModelDto | undefined> {
  try {
    return await getRegisteredModel(job.ctx, { model: EXACT_NAME + name });
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") return undefined;
    throw error;
  }
}

async function createModel(job: ImportJob, there: SourceModel): Promise<RegisteredModelDto> {
  const { name, description, tags } = there;
  const mark = { key: IMPORT_TAG, value: job.source.base };
  await createRegisteredModel(job.ctx, { name, description, tags: [...tags, mark] });
  return getRegisteredModel(job.ctx, { model: EXACT_NAME + name });
}

async function importVersion(job: ImportJob, name: string, there: SourceVersion): Promise<void> {
  const { ctx } = job;
  const model = EXACT_NAME + name;
  const next = await reserveNumbers(ctx, { model, before: there.version });
  if (next <= there.version) {
    await registerFromSource(ctx, {
      model,
      source: there.source,
      run: there.run_id,
      loggedModelId: there.model_id,
      runLink: there.run_link,
      description: there.description,
      tags: there.tags,
    });
  }
  // Asked in any case: a number that was used up without its version is said each time.
  const here = await getRegisteredVersion(ctx, { model, version: String(there.version) });
  const stage = there.current_stage || "None";
  if (stage === "None") return;
  // A version that somebody moved here stays where it is.
  if (here.mlflowStage === "None") await moveTo(job, { model, name, there, stage });
}

async function moveTo(
  { ctx, notes, source }: ImportJob,
  move: { model: string; name: string; there: SourceVersion; stage: string },
): Promise<void> {
  const { items } = await listStages(ctx);
  const stage = fromMlflowStage(items, move.stage);
  const version = String(move.there.version);
  const which = `Version ${version} of ${move.name}`;
  if (!stage) {
    notes.push(`${which} is in ${move.stage} there; this workspace has no such stage.`);
    return;
  }
  const { outcome } = await requestStage(ctx, {
    model: move.model,
    version,
    stage: stage.key,
    comment: `Imported: it is in ${move.stage} on ${source.base}`.slice(0, 5000),
    archivePrevious: false,
  });
  if (outcome === "pending") notes.push(`${which} waits for approval to enter ${stage.name}.`);
}
