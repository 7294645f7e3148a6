import { and, eq, inArray } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { predictionArchives } from "@/db/schema";
import { verifyObject } from "@/server/artifacts";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { type Loss, type OpenArchives, withArchives } from "./ask-archives";
import type { ArchiveRecord } from "./remove-archive";

/** Files that fail together are not parted any further after so long, milliseconds. */
const HALVING_MS = 10_000;

/** An archive that could not be read; one that was unavailable may be the next time. */
export interface UnreadArchive {
  archive: ArchiveRecord;
  reason: Loss | "unavailable";
}

export interface ReadArchives<T> {
  /** What was read: nothing, or one answer for each time files were opened. */
  answers: T[];
  unread: UnreadArchive[];
}

type Read<T> = (open: OpenArchives, archives: readonly ArchiveRecord[]) => Promise<T>;

/**
 * Reads archives as far as they can be read. Those that cannot are told, not thrown; one that an
 * erasure or the end of its time changed meanwhile is looked at as it is now.
 */
export async function readArchives<T>(
  ctx: Context,
  archives: readonly ArchiveRecord[],
  read: Read<T>,
): Promise<ReadArchives<T>> {
  const first = await tryArchives(ctx, archives, read);
  const missing = first.unread.filter(({ reason }) => reason === "missing");
  if (missing.length === 0) return first;
  const now = await currentOf(ctx, missing);
  const unread = first.unread.filter(({ archive, reason }) => {
    return reason !== "missing" || now.get(archive.id)?.sha256 === archive.sha256;
  });
  const changed = missing.flatMap(({ archive }) => {
    const record = now.get(archive.id);
    return record && record.sha256 !== archive.sha256 ? [record] : [];
  });
  if (changed.length === 0) return { ...first, unread };
  const second = await tryArchives(ctx, changed, read);
  return {
    answers: [...first.answers, ...second.answers],
    unread: [...unread, ...second.unread],
  };
}

/** Where reading some together fails they are read in halves, so that one costs only itself. */
async function tryArchives<T>(
  ctx: Context,
  archives: readonly ArchiveRecord[],
  read: Read<T>,
  until = performance.now() + HALVING_MS,
): Promise<ReadArchives<T>> {
  try {
    return await withArchives(ctx, archives, async (open, lost) => {
      const whole = archives.filter((_, at) => !lost.has(at));
      const answers = whole.length > 0 ? [await read(open, whole)] : [];
      const unread = archives.flatMap((archive, at) => {
        const reason = lost.get(at);
        return reason ? [{ archive, reason }] : [];
      });
      return { answers, unread };
    });
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "unavailable") throw error;
    if (archives.length === 1 || performance.now() > until) {
      const unread = archives.map((archive) => ({ archive, reason: "unavailable" as const }));
      return { answers: [], unread };
    }
  }
  const middle = Math.ceil(archives.length / 2);
  const first = await tryArchives(ctx, archives.slice(0, middle), read, until);
  const second = await tryArchives(ctx, archives.slice(middle), read, until);
  return {
    answers: [...first.answers, ...second.answers],
    unread: [...first.unread, ...second.unread],
  };
}

/** Archives that are not what was stored any more, found by reading every byte. */
export async function lostAmong(
  ctx: Context,
  archives: readonly ArchiveRecord[],
): Promise<UnreadArchive[]> {
  const lost: UnreadArchive[] = [];
  for (const archive of archives) {
    const state = await verifyObject(ctx, archive).catch(() => "unavailable" as const);
    if (state !== "intact") lost.push({ archive, reason: state });
  }
  const now = lost.length > 0 ? await currentOf(ctx, lost) : new Map();
  return lost.filter(({ archive }) => now.get(archive.id)?.sha256 === archive.sha256);
}

async function currentOf(
  ctx: Context,
  missing: readonly UnreadArchive[],
): Promise<Map<string, ArchiveRecord>> {
  const a = predictionArchives;
  const ids = missing.map(({ archive }) => archive.id);
  const rows = await withWorkspace(ctx, (tx) =>
    tx
      .select()
      .from(a)
      .where(and(eq(a.workspaceId, ctx.workspaceId), inArray(a.id, ids))),
  );
  return new Map(rows.map((row) => [row.id, row]));
}
