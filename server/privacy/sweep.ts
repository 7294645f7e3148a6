import type { Transaction } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import { eraseAccounts } from "./account";
import { CATALOGUE } from "./catalogue";
import { eraseRows } from "./erase-rows";
import { announceErasedEntries } from "./erase-trail";
import type { Erasure } from "./erasure";

/**
 * One pass over everything; adds what it did to the erasure. What lies beside the audit chain goes
 * last, for from there on no other write of the workspace can be noted until the commit.
 */
export async function sweep(tx: Transaction, ctx: Context, erasure: Erasure): Promise<void> {
  const { search, scope } = erasure;
  const accounts = await eraseAccounts(tx, ctx, search);
  erasure.accountsKept = Math.max(erasure.accountsKept, accounts.kept);
  const { audit_personal: trail, ...rest } = scope.catalogue ?? CATALOGUE;
  const passes = [accounts.touched, await eraseRows(tx, search, { ...scope, catalogue: rest })];
  if (trail) {
    await announceErasedEntries(tx, ctx, erasure.id, trail, search);
    passes.push(await eraseRows(tx, search, { ...scope, catalogue: { audit_personal: trail } }));
  }
  for (const [table, { found, deleted, changed }] of passes.flatMap((pass) => [...pass])) {
    const sum = erasure.touched.get(table) ?? { found: 0, deleted: 0, changed: 0 };
    erasure.touched.set(table, {
      found: sum.found + found,
      deleted: sum.deleted + deleted,
      changed: sum.changed + changed,
    });
  }
}
