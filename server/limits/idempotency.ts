import { createHash, createHmac } from "node:crypto";
import { and, eq, lt } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { idempotentAnswers } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { AppError, invalid } from "@/server/kernel/errors";
import { createSecretBox } from "@/server/kernel/secret-box";

const KEY = /^[\x21-\x7e]{1,255}$/;

/** How long an answer is kept, milliseconds. */
const KEPT_MS = 24 * 3600 * 1000;

/** A first call that takes longer than this has lost its process, milliseconds. */
const RUNNING_MS = 15 * 60_000;

/** A first answer: a 2xx status and its JSON text. */
export interface Answer {
  status: number;
  text: string;
}

/** What a repeated key means. `finish` stores the answer, `forget` frees the key. */
export type Claim =
  | {
      kind: "first";
      finish(requestHash: Buffer, answer: Answer): Promise<void>;
      forget(): Promise<void>;
    }
  | { kind: "repeat"; requestHash: Buffer; answer: Answer };

/** Whoever may make a thing may claim a key for it: the adapter has asked before. */
type Claimer = Pick<Context, "db" | "workspaceId" | "actor" | "now">;

/** The key of a header's text. Throws validation_failed. */
export function parseIdempotencyKey(header: string): string {
  // The draft writes a quoted string; most clients send the bare text.
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header;
  if (!KEY.test(key)) {
    throw invalid("Idempotency-Key holds 1 to 255 visible ASCII characters.", [
      { path: "Idempotency-Key", message: "1 to 255 visible ASCII characters" },
    ]);
  }
  return key;
}

/** Feeds what was asked into one hash that says nothing to who does not hold the key. */
export const requestHasher = (key: string, method: string, url: string) =>
  createHmac("sha256", `modelyard idempotency ${key}`).update(`${method} ${url}\n`);

/** A call with another body or to another route than the first one with its key. */
export const differentRequest = (): AppError =>
  invalid("This Idempotency-Key was sent before with another request. Use a new key.");

/**
 * Claims a key for its caller. Throws conflict while the first call runs, and for good when its
 * process ended before it answered: the effect may be there, so the call is never made twice.
 */
export async function claimKey(ctx: Claimer, key: string): Promise<Claim> {
  const box = createSecretBox(key);
  const keyHash = createHash("sha256")
    .update(`${callerOf(ctx)}\n${key}`)
    .digest();
  const own = and(
    eq(idempotentAnswers.workspaceId, ctx.workspaceId),
    eq(idempotentAnswers.keyHash, keyHash),
  );
  const place = `${ctx.workspaceId} ${keyHash.toString("hex")}`;
  const now = ctx.now();
  const found = await withWorkspace(ctx, async (tx) => {
    await tx.delete(idempotentAnswers).where(and(own, lt(idempotentAnswers.expiresAt, now)));
    const made = await tx
      .insert(idempotentAnswers)
      .values({
        workspaceId: ctx.workspaceId,
        keyHash,
        createdAt: now,
        expiresAt: new Date(now.getTime() + KEPT_MS),
      })
      .onConflictDoNothing()
      .returning({ keyHash: idempotentAnswers.keyHash });
    if (made.length > 0) return undefined;
    const [row] = await tx.select().from(idempotentAnswers).where(own);
    return row ?? "gone";
  });
  if (found === "gone") throw stillRunning();
  if (found) {
    const { status, answer, requestHash, createdAt } = found;
    if (status === null || !answer || !requestHash) {
      throw now.getTime() - createdAt.getTime() < RUNNING_MS ? stillRunning() : outcomeUnknown();
    }
    return { kind: "repeat", requestHash, answer: { status, text: box.open(place, answer) } };
  }
  return {
    kind: "first",
    finish: (requestHash, { status, text }) =>
      withWorkspace(ctx, async (tx) => {
        await tx
          .update(idempotentAnswers)
          .set({ status, requestHash, answer: box.seal(place, text) })
          .where(own);
      }),
    forget: () =>
      withWorkspace(ctx, async (tx) => {
        await tx.delete(idempotentAnswers).where(own);
      }),
  };
}

/** Keys of one caller mean nothing to another. */
function callerOf({ actor }: Claimer): string {
  if (actor.type === "apiKey") return `key ${actor.keyId}`;
  return actor.type === "user" ? `user ${actor.userId}` : actor.type;
}

const stillRunning = () =>
  new AppError("conflict", "The first call with this Idempotency-Key still runs. Try again.", {
    retryAfterSeconds: 1,
  });

const outcomeUnknown = () =>
  new AppError(
    "conflict",
    "The first call with this Idempotency-Key never answered. See whether it took effect, then use a new key.",
  );

/** Deletes answers that are past their time in one workspace; answers how many. */
export async function deleteOldAnswers(
  ctx: Pick<Context, "db" | "workspaceId" | "now">,
): Promise<number> {
  const { rowCount } = await withWorkspace(ctx, (tx) =>
    tx
      .delete(idempotentAnswers)
      .where(
        and(
          eq(idempotentAnswers.workspaceId, ctx.workspaceId),
          lt(idempotentAnswers.expiresAt, ctx.now()),
        ),
      ),
  );
  return rowCount ?? 0;
}
