import { and, eq, inArray, sql } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { runs, runTags } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { invalid } from "@/server/kernel/errors";
import { RUN_NAME_TAG } from "../constants";
import { deletedRun } from "../internal";
import type { Entry } from "../schemas";
import { lockRunsInWorkspace } from "./lock-runs";
import { type ChangedRuns, tagRunsInput } from "./schemas";

/**
 * Sets and removes tags of many runs, all or none. Removing a tag that is not there changes nothing;
 * the run's name cannot be removed. Throws not_found, conflict for an archived run.
 */
export async function tagRuns(
  ctx: Context,
  input: z.input<typeof tagRunsInput>,
): Promise<ChangedRuns> {
  requirePermission(ctx, "experiments:write");
  const { runIds, set, remove } = tagRunsInput.parse(input);
  if (remove.includes(RUN_NAME_TAG)) throw invalid("A run keeps its name: set another one.");
  const tags = [...new Map(set.map((tag) => [tag.key, tag])).values()];
  return withWorkspace(ctx, async (tx) => {
    const rows = await lockRunsInWorkspace(tx, ctx, runIds);
    const archived = rows.find((run) => run.deletedAt);
    if (archived) throw deletedRun(archived.id);
    const ids = rows.map((run) => run.id);
    await writeTags(tx, ctx, ids, tags);
    if (remove.length > 0) {
      await tx
        .delete(runTags)
        .where(
          and(
            eq(runTags.workspaceId, ctx.workspaceId),
            inArray(runTags.runId, ids),
            inArray(runTags.key, remove),
          ),
        );
    }
    for (const id of ids) {
      await recordAudit(tx, ctx, {
        action: "run.tagged",
        subjectType: "run",
        subjectId: id,
        after: { set: tags, removed: remove },
      });
    }
    await announceChange(tx, ctx, "experiments", ids[0] ?? "");
    return { runIds: ids };
  });
}

async function writeTags(tx: Transaction, ctx: Context, ids: string[], tags: Entry[]) {
  if (tags.length === 0) return;
  await tx.execute(sql`
    insert into run_tags (workspace_id, run_id, key, value)
    select ${ctx.workspaceId}::uuid, r.id, e.key, e.value
    from unnest(${sql.param(ids)}::uuid[]) as r(id),
      unnest(${sql.param(tags.map((t) => t.key))}::text[], ${sql.param(tags.map((t) => t.value))}::text[]) as e(key, value)
    on conflict (workspace_id, run_id, key) do update set value = excluded.value`);
  const name = tags.find((tag) => tag.key === RUN_NAME_TAG)?.value;
  if (!name) return;
  await tx
    .update(runs)
    .set({ name: name.slice(0, 500) })
    .where(and(eq(runs.workspaceId, ctx.workspaceId), inArray(runs.id, ids)));
}
