import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import { openObject } from "@/server/artifacts";
import { openRunArtifact } from "@/server/experiments";
import type { Context } from "@/server/kernel/context";
import { AppError, invalid } from "@/server/kernel/errors";
import { registerVersion } from "@/server/registry";
import { RESULT_PATH } from "./constants";
import { getJobInWorkspace, type JobRow } from "./internal";
import { finishJob } from "./queue/finish-job";
import { parseResult, type TrainerResult } from "./result";
import { endRun } from "./run-books";

/** A result file or an input example above this is refused, bytes. */
const DOCUMENT_BYTES_MAX = 32 * 1024 * 1024;

/**
 * Makes the version of a trained job from what its run holds, and completes the job. The same job
 * again answers the same version. Throws validation_failed when the result is not whole or fails
 * the parity check; nothing half-made stays.
 */
export async function registerResult(
  ctx: Context,
  input: { jobId: string },
): Promise<{ versionId: string }> {
  requirePermission(ctx, "models:write");
  const job = await withWorkspace(ctx, (tx) => getJobInWorkspace(tx, ctx, input.jobId));
  if (job.status === "completed" && job.versionId) return { versionId: job.versionId };
  if (job.status !== "running" || !job.trainedAt) {
    throw new AppError("conflict", `This job is ${job.status}: it has no result to register.`);
  }
  const result = parseResult(await readDocument(ctx, job.runId, RESULT_PATH));
  for (const file of result.files) await requireUploaded(ctx, job.runId, file);
  const version = await registerVersion(
    ctx,
    versionOf(job, result, await example(ctx, job, result)),
  );
  await endRun(ctx, job.runId, "FINISHED");
  await withWorkspace(ctx, async (tx) => {
    const now = await getJobInWorkspace(tx, ctx, input.jobId, true);
    if (now.status !== "running") return;
    await finishJob(tx, ctx, now, { status: "completed", versionId: version.id, error: null });
  });
  return { versionId: version.id };
}

async function readDocument(ctx: Context, runId: string, path: string): Promise<string> {
  const file = await openRunArtifact(ctx, { owner: { kind: "run", id: runId }, path });
  if (file.sizeBytes > DOCUMENT_BYTES_MAX) throw invalid(`${path} of the run is too large.`);
  return text(Readable.toWeb(await openObject(ctx, file)) as AsyncIterable<Uint8Array>);
}

/** The run must hold every file the result lists, byte for byte. */
async function requireUploaded(
  ctx: Context,
  runId: string,
  file: TrainerResult["files"][number],
): Promise<void> {
  const { path } = file;
  const stored = await openRunArtifact(ctx, { owner: { kind: "run", id: runId }, path });
  if (stored.sha256 !== file.sha256 || stored.sizeBytes !== file.sizeBytes) {
    throw invalid(`The run's artifact ${path} is not the file the trainer listed.`);
  }
}

async function example(ctx: Context, job: JobRow, result: TrainerResult): Promise<unknown> {
  if (result.inputExample !== undefined) return result.inputExample;
  const file = result.files.find(({ kind }) => kind === "example");
  if (!file) return null;
  try {
    return JSON.parse(await readDocument(ctx, job.runId, file.path));
  } catch (error) {
    if (error instanceof SyntaxError) throw invalid(`${file.path} of the run is not JSON.`);
    throw error;
  }
}

function versionOf(job: JobRow, result: TrainerResult, inputExample: unknown) {
  const { task, hyperparameters, metrics, environment, parity } = result;
  type Input = Parameters<typeof registerVersion>[1];
  return {
    modelId: job.modelId,
    runId: job.runId,
    datasetId: job.datasetId,
    trainingJobId: job.id,
    label: job.versionLabel,
    description: job.description,
    algorithm: job.algorithm,
    task,
    hyperparameters,
    metrics,
    // registerVersion parses it; a result file is text from outside.
    signature: result.signature as Input["signature"],
    inputExample,
    environment,
    parity,
    seed: job.seed,
    durationSeconds: result.durationSeconds ?? null,
    artifacts: result.files.map((file) => ({
      ...file,
      // The folder of the run that holds the model is the root of the version.
      path: file.path.replace(/^model\//, ""),
    })),
  };
}
