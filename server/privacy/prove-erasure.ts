import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { and, eq } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { erasures } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { RESULTS, searchArchives, searchResults, sweepArchives, sweepResults } from "./archives";
import type { Erasure } from "./erasure";
import { WORD_MIN } from "./policy";
import type { ErasureDto, ErasureReport } from "./schemas";
import { type Leftovers, searchEverywhere } from "./search-everywhere";
import { searchFiles } from "./search-files";
import { sweep } from "./sweep";
import { toErasureDto } from "./to-dto";

/** What the report calls archived requests that hold the subject still. */
const ARCHIVES = "prediction_archives";

/** Erases what was written meanwhile, searches everything again and keeps the result beside its hash. */
export async function proveErasure(ctx: Context, erasure: Erasure): Promise<ErasureDto> {
  requirePermission(ctx, "privacy:erase");
  await withWorkspace(ctx, (tx) => sweep(tx, ctx, erasure));
  const sealed = await sweepArchives(ctx, erasure);
  const archived = await searchArchives(ctx, erasure.search);
  const closed = await sweepResults(ctx, erasure);
  const results = await searchResults(ctx, erasure.search);
  const { files, unread } = await searchFiles(ctx, erasure.search, "privacy:erase");
  return withWorkspace(ctx, async (tx) => {
    const leftovers = await searchEverywhere(tx, erasure.search, erasure.scope);
    if (archived.found > 0) leftovers.left.set(ARCHIVES, archived.found);
    if (results.found > 0) leftovers.left.set(RESULTS, results.found);
    const report = reportOf(erasure, leftovers, files, notesOf(erasure, unread, sealed, closed));
    const values = {
      state: leftovers.left.size === 0 ? "complete" : "incomplete",
      report,
      reportSha256: hashOf(report),
      finishedAt: ctx.now(),
    };
    const [row] = await tx
      .update(erasures)
      .set(values)
      .where(and(eq(erasures.workspaceId, ctx.workspaceId), eq(erasures.id, erasure.id)))
      .returning();
    if (!row) throw new Error("the erasure's row is gone");
    await recordAudit(tx, ctx, {
      action: "privacy.erased",
      subjectType: "erasure",
      subjectId: erasure.id,
      after: {
        state: values.state,
        subjectDigest: erasure.subjectDigest,
        reportSha256: values.reportSha256,
      },
    });
    await announceChange(tx, ctx, "access", erasure.id);
    return toErasureDto(row);
  });
}

/** SHA-256 of the report's canonical JSON (RFC 8785), hexadecimal. */
const hashOf = (report: ErasureReport): string =>
  createHash("sha256")
    .update(canonicalize(report) ?? "")
    .digest("hex");

function reportOf(
  erasure: Erasure,
  { left, kept }: Leftovers,
  files: ErasureReport["files"],
  notes: string[],
): ErasureReport {
  const names = new Set([...erasure.touched.keys(), ...left.keys()]);
  return {
    dryRun: false,
    pseudonym: erasure.search.pseudonym,
    tables: [...names].toSorted().map((table) => ({
      table,
      ...(erasure.touched.get(table) ?? { found: left.get(table) ?? 0, deleted: 0, changed: 0 }),
      left: left.get(table) ?? 0,
    })),
    kept,
    files,
    notes,
  };
}

/** What the search does not reach, in words for the report. */
export function notesOf(
  { search, accountsKept }: Erasure,
  unread: number,
  unreadArchives: number,
  unreadResults: number,
): string[] {
  const short = search.terms.filter((term) => term.typed && !term.words).length > 0;
  const names = search.terms.filter((term) => !term.typed && !term.words).length;
  const notes = [
    "Compressed files, such as Parquet, are not searched but for archives of the prediction log and results of batch jobs: delete a dataset that holds the subject, and batch jobs on their way over it.",
    "Backups of the database and of the artifact store keep what they held until they age out.",
    "Work folders of trainings on this machine go within a day, or with `npm run privacy:erase`.",
  ];
  if (short) {
    notes.push(
      `The subject has under ${WORD_MIN} characters: it was looked for as a whole name only${search.fields.length > 0 ? ", and in the named inputs of predictions" : "; name the inputs of predictions that hold it"}.`,
    );
  }
  if (names > 0) {
    notes.push("A name of one word is looked for where names stand, not inside other texts.");
  }
  if (accountsKept > 0) {
    notes.push("The account itself stays, for it belongs to other workspaces.");
  }
  if (unreadArchives > 0) {
    notes.push(`${unreadArchives} archives of the prediction log could not be read.`);
  }
  if (unreadResults > 0) notes.push(`${unreadResults} results of batch jobs could not be read.`);
  if (unread > 0) notes.push(`${unread} files were too large or could not be read.`);
  return notes;
}
