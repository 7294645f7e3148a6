import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { loggedModels } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { toRecord } from "./create-logged-model";
import {
  getLoggedModelInWorkspace,
  type LoggedModelRow,
  readLoggedModel,
} from "./logged-model-internal";
import { type LoggedModelDto, updateLoggedModelInput } from "./logged-model-schemas";
import type { Entry } from "./schemas";

/**
 * Finalizes, tags, adds parameters. Throws not_found for the model or a tag to delete, conflict for
 * another value of a parameter.
 */
export async function updateLoggedModel(
  ctx: Context,
  input: { modelId: string; changes: z.input<typeof updateLoggedModelInput> },
): Promise<LoggedModelDto> {
  requirePermission(ctx, "experiments:write");
  const changes = updateLoggedModelInput.parse(input.changes);
  return withWorkspace(ctx, async (tx) => {
    const before = await getLoggedModelInWorkspace(tx, ctx, input.modelId, { lock: true });
    const set = {
      status: changes.status ?? before.status,
      params: mergeParams(before, changes.params),
      tags: mergeTags(before, changes.tags, changes.deleteTag),
      updatedAt: ctx.now(),
    };
    await tx
      .update(loggedModels)
      .set(set)
      .where(and(eq(loggedModels.workspaceId, ctx.workspaceId), eq(loggedModels.id, before.id)));
    await recordAudit(tx, ctx, {
      action: "logged_model.updated",
      subjectType: "logged_model",
      subjectId: before.id,
      before: { status: before.status, tags: before.tags },
      after: { status: set.status, tags: set.tags },
    });
    await announceChange(tx, ctx, "experiments", before.sourceRunId ?? before.experimentId);
    return readLoggedModel(tx, ctx, { ...before, ...set });
  });
}

function mergeParams(row: LoggedModelRow, added: Entry[]): Record<string, string> {
  const known = row.params as Record<string, string>;
  const changed = added.find(({ key, value }) => Object.hasOwn(known, key) && known[key] !== value);
  if (changed) {
    throw new AppError(
      "conflict",
      `Changing param values is not allowed. Param with key='${changed.key}' was already logged with value='${known[changed.key]}'.`,
    );
  }
  return { ...known, ...toRecord(added) };
}

function mergeTags(
  row: LoggedModelRow,
  added: Entry[],
  gone: string | undefined,
): Record<string, string> {
  const known = row.tags as Record<string, string>;
  if (gone === undefined) return { ...known, ...toRecord(added) };
  if (!Object.hasOwn(known, gone)) {
    throw new AppError("not_found", `No tag with key '${gone}' found for the logged model.`);
  }
  const { [gone]: _gone, ...rest } = known;
  return { ...rest, ...toRecord(added) };
}
