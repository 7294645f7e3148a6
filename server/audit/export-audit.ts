import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access/require-permission";
import type { Context } from "@/server/kernel/context";
import { readEntries } from "./read-entries";
import { type AuditEntryDto, exportAuditInput } from "./schemas";

/** Rows read at a time: no transaction stays open while a slow reader takes them. */
const PAGE_ROWS = 500;

const COLUMNS = [
  "seq",
  "at",
  "actorType",
  "actorId",
  "actorName",
  "address",
  "action",
  "subjectType",
  "subjectId",
  "before",
  "after",
  "requestId",
  "hash",
] as const;

/**
 * The chain as text, oldest row first, in pieces: one JSON object a line, or CSV (RFC 4180) with a
 * header row. Permission and input are checked before the first piece.
 */
export function exportAudit(
  ctx: Context,
  input: z.input<typeof exportAuditInput>,
): AsyncGenerator<string> {
  requirePermission(ctx, "audit:read");
  const { format, ...filter } = exportAuditInput.parse(input);
  return pieces(ctx, filter, format === "csv");
}

async function* pieces(
  ctx: Context,
  filter: Omit<z.output<typeof exportAuditInput>, "format">,
  csv: boolean,
): AsyncGenerator<string> {
  const line = csv ? toCsv : (entry: AuditEntryDto) => `${JSON.stringify(entry)}\n`;
  if (csv) yield `${COLUMNS.join(",")}\r\n`;
  let seq: number | undefined = 0;
  while (seq !== undefined) {
    const after: number = seq;
    const rows: AuditEntryDto[] = await withWorkspace(ctx, (tx) =>
      readEntries(tx, ctx.workspaceId, filter, { order: "asc", seq: after, limit: PAGE_ROWS }),
    );
    if (rows.length > 0) yield rows.map(line).join("");
    seq = rows.length < PAGE_ROWS ? undefined : rows.at(-1)?.seq;
  }
}

function toCsv(entry: AuditEntryDto): string {
  const { actor } = entry;
  const values: Record<(typeof COLUMNS)[number], unknown> = {
    ...entry,
    actorType: actor.type,
    actorId: actor.userId ?? actor.keyId,
    actorName: actor.name,
    address: actor.address,
    before: entry.before === null ? null : JSON.stringify(entry.before),
    after: entry.after === null ? null : JSON.stringify(entry.after),
  };
  return `${COLUMNS.map((column) => cell(values[column])).join(",")}\r\n`;
}

/** Quoted always; a leading sign of a formula is disarmed, for people open this in spreadsheets. */
function cell(value: unknown): string {
  if (typeof value === "number") return String(value);
  const text = value === null || value === undefined ? "" : String(value);
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}
