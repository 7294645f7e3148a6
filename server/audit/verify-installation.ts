import type { Database } from "@/db/client";
import { readCheckpoints } from "./checkpoints";
import type { AuditVerification } from "./schemas";
import type { NoteVerifier } from "./signed-note";
import { verifyChain } from "./verify-audit";

export interface VerifiedWorkspace extends AuditVerification {
  workspaceId: string;
  slug: string;
  /** Checkpoints the chain was held against. */
  checkpoints: number;
}

/**
 * Holds the chain of one workspace against itself and against its signed checkpoints, which also
 * show rows cut off at the end and a chain written anew.
 */
export async function verifyAgainstCheckpoints(
  scope: { db: Database; workspaceId: string; slug: string },
  folder: string,
  verifier: NoteVerifier,
): Promise<VerifiedWorkspace> {
  const { checkpoints, forged } = await readCheckpoints(folder, scope.workspaceId, verifier);
  const signed = new Map(checkpoints.map((one) => [one.seq, one.hash]));
  const walked = await verifyChain(scope, (seq, hash) =>
    (signed.get(seq) ?? hash.toString("hex")) === hash.toString("hex")
      ? undefined
      : "a signed checkpoint says otherwise",
  );
  const highest = Math.max(0, ...signed.keys());
  const broken =
    walked.broken ??
    (walked.rows < highest
      ? {
          seq: walked.rows + 1,
          reason: `rows up to ${highest} were signed in a checkpoint and are gone`,
        }
      : forged > 0
        ? { seq: walked.rows, reason: `${forged} checkpoints carry no signature of ours` }
        : null);
  return {
    ...walked,
    broken,
    workspaceId: scope.workspaceId,
    slug: scope.slug,
    checkpoints: checkpoints.length,
  };
}
