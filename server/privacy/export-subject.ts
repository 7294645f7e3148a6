import { randomBytes } from "node:crypto";
import { or, type SQL, sql } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import { newId } from "@/server/kernel/ids";
import { exportArchives, exportResults } from "./archives";
import { CATALOGUE } from "./catalogue";
import { foundIn, reached, type Search, tableOf } from "./conditions";
import { digestOf } from "./policy";
import { exportSubjectInput } from "./schemas";
import { searchFiles } from "./search-files";
import { type KnownAccounts, resolveSubject } from "./subject";

/** Rows read at a time: no transaction stays open while a slow reader takes them. */
const PAGE_ROWS = 200;

/** One thing that is stored about the subject. */
export interface ExportedRecord {
  table: string;
  workspace: string;
  record: unknown;
}

/**
 * All that the workspace stores about a subject, one JSON object a line. Permission and input are
 * checked, and the export noted in the audit trail, before the first line.
 */
export async function exportSubject(
  ctx: Context,
  input: z.input<typeof exportSubjectInput>,
  known?: KnownAccounts,
): Promise<AsyncGenerator<string>> {
  requirePermission(ctx, "privacy:export");
  const { subject, fields } = exportSubjectInput.parse(input);
  const salt = randomBytes(16);
  const search = await withWorkspace(ctx, async (tx): Promise<Search> => {
    const resolved = await resolveSubject(tx, ctx, subject, salt, known);
    await recordAudit(tx, ctx, {
      action: "privacy.exported",
      subjectType: "export",
      subjectId: newId(ctx.now().getTime()),
      after: { subjectDigest: digestOf(salt, subject), salt: salt.toString("hex") },
    });
    return { ...resolved, fields };
  });
  return lines(ctx, search);
}

async function* lines(ctx: Context, search: Search): AsyncGenerator<string> {
  requirePermission(ctx, "privacy:export");
  const line = (table: string, record: unknown): string =>
    `${JSON.stringify({ table, workspace: ctx.workspaceId, record } satisfies ExportedRecord)}\n`;
  for (const [table, entry] of Object.entries(CATALOGUE)) {
    const hits = Object.entries(entry.personal).map(([column, treatment]) =>
      foundIn(column, treatment, search),
    );
    // Of people without a workspace only their names are anybody's to read.
    if (hits.length === 0 || (entry.reach === "account" && table !== "users")) continue;
    const where = sql`${reached(entry, ctx.workspaceId, false)} and ${or(...hits)}`;
    let place: Place = { part: "0", row: "(0,0)" };
    for (let more = true; more; ) {
      const rows = await withWorkspace(ctx, (tx) => readPage(tx, table, where, place));
      if (rows.length > 0) yield rows.map(({ record }) => line(table, record)).join("");
      place = rows.at(-1) ?? place;
      more = rows.length === PAGE_ROWS;
    }
  }
  for await (const records of exportArchives(ctx, search)) {
    yield records.map(({ table, record }) => line(table, record)).join("");
  }
  for await (const records of exportResults(ctx, search)) {
    yield records.map(({ table, record }) => line(table, record)).join("");
  }
  const { files } = await searchFiles(ctx, search, "privacy:export");
  if (files.length > 0) yield files.map((file) => line("files", file)).join("");
}

interface Place {
  part: string;
  row: string;
}

/** Rows after a place in the table; hashes, salts and sealed bytes stay behind. */
async function readPage(
  tx: Transaction,
  table: string,
  where: SQL,
  after: Place,
): Promise<(Place & { record: unknown })[]> {
  const { rows } = await tx.execute<Record<string, unknown>>(sql`
    select tableoid::text as part, ctid::text as row, to_jsonb(t) - array(
      select attname::text from pg_attribute
      where attrelid = t.tableoid and atttypid = 'bytea'::regtype) as record
    from ${tableOf(table)} t
    where ${where} and (tableoid, ctid) > (${after.part}::oid, ${after.row}::tid)
    order by tableoid, ctid limit ${PAGE_ROWS}`);
  return rows as unknown as (Place & { record: unknown })[];
}
