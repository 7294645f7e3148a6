import { buffer } from "node:stream/consumers";
import { and, asc, eq } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { batchJobParts } from "@/db/schema";
import { openObject } from "@/server/artifacts";
import {
  type DatasetScan,
  getDatasetInWorkspace,
  openDatasetScan,
  type ScanRows,
} from "@/server/datasets";
import { type BackgroundPlace, backgroundPlace } from "@/server/deployments";
import type { Context } from "@/server/kernel/context";
import type { BatchJobRow } from "../internal";
import { type Prepared, readingOf } from "../reading";
import type { Witness } from "./ask-model";
import type { BatchRun } from "./begin-run";
import { decodePart } from "./part-codec";
import { hasProbabilities } from "./read-answers";
import { BatchSizes } from "./sizes";

/** Jobs whose tables this process holds at most; each may take a gigabyte. */
const ENGINES_MAX = 4;
/** A table nobody works on is given up after this long, milliseconds. */
const IDLE_MS = 60_000;
/** Nodes that answer for a version without a deployment, where there are so many. */
const REPLICAS = 4;

/** What one process needs to go on with a job. */
export interface BatchEngine {
  scan: DatasetScan;
  prepared: Prepared;
  place: BackgroundPlace;
  sizes: BatchSizes;
  witness: Witness;
  /** Rows whose answers the scan holds. */
  keptRows: number;
  /** A stretch that is being read for the next turn. */
  ahead: { from: number; to: number; rows: Promise<ScanRows> } | undefined;
}

interface Kept {
  engine: BatchEngine;
  timer: NodeJS.Timeout | undefined;
}

/** By job and start: what an earlier start still has in hand stays its own. */
const engines = new Map<string, Kept>();
const keyOf = ({ jobId, attempt }: BatchRun): string => `${jobId}/${attempt}`;

/**
 * The engine of a job as of its checkpoint: the one left from the turn before, or a new one with the
 * answers of the committed parts.
 */
export async function takeEngine(ctx: Context, job: BatchJobRow): Promise<BatchEngine> {
  const run = { jobId: job.id, attempt: job.attempt };
  const kept = engines.get(keyOf(run));
  if (kept) {
    clearTimeout(kept.timer);
    kept.timer = undefined;
    if (kept.engine.scan.isOpen() && kept.engine.keptRows === job.rowsRead) return kept.engine;
    await dropEngine(run);
  }
  await makeRoom();
  const engine = await open(ctx, job);
  engines.set(keyOf(run), { engine, timer: undefined });
  return engine;
}

/** Leaves an engine for the next turn. */
export function leaveEngine(run: BatchRun): void {
  const kept = engines.get(keyOf(run));
  if (!kept) return;
  clearTimeout(kept.timer);
  kept.timer = setTimeout(() => void dropEngine(run), IDLE_MS);
  kept.timer.unref();
}

export const dropEngine = (run: BatchRun): Promise<void> => drop(keyOf(run));

async function drop(key: string): Promise<void> {
  const kept = engines.get(key);
  if (!kept) return;
  engines.delete(key);
  clearTimeout(kept.timer);
  await kept.engine.scan.close();
}

/** Idle ones go first; those at work stay. */
async function makeRoom(): Promise<void> {
  for (const [key, { timer }] of engines) {
    if (engines.size < ENGINES_MAX) return;
    if (timer) await drop(key);
  }
}

async function open(ctx: Context, job: BatchJobRow): Promise<BatchEngine> {
  const { versionId, datasetId, deploymentId } = job;
  const { prepared, place } = await withWorkspace(ctx, async (tx) => {
    const dataset = await getDatasetInWorkspace(tx, ctx, datasetId);
    const prepared = await readingOf(tx, ctx, { versionId, dataset });
    const place = deploymentId ? await backgroundPlace(tx, ctx, deploymentId) : undefined;
    return { prepared, place: place ?? { replicas: REPLICAS, selector: {}, priority: undefined } };
  });
  prepared.model.selector = place.selector;
  prepared.model.deploymentId = deploymentId ?? undefined;
  const { columns, inputs, signature } = prepared;
  const answers = { classes: signature.classes, hasProbabilities: hasProbabilities(signature) };
  const scan = await openDatasetScan(ctx, { datasetId, columns, inputs, answers });
  try {
    const keptRows = await keepParts(ctx, job, scan);
    const sizes = new BatchSizes(signature.features.length);
    const witness = { tensors: undefined };
    return { scan, prepared, place, sizes, witness, keptRows, ahead: undefined };
  } catch (error) {
    await scan.close();
    throw error;
  }
}

/** Gives the scan the answers up to the checkpoint; answers how many rows that are. */
async function keepParts(ctx: Context, job: BatchJobRow, scan: DatasetScan): Promise<number> {
  const parts = await withWorkspace(ctx, (tx) =>
    tx
      .select()
      .from(batchJobParts)
      .where(and(eq(batchJobParts.workspaceId, ctx.workspaceId), eq(batchJobParts.jobId, job.id)))
      .orderBy(asc(batchJobParts.fromRow)),
  );
  let rows = 0;
  for (const part of parts) {
    await scan.keep(decodePart(await buffer(await openObject(ctx, part))));
    rows = part.toRow;
  }
  if (rows !== job.rowsRead) throw new Error(`parts end at row ${rows}, not ${job.rowsRead}`);
  return rows;
}
