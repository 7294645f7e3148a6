import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { erasures } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import { dryRun } from "./dry-run";
import type { Scope } from "./erase-rows";
import type { Erasure } from "./erasure";
import { digestOf } from "./policy";
import { proveErasure } from "./prove-erasure";
import { type ErasureDto, eraseSubjectInput } from "./schemas";
import { type KnownAccounts, resolveSubject } from "./subject";
import { sweep } from "./sweep";

/** Credentials live in memory for 0.9 s, prediction rows for 0.25 s before they are written. */
const SETTLE_MS = { account: 1_000, other: 400 };

export interface EraseOptions extends Partial<Pick<Scope, "everywhere" | "catalogue">> {
  known?: KnownAccounts;
}

/**
 * Erases what the workspace keeps about a subject: rows about them go, mentions become a pseudonym.
 * What was in memory meanwhile is erased a moment later; then every text column is searched again
 * and the result kept as a proof. Throws conflict for the last administrator and for oneself.
 */
export async function eraseSubject(
  ctx: Context,
  input: z.input<typeof eraseSubjectInput>,
  options: EraseOptions = {},
): Promise<ErasureDto> {
  requirePermission(ctx, "privacy:erase");
  const values = eraseSubjectInput.parse(input);
  const { everywhere = false, catalogue } = options;
  const scope = { workspaceId: ctx.workspaceId, everywhere, ...(catalogue && { catalogue }) };
  const salt = randomBytes(16);
  const begin = async (tx: Transaction): Promise<Erasure> => {
    const subject = await resolveSubject(tx, ctx, values.subject, salt, options.known);
    refuseSelf(ctx, subject.userIds);
    return {
      id: newId(ctx.now().getTime()),
      salt,
      startedAt: ctx.now(),
      subjectDigest: digestOf(salt, values.subject),
      search: { ...subject, fields: values.fields },
      scope,
      touched: new Map(),
      accountsKept: 0,
    };
  };
  if (values.dryRun) return dryRun(ctx, begin);
  const erasure = await withWorkspace(ctx, async (tx) => {
    const begun = await begin(tx);
    await tx.insert(erasures).values({
      workspaceId: ctx.workspaceId,
      id: begun.id,
      subjectDigest: begun.subjectDigest,
      salt,
      state: "running",
      createdAt: begun.startedAt,
    });
    await sweep(tx, ctx, begun);
    await recordAudit(tx, ctx, {
      action: "privacy.erasure_started",
      subjectType: "erasure",
      subjectId: begun.id,
      after: { subjectDigest: begun.subjectDigest },
    });
    await announceChange(tx, ctx, "access", begun.id);
    return begun;
  });
  await sleep(erasure.search.userIds.length > 0 ? SETTLE_MS.account : SETTLE_MS.other);
  return proveErasure(ctx, erasure);
}

function refuseSelf({ actor }: Context, userIds: readonly string[]): void {
  const own =
    actor.type === "user" ? actor.userId : actor.type === "apiKey" ? actor.createdBy : undefined;
  if (own && userIds.includes(own)) {
    throw new AppError(
      "conflict",
      "Nobody erases themselves: ask another administrator, or whoever runs the installation.",
    );
  }
}
