import type { Context } from "@/server/kernel/context";
import type { ImportedExperiment } from "./import-experiment";
import { type SourceClient, SourceError, textOf } from "./source-client";

/** What was seen on the other server, and what of it was carried over this time. */
export interface ImportCounts {
  experiments: number;
  runs: number;
  runsCopied: number;
  params: number;
  metrics: number;
  /** Points, files and bytes of what was copied this time. */
  points: number;
  files: number;
  bytes: number;
  loggedModels: number;
  models: number;
  versions: number;
}

/** One import while it goes on. */
export interface ImportJob {
  ctx: Context;
  source: SourceClient;
  counts: ImportCounts;
  /** Of the other server's experiments, by their id there. */
  experiments: Map<string, ImportedExperiment>;
  /** What was mapped or could not be carried over, for people. */
  notes: string[];
  problems: string[];
}

export function createImportJob(ctx: Context, source: SourceClient): ImportJob {
  const counts: ImportCounts = {
    experiments: 0,
    runs: 0,
    runsCopied: 0,
    params: 0,
    metrics: 0,
    points: 0,
    files: 0,
    bytes: 0,
    loggedModels: 0,
    models: 0,
    versions: 0,
  };
  return { ctx, source, counts, experiments: new Map(), notes: [], problems: [] };
}

/** Does one piece; what is wrong with it alone becomes a problem. Throws when the other server is gone. */
export async function onePiece(
  job: ImportJob,
  what: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof SourceError && error.fatal) throw error;
    job.problems.push(`${what}: ${textOf(error).slice(0, 500)}`);
  }
}

/** Several at a time; the next is read when one has ended. Throws the first error after all have ended. */
export async function severalAtOnce<T>(
  items: AsyncIterable<T>,
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const flights = new Set<Promise<void>>();
  let failed: { error: unknown } | undefined;
  for await (const item of items) {
    const flight = work(item)
      .catch((error: unknown) => {
        failed ??= { error };
      })
      .finally(() => flights.delete(flight));
    flights.add(flight);
    if (flights.size >= atOnce) await Promise.race(flights);
    if (failed) break;
  }
  await Promise.all(flights);
  if (failed) throw failed.error;
}
