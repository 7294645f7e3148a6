import { join } from "node:path";
import type { Context } from "@/server/kernel/context";
import { readArchives, type UnreadArchive } from "../archives/read-archives";
import type { FindTask, Place } from "../archives/tasks";
import { writeKnownOutcomes } from "../archives/write-outcomes";
import { toLogRows } from "./archived-rows";
import { type LogRow, ROWS_SHOWN } from "./log-rows";
import { isBehind, mergeSlices, nearest, placeBefore, type Slice } from "./places";
import { ARCHIVES_MAX, type ArchivePlan } from "./plan-archives";

/** A page that found little goes no further after so long, milliseconds. */
const PATIENCE_MS = 10_000;
/** Archives opened together at first and at most, and their bytes: the first ones are mostly enough. */
const TOGETHER = { first: 8, most: 64 };
const TOGETHER_BYTES = { first: 8 * 1024 * 1024, most: 256 * 1024 * 1024 };
/** Payload of one look. */
const BYTES_MAX = 16 * 1024 * 1024;

interface Page {
  order: "asc" | "desc";
  limit: number;
  after: Place | undefined;
  detail: "short" | "full";
  /** What the database holds of the page; archives behind it are not opened. */
  hot: Slice<LogRow>;
}

type Archive = ArchivePlan["archives"][number];

const placeOf = ({ log }: LogRow): Place => [log.at.getTime(), log.requestId];

/** What archives hold of a page, and those that were due but could not be read. */
interface ScannedSlice extends Slice<LogRow> {
  unread: UnreadArchive[];
}

/** What the archives hold of a page, looked through in reading order until there is enough. */
export async function scanArchives(
  ctx: Context,
  plan: ArchivePlan,
  page: Page,
): Promise<ScannedSlice> {
  const { order, limit, after, hot } = page;
  const { archives } = plan;
  const startedAt = performance.now();
  const cold: ScannedSlice = { rows: [], until: null, unread: [] };
  let together = TOGETHER.first;
  let bytes = TOGETHER_BYTES.first;
  for (let at = 0; at < archives.length; ) {
    const first = archives[at] as Archive;
    const begin = placeBefore(order === "asc" ? first.fromAt : first.toAt, order);
    const { next } = mergeSlices([hot, cold], placeOf, { order, limit });
    if (next && isBehind(begin, next, order))
      return { ...cold, until: nearest([cold.until, next], order) };
    const isLate = performance.now() - startedAt > PATIENCE_MS;
    // The next page begins where this one ends, so it must end behind where it began.
    if (isLate && at > 0 && (!after || isBehind(begin, after, order))) {
      return { ...cold, until: nearest([cold.until, begin], order) };
    }
    const batch = withinBytes(archives.slice(at, at + together), bytes);
    const found = await findIn(ctx, batch, plan, page);
    cold.rows.push(...found.rows);
    cold.unread.push(...found.unread);
    cold.until = nearest([cold.until, found.until], order);
    at += batch.length;
    together = Math.min(TOGETHER.most, together * 2);
    bytes = Math.min(TOGETHER_BYTES.most, bytes * 4);
  }
  const last = archives.at(-1);
  if (archives.length < ARCHIVES_MAX || !last) return cold;
  // There may be more than were listed.
  const begin = placeBefore(order === "asc" ? last.fromAt : last.toAt, order);
  return { ...cold, until: nearest([cold.until, begin], order) };
}

/** As many as the bytes allow, one at least. */
function withinBytes(archives: readonly Archive[], bytesMax: number): Archive[] {
  let bytes = 0;
  const end = archives.findIndex(({ sizeBytes }) => {
    bytes += sizeBytes;
    return bytes > bytesMax;
  });
  return end < 0 ? [...archives] : archives.slice(0, Math.max(1, end));
}

async function findIn(
  ctx: Context,
  batch: readonly Archive[],
  { where, hasOutcome }: ArchivePlan,
  { order, limit, after, detail }: Page,
): Promise<ScannedSlice> {
  const { answers, unread } = await readArchives(ctx, batch, async (open, archives) => {
    const { paths, folder, ask } = open;
    const idsPath = join(folder, "outcomes.csv");
    if (hasOutcome !== undefined) await writeKnownOutcomes(ctx, archives, idsPath);
    return ask<FindTask>({
      ...{ kind: "find", paths, order, after, limit: limit + 1, bytesMax: BYTES_MAX },
      where: {
        ...where,
        outcome: hasOutcome === undefined ? undefined : { idsPath, isKnown: hasOutcome },
      },
      rowsShown: detail === "full" ? Number.MAX_SAFE_INTEGER : ROWS_SHOWN,
    });
  });
  const found: ScannedSlice = { rows: [], until: null, unread };
  for (const { rows, more } of answers) {
    const read = await toLogRows(ctx, rows);
    const last = read.at(-1);
    found.rows.push(...read);
    found.until = nearest([found.until, more && last ? placeOf(last) : null], order);
  }
  return found;
}
