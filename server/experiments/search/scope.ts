import { and, eq, inArray, or } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { experiments } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { isUuid } from "@/server/kernel/ids";
import { ensureDefaultExperiment } from "../internal";

const NUMBER = /^\d{1,9}$/;

/** Ids of experiments named by id, number or name; null for all of them. Throws not_found for an unknown one. */
export async function experimentIdsOf(
  tx: Transaction,
  ctx: Context,
  refs: string[] | undefined,
): Promise<string[] | null> {
  if (!refs) return null;
  if (refs.length === 0) return [];
  const ids = refs.filter((ref) => isUuid(ref));
  const numbers = refs.filter((ref) => NUMBER.test(ref)).map(Number);
  const names = refs.filter((ref) => !isUuid(ref) && !NUMBER.test(ref));
  if (numbers.includes(0) || names.includes("Default")) await ensureDefaultExperiment(tx, ctx);
  const rows = await tx
    .select({ id: experiments.id, number: experiments.number, name: experiments.name })
    .from(experiments)
    .where(
      and(
        eq(experiments.workspaceId, ctx.workspaceId),
        or(
          inArray(experiments.id, ids),
          inArray(experiments.number, numbers),
          inArray(experiments.name, names),
        ),
      ),
    );
  const known = new Set(rows.flatMap(({ id, number, name }) => [id, String(number), name]));
  const isKnown = (ref: string) =>
    known.has(isUuid(ref) ? ref.toLowerCase() : NUMBER.test(ref) ? String(Number(ref)) : ref);
  if (!refs.every(isKnown)) throw notFound("An experiment of the list");
  return rows.map(({ id }) => id);
}
