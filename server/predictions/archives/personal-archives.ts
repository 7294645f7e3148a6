import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { and, asc, eq, gt } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { predictionArchives } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import type { ArchiveRow } from "./archive-table";
import { withArchives } from "./ask-archives";
import { type ArchiveRecord, removeArchive, replaceArchive } from "./remove-archive";
import type { Meant, MeantTask, WithoutTask } from "./tasks";

const PAGE = 100;
/** Records of one answer. */
const BYTES_MAX = 16 * 1024 * 1024;
/** Tries of an archive that another erasure changes meanwhile. */
const TRIES = 5;

/** What was found in the archives of a workspace. */
export interface FoundInArchives {
  /** Requests somebody is meant in. */
  found: number;
  /** Archives that could not be read, so not searched either. */
  unread: number;
}

/** Counts the requests somebody is meant in; changes nothing. The caller has asked for the permission. */
export async function countInArchives(ctx: Context, meant: Meant): Promise<FoundInArchives> {
  const sum: FoundInArchives = { found: 0, unread: 0 };
  for await (const archive of everyArchive(ctx)) {
    await withArchives(ctx, [archive], async ({ paths, ask }) => {
      if (paths.length === 0) sum.unread += 1;
      else {
        const task = { kind: "meant", paths, meant, fromRow: 0, bytesMax: 0 } as const;
        sum.found += (await ask<MeantTask>(task)).found;
      }
    });
  }
  return sum;
}

/** The requests somebody is meant in, some at a time. The caller has asked for the permission. */
export async function* findInArchives(ctx: Context, meant: Meant): AsyncGenerator<ArchiveRow[]> {
  for await (const archive of everyArchive(ctx)) {
    for (let fromRow: number | null = 0; fromRow !== null; ) {
      const first: number = fromRow;
      const answer = await withArchives(ctx, [archive], async ({ paths, ask }) => {
        if (paths.length === 0) return { records: [], nextRow: null };
        return ask<MeantTask>({ kind: "meant", paths, meant, fromRow: first, bytesMax: BYTES_MAX });
      });
      if (answer.records.length > 0) yield answer.records;
      fromRow = answer.nextRow;
    }
  }
}

/**
 * Writes every archive somebody is meant in again without those requests; the files before are
 * removed. Repeating it changes nothing more. The caller has asked for the permission and notes it.
 */
export async function eraseFromArchives(ctx: Context, meant: Meant): Promise<FoundInArchives> {
  const sum: FoundInArchives = { found: 0, unread: 0 };
  for await (const archive of everyArchive(ctx)) {
    const found = await eraseFrom(ctx, archive, meant);
    if (found === undefined) sum.unread += 1;
    else sum.found += found;
  }
  return sum;
}

/** How many requests went from one archive; undefined when it cannot be read. */
async function eraseFrom(
  ctx: Context,
  archive: ArchiveRecord,
  meant: Meant,
): Promise<number | undefined> {
  let current: ArchiveRecord | undefined = archive;
  for (let tries = 1; current; tries++) {
    const done: number | "changed" | undefined = await rewrite(ctx, current, meant);
    if (done !== "changed") return done;
    if (tries === TRIES) throw new Error("an archive changes without end");
    current = await reread(ctx, archive.id);
  }
  return 0;
}

async function rewrite(
  ctx: Context,
  archive: ArchiveRecord,
  meant: Meant,
): Promise<number | "changed" | undefined> {
  return withArchives(ctx, [archive], async ({ paths, folder, ask }) => {
    if (paths.length === 0) {
      const now = await reread(ctx, archive.id);
      return now && now.sha256 === archive.sha256 ? undefined : "changed";
    }
    const outPath = join(folder, "without.parquet");
    const { found, left, fromMs, toMs } = await ask<WithoutTask>({
      ...{ kind: "without", paths, meant, outPath },
    });
    if (found === 0) return 0;
    if (left === 0) {
      await removeArchive(ctx, archive);
      return found;
    }
    const { size } = await stat(outPath);
    const file = await ctx.ports.objects.put(ctx.workspaceId, createReadStream(outPath), size);
    const by = { ...file, requests: left, fromAt: new Date(fromMs), toAt: new Date(toMs) };
    return (await replaceArchive(ctx, archive, by)) ? found : "changed";
  });
}

async function reread(ctx: Context, id: string): Promise<ArchiveRecord | undefined> {
  const [row] = await withWorkspace(ctx, (tx) =>
    tx
      .select()
      .from(predictionArchives)
      .where(
        and(eq(predictionArchives.workspaceId, ctx.workspaceId), eq(predictionArchives.id, id)),
      ),
  );
  return row;
}

async function* everyArchive(ctx: Context): AsyncGenerator<ArchiveRecord> {
  for (let last: string | undefined; ; ) {
    const rows = await withWorkspace(ctx, (tx) =>
      tx
        .select()
        .from(predictionArchives)
        .where(
          and(
            eq(predictionArchives.workspaceId, ctx.workspaceId),
            last === undefined ? undefined : gt(predictionArchives.id, last),
          ),
        )
        .orderBy(asc(predictionArchives.id))
        .limit(PAGE),
    );
    yield* rows;
    last = rows.at(-1)?.id;
    if (rows.length < PAGE) return;
  }
}
