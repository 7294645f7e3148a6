import { sql } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { predictionOutcomes } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { invalid } from "@/server/kernel/errors";
import { requestTime } from "./request-time";
import { outcomesBody } from "./schemas";

type Input = z.output<typeof outcomesBody>["outcomes"][number];

/**
 * Notes what came of predictions, to be joined with their log rows when these are read: it may be
 * told before the row is written and is kept where the row was not. Telling the same again changes
 * nothing, telling another outcome corrects the first. Throws validation_failed for ids that no
 * prediction can have.
 */
export async function recordOutcomes(
  ctx: Context,
  input: z.input<typeof outcomesBody>,
): Promise<{ recorded: number }> {
  requirePermission(ctx, "predictions:create");
  const { outcomes } = outcomesBody.parse(input);
  const now = ctx.now();
  // In the order of their ids, so that two calls about the same requests cannot wait for each other.
  const rows = [...new Map(outcomes.map((one) => [one.requestId.toLowerCase(), one]))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([requestId, one]) => toRow(ctx, requestId, one, now));
  // not audited: outcomes are data by the million, like the predictions they belong to.
  await withWorkspace(ctx, (tx) =>
    tx
      .insert(predictionOutcomes)
      .values(rows)
      .onConflictDoUpdate({
        target: [predictionOutcomes.workspaceId, predictionOutcomes.requestId],
        set: { outcome: sql`excluded.outcome`, at: sql`excluded.at` },
      }),
  );
  return { recorded: rows.length };
}

function toRow(ctx: Context, requestId: string, one: Input, now: Date) {
  const requestedAt = requestTime(requestId, now);
  if (!requestedAt) throw invalid(`${requestId} is not the id of a prediction request.`);
  const values = Array.isArray(one.outcome) ? one.outcome : [one.outcome];
  return {
    workspaceId: ctx.workspaceId,
    requestId,
    requestedAt,
    outcome: values.map(plainValue),
    at: one.at === undefined ? now : new Date(one.at),
  };
}

/** The value by itself; text PostgreSQL cannot hold is made harmless. */
function plainValue(value: unknown): unknown {
  const plain = typeof value === "object" && value !== null ? Object.values(value)[0] : value;
  return typeof plain === "string" ? plain.replaceAll("\0", "\uFFFD").toWellFormed() : plain;
}
