import { and, eq, isNull, ne, type SQL } from "drizzle-orm";
import { type Transaction, withWorkspace } from "@/db/client";
import { apiKeys } from "@/db/schema";
import { newApiKey } from "@/server/access";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import { newId } from "@/server/kernel/ids";

const nameOf = (jobId: string, attempt: number) => `training job ${jobId}, attempt ${attempt}`;

/**
 * Makes the key one attempt of a trainer logs with: it reaches its run and nothing else, and ends
 * with the attempt's time limit. Keys of earlier attempts stop working, so that a trainer thought
 * dead can write no more.
 */
export function createRunKey(
  ctx: Context,
  job: { id: string; runId: string },
  attempt: number,
  lifeMs: number,
): Promise<string> {
  return withWorkspace(ctx, async (tx) => {
    const made = newApiKey();
    const name = nameOf(job.id, attempt);
    await revoke(tx, ctx, job.runId, ne(apiKeys.name, name));
    const row = {
      id: newId(ctx.now().getTime()),
      name,
      role: "data_scientist",
      runId: job.runId,
      expiresAt: new Date(ctx.now().getTime() + lifeMs),
    };
    await tx.insert(apiKeys).values({
      ...row,
      workspaceId: ctx.workspaceId,
      publicId: made.publicId,
      secretHash: made.secretHash,
      createdAt: ctx.now(),
    });
    await recordAudit(tx, ctx, {
      action: "api_key.created",
      subjectType: "api_key",
      subjectId: row.id,
      after: row,
    });
    return made.key;
  });
}

/** Ends the keys of a run: those of one attempt, or all. */
export function revokeRunKeys(
  ctx: Context,
  job: { id: string; runId: string },
  attempt?: number,
): Promise<void> {
  const only = attempt === undefined ? undefined : eq(apiKeys.name, nameOf(job.id, attempt));
  return withWorkspace(ctx, (tx) => revoke(tx, ctx, job.runId, only));
}

async function revoke(
  tx: Transaction,
  ctx: Context,
  runId: string,
  which: SQL | undefined,
): Promise<void> {
  const revoked = await tx
    .update(apiKeys)
    .set({ revokedAt: ctx.now() })
    .where(
      and(
        eq(apiKeys.workspaceId, ctx.workspaceId),
        eq(apiKeys.runId, runId),
        isNull(apiKeys.revokedAt),
        which,
      ),
    )
    .returning({ id: apiKeys.id });
  for (const { id } of revoked) {
    await recordAudit(tx, ctx, {
      action: "api_key.revoked",
      subjectType: "api_key",
      subjectId: id,
    });
  }
}
