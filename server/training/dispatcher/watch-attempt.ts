import { and, eq } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { trainingJobs } from "@/db/schema";
import { announceChange } from "@/server/kernel/announce-change";
import type { BackendHandle, TrainerExit, TrainingBackend } from "../backends/backend";
import { appendOutput } from "../queue/append-log";
import { LeaseLost } from "../queue/lease";
import { wholeCharacters } from "../queue/log-text";
import { readRunTags } from "../run-books";
import type { KeptLease } from "./keep-lease";

const CHUNK_BYTES = 256 * 1024;
/** Output moved in one look, so that a flood of it does not keep us from everything else. */
const BYTES_PER_LOOK = 4 * 1024 * 1024;

export interface Watched {
  backend: TrainingBackend;
  handle: BackendHandle;
  kept: KeptLease;
  runId: string;
  /** Where the attempt's output begins in the job's log, bytes. */
  logBase: number;
  /** How much of the attempt's output is in the log. */
  position: number;
  progress: number;
}

/** One look at a running attempt: moves output, copies progress. Answers how it ended, if it has. */
export async function lookAt(watched: Watched): Promise<TrainerExit | null> {
  const status = await watched.backend.status(watched.handle);
  const ended = status.state === "ended";
  // After the state, so that what was said before the end is not missed.
  await moveOutput(watched, ended);
  await copyProgress(watched);
  return ended ? status.exit : null;
}

async function moveOutput(watched: Watched, ended: boolean): Promise<void> {
  const { backend, handle, kept, logBase } = watched;
  let moved = 0;
  while (ended || moved < BYTES_PER_LOOK) {
    const bytes = await backend.logs(handle, watched.position, CHUNK_BYTES);
    const atEnd = bytes.length < CHUNK_BYTES;
    const whole = ended && atEnd ? bytes.length : wholeCharacters(bytes);
    if (whole > 0) {
      await appendOutput(kept.lease, logBase + watched.position, bytes.subarray(0, whole));
    }
    watched.position += whole;
    moved += whole;
    if (atEnd) return;
  }
}

async function copyProgress(watched: Watched): Promise<void> {
  const { lease } = watched.kept;
  const { progress } = await readRunTags(lease.ctx, watched.runId);
  if (progress === null || progress === watched.progress) return;
  await withWorkspace(lease.ctx, async (tx) => {
    const updated = await tx
      .update(trainingJobs)
      .set({ progress, message: null })
      .where(
        and(
          eq(trainingJobs.workspaceId, lease.ctx.workspaceId),
          eq(trainingJobs.id, lease.jobId),
          eq(trainingJobs.leaseToken, lease.token),
        ),
      )
      .returning({ id: trainingJobs.id });
    if (updated.length === 0) throw new LeaseLost("The lease was lost.");
    await announceChange(tx, lease.ctx, "training", lease.jobId);
  });
  watched.progress = progress;
}
