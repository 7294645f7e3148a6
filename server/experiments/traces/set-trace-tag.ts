import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { traces } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { LIMITS } from "../constants";
import { refuseRunKey } from "../internal";
import { storedText } from "../schemas";
import { getTraceInWorkspace } from "./internal";

const tagInput = z.object({
  traceId: z.string(),
  key: storedText(LIMITS.key).min(1),
  /** null takes the tag away. */
  value: storedText(LIMITS.tagValue).nullable(),
});

/**
 * Sets, replaces or takes away a tag of a trace. Throws not_found for the trace and for a tag to
 * take away. not audited: tags of traces are a program's notes.
 */
export async function setTraceTag(ctx: Context, input: z.input<typeof tagInput>): Promise<void> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const { traceId, key, value } = tagInput.parse(input);
  await withWorkspace(ctx, async (tx) => {
    const row = await getTraceInWorkspace(tx, ctx, traceId, { lock: true });
    const { [key]: had, ...others } = row.tags as Record<string, string>;
    if (value === null && had === undefined) {
      throw new AppError(
        "not_found",
        `No trace tag with key '${key}' for trace with ID '${row.id}'`,
      );
    }
    await tx
      .update(traces)
      .set({ tags: value === null ? others : { ...others, [key]: value } })
      .where(and(eq(traces.workspaceId, ctx.workspaceId), eq(traces.id, row.id)));
  });
}
