import { createHash } from "node:crypto";
import { type SQL, sql } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import { ARCHIVE_COLUMNS, type ArchiveRow } from "./archive-table";

/** Requests of one file, and their payload: what one look into it may cost. */
const PART_REQUESTS = 50_000;
const PART_BYTES = 128 * 1024 * 1024;
/** Read together, bounded the same way. */
const PAGE_REQUESTS = 1_000;
const PAGE_BYTES = 16 * 1024 * 1024;

/** Rows of one deployment in one day. */
export interface DaySlice {
  deploymentId: string;
  from: Date;
  /** Excluded. */
  until: Date;
}

/** What went into a file: how much, from where to where, and the SHA-256 of the ids in their order. */
export class PartBook {
  requests = 0;
  bytes = 0;
  first: ArchiveRow | undefined;
  last: ArchiveRow | undefined;
  private readonly ids = createHash("sha256");

  add(rows: readonly ArchiveRow[]): void {
    for (const row of rows) {
      this.ids.update(this.requests === 0 ? row.request_id : `,${row.request_id}`);
      this.requests += 1;
      this.bytes += (row.inputs?.length ?? 0) + (row.outputs?.length ?? 0);
    }
    this.first ??= rows[0];
    this.last = rows.at(-1) ?? this.last;
  }

  get isFull(): boolean {
    return this.requests >= PART_REQUESTS || this.bytes >= PART_BYTES;
  }

  digest(): string {
    return this.requests === 0 ? "" : this.ids.copy().digest("hex");
  }
}

/** Pages of the slice in the order of the log, until a file is full, noted in the book. */
export async function* readPart(
  ctx: Context,
  slice: DaySlice,
  book: PartBook,
): AsyncGenerator<ArchiveRow[]> {
  while (!book.isFull) {
    const rows = await readPage(ctx, slice, book.last);
    if (rows.length === 0) return;
    book.add(rows);
    yield rows;
  }
}

const SELECTED = sql.join(
  Object.keys(ARCHIVE_COLUMNS).map((name) =>
    name === "inputs" || name === "outputs"
      ? sql`${sql.identifier(name)}::text as ${sql.identifier(name)}`
      : sql.identifier(name),
  ),
  sql`, `,
);

/** The rows of a slice, in SQL; both borders are index conditions. */
export const inSlice = (ctx: Pick<Context, "workspaceId">, slice: DaySlice): SQL => sql`
  workspace_id = ${ctx.workspaceId} and deployment_id = ${slice.deploymentId}
  and at >= ${slice.from.toISOString()}::timestamptz and at < ${slice.until.toISOString()}::timestamptz`;

async function readPage(
  ctx: Context,
  slice: DaySlice,
  after: ArchiveRow | undefined,
): Promise<ArchiveRow[]> {
  const behind = after
    ? sql`and (at, request_id) > (${after.at.toISOString()}::timestamptz, ${after.request_id}::uuid)`
    : sql``;
  const { rows } = await withWorkspace(ctx, (tx) =>
    tx.execute<Record<string, unknown>>(sql`
      select * from (
        select ${SELECTED}, row_number() over log as place,
          sum(coalesce(octet_length(inputs::text), 0) + coalesce(octet_length(outputs::text), 0)) over log as running
        from (select * from prediction_logs where ${inSlice(ctx, slice)} ${behind}
          order by at, request_id limit ${PAGE_REQUESTS}) l
        window log as (order by at, request_id rows unbounded preceding)) p
      where place = 1 or running <= ${PAGE_BYTES} order by at, request_id`),
  );
  // Drizzle gives times of plain SQL as text.
  return rows.map(({ place, running, ...row }) => ({
    ...row,
    at: new Date(String(row.at)),
  })) as unknown as ArchiveRow[];
}
