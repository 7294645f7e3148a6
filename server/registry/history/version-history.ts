import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { approvals } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { readEntries } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import type { Page } from "@/server/kernel/paging";
import { getModelInWorkspace, getVersionInWorkspace } from "../internal";
import { describeEntry } from "./describe-entry";
import { type HistoryEntry, versionHistoryInput } from "./schemas";

/**
 * What happened to a version and to the requests about it, newest first, read from the tamper-evident
 * trail. Throws not_found.
 */
export async function versionHistory(
  ctx: Context,
  input: z.input<typeof versionHistoryInput>,
): Promise<Page<HistoryEntry>> {
  requirePermission(ctx, "models:read");
  const { limit, cursor, ...ref } = versionHistoryInput.parse(input);
  const seq = cursor === undefined ? undefined : Number(cursor);
  if (seq !== undefined && !Number.isSafeInteger(seq)) {
    throw new AppError("bad_request", "The cursor is not one of ours: take nextCursor unchanged.");
  }
  const rows = await withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, ref.model);
    const version = await getVersionInWorkspace(tx, ctx, model, ref.version);
    const requests = await tx
      .select({ id: approvals.id })
      .from(approvals)
      .where(and(eq(approvals.workspaceId, ctx.workspaceId), eq(approvals.versionId, version.id)));
    const page = { order: "desc", seq, limit: limit + 1 } as const;
    const read = (subjectType: string, subjectId: string) =>
      readEntries(tx, ctx.workspaceId, { subjectType, subjectId }, page);
    // Each list is cut at the page's length, so the newest of all of them are among these.
    const parts = [await read("version", version.id)];
    for (const { id } of requests) parts.push(await read("approval", id));
    return parts.flat().toSorted((a, b) => b.seq - a.seq);
  });
  const items = rows.slice(0, limit).map((row) => ({
    seq: row.seq,
    at: row.at,
    actor: {
      type: String(row.actor.type ?? ""),
      name: String(row.actor.name ?? (row.actor.type === "system" ? "Modelyard" : "")),
    },
    action: row.action,
    sentence: describeEntry(row),
    before: row.before,
    after: row.after,
    hash: row.hash,
  }));
  return { items, nextCursor: rows.length > limit ? String(items.at(-1)?.seq ?? "") : null };
}
