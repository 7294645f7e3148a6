import { withWorkspace } from "@/db/client";
import { batchJobs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { type BatchJobRow, getBatchJobInWorkspace, isJob } from "../internal";
import { answerRows } from "./answer-rows";
import type { Answering } from "./ask-model";
import { type BatchRun, isAt } from "./begin-run";
import { commitPart } from "./commit-part";
import { type BatchEngine, dropEngine, leaveEngine, takeEngine } from "./engines";
import { finishBatchRun } from "./finish-run";
import { BrokenAnswer } from "./read-answers";
import { watchJob } from "./watch-job";

/** A turn ends behind the first checkpoint after this long, milliseconds. */
const TURN_MS = 20_000;
/** A job whose nodes do not answer for this long fails, milliseconds; it can be resumed. */
const GIVE_UP_MS = 10 * 60_000;
/** Waits grow with the time nothing answered, seconds. */
const WAIT_SECONDS = { least: 5, most: 60 };

/** A node that is away is asked again within this time, milliseconds, before a stretch is given up. */
const PATIENCE_MS = 20_000;

interface TurnOptions {
  patienceMs?: number | undefined;
}

/** How a turn left its job: with more to do, perhaps after a while, or over. */
export interface Turn {
  isOver: boolean;
  waitSeconds: number;
}

const OVER: Turn = { isOver: true, waitSeconds: 0 };

/** Turns at work in this process. */
const underWay = new Map<string, Promise<Turn>>();

/**
 * Works on a running job for about twenty seconds. Each checkpoint is one transaction; a turn that is
 * killed loses what came after the last one. Asked again while it works, as after a lease that was
 * renewed too late, it is still the one turn. Throws what trying again will not mend as AppError.
 */
export function runBatchTurn(
  ctx: Context,
  run: BatchRun,
  options: TurnOptions = {},
): Promise<Turn> {
  requirePermission(ctx, "predictions:create");
  const key = `${run.jobId}/${run.attempt}`;
  const known = underWay.get(key);
  if (known) return known;
  const turn = takeTurn(ctx, run, options).finally(() => underWay.delete(key));
  underWay.set(key, turn);
  return turn;
}

async function takeTurn(ctx: Context, run: BatchRun, options: TurnOptions): Promise<Turn> {
  const { nodes } = ctx.ports;
  if (!nodes) throw new AppError("unavailable", "This process reaches no inference node.");
  const job = await current(ctx, run);
  if (!job) {
    await dropEngine(run);
    return OVER;
  }
  const watch = watchJob(ctx, run);
  let isKept = false;
  try {
    const turn = await work(ctx, run, job, { ...options, nodes, signal: watch.signal });
    isKept = !turn.isOver;
    return turn;
  } catch (error) {
    if (watch.signal.aborted) return OVER;
    // Awaited here: the engine is closed below, and until then nobody would hear of a failure.
    if (error instanceof AppError && error.code === "unavailable") {
      return await stall(ctx, run, error);
    }
    if (error instanceof BrokenAnswer) throw new AppError("conflict", `${error.message}.`);
    throw error;
  } finally {
    watch.stop();
    if (isKept) leaveEngine(run);
    else await dropEngine(run);
  }
}

async function current(ctx: Context, run: BatchRun): Promise<BatchJobRow | undefined> {
  const row = await withWorkspace(ctx, (tx) => getBatchJobInWorkspace(tx, ctx, run.jobId)).catch(
    (error: unknown) => {
      if (error instanceof AppError && error.code === "not_found") return undefined;
      throw error;
    },
  );
  return row && isAt(row, run) ? row : undefined;
}

async function work(
  ctx: Context,
  run: BatchRun,
  job: BatchJobRow,
  { nodes, signal, patienceMs = PATIENCE_MS }: TurnOptions & Pick<Answering, "nodes" | "signal">,
): Promise<Turn> {
  const startedMs = performance.now();
  const engine = await takeEngine(ctx, job);
  signal.throwIfAborted();
  // Loading says why a node refuses a model; running says only that it does.
  if (engine.keptRows < job.rowsTotal)
    await nodes.load(engine.prepared.model, engine.place.replicas);
  const { prepared, place, sizes, witness } = engine;
  const how: Answering = { nodes, prepared, place, sizes, witness, signal, patienceMs };
  let markMs = startedMs;
  while (engine.keptRows < job.rowsTotal) {
    const beganMs = performance.now();
    if (beganMs - startedMs > TURN_MS) return { isOver: false, waitSeconds: 0 };
    const { from, to, rows } = stretchOf(engine, job.rowsTotal);
    const read = await rows;
    // Read while these are being answered.
    engine.ahead = to < job.rowsTotal ? readFrom(engine, to, job.rowsTotal) : undefined;
    const answered = await answerRows(how, { from, to }, read);
    const nowMs = performance.now();
    if (!(await commitPart(ctx, run, answered, nowMs - markMs))) return OVER;
    markMs = nowMs;
    await engine.scan.keep(answered.answers);
    engine.keptRows = to;
    sizes.notePart(to - from, performance.now() - beganMs);
  }
  await finishBatchRun(ctx, run, job, engine);
  return OVER;
}

type Ahead = NonNullable<BatchEngine["ahead"]>;

function stretchOf(engine: BatchEngine, rowsTotal: number): Ahead {
  const { ahead, keptRows } = engine;
  return ahead?.from === keptRows ? ahead : readFrom(engine, keptRows, rowsTotal);
}

function readFrom({ scan, sizes }: BatchEngine, from: number, rowsTotal: number): Ahead {
  const to = Math.min(rowsTotal, from + sizes.partRows);
  const rows = scan.read({ from, to });
  // A failure is told to whoever takes the rows; until then it must not end the process.
  rows.catch(() => undefined);
  return { from, to, rows };
}

/** Notes that no node answers, and gives the job up after a while. */
async function stall(ctx: Context, run: BatchRun, error: AppError): Promise<Turn> {
  const since = await withWorkspace(ctx, async (tx) => {
    const row = await getBatchJobInWorkspace(tx, ctx, run.jobId, true);
    if (!isAt(row, run)) return undefined;
    const stalledSince = row.stalledSince ?? ctx.now();
    await tx
      .update(batchJobs)
      .set({ stalledSince, message: `Waiting: ${error.message}` })
      .where(isJob(ctx, row.id));
    await announceChange(tx, ctx, "predictions", row.id);
    return stalledSince;
  });
  if (!since) return OVER;
  const stalledMs = ctx.now().getTime() - since.getTime();
  if (stalledMs < GIVE_UP_MS) {
    const { least, most } = WAIT_SECONDS;
    const waitSeconds = Math.round(Math.min(most, Math.max(least, stalledMs / 4_000)));
    return { isOver: false, waitSeconds };
  }
  const row = await withWorkspace(ctx, (tx) => getBatchJobInWorkspace(tx, ctx, run.jobId));
  const minutes = Math.round(stalledMs / 60_000);
  throw new AppError(
    "conflict",
    `From row ${row.rowsRead + 1} on nothing was answered for ${minutes} minutes: ${error.message} Resume the job when that is mended.`,
  );
}
