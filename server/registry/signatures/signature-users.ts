import type { Transaction } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import type { VersionRow } from "../internal";

/** A slice to the right, which this one may not import, that uses the signatures of versions. */
export interface SignatureUser {
  /** Names of what serves the version, or is about to; a few of them at most. */
  uses(tx: Transaction, ctx: Context, version: VersionRow): Promise<string[]>;
  /** Told in the transaction that changes the signature. */
  changed(
    tx: Transaction,
    ctx: Context,
    version: VersionRow,
    told: { revision: number; note: string; sentences: string[] },
  ): Promise<void>;
}

export const signatureUsers: SignatureUser[] = [];
