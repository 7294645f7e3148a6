import { setTimeout as sleep } from "node:timers/promises";
import { and, eq } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { datasets, trainingJobs } from "@/db/schema";
import { AppError, notFound } from "@/server/kernel/errors";
import type { BackendHandle, TrainerExit, TrainingBackend } from "../backends/backend";
import { LOG_BYTES_MAX } from "../constants";
import { getOutcome } from "../get-outcome";
import type { JobRow } from "../internal";
import { appendLine, logEnd } from "../queue/append-log";
import { type AttemptEnd, endAttempt } from "../queue/end-attempt";
import { judgeExit } from "../queue/judge-exit";
import { LeaseLost, withLease } from "../queue/lease";
import { readRunTags } from "../run-books";
import { revokeRunKeys } from "../run-key";
import { buildTask } from "./build-task";
import type { KeptLease } from "./keep-lease";
import type { DispatcherOptions } from "./settings";
import { lookAt, type Watched } from "./watch-attempt";

interface Started {
  handle: BackendHandle;
  logBase: number;
}

/** No trainer of the attempt runs, nor will one start late. */
export class NotStarted extends Error {
  override name = "NotStarted";
  constructor(cause: unknown) {
    const reason = cause instanceof AppError ? cause.message : "The worker's log says why.";
    super(`The trainer cannot be started. ${reason}`, { cause });
  }
}

/** An attempt always has room for a few words, whatever earlier ones said. */
const LOG_BYTES_LEAST = 64 * 1024;

/**
 * Looks after one attempt from its start, or from where an earlier worker left it, to its end.
 * `stopping` ends the trainer and gives the job back. Throws LeaseLost.
 */
export async function runAttempt(
  options: DispatcherOptions,
  kept: KeptLease,
  job: JobRow,
  stopping: AbortSignal,
): Promise<void> {
  const started = (job.backendRef as Started | null) ?? (await start(options, kept, job));
  const { ctx } = kept.lease;
  const written = await withWorkspace(ctx, (tx) => logEnd(tx, ctx, job.id));
  const watched: Watched = {
    ...started,
    backend: options.backend,
    kept,
    runId: job.runId,
    position: Math.max(0, written - started.logBase),
    progress: job.progress,
  };
  try {
    const exit = await watch(options, watched, stopping);
    await conclude(options, watched, job, exit, stopping.aborted);
  } catch (error) {
    if (error instanceof LeaseLost) await endWhenOver(options.backend, watched, job);
    throw error;
  }
}

async function conclude(
  options: DispatcherOptions,
  watched: Watched,
  job: JobRow,
  exit: TrainerExit,
  stopping: boolean,
): Promise<void> {
  const { backend, handle, kept } = watched;
  const end = await decide(options, watched, job, exit, stopping);
  await revokeRunKeys(kept.lease.ctx, job, job.attempt);
  if (end.kind === "handed-back") await backend.forget(handle);
  await endAttempt(kept.lease, end);
  const over = end.kind !== "retry" && end.kind !== "handed-back";
  if (over) await backend.release(job.id, end.kind === "failed");
}

/** A lease goes to another worker, who looks after the trainer now, or with the end of the job. */
async function endWhenOver(
  backend: TrainingBackend,
  { handle, kept }: Watched,
  job: JobRow,
): Promise<void> {
  if ((await getOutcome(kept.lease.ctx, { jobId: job.id })) !== "over") return;
  await backend.cancel(handle, true);
  await backend.release(job.id, true);
}

async function start(
  options: DispatcherOptions,
  { lease }: KeptLease,
  job: JobRow,
): Promise<Started> {
  const { ctx } = lease;
  const dataset = await withWorkspace(ctx, async (tx) => {
    const [row] = await tx
      .select({
        name: datasets.name,
        version: datasets.version,
        sha256: datasets.sha256,
        format: datasets.format,
        delimiter: datasets.delimiter,
      })
      .from(datasets)
      .where(and(eq(datasets.workspaceId, ctx.workspaceId), eq(datasets.id, job.datasetId)));
    return row;
  });
  if (!dataset) throw new NotStarted(notFound("The dataset"));
  const logBase = await withLease(lease, async (tx) => {
    await appendLine(tx, lease, `Attempt ${job.attempt} begins.`);
    return logEnd(tx, ctx, job.id);
  });
  const task = buildTask(ctx, job, dataset, {
    trackingUrl: options.trackingUrl,
    timeLimitMs: options.timings.timeLimitMs,
    logBytesMax: Math.max(LOG_BYTES_LEAST, LOG_BYTES_MAX - logBase),
  });
  const handle = await options.backend.submit(task).catch((error: unknown) => {
    throw new NotStarted(error);
  });
  const started = { handle, logBase };
  await withLease(lease, (tx) =>
    tx
      .update(trainingJobs)
      .set({ backendRef: { backend: options.backend.name, ...started }, message: null })
      .where(and(eq(trainingJobs.workspaceId, ctx.workspaceId), eq(trainingJobs.id, job.id))),
  );
  return started;
}

/** Looks until the trainer has ended; ends it when that is asked for. */
async function watch(
  { timings, log }: DispatcherOptions,
  watched: Watched,
  stopping: AbortSignal,
): Promise<TrainerExit> {
  const { backend, handle, kept } = watched;
  let stopSince: number | null = null;
  for (;;) {
    if (kept.lost) throw new LeaseLost("The lease was lost.");
    try {
      const exit = await lookAt(watched);
      if (exit) return exit;
    } catch (error) {
      if (error instanceof LeaseLost) throw error;
      log.warn({ jobId: kept.lease.jobId, err: error }, "a look at a trainer failed");
    }
    if (stopping.aborted || kept.cancelRequestedAt) {
      const graceMs = stopping.aborted ? timings.shutdownGraceMs : timings.graceMs;
      const force = stopSince !== null && Date.now() - stopSince >= graceMs;
      if (stopSince === null || force) await backend.cancel(handle, force);
      stopSince ??= Date.now();
    }
    await pause(timings.watchMs, stopping, kept);
  }
}

/** Sleeps for a look, or less when something changes. */
async function pause(ms: number, stopping: AbortSignal, kept: KeptLease): Promise<void> {
  const asked = kept.cancelRequestedAt;
  const until = Date.now() + ms;
  while (Date.now() < until) {
    await sleep(Math.min(50, ms));
    if (kept.lost || kept.cancelRequestedAt !== asked) return;
    if (stopping.aborted && ms > 100) return void (await sleep(100));
  }
}

async function decide(
  { timings }: DispatcherOptions,
  { kept }: Watched,
  job: JobRow,
  exit: TrainerExit,
  stopping: boolean,
): Promise<AttemptEnd> {
  await kept.beat();
  if (kept.lost) throw new LeaseLost("The lease was lost.");
  if (kept.cancelRequestedAt) return { kind: "cancelled" };
  const finished = exit.exitCode === 0;
  if (stopping && !finished) return { kind: "handed-back" };
  const { error: told } = await readRunTags(kept.lease.ctx, job.runId);
  const { timeLimitMs, retryDelayMs } = timings;
  return judgeExit({ exit, told, attempt: job.attempt, timeLimitMs, retryDelayMs });
}
