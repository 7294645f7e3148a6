import { sql } from "drizzle-orm";
import { type Transaction, withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import type { StorageDto } from "./schemas";

/** Rows that are counted one by one; a figure of a setting waits for no more. */
const COUNTED_MAX = 1_000_000;
/** Newest rows whose size stands for the others. */
const WEIGHED = 500;

type Tenant = Pick<Context, "workspaceId">;

interface Span extends Record<string, unknown> {
  from: string | null;
  to: string | null;
}

/** How much the workspace's prediction log takes in the database and in archives, and results of batch jobs. */
export async function getPredictionStorage(ctx: Context): Promise<StorageDto> {
  requirePermission(ctx, "predictions:read");
  return withWorkspace(ctx, async (tx) => ({
    database: await inDatabase(tx, ctx),
    archives: await inArchives(tx, ctx),
    results: await ofResults(tx, ctx),
  }));
}

async function inDatabase(tx: Transaction, ctx: Tenant): Promise<StorageDto["database"]> {
  const own = sql`from prediction_logs where workspace_id = ${ctx.workspaceId}`;
  const { rows: counted } = await tx.execute<{ requests: number }>(
    sql`select count(*)::int as requests from (select ${own} limit ${COUNTED_MAX + 1}) as counted`,
  );
  const { rows: weighed } = await tx.execute<Span & { row_bytes: number }>(sql`
    select coalesce(avg(pg_column_size(l.*)), 0)::float8 as row_bytes,
      (select min(at) ${own}) as from, (select max(at) ${own}) as to
    from (select * ${own} order by at desc limit ${WEIGHED}) as l`);
  const requests = Math.min(COUNTED_MAX, counted[0]?.requests ?? 0);
  return {
    requests,
    isMore: (counted[0]?.requests ?? 0) > COUNTED_MAX,
    bytes: Math.round(requests * (weighed[0]?.row_bytes ?? 0)),
    ...spanOf(weighed[0]),
  };
}

async function inArchives(tx: Transaction, ctx: Tenant): Promise<StorageDto["archives"]> {
  const { rows } = await tx.execute<Span & Record<"files" | "requests" | "bytes", string>>(sql`
    select count(*) as files, coalesce(sum(requests), 0) as requests, coalesce(sum(size_bytes), 0) as bytes,
      min(from_at) as from, max(to_at) as to
    from prediction_archives where workspace_id = ${ctx.workspaceId}`);
  const [sum] = rows;
  return {
    files: Number(sum?.files ?? 0),
    requests: Number(sum?.requests ?? 0),
    bytes: Number(sum?.bytes ?? 0),
    ...spanOf(sum),
  };
}

async function ofResults(tx: Transaction, ctx: Tenant): Promise<StorageDto["results"]> {
  const { rows } = await tx.execute<Record<"files" | "bytes", string>>(sql`
    select count(*) as files, coalesce(sum(result_bytes), 0) as bytes
    from batch_jobs where workspace_id = ${ctx.workspaceId} and result_sha256 is not null`);
  return { files: Number(rows[0]?.files ?? 0), bytes: Number(rows[0]?.bytes ?? 0) };
}

/** Drizzle gives times of plain SQL as text. */
const spanOf = (span: Span | undefined) => {
  const iso = (at: string | null | undefined) => (at ? new Date(at).toISOString() : null);
  return { from: iso(span?.from), to: iso(span?.to) };
};
