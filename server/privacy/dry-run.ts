import { type Transaction, withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { eraseAccounts } from "./account";
import { RESULTS, searchArchives, searchResults } from "./archives";
import { countRows } from "./erase-rows";
import type { Erasure } from "./erasure";
import { notesOf } from "./prove-erasure";
import type { ErasureDto } from "./schemas";
import { searchFiles } from "./search-files";

/** Takes a transaction back without an error for the caller. */
class TakenBack extends Error {}

/** What an erasure would find and refuse; changes nothing and leaves no proof. */
export async function dryRun(
  ctx: Context,
  begin: (tx: Transaction) => Promise<Erasure>,
): Promise<ErasureDto> {
  requirePermission(ctx, "privacy:erase");
  const { erasure, counts } = await withWorkspace(ctx, async (tx) => {
    const erasure = await begin(tx);
    return { erasure, counts: await countRows(tx, erasure.search, erasure.scope) };
  });
  const ended = await tryAccounts(ctx, erasure);
  for (const [table, rows] of ended) counts.set(table, rows);
  const archived = await searchArchives(ctx, erasure.search);
  if (archived.found > 0) {
    counts.set("prediction_logs", (counts.get("prediction_logs") ?? 0) + archived.found);
  }
  const results = await searchResults(ctx, erasure.search);
  if (results.found > 0) counts.set(RESULTS, results.found);
  const { files, unread } = await searchFiles(ctx, erasure.search, "privacy:erase");
  const tables = [...counts].map(([table, found]) => ({
    table,
    found,
    deleted: 0,
    changed: 0,
    left: found,
  }));
  return {
    id: null,
    state: tables.length > 0 ? "incomplete" : "complete",
    subjectDigest: erasure.subjectDigest,
    salt: erasure.salt.toString("hex"),
    createdAt: erasure.startedAt.toISOString(),
    finishedAt: ctx.now().toISOString(),
    report: {
      dryRun: true,
      pseudonym: erasure.search.pseudonym,
      tables,
      kept: [],
      files,
      notes: notesOf(erasure, unread, archived.unread, results.unread),
    },
    reportSha256: null,
  };
}

/** Ends memberships and accounts and takes it back: whoever may not go makes this throw. */
async function tryAccounts(ctx: Context, erasure: Erasure): Promise<Map<string, number>> {
  requirePermission(ctx, "privacy:erase");
  const counts = new Map<string, number>();
  try {
    await withWorkspace(ctx, async (tx) => {
      const { touched, kept } = await eraseAccounts(tx, ctx, erasure.search);
      for (const [table, { found }] of touched) counts.set(table, found);
      erasure.accountsKept = kept;
      throw new TakenBack();
    });
  } catch (error) {
    if (!(error instanceof TakenBack)) throw error;
  }
  return counts;
}
