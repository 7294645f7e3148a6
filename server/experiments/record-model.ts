import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { runTags } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { invalid } from "@/server/kernel/errors";
import { announceRun } from "./announce-run";
import { LIMITS, MODEL_HISTORY_TAG } from "./constants";
import { getRunInWorkspace } from "./internal";
import { storedText } from "./schemas";

const recordInput = z.object({
  runId: z.string(),
  /** JSON of one model, as clients before MLflow 3 describe it. */
  model: storedText(LIMITS.tagValue).refine(isObject, "must be a JSON object"),
});

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/**
 * Appends a model to the tag that lists what a run logged; one that is listed already changes
 * nothing. Throws not_found, conflict for a deleted run. not audited: it only appends.
 */
export async function recordModel(ctx: Context, input: z.input<typeof recordInput>): Promise<void> {
  requirePermission(ctx, "experiments:write");
  const { runId, model } = recordInput.parse(input);
  const run = await withWorkspace(ctx, async (tx) => {
    const row = await getRunInWorkspace(tx, ctx, runId, { active: true, lock: true });
    const own = and(
      eq(runTags.workspaceId, ctx.workspaceId),
      eq(runTags.runId, row.id),
      eq(runTags.key, MODEL_HISTORY_TAG),
    );
    const [tag] = await tx.select({ value: runTags.value }).from(runTags).where(own);
    const listed = listOf(tag?.value);
    const one = JSON.stringify(JSON.parse(model));
    if (listed.some((known) => JSON.stringify(known) === one)) return row;
    const value = JSON.stringify([...listed, JSON.parse(model)]);
    if (value.length > LIMITS.tagValue) {
      throw invalid(`A run lists models of at most ${LIMITS.tagValue} characters of JSON.`);
    }
    await tx
      .insert(runTags)
      .values({ workspaceId: ctx.workspaceId, runId: row.id, key: MODEL_HISTORY_TAG, value })
      .onConflictDoUpdate({
        target: [runTags.workspaceId, runTags.runId, runTags.key],
        set: { value },
      });
    return row;
  });
  announceRun(ctx, run.id);
}

/** What the tag lists; a client may have written anything there, which then is replaced. */
function listOf(text: string | undefined): unknown[] {
  try {
    const value: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
